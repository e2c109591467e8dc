"""A queue as large as a benchmark wants it, in a file and as durable as the bot's own."""

from __future__ import annotations

import random
import tempfile
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bot.domain.job import NewJob, Origin, Place
from bot.domain.render_setting import RenderSetting
from bot.domain.render_times import assumed
from bot.domain.request import VideoRequest
from bot.domain.routing import Room
from storage.database import Database
from storage.enqueue import enqueue

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import AsyncGenerator, Iterable

MODEL, ACCOUNT = "cogvideox-3", "main"
ROOMS = {(ACCOUNT, MODEL): Room(limit=10_000_000)}
AT = datetime(2026, 1, 14, 12, tzinfo=UTC)
GUILDS, MEMBERS = 1000, 20_000
NO_LIMIT = 10_000_000
AT_ONCE = 2000
MEDIAN_S = 90.0


@asynccontextmanager
async def opened() -> AsyncGenerator[Database]:
    """An empty database in a file, every write of it on the disk before it is answered."""
    with tempfile.TemporaryDirectory(prefix="cogreel-bench-") as folder:
        path = Path(folder) / "cogreel.sqlite3"
        async with await Database.open(path) as database:
            yield database


async def fill(database: Database, askers: Iterable[tuple[int, int]]) -> None:
    """Enqueue a job for each guild and member."""
    found = list(askers)
    for begin in range(0, len(found), AT_ONCE):
        some = found[begin : begin + AT_ONCE]

        await database.write(partial(put, jobs=[new_job(*asker) for asker in some]))


def put(db: sqlite3.Connection, jobs: Iterable[NewJob]) -> list[int]:
    """Enqueue them all in this transaction; their numbers."""
    put_in = partial(enqueue, db, at=AT, max_waiting_per_member=NO_LIMIT)
    return [put_in(job).job_id for job in jobs]


def spread(jobs: int, *, seed: int) -> list[tuple[int, int]]:
    """Guild and member of so many jobs, evenly over all members, in random order."""
    members = [(1 + number % GUILDS, 1 + number) for number in range(MEMBERS)]
    drawn = random.Random(seed)  # noqa: S311  # a benchmark's crowd
    if jobs <= MEMBERS:
        return drawn.sample(members, jobs)
    found = members * -(-jobs // MEMBERS)
    found = found[:jobs]
    drawn.shuffle(found)
    return found


def new_job(
    guild_id: int, user_id: int, *, median_s: float = MEDIAN_S, role_ids: tuple[int, ...] = ()
) -> NewJob:
    """A member asks for a clip that is expected to take so long."""
    times = assumed(median_s=median_s, p95_s=3 * median_s)
    return NewJob(
        request=VideoRequest(model=MODEL, prompt="A paper boat on a quiet lake"),
        user_id=user_id,
        role_ids=role_ids,
        place=Place(guild_id=guild_id, channel_id=guild_id, in_thread=False),
        origin=Origin.REACTION,
        origin_key=None,
        route=f"{MODEL} {ACCOUNT}",
        setting=RenderSetting(gateway="zai", model=MODEL, settings=f"{median_s:g}", assumed=times),
    )
