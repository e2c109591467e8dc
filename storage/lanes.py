"""The lanes that the fair order is read from: virtual times and counts, kept by every move.

A guild has a lane per model and route, because a route is what finds a place or not; its lanes of
one model share a virtual time, so that nobody gains by spreading over routes. In each of them its
members have theirs. Every move into or out of ``queued`` updates them in the same transaction.
What they mean says ``bot/domain/fairness.py``.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from bot.clock import to_ms
from bot.domain.fairness import ALIKE, TurnTerms, charge
from bot.domain.routing import Assignment, assigned, route_from
from storage.installation import installation_id, next_claim_number
from storage.job_queries import taken_by_account
from storage.job_rows import require_job
from storage.turns import Turn, next_turn

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping
    from datetime import datetime

    from bot.domain.job import Job, NewJob
    from bot.domain.routing import Rooms

# A guild's lanes of one model are alike but for what waits in them: a new one copies another.
_ADD_GUILD_LANE = """
INSERT INTO guild_lane
    (guild_id, model, route, vtime, served, member_clock, waiting, waiting_cost_ms, is_waiting)
SELECT :guild_id, :model, :route,
    coalesce(max(vtime), (SELECT vtime FROM model_clock WHERE model = :model)),
    coalesce(max(served), 0), coalesce(max(member_clock), 0), 0, 0, 0
FROM guild_lane WHERE guild_id = :guild_id AND model = :model
ON CONFLICT (guild_id, model, route) DO NOTHING
"""
_ADD_MEMBER_LANE = """
INSERT INTO member_lane
    (guild_id, user_id, model, route, vtime, served, weight, waiting, waiting_cost_ms, is_waiting)
SELECT :guild_id, :user_id, :model, :route,
    coalesce(max(vtime), (
        SELECT max(member_clock) FROM guild_lane WHERE guild_id = :guild_id AND model = :model
    )),
    coalesce(max(served), 0), coalesce((
        SELECT max(weight) FROM member_lane WHERE guild_id = :guild_id AND user_id = :user_id
    ), 1), 0, 0, 0
FROM member_lane WHERE guild_id = :guild_id AND user_id = :user_id AND model = :model
ON CONFLICT (guild_id, user_id, model, route) DO NOTHING
"""
# Who had nothing waiting starts at the clock; a shot that waits for another one is nothing.
_READY_GUILD = """
UPDATE guild_lane SET vtime = (SELECT vtime FROM model_clock WHERE model = :model)
WHERE guild_id = :guild_id AND model = :model AND :route <> 'after'
AND vtime < (SELECT vtime FROM model_clock WHERE model = :model)
AND NOT EXISTS (
    SELECT 1 FROM guild_lane AS other
    WHERE other.guild_id = :guild_id AND other.model = :model AND other.is_waiting = 1
    AND other.route <> 'after'
)
"""
_READY_MEMBER = """
UPDATE member_lane SET vtime = (
    SELECT max(member_clock) FROM guild_lane WHERE guild_id = :guild_id AND model = :model
)
WHERE guild_id = :guild_id AND user_id = :user_id AND model = :model AND :route <> 'after'
AND vtime < (
    SELECT max(member_clock) FROM guild_lane WHERE guild_id = :guild_id AND model = :model
)
AND NOT EXISTS (
    SELECT 1 FROM member_lane AS other
    WHERE other.guild_id = :guild_id AND other.user_id = :user_id AND other.model = :model
    AND other.is_waiting = 1 AND other.route <> 'after'
)
"""
_MORE_IN_LANE = " SET waiting = waiting + :more, waiting_cost_ms = waiting_cost_ms + :more_cost_ms"
# Most jobs join a lane in which some wait, and leave one in which some go on to wait: no index of
# it changes with its counts.
_STILL_WAITING = " AND is_waiting = 1 AND waiting + :more > 0"
_FIRST_OR_LAST = ", is_waiting = CASE WHEN waiting + :more > 0 THEN 1 ELSE 0 END"
_GUILD_LANE = " WHERE guild_id = :guild_id AND model = :model AND route = :route"
_MEMBER_LANE = _GUILD_LANE + " AND user_id = :user_id"
_COUNT_GUILD = f"UPDATE guild_lane{_MORE_IN_LANE}{_GUILD_LANE}{_STILL_WAITING}"
_TURN_GUILD = f"UPDATE guild_lane{_MORE_IN_LANE}{_FIRST_OR_LAST}{_GUILD_LANE}"
_COUNT_MEMBER = f"UPDATE member_lane{_MORE_IN_LANE}{_MEMBER_LANE}{_STILL_WAITING}"
# All of a member's lanes on a server have one weight.
_COUNT_MEMBER_OF_WEIGHT = f"{_COUNT_MEMBER} AND weight = :weight"
_WEIGH_MEMBER = """
UPDATE member_lane SET weight = :weight
WHERE guild_id = :guild_id AND user_id = :user_id AND weight <> :weight
"""
_TURN_MEMBER = f"UPDATE member_lane{_MORE_IN_LANE}{_FIRST_OR_LAST}{_MEMBER_LANE}"
# From one entry of the index to the next: as many look-ups as routes, however many lanes.
_WAITING_ROUTES = """
WITH RECURSIVE waiting (route) AS (
    SELECT min(route) FROM guild_lane WHERE is_waiting = 1
    UNION ALL
    SELECT (SELECT min(route) FROM guild_lane WHERE is_waiting = 1 AND route > waiting.route)
    FROM waiting WHERE waiting.route IS NOT NULL
)
SELECT route FROM waiting WHERE route IS NOT NULL
"""
_TIMES_OF_LANES = """
SELECT guild_lane.vtime AS guild_vtime, guild_lane.served AS guild_served,
    member_lane.vtime AS member_vtime, member_lane.served AS member_served, member_lane.weight
