"""What enqueueing costs: every limit checked, reserved and inserted, beside bare inserts of others.

All of them write to SQLite in a file with ``synchronous=FULL`` and a write-ahead log. Rounds take
turns, so that a busy machine is busy for all of them.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections import deque
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING

import aiosqlite

from benchmarks.figures import Figure
from benchmarks.queue_peers import dbos_enqueue, huey_enqueue
from bot.clock import SystemClock
from bot.domain.cost import Cost
from bot.domain.job import NewJob, Origin, Place
from bot.domain.money import Money, Rates
from bot.domain.quota import BOT_ID, Measure, QuotaRule, Scope, Terms
from bot.domain.render_setting import RenderSetting
from bot.domain.render_times import assumed
from bot.domain.request import VideoRequest
from bot.domain.windows import Window
from storage import quotas
from storage.balances import differences
from storage.database import Database
from storage.enqueue import enqueue

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import AsyncGenerator, Awaitable, Callable

    One = Callable[[], Awaitable[object]]

ROUNDS = 7  # odd, so that one is in the middle
CALLS = 1600  # of each contender in a round at 32 callers; an eighth of them at 1
MANY = 32
GUILDS, MEMBERS = 50, 40
BEFORE = 6000  # jobs of the month before
MICROS = 1_000_000
BEHIND_FLOOR = 2.0  # at least half of its rate
EVERYONE = 10**12  # above any guild's id here: a role
PEERS = {"huey": huey_enqueue, "dbos": dbos_enqueue}
NAMES = (
    *(f"enqueue_{callers}_{part}" for callers in (1, MANY) for part in ("p50", "p99")),
    "enqueue_floor",
    *(f"enqueue_{peer}" for peer in PEERS),
)
CLOCK = SystemClock()
RATES = Rates()
TERMS = Terms(
    rules=(
        QuotaRule(
            scope=Scope.BOT,
            subject_id=BOT_ID,
            limit=10**12,
            window=Window.MONTH,
            measure=Measure.MONEY,
            currency="USD",
        ),
    ),
    rates=RATES,
)
SETTING = RenderSetting(
    gateway="zai",
    model="cogvideox-3",
    settings="text 5s",
    assumed=assumed(median_s=90.0, p95_s=270.0),
)
COST = Cost(by_account={"main": Money(micros=200_000, currency="USD")}, of="2026-11-20")


async def measure(say: Callable[[str], None]) -> list[Figure]:
    """All of `NAMES`, but for peers that are not installed."""
    with tempfile.TemporaryDirectory() as folder:
        async with _ours(Path(folder)) as ours, _floor(Path(folder)) as floor:
            contenders: dict[str, One] = {"ours": ours.one, "floor": floor}
            for name, opened in PEERS.items():
                if find_spec(name) is None:
                    say(f"{name} is not installed (uv sync --group bench): no figure for it")
                else:
                    contenders[name] = await asyncio.to_thread(opened, Path(folder))
            took = {
                callers: await _rounds(contenders, callers, ours.describe) for callers in (1, MANY)
            }
            is_sound = await ours.is_sound()
    for callers, of_all in took.items():
        for name, (rate, latencies) in of_all.items():
            say(f"{callers} callers, {name}: {rate:.0f}/s, p50 {_part(latencies, 50):.2f} ms")
    return _figures(took, sound=is_sound)


Taken = dict[str, tuple[float, list[float]]]
"""By contender: calls per second of the middle round, and every call's seconds."""


async def _rounds(
    contenders: dict[str, One], callers: int, prepare: Callable[[int], Awaitable[None]]
) -> Taken:
    calls = CALLS if callers == MANY else CALLS // 8
    rates: dict[str, list[float]] = {name: [] for name in contenders}
    latencies: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(ROUNDS + 1):
        for name, one in contenders.items():
            await prepare(calls)
            begin = time.perf_counter()
            found = await _round(one, callers, calls)
            if number:  # the first warms up
                rates[name].append(calls / (time.perf_counter() - begin))
                latencies[name] += found
    return {name: (median(rates[name]), latencies[name]) for name in contenders}


async def _round(one: One, callers: int, calls: int) -> list[float]:
    """What each of so many calls took, in seconds, made by so many callers."""
    left, found = iter(range(calls)), list[float]()

    async def call() -> None:
        for _ in left:
            at = time.perf_counter()
            await one()
            found.append(time.perf_counter() - at)

    await asyncio.gather(*(call() for _ in range(callers)))
    return found


