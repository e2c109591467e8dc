"""``python -m benchmarks [--only NAME]``: measures, prints one table, and writes results.json."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import (
    ack,
    claims,
    client_overhead,
    deliveries,
    enqueueing,
    fairness,
    first_answers,
    fit,
    memory,
    polling,
    renders,
    restart,
    status_edits,
    tour,
)
from benchmarks.figures import Figure, table
from benchmarks.programs import BenchmarkError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

RESULTS = Path(__file__).with_name("results.json")
MISUSED = 2  # the exit code of a wrong argument


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One run, and the names of the figures that it gives.

    Attributes:
        names: Of its figures.
        run: Measures them; calls its argument with a line about each step.
    """

    names: tuple[str, ...]
    run: Callable[[Callable[[str], None]], Awaitable[list[Figure]]]


# A further figure is a further row.
BENCHMARKS = (
    Benchmark(("ack_50_p50", "ack_50_p99"), partial(ack.measure, 50)),
    Benchmark(("ack_200_p50", "ack_200_p99"), partial(ack.measure, 200)),
    Benchmark(first_answers.NAMES, first_answers.measure),
    Benchmark((status_edits.NAME,), status_edits.measure),
    Benchmark(("emulator_text",), partial(renders.measure, "text")),
    Benchmark(("emulator_image",), partial(renders.measure, "image")),
    Benchmark(("emulator_transition",), partial(renders.measure, "transition")),
    Benchmark(("memory_rest",), memory.rest),
    Benchmark(("memory_1000_rendering",), memory.rendering),
    Benchmark(("memory_5000_jobs",), memory.growth),
    Benchmark(claims.NAMES, claims.measure),
    Benchmark(fairness.NAMES, fairness.measure),
    Benchmark(polling.NAMES, polling.measure),
    Benchmark(client_overhead.NAMES, client_overhead.measure),
    Benchmark(enqueueing.NAMES, enqueueing.measure),
    Benchmark(fit.NAMES, fit.measure),
    Benchmark(("deliver_memory",), deliveries.memory),
    Benchmark(restart.NAMES, restart.measure),
    Benchmark(("demo_once_s",), tour.measure),
)


async def measure(only: str | None) -> tuple[list[Figure], bool]:
    """All figures, or the one of this name; and whether each run came to its end."""
    found: list[Figure] = []
    complete = True
    for benchmark in BENCHMARKS:
        if only is None or only in benchmark.names:
            say(f"measuring {', '.join(benchmark.names)}")
            try:
                found += await benchmark.run(lambda line: say(f"  {line}"))
            except BenchmarkError as exc:
                say(f"  no figure: {exc}")
                complete = False
    return [figure for figure in found if only in {None, figure.name}], complete


def say(line: str) -> None:
    """Progress, apart from the table."""
    print(line, file=sys.stderr, flush=True)


def main() -> int:
    """Measure and compare; 1 where a target is not met or a run broke off."""
    names = [name for benchmark in BENCHMARKS for name in benchmark.names]
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", metavar="NAME", help=f"one of {', '.join(names)}")
    only: str | None = parser.parse_args().only
    if only is not None and only not in names:
        print(f"There is no figure {only!r}. There is {', '.join(names)}.", file=sys.stderr)
        return MISUSED
    figures, complete = asyncio.run(measure(only))
    print(table(figures))
    RESULTS.write_text(json.dumps([figure.to_dict() for figure in figures], indent=2) + "\n")
    return 0 if complete and all(figure.holds for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