FROM guild_lane JOIN member_lane ON member_lane.guild_id = guild_lane.guild_id
    AND member_lane.model = guild_lane.model AND member_lane.route = guild_lane.route
    AND member_lane.user_id = :user_id
WHERE guild_lane.guild_id = :guild_id AND guild_lane.model = :model AND guild_lane.route = :route
"""


_Lanes = dict[str, int | str]
"""What names the guild lane and the member lane of a job, by column, and its ``cost_ms``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Service:
    """What a claim does to a job's lanes.

    Attributes:
        guild_charge: How far it moves the guild's virtual time on.
        member_charge: Likewise the member's.
        guild_served_before: The claim that served the guild before; 0 for none.
        member_served_before: Likewise the member.
    """

    guild_charge: int
    member_charge: int
    guild_served_before: int
    member_served_before: int


def claim_next(
    db: sqlite3.Connection, *, rooms: Rooms, terms: TurnTerms = ALIKE, at: datetime
) -> Job | None:
    """Take the next waiting job whose route has room: queued to submitting.

    A job that was requeued repeats the attempt and the ``request_id`` that it had, unless it was
    told to begin a fresh one, or goes to another account.

    Args:
        db: In a transaction.
        rooms: Which accounts take jobs of which models.
        terms: The shares, and who may have how much in flight.
        at: Now.

    Returns:
        The job ``submitting``; None where nothing waits, or nothing that has its turn.
    """
    taken = taken_by_account(db)
    assignments = {
        route: assignment
        for route in waiting_routes(db)
        if (assignment := assigned(route_from(route), rooms, taken)) is not None
    }
    turn = next_turn(db, assignments, terms) if assignments else None
    if turn is None:
        return None
    service = _serve(db, turn, terms, claim=next_claim_number(db))
    return _claim(db, turn, service, assignments[turn.route], at)


def _claim(
    db: sqlite3.Connection, turn: Turn, service: _Service, assignment: Assignment, at: datetime
) -> Job:
    job = require_job(db, turn.job_id)
    attempt, request_id = job.attempt, job.request_id
    if request_id is None or job.account != assignment.account:
        attempt += 1
        request_id = f"cogreel-{installation_id(db)}-{job.job_id}-{attempt}"
        db.execute(
            "INSERT INTO job_attempt (job_id, attempt, request_id, claimed_at_ms, account)"
            " VALUES (?, ?, ?, ?, ?)",
            (job.job_id, attempt, request_id, to_ms(at), assignment.account),
        )
    db.execute(
        "UPDATE job SET state = 'submitting', state_at_ms = :at_ms, submitted_at_ms = :at_ms,"
        " attempt = :attempt, request_id = :request_id,"
        " account = :account, passed_over = :passed_over,"
        " guild_charge = :guild_charge, member_charge = :member_charge,"
        " guild_served_before = :guild_served_before,"
        " member_served_before = :member_served_before"
        " WHERE job_id = :job_id AND state = 'queued'",
        {
            "at_ms": to_ms(at),
            "attempt": attempt,
            "request_id": request_id,
            "account": assignment.account,
            "passed_over": assignment.passed_over,
            "job_id": job.job_id,
        }
        | asdict(service),
    )
    return require_job(db, job.job_id)