class Ours:
    """Our queue, with limits of every kind and a month behind it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._asked = 0
        self._described: deque[NewJob] = deque()
        self._chance = random.Random(8)  # noqa: S311  # repeatable, guards no secret
        self._begin = CLOCK.now()

    async def describe(self, jobs: int) -> None:
        """Make up what is asked for next, before the clock runs: whoever asks has it at hand."""
        while len(self._described) < jobs:
            self._described.append(self._new_job())

    async def one(self) -> None:
        """Enqueue, with all checks."""
        await self._database.write(self._put)

    async def is_sound(self) -> bool:
        """Whether each call is one job, and the balances are the ledger's sums."""
        jobs = await self._database.read(
            lambda db: db.execute("SELECT count(*) FROM job").fetchone()[0]
        )
        return jobs == self._asked - len(self._described) and not await self._database.read(
            differences
        )

    def prepare(self, db: sqlite3.Connection) -> None:
        """Set the limits, and live through a month."""
        for guild_id in range(1, GUILDS + 1):
            for rule in _rules(guild_id):
                quotas.set_rule(db, guild_id, rule, set_by=9, at=self._begin)
        for number in range(BEFORE):
            self._put(db, timedelta(days=30) * (1 - number / BEFORE))

    def _put(self, db: sqlite3.Connection, ago: timedelta = timedelta(0)) -> None:
        at = self._begin - ago
        new = self._described.popleft() if self._described else self._new_job()
        enqueue(db, new, at=at, max_waiting_per_member=10**9, terms=TERMS)

    def _new_job(self) -> NewJob:
        self._asked += 1
        guild_id = 1 + self._chance.randrange(GUILDS)
        return NewJob(
            request=VideoRequest(model="cogvideox-3", prompt="A paper boat", duration_s=5),
            user_id=1 + self._chance.randrange(MEMBERS),
            role_ids=(EVERYONE,),
            place=Place(guild_id=guild_id, channel_id=5, in_thread=False),
            origin=Origin.COMMAND,
            origin_key=f"interaction:{self._asked}",
            route="cogvideox-3 main",
            setting=SETTING,
            cost=COST,
        )


@asynccontextmanager
async def _ours(folder: Path) -> AsyncGenerator[Ours]:
    async with await Database.open(folder / "ours.sqlite3") as database:
        ours = Ours(database)
        await database.write(ours.prepare)
        yield ours


def _rules(guild_id: int) -> list[QuotaRule]:
    rule = partial(QuotaRule, scope=Scope.SERVER, subject_id=guild_id, limit=10**12)
    return [
        rule(window=Window.MONTH, measure=Measure.MONEY, currency="USD"),
        rule(window=Window.DAY),
        rule(scope=Scope.ROLE, subject_id=EVERYONE, window=Window.WEEK),
        rule(scope=Scope.ROLE, subject_id=EVERYONE, window=Window.LAST_DAY),
        rule(scope=Scope.MEMBER, subject_id=1, window=Window.DAY),
        rule(measure=Measure.CONCURRENT),
    ]


@asynccontextmanager
async def _floor(folder: Path) -> AsyncGenerator[One]:
    """A single-row insert through aiosqlite."""
    async with aiosqlite.connect(folder / "floor.sqlite3", isolation_level=None) as db:
        await db.execute("PRAGMA journal_mode = WAL")
        await db.execute("PRAGMA synchronous = FULL")
        await db.execute("CREATE TABLE job (job_id INTEGER PRIMARY KEY, request TEXT NOT NULL)")

        async def one() -> None:
            await db.execute("INSERT INTO job (request) VALUES (?)", ("A paper boat",))

        yield one


def _figures(took: dict[int, Taken], *, sound: bool) -> list[Figure]:
    latest = {1: 20.0, MANY: 100.0}
    found = [
        Figure(
            name=f"enqueue_{callers}_p{percent}",
            value=_part(took[callers]["ours"][1], percent),
            unit="ms",
            baseline=_part(took[callers]["floor"][1], percent),
            target=latest[callers],
            sound=sound,
            note="baseline: one row through aiosqlite" if percent == 50 else "",
        )
        for callers in (1, MANY)
        for percent in (50, 99)
    ]
    ours, *_ = took[MANY]["ours"]
    for name, target in (("floor", BEHIND_FLOOR), *((peer, 1.0) for peer in PEERS)):
        if name in took[MANY]:
            rate, _ = took[MANY][name]
            found.append(
                Figure(
                    name=f"enqueue_{name}",
                    value=MICROS / ours,
                    unit="us",
                    baseline=MICROS / rate,
                    target=target,
                    target_of="ratio",
                    sound=sound,
                    note=f"each of {MANY} callers' enqueues, beside {name}",
                )
            )
    return found


def _part(latencies: list[float], percent: int) -> float:
    """A percentile, in milliseconds."""
    return quantiles(latencies, n=100)[percent - 1] * 1000
