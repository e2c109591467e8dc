"""Where a waiting job stands, from the lanes' counts and without walking the queue.

In the order of its model, as though every account had room and nobody too much in flight.
See ``bot/domain/line.py`` for how exact that is. A shot that waits for another one is not in line
yet, whatever its number: it has no place, and is ahead of nobody.
"""

from __future__ import annotations

from heapq import heapify, heappop, heapreplace
from itertools import chain, count, islice, zip_longest
from typing import TYPE_CHECKING, Any, NamedTuple

from bot.domain.fairness import ALIKE, charge
from bot.domain.job import JobState, Place
from bot.domain.line import Ahead, Lane, ahead_in_others
from storage.job_states import CLAIMED
from storage.turn_rules import rules_of_guild

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from bot.domain.fairness import TurnTerms

UNDER_WAY = (JobState.SUBMITTING, JobState.RENDERING, JobState.FETCHED)
_GUILDS = """
SELECT guild_id, max(vtime), max(served), 1, sum(waiting), sum(waiting_cost_ms) FROM guild_lane
WHERE model = :model AND is_waiting = 1 AND route <> 'after' GROUP BY guild_id
"""
_MEMBERS = """
SELECT user_id, max(vtime), max(served), max(weight), sum(waiting), sum(waiting_cost_ms)
FROM member_lane
WHERE guild_id = :guild_id AND model = :model AND is_waiting = 1 AND route <> 'after'
GROUP BY user_id
"""
_OWN_AHEAD = """
SELECT count(*), coalesce(sum(cost_ms), 0) FROM job
WHERE guild_id = :guild_id AND user_id = :user_id AND state = 'queued' AND model = :model
AND route <> 'after' AND (priority > :priority OR (priority = :priority AND job_id < :job_id))
"""
_AHEAD_BY_NUMBER = """
SELECT count(*) FROM job
WHERE guild_id = :guild_id AND state = 'queued' AND by_number = 1 AND job_id < :job_id
AND route IN (
    SELECT route FROM guild_lane
    WHERE guild_id = :guild_id AND model = :model AND is_waiting = 1 AND route <> 'after'
)
"""
_IN_STATE = f"""
SELECT job_id FROM job WHERE guild_id = :guild_id AND state = :state
AND {CLAIMED}
"""  # noqa: S608  # constants
_WAITING_OF_MEMBER = """
SELECT job_id, cost_ms FROM job
WHERE guild_id = :guild_id AND user_id = :user_id AND state = 'queued' AND model = :model
AND route <> 'after' ORDER BY priority DESC, job_id LIMIT :limit
"""
_WAITING_BY_NUMBER = """
SELECT job_id FROM job
WHERE guild_id = :guild_id AND state = 'queued' AND by_number = 1 AND model = :model
AND route <> 'after' ORDER BY job_id LIMIT :limit
"""
_AFTER_ANOTHER = """
SELECT job.job_id FROM member_lane AS lane CROSS JOIN job
    ON job.guild_id = lane.guild_id AND job.user_id = lane.user_id AND job.route = 'after'
    AND job.state = 'queued' AND job.model = lane.model
WHERE lane.guild_id = :guild_id AND lane.route = 'after' AND lane.is_waiting = 1
ORDER BY job.job_id LIMIT :limit
"""


def place_in_queue(db: sqlite3.Connection, job_id: int, *, terms: TurnTerms = ALIKE) -> int | None:
    """How many claims of its model until this job is served, if none joins; 1 is next.

    Returns:
        None for a job that is not in line, or does not exist.
    """
    found = ahead_of(db, job_id, terms=terms)
    return None if found is None else found.jobs + 1


class LanesAtOnce:
    """The lanes of one moment, each read once however many jobs are looked for in them.

    For one transaction, and of no use after it.
    """

    def __init__(self, db: sqlite3.Connection, terms: TurnTerms) -> None:
        self._db, self._terms = db, terms
        self._guilds: dict[str, dict[int, Lane]] = {}
        self._members: dict[tuple[int, str], dict[int, Lane]] = {}
        self._by_number: dict[int, bool] = {}

    def guilds(self, model: str) -> dict[int, Lane]:
        """The lanes of the guilds that wait for a model, by guild."""
        if model not in self._guilds:
            lanes = _lanes(self._db, _GUILDS, {"model": model})
            for number in lanes.keys() & self._terms.guild_weights.keys():
                lanes[number] = lanes[number]._replace(weight=self._terms.guild_weight(number))
            self._guilds[model] = lanes
        return self._guilds[model]

    def members(self, guild_id: int, model: str) -> dict[int, Lane]:
        """The lanes of a guild's members who wait for a model, by member."""
        key = guild_id, model
        if key not in self._members:
            found = _lanes(self._db, _MEMBERS, {"guild_id": guild_id, "model": model})
            self._members[key] = found
        return self._members[key]

    def serves_by_number(self, guild_id: int) -> bool:
        """Whether a guild serves who asked first."""
        if guild_id not in self._by_number:
            rules = rules_of_guild(self._db, guild_id)
            self._by_number[guild_id] = rules.first_come_first_served
        return self._by_number[guild_id]