def _serve(db: sqlite3.Connection, turn: Turn, terms: TurnTerms, *, claim: int) -> _Service:
    """Move the lanes' times on, and the clocks up to where they stood."""
    lanes: _Lanes = {
        "guild_id": turn.guild_id,
        "user_id": turn.user_id,
        "model": turn.model,
        "route": turn.route,
        "cost_ms": turn.cost_ms,
    }
    guild_vtime, guild_served, member_vtime, member_served, weight = db.execute(
        _TIMES_OF_LANES, lanes
    ).fetchone()
    service = _Service(
        guild_charge=charge(turn.cost_ms, terms.guild_weight(turn.guild_id)),
        member_charge=charge(turn.cost_ms, weight),
        guild_served_before=guild_served,
        member_served_before=member_served,
    )
    times = lanes | {"claim": claim, "guild_vtime": guild_vtime, "vtime": member_vtime}
    db.execute(
        "UPDATE model_clock SET served = :claim,"
        " vtime = CASE WHEN vtime < :guild_vtime THEN :guild_vtime ELSE vtime END"
        " WHERE model = :model",
        times,
    )
    db.execute(
        "UPDATE guild_lane SET served = :claim, vtime = vtime + :charge,"
        " member_clock = CASE WHEN member_clock < :vtime THEN :vtime ELSE member_clock END"
        " WHERE guild_id = :guild_id AND model = :model",
        times | {"charge": service.guild_charge},
    )
    db.execute(
        "UPDATE member_lane SET served = :claim, vtime = vtime + :charge"
        " WHERE guild_id = :guild_id AND user_id = :user_id AND model = :model",
        times | {"charge": service.member_charge},
    )
    _count(db, lanes, -1)
    _take_along(db, turn, guild_vtime=guild_vtime, member_vtime=member_vtime)
    return service


def _take_along(db: sqlite3.Connection, turn: Turn, *, guild_vtime: int, member_vtime: int) -> None:
    """Who was passed over for having too much in flight earns nothing by it."""
    db.executemany(
        "UPDATE guild_lane SET vtime = ? WHERE guild_id = ? AND model = ? AND vtime < ?",
        [(guild_vtime, guild, turn.model, guild_vtime) for guild in turn.guilds_passed_over],
    )
    db.executemany(
        "UPDATE member_lane SET vtime = ?"
        " WHERE guild_id = ? AND user_id = ? AND model = ? AND vtime < ?",
        [
            (member_vtime, turn.guild_id, user, turn.model, member_vtime)
            for user in turn.members_passed_over
        ],
    )


def waiting_routes(db: sqlite3.Connection) -> list[str]:
    """The routes on which jobs wait."""
    rows = db.execute(_WAITING_ROUTES).fetchall()
    return [route for (route,) in rows]


def join(db: sqlite3.Connection, new: NewJob, *, cost_ms: int, weight: int) -> None:
    """A new job waits from now on, and its member has this weight."""
    lanes: _Lanes = {
        "guild_id": new.place.guild_id,
        "user_id": new.user_id,
        "model": new.request.model,
        "route": new.route,
        "weight": weight,
        "more": 1,
        "more_cost_ms": cost_ms,
    }
    if not db.execute(_COUNT_GUILD, lanes).rowcount:
        db.execute(_READY_GUILD, lanes)
        count_in_guild_lane(db, lanes)
    if not db.execute(_COUNT_MEMBER_OF_WEIGHT, lanes).rowcount:
        db.execute(_READY_MEMBER, lanes)
        count_in_member_lane(db, lanes)
        db.execute(_WEIGH_MEMBER, lanes)


def leave(db: sqlite3.Connection, job_id: int) -> None:
    """A job waits no more, without a turn: it was cancelled, or failed while it waited."""
    _count(db, _lanes_of(db, job_id), -1)


def ready_again(db: sqlite3.Connection, job_id: int) -> None:
    """Bring a job's lanes up to the clock, where nothing waits in them; before a late `give_back`.

    A claim that is undone at once leaves them where they were. After days it would be as if they
    had waited all the time.
    """
    lanes = _lanes_of(db, job_id)
    db.execute(_READY_GUILD, lanes)
    db.execute(_READY_MEMBER, lanes)


