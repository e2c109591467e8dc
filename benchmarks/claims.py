"""What a claim and a place in the queue take, with few and with many jobs waiting."""

from __future__ import annotations

import random
import time
from contextlib import AsyncExitStack
from functools import partial
from typing import TYPE_CHECKING

from benchmarks.backlog import AT, ROOMS, fill, opened, spread
from benchmarks.figures import Figure
from benchmarks.programs import BenchmarkError
from bot.domain.fairness import ALIKE
from bot.domain.job import JobState, OutcomeReason
from storage import steps
from storage.lanes import claim_next
from storage.places import ahead_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.database import Database

SIZES = (100, 10_000, 100_000)
CLAIMS = 2000
PLACES = 2000
WARM_UP = 100
GROWTH_AT_MOST = 1.5
P99_TARGET_MS = 5.0
SEED = 9
NAMES = ("claim_100000_p50", "claim_100000_p99", "place_100000_p99")


async def measure(say: Callable[[str], None]) -> list[Figure]:
    """Claims with each number of jobs waiting, in turns; then places with the largest."""
    claims: dict[int, list[float]] = {size: [] for size in SIZES}
    async with AsyncExitStack() as stack:
        databases: dict[int, Database] = {}
        for size in SIZES:
            databases[size] = await stack.enter_async_context(opened())
            await fill(databases[size], spread(size, seed=SEED))
            say(f"{size} jobs wait")
        floor: list[float] = []
        for number in range(WARM_UP + CLAIMS):
            floor.append(await _least_write_ms(databases[SIZES[0]]))
            for size, database in databases.items():
                took_ms = await _claim_ms(database)
                if number >= WARM_UP:
                    claims[size].append(took_ms)
        for size, found in claims.items():
            p50_ms, p99_ms = share(found, 0.5), share(found, 0.99)
            say(f"{size} waiting: a claim takes {p50_ms:.3f} ms at p50, {p99_ms:.3f} at p99")
        places = await _places_ms(databases[SIZES[-1]])
    few, many = claims[SIZES[0]], claims[SIZES[-1]]
    return [
        Figure(
            name="claim_100000_p50",
            value=share(many, 0.5),
            unit="ms",
            baseline=share(few, 0.5),
            target=GROWTH_AT_MOST,
            target_of="ratio",
            note="the baseline is the same with 100 jobs waiting",
        ),
        Figure(
            name="claim_100000_p99",
            value=share(many, 0.99),
            unit="ms",
            target=P99_TARGET_MS,
            note=f"the least write that there can be takes {share(floor, 0.99):.2f} ms at p99",
        ),
        Figure(
            name="place_100000_p99",
            value=share(places, 0.99),
            unit="ms",
            target=P99_TARGET_MS,
            note=f"{share(places, 0.5):.2f} ms at p50",
        ),
    ]


async def _least_write_ms(database: Database) -> float:
    """A transaction that changes one row: the disk and the threads, and nothing of the queue."""
    begin = time.perf_counter()
    await database.write(
        lambda db: db.execute("UPDATE installation SET claims = claims + 1").rowcount
    )
    return (time.perf_counter() - begin) * 1000


async def _claim_ms(database: Database) -> float:
    """One claim, as durable as the bot's; then its member asks again, so that as many wait."""
    begin = time.perf_counter()
    job = await database.write(partial(claim_next, rooms=ROOMS, at=AT))
    took_s = time.perf_counter() - begin
    if job is None:
        raise BenchmarkError("nothing was claimed")
    end = partial(
        steps.finish,
        job_id=job.job_id,
        expected=JobState.SUBMITTING,
        state=JobState.FAILED,
        reason=OutcomeReason.RENDER_FAILED,
        at=AT,
    )
    await database.write(end)
    await fill(database, [(job.place.guild_id, job.user_id)])
    return took_s * 1000


async def _places_ms(database: Database) -> list[float]:
    waiting = await database.read(
        lambda db: [n for (n,) in db.execute("SELECT job_id FROM job WHERE state = 'queued'")]
    )
    found: list[float] = []
    for job_id in random.Random(SEED).sample(waiting, PLACES):  # noqa: S311  # a sample
        begin = time.perf_counter()
        ahead = await database.read(partial(ahead_of, job_id=job_id, terms=ALIKE))
        found.append((time.perf_counter() - begin) * 1000)
        if ahead is None or not 0 <= ahead.jobs < len(waiting):
            raise BenchmarkError(f"job {job_id} has no place")
    return found


def share(values: list[float], part: float) -> float:
    """The value that this part of them does not pass."""
    return sorted(values)[int(len(values) * part)]