def ahead_of(
    db: sqlite3.Connection, job_id: int, *, terms: TurnTerms, lanes: LanesAtOnce | None = None
) -> Ahead | None:
    """What is served before a job, if none joins; None for one that is not in line."""
    found = db.execute(
        "SELECT guild_id, user_id, model, priority FROM job"
        " WHERE job_id = ? AND state = 'queued' AND route <> 'after'",
        (job_id,),
    ).fetchone()
    if found is None:
        return None
    lanes = lanes or LanesAtOnce(db, terms)
    names = ("guild_id", "user_id", "model", "priority")
    job: dict[str, Any] = {"job_id": job_id, **dict(zip(names, found, strict=True))}
    guild_id, user_id, model, _ = found
    guilds = lanes.guilds(model)
    guild = guilds[guild_id]
    own = Ahead(*db.execute(_OWN_AHEAD, job).fetchone())
    if lanes.serves_by_number(guild_id):
        in_guild = _ahead_by_number(db, job, guild)
    else:
        members = lanes.members(guild_id, model)
        others = (lane for lane in members.values() if lane.number != user_id)
        in_guild = own + ahead_in_others(members[user_id], own, others)
    elsewhere = (lane for lane in guilds.values() if lane.number != guild_id)
    return in_guild + ahead_in_others(guild, in_guild, elsewhere)


def _lanes(db: sqlite3.Connection, query: str, of: dict[str, Any]) -> dict[int, Lane]:
    return {row[0]: Lane(*row) for row in db.execute(query, of).fetchall()}


def _ahead_by_number(db: sqlite3.Connection, job: dict[str, Any], guild: Lane) -> Ahead:
    """What its guild serves before, where the number decides."""
    (jobs,) = db.execute(_AHEAD_BY_NUMBER, job).fetchone()
    return Ahead(jobs, jobs * (guild.cost_ms // guild.waiting))


class OpenJob(NamedTuple):
    """A job that has not ended, as far as it says who may know of it.

    Attributes:
        job_id: Its number.
        user_id: Whose it is.
        place: Where it was asked for; without its messages.
    """

    job_id: int
    user_id: int
    place: Place


def open_jobs_of_guild(db: sqlite3.Connection, guild_id: int, *, limit: int) -> list[OpenJob]:
    """A server's jobs that have not ended, as people expect to see them.

    Those under way by number, then the waiting in the order in which they will be served, the
    models side by side, then the shots that wait for others, then the held, which wait for a
    person.
    """
    under_way = chain(*(_in_state(db, guild_id, state) for state in UNDER_WAY))
    numbers = chain(
        sorted(under_way),
        _waiting_in_order(db, guild_id, limit),
        _after_another(db, guild_id, limit),
        sorted(_in_state(db, guild_id, JobState.HELD)),
    )
    return _open_jobs(db, list(islice(numbers, limit)))


def _open_jobs(db: sqlite3.Connection, job_ids: list[int]) -> list[OpenJob]:
    """At once and in this order: one question for each would be most of what a listing takes."""
    marks = ", ".join("?" * len(job_ids))
    rows = db.execute(
        "SELECT job_id, user_id, guild_id, channel_id, in_thread, parent_channel_id, thread_id"  # noqa: S608  # marks
        f" FROM job WHERE job_id IN ({marks})",
        job_ids,
    ).fetchall()
    found: dict[int, OpenJob] = {}
    for job_id, user_id, guild_id, channel_id, in_thread, parent_channel_id, thread_id in rows:
        place = Place(
            guild_id=guild_id,
            channel_id=channel_id,
            in_thread=bool(in_thread),
            parent_channel_id=parent_channel_id,
            thread_id=thread_id,
        )
        found[job_id] = OpenJob(job_id, user_id, place)
    return [found[job_id] for job_id in job_ids]


def _in_state(db: sqlite3.Connection, guild_id: int, state: JobState) -> list[int]:
    rows = db.execute(_IN_STATE, {"guild_id": guild_id, "state": state.value}).fetchall()
    return [job_id for (job_id,) in rows]


def _after_another(db: sqlite3.Connection, guild_id: int, limit: int) -> Iterator[int]:
    rows = db.execute(_AFTER_ANOTHER, {"guild_id": guild_id, "limit": limit}).fetchall()
    yield from (job_id for (job_id,) in rows)


def _waiting_in_order(db: sqlite3.Connection, guild_id: int, limit: int) -> Iterator[int]:
    models = db.execute(
        "SELECT DISTINCT model FROM guild_lane"
        " WHERE guild_id = ? AND is_waiting = 1 AND route <> 'after' ORDER BY model",
        (guild_id,),
    ).fetchall()
    lanes = ({"guild_id": guild_id, "model": model, "limit": limit} for (model,) in models)
    for job_ids in zip_longest(*(_order(db, lane) for lane in lanes)):
        yield from (job_id for job_id in job_ids if job_id is not None)


def _order(db: sqlite3.Connection, lane: dict[str, Any]) -> Iterator[int]:
    """The order of a guild's waiting jobs of one model, as it is served if none joins."""
    own: dict[int, Iterator[tuple[int, int]]] = {}

    def next_of(user_id: int) -> tuple[int, int] | None:
        if user_id not in own:
            jobs = db.execute(_WAITING_OF_MEMBER, lane | {"user_id": user_id}).fetchall()
            own[user_id] = iter(jobs)
        return next(own[user_id], None)

    if rules_of_guild(db, lane["guild_id"]).first_come_first_served:
        yield from (job_id for (job_id,) in db.execute(_WAITING_BY_NUMBER, lane).fetchall())
        return
    rows = db.execute(_MEMBERS, lane).fetchall()
    turns = [(vtime, served, user_id, weight) for user_id, vtime, served, weight, _, _ in rows]
    heapify(turns)
    claims = count(1 + max((served for _, served, _, _ in turns), default=0))
    while turns:
        vtime, _, user_id, weight = turns[0]
        job = next_of(user_id)
        if job is None:
            heappop(turns)
        else:
            yield job[0]
            vtime += charge(job[1], weight)
            heapreplace(turns, (vtime, next(claims), user_id, weight))