def join_late(db: sqlite3.Connection, job_id: int, route: str) -> None:
    """A job that waited for another one waits for its turn from now on, as though it came now."""
    leave(db, job_id)
    db.execute("UPDATE job SET route = ? WHERE job_id = ?", (route, job_id))
    ready_again(db, job_id)
    _count(db, _lanes_of(db, job_id), 1)


def give_back(db: sqlite3.Connection, job_id: int) -> None:
    """Undo a claim: the job waits again, and its lanes stand where they would without it.

    A lane that was served again since then goes back by this one's charge alone.
    """
    _count(db, _lanes_of(db, job_id), 1)
    # Its server may have chosen otherwise while it did not wait.
    db.execute(
        "UPDATE job SET by_number = coalesce((SELECT first_come_first_served FROM guild_setting"
        " WHERE guild_setting.guild_id = job.guild_id), 0) WHERE job_id = ?",
        (job_id,),
    )
    db.execute(
        "UPDATE guild_lane SET vtime = vtime - job.guild_charge, served ="
        " CASE WHEN served < job.guild_served_before THEN served ELSE job.guild_served_before END"
        " FROM job WHERE job.job_id = ?"
        " AND guild_lane.guild_id = job.guild_id AND guild_lane.model = job.model",
        (job_id,),
    )
    db.execute(
        "UPDATE member_lane SET vtime = vtime - job.member_charge, served ="
        " CASE WHEN served < job.member_served_before THEN served ELSE job.member_served_before END"
        " FROM job WHERE job.job_id = ? AND member_lane.guild_id = job.guild_id"
        " AND member_lane.user_id = job.user_id AND member_lane.model = job.model",
        (job_id,),
    )


def reroute(db: sqlite3.Connection, job_id: int, route: str) -> None:
    """A waiting job may be rendered elsewhere from now on; its place stays."""
    before = _lanes_of(db, job_id)
    if before["route"] == route:
        return
    db.execute("UPDATE job SET route = ? WHERE job_id = ?", (route, job_id))
    _count(db, before | {"route": route}, 1)
    _count(db, before, -1)


def waiting_of_member(db: sqlite3.Connection, guild_id: int, user_id: int) -> int:
    """How many of a member's jobs wait on this server."""
    (waiting,) = db.execute(
        "SELECT coalesce(sum(waiting), 0) FROM member_lane WHERE guild_id = ? AND user_id = ?",
        (guild_id, user_id),
    ).fetchone()
    return int(waiting)


def waiting_of_guild(db: sqlite3.Connection, guild_id: int) -> int:
    """How many jobs wait on a server."""
    (waiting,) = db.execute(
        "SELECT coalesce(sum(waiting), 0) FROM guild_lane WHERE guild_id = ?", (guild_id,)
    ).fetchone()
    return int(waiting)


def count_in_guild_lane(db: sqlite3.Connection, lane: Mapping[str, int | str]) -> None:
    """Count jobs of a guild lane in, or out; one that is new begins at the clock.

    Args:
        db: In a transaction.
        lane: Its ``guild_id``, ``model`` and ``route``; ``more`` jobs, and ``more_cost_ms``, their
            cost.
    """
    if db.execute(_COUNT_GUILD, lane).rowcount:
        return
    if int(lane["more"]) > 0:
        db.execute(
            "INSERT INTO model_clock (model) VALUES (:model) ON CONFLICT (model) DO NOTHING", lane
        )
        db.execute(_ADD_GUILD_LANE, lane)
    db.execute(_TURN_GUILD, lane)


def count_in_member_lane(db: sqlite3.Connection, lane: Mapping[str, int | str]) -> None:
    """Likewise of a member lane, which has a ``user_id`` besides, once its guild lane is there."""
    if db.execute(_COUNT_MEMBER, lane).rowcount:
        return
    if int(lane["more"]) > 0:
        db.execute(_ADD_MEMBER_LANE, lane)
    db.execute(_TURN_MEMBER, lane)


def _lanes_of(db: sqlite3.Connection, job_id: int) -> _Lanes:
    """The lanes that a job stands in, or will."""
    found = db.execute(
        "SELECT guild_id, user_id, model, route, cost_ms FROM job WHERE job_id = ?", (job_id,)
    ).fetchone()
    return dict(zip(("guild_id", "user_id", "model", "route", "cost_ms"), found, strict=True))


def _count(db: sqlite3.Connection, lanes: _Lanes, more: int) -> None:
    counted = lanes | {"more": more, "more_cost_ms": more * int(lanes["cost_ms"])}
    count_in_guild_lane(db, counted)
    count_in_member_lane(db, counted)
