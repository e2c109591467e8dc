"""``python -m tests.e2e.soak --jobs 2000 --kills 200 --seed 1``: prints its counts."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from tests.e2e.soak.run import soak


def main() -> int:
    """Run, print the counts; 1 where anything disagrees."""
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.soak", description=__doc__)
    parser.add_argument("--jobs", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cogreel-soak-") as folder:
        books, tally = asyncio.run(
            soak(
                Path(folder),
                jobs=wanted.jobs,
                kills=wanted.kills,
                seed=wanted.seed,
                say=lambda line: print(line, file=sys.stderr, flush=True),  # likewise
            )
        )
    print(json.dumps(asdict(tally), indent=2))  # what the program is for
    disagreements = books.disagreements()
    for line in disagreements:
        print(line)  # likewise
    print(f"{len(disagreements)} disagreements")  # likewise
    return 1 if disagreements else 0


if __name__ == "__main__":
    sys.exit(main())
