"""Who is served how much while one guild floods the queue, beside first come, first served.

Guilds and members have weights, and their jobs differ in cost. Nine of ten waiting jobs are one
guild's, and of these nine of ten one member's. Now and then somebody new comes.
"""

from __future__ import annotations

import random
from collections import Counter, deque
from functools import partial
from typing import TYPE_CHECKING

from benchmarks.backlog import AT, ROOMS, new_job, opened, put
from benchmarks.figures import Figure
from benchmarks.programs import BenchmarkError
from bot.domain.fairness import TurnTerms
from bot.domain.job import JobState, OutcomeReason
from storage import steps, turn_rules
from storage.lanes import claim_next

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable

    from bot.domain.job import NewJob

SERVICES = 10_000
AT_ONCE = 100  # services in one transaction
GUILDS, MEMBERS = 20, 10  # of each guild
FLOODER = 1  # the guild, and its member
WAITING, OF_FLOODER = 10_000, 0.9
MEDIANS_S = (30.0, 90.0, 270.0)
GUILD_WEIGHTS = {guild: 1 + guild % 3 for guild in range(1, GUILDS + 1)}
MEMBER_WEIGHTS = {user: 1 + user % 2 for user in range(1, MEMBERS + 1)}  # each has a role of theirs
NEWCOMER_EVERY = 500  # services
SEED = 10
UNFAIR_AT_MOST = 0.01
ROUNDS_AT_MOST = 1.0
NAMES = ("fair_guilds", "fair_members", "fair_newcomer")


class Served:
    """What was served, and how long newcomers waited for it."""

    def __init__(self) -> None:
        self._of_guild: Counter[int] = Counter()
        self._of_member: Counter[int] = Counter()
        self.longest_wait = 0  # services

    def note(self, guild_id: int, user_id: int, cost_ms: int) -> None:
        """A job of this cost was served."""
        if guild_id in GUILD_WEIGHTS:
            self._of_guild[guild_id] += cost_ms
        if guild_id == FLOODER:
            self._of_member[user_id] += cost_ms

    def unfair_to_guilds(self) -> float:
        """How far their work by weight is from equal."""
        return 1 - jain([self._of_guild[guild] / of for guild, of in GUILD_WEIGHTS.items()])

    def unfair_to_members(self) -> float:
        """Likewise of the members of the guild that floods."""
        return 1 - jain([self._of_member[user] / of for user, of in MEMBER_WEIGHTS.items()])


def jain(shares: Iterable[float]) -> float:
    """Jain's index: 1 where all shares are equal, 1/n where one has everything."""
    found = list(shares)
    squares = sum(share * share for share in found)
    return sum(found) ** 2 / (len(found) * squares) if squares else 0.0


async def measure(say: Callable[[str], None]) -> list[Figure]:
    """Serve in turns, in the database; then serve the same first come, first served."""
    fair = Served()
    async with opened() as database:
        await database.write(_begin)
        for done in range(0, SERVICES, AT_ONCE):
            await database.write(partial(_serve, served=fair, done=done))
    plain = _first_come_first_served()
    guilds, members = 1 - fair.unfair_to_guilds(), 1 - fair.unfair_to_members()
    say(f"{SERVICES} services: Jain's index {guilds:.5f} of guilds, {members:.5f} of members")
    guilds, members = 1 - plain.unfair_to_guilds(), 1 - plain.unfair_to_members()
    say(f"first come, first served: {guilds:.5f} of guilds, {members:.5f} of members")
    return [
        Figure(
            name="fair_guilds",
            value=fair.unfair_to_guilds(),
            unit="1 - Jain",
            baseline=plain.unfair_to_guilds(),
            target=UNFAIR_AT_MOST,
            note="work by weight; the baseline is first come, first served",
        ),
        Figure(
            name="fair_members",
            value=fair.unfair_to_members(),
            unit="1 - Jain",
            baseline=plain.unfair_to_members(),
            target=UNFAIR_AT_MOST,
            note="of the guild that floods",
        ),
        Figure(
            name="fair_newcomer",
            value=fair.longest_wait / GUILDS,
            unit="rounds",
            baseline=plain.longest_wait / GUILDS,
            target=ROUNDS_AT_MOST,
            note="the longest wait of a newcomer; a round is a service of each guild",
        ),
    ]


def _crowd() -> list[NewJob]:
    """The jobs that wait at first, in the order in which they were asked for."""
    drawn = random.Random(SEED)  # noqa: S311  # a benchmark's crowd
    flood = int(WAITING * OF_FLOODER)
    askers = [(FLOODER, FLOODER)] * int(flood * OF_FLOODER)
    askers += [(FLOODER, drawn.randint(2, MEMBERS)) for _ in range(flood - len(askers))]
    others = range(FLOODER + 1, GUILDS + 1)
    askers += [(guild, user) for guild in others for user in range(1, MEMBERS + 1)]
    askers += [
        (drawn.choice(others), drawn.randint(1, MEMBERS)) for _ in range(WAITING - len(askers))
    ]
    drawn.shuffle(askers)
    return [_job(guild, user, drawn.choice(MEDIANS_S)) for guild, user in askers]


def _job(guild_id: int, user_id: int, median_s: float) -> NewJob:
    return new_job(guild_id, user_id, median_s=median_s, role_ids=(user_id,))


def _begin(db: sqlite3.Connection) -> None:
    for guild in GUILD_WEIGHTS:
        for user, weight in MEMBER_WEIGHTS.items():
            turn_rules.set_role_weight(db, guild, user, weight)
    put(db, _crowd())


def _serve(db: sqlite3.Connection, served: Served, done: int) -> None:
    """Claim some; who was served asks for the like again, so that as many wait."""
    terms = TurnTerms(guild_weights=GUILD_WEIGHTS)
    newcomer = None
    if done % NEWCOMER_EVERY == 0:
        newcomer = put(db, [_job(1000 + done, 1, MEDIANS_S[0])])[0]
    for before in range(AT_ONCE):
        job = claim_next(db, rooms=ROOMS, terms=terms, at=AT)
        if job is None:
            raise BenchmarkError("nothing was claimed")
        if job.job_id == newcomer:
            served.longest_wait = max(served.longest_wait, before)
            newcomer = None
        (cost_ms, median) = db.execute(
            "SELECT cost_ms, cost_ms / 1000 FROM job WHERE job_id = ?", (job.job_id,)
        ).fetchone()
        guild_id, user_id = job.place.guild_id, job.user_id
        served.note(guild_id, user_id, cost_ms)
        _end(db, job.job_id)
        if guild_id in GUILD_WEIGHTS:
            put(db, [_job(guild_id, user_id, min(MEDIANS_S, key=lambda s: abs(s - median)))])
    if newcomer is not None:
        raise BenchmarkError(f"a newcomer was not served within {AT_ONCE} services")


def _end(db: sqlite3.Connection, job_id: int) -> None:
    steps.finish(
        db,
        job_id,
        expected=JobState.SUBMITTING,
        state=JobState.FAILED,
        reason=OutcomeReason.RENDER_FAILED,
        at=AT,
    )


def _first_come_first_served() -> Served:
    """The same crowd, in the order of its asking."""
    served = Served()
    queue = deque(_crowd())
    for done in range(SERVICES):
        if done % NEWCOMER_EVERY == 0:  # who waits for the whole queue in front
            served.longest_wait = max(served.longest_wait, len(queue))
        job = queue.popleft()
        cost_ms = round(job.setting.assumed.quantile_s(0.5) * 1000)
        served.note(job.place.guild_id, job.user_id, cost_ms)
        queue.append(job)
    return served
