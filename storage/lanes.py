"""Whose turn it is: one row per guild and per member, so that choosing is three index look-ups.

The order is that of ``bot/domain/fairness.serving_order``, of the jobs whose route has room:
a full account holds up its own jobs and nobody else's. Every move into or out of ``queued`` updates
the counts in the same transaction.

The predicates ``waiting > 0`` and ``state = 'queued'`` stand literally in the queries: with a bound
value the planner would not use the partial indexes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.clock import to_ms
from bot.domain.routing import Assignment, assigned, route_from
from storage.installation import installation_id, next_claim_number
from storage.job_queries import taken_by_account
from storage.job_rows import require_job

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection
    from datetime import datetime

    from bot.domain.job import Job
    from bot.domain.routing import Rooms


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """The next waiting job, and when its lanes were last served.

    Attributes:
        job_id: The job.
        guild_id: Its guild lane.
        user_id: With the guild, its member lane.
        route: Its route lane.
        guild_served: The number of the claim that last served the guild; 0 for never.
        member_served: Likewise for the member.
    """

    job_id: int
    guild_id: int
    user_id: int
    route: str
    guild_served: int
    member_served: int


NEXT_GUILD = """
SELECT guild_id, served FROM guild_lane WHERE waiting > 0 AND EXISTS (
    SELECT 1 FROM job WHERE job.guild_id = guild_lane.guild_id AND job.state = 'queued'
    AND job.route IN (SELECT value FROM json_each(:routes))
) ORDER BY served, guild_id LIMIT 1
"""
NEXT_MEMBER = """
SELECT user_id, served FROM member_lane WHERE guild_id = :guild_id AND waiting > 0 AND EXISTS (
    SELECT 1 FROM job WHERE job.guild_id = :guild_id AND job.user_id = member_lane.user_id
    AND job.state = 'queued' AND job.route IN (SELECT value FROM json_each(:routes))
) ORDER BY served, user_id LIMIT 1
"""
NEXT_JOB = """
SELECT job_id, route FROM job WHERE guild_id = :guild_id AND user_id = :user_id
AND state = 'queued' AND route IN (SELECT value FROM json_each(:routes)) ORDER BY job_id LIMIT 1
"""


def claim_next(db: sqlite3.Connection, *, rooms: Rooms, at: datetime) -> Job | None:
    """Take the next waiting job whose route has room: queued to submitting.

    A job that was requeued repeats the attempt and the ``request_id`` that it had, unless it was
    told to begin a fresh one, or goes to another account.

    Args:
        db: In a transaction.
        rooms: Which accounts take jobs of which models.
        at: Now.

    Returns:
        The job ``submitting``; None where nothing waits, or nothing that has a place free.
    """
    taken = taken_by_account(db)
    assignments = {
        route: assignment
        for route in waiting_routes(db)
        if (assignment := assigned(route_from(route), rooms, taken)) is not None
    }
    turn = next_turn(db, assignments) if assignments else None
    if turn is None:
        return None
    serve(db, turn, claim=next_claim_number(db))
    return _claim(db, turn, assignments[turn.route], at)


def _claim(db: sqlite3.Connection, turn: Turn, assignment: Assignment, at: datetime) -> Job:
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
        " guild_served_before = :guild_served, member_served_before = :member_served"
        " WHERE job_id = :job_id AND state = 'queued'",
        {
            "at_ms": to_ms(at),
            "attempt": attempt,
            "request_id": request_id,
            "account": assignment.account,
            "passed_over": assignment.passed_over,
            "guild_served": turn.guild_served,
            "member_served": turn.member_served,
            "job_id": job.job_id,
        },
    )
    return require_job(db, job.job_id)


def waiting_routes(db: sqlite3.Connection) -> list[str]:
    """The routes on which jobs wait."""
    rows = db.execute("SELECT route FROM route_lane WHERE waiting > 0").fetchall()
    return [route for (route,) in rows]


def next_turn(db: sqlite3.Connection, routes: Collection[str]) -> Turn | None:
    """The job on one of these routes that is served next; None where none waits."""
    asked: dict[str, object] = {"routes": json.dumps(list(routes))}
    guild = db.execute(NEXT_GUILD, asked).fetchone()
    if guild is None:
        return None
    guild_id, guild_served = guild
    asked["guild_id"] = guild_id
    user_id, member_served = db.execute(NEXT_MEMBER, asked).fetchone()
    job_id, route = db.execute(NEXT_JOB, asked | {"user_id": user_id}).fetchone()
    return Turn(
        job_id=job_id,
        guild_id=guild_id,
        user_id=user_id,
        route=route,
        guild_served=guild_served,
        member_served=member_served,
    )


def join(db: sqlite3.Connection, guild_id: int, user_id: int, route: str) -> None:
    """Count one more waiting job."""
    _count_on_route(db, route, 1)
    db.execute(
        "INSERT INTO guild_lane (guild_id, waiting) VALUES (?, 1)"
        " ON CONFLICT (guild_id) DO UPDATE SET waiting = guild_lane.waiting + 1",
        (guild_id,),
    )
    db.execute(
        "INSERT INTO member_lane (guild_id, user_id, waiting) VALUES (?, ?, 1)"
        " ON CONFLICT (guild_id, user_id) DO UPDATE SET waiting = member_lane.waiting + 1",
        (guild_id, user_id),
    )


def leave(db: sqlite3.Connection, guild_id: int, user_id: int, route: str) -> None:
    """Count one waiting job less, without a turn: it was cancelled, or failed while it waited."""
    _count_on_route(db, route, -1)
    db.execute("UPDATE guild_lane SET waiting = waiting - 1 WHERE guild_id = ?", (guild_id,))
    db.execute(
        "UPDATE member_lane SET waiting = waiting - 1 WHERE guild_id = ? AND user_id = ?",
        (guild_id, user_id),
    )


def serve(db: sqlite3.Connection, turn: Turn, *, claim: int) -> None:
    """Count one waiting job less, and the turn that it had."""
    _count_on_route(db, turn.route, -1)
    db.execute(
        "UPDATE guild_lane SET waiting = waiting - 1, served = ? WHERE guild_id = ?",
        (claim, turn.guild_id),
    )
    db.execute(
        "UPDATE member_lane SET waiting = waiting - 1, served = ?"
        " WHERE guild_id = ? AND user_id = ?",
        (claim, turn.guild_id, turn.user_id),
    )


def give_back(db: sqlite3.Connection, turn: Turn) -> None:
    """Undo `serve`: the job waits again, and its lanes are as long unserved as before its claim.

    A lane that was served again since then goes back too: it had one turn too few.
    """
    _count_on_route(db, turn.route, 1)
    db.execute(
        "UPDATE guild_lane SET waiting = waiting + 1,"
        " served = CASE WHEN served < :before THEN served ELSE :before END"
        " WHERE guild_id = :guild_id",
        {"before": turn.guild_served, "guild_id": turn.guild_id},
    )
    db.execute(
        "UPDATE member_lane SET waiting = waiting + 1,"
        " served = CASE WHEN served < :before THEN served ELSE :before END"
        " WHERE guild_id = :guild_id AND user_id = :user_id",
        {"before": turn.member_served, "guild_id": turn.guild_id, "user_id": turn.user_id},
    )


def reroute(db: sqlite3.Connection, job_id: int, route: str) -> None:
    """A waiting job may be rendered elsewhere from now on; its place stays."""
    (before,) = db.execute(
        "SELECT route FROM job WHERE job_id = ? AND state = 'queued'", (job_id,)
    ).fetchone()
    if before == route:
        return
    db.execute("UPDATE job SET route = ? WHERE job_id = ?", (route, job_id))
    _count_on_route(db, before, -1)
    _count_on_route(db, route, 1)


def waiting_of_member(db: sqlite3.Connection, guild_id: int, user_id: int) -> int:
    """How many of a member's jobs wait on this server."""
    found = db.execute(
        "SELECT waiting FROM member_lane WHERE guild_id = ? AND user_id = ?", (guild_id, user_id)
    ).fetchone()
    return 0 if found is None else int(found[0])


def recount_lanes(db: sqlite3.Connection) -> int:
    """Set every lane's count to what the jobs say.

    Returns:
        How many lanes were off. Anything but 0 is a defect, to be logged.
    """
    guilds = db.execute(
        """
        INSERT INTO guild_lane (guild_id, waiting)
        SELECT guild_id, sum(waiting) FROM (
            SELECT guild_id, 1 AS waiting FROM job WHERE state = 'queued'
            UNION ALL SELECT guild_id, 0 FROM guild_lane
        ) AS counted WHERE true GROUP BY guild_id
        ON CONFLICT (guild_id) DO UPDATE SET waiting = excluded.waiting
        WHERE guild_lane.waiting <> excluded.waiting
        """
    ).rowcount
    members = db.execute(
        """
        INSERT INTO member_lane (guild_id, user_id, waiting)
        SELECT guild_id, user_id, sum(waiting) FROM (
            SELECT guild_id, user_id, 1 AS waiting FROM job WHERE state = 'queued'
            UNION ALL SELECT guild_id, user_id, 0 FROM member_lane
        ) AS counted WHERE true GROUP BY guild_id, user_id
        ON CONFLICT (guild_id, user_id) DO UPDATE SET waiting = excluded.waiting
        WHERE member_lane.waiting <> excluded.waiting
        """
    ).rowcount
    routes = db.execute(
        """
        INSERT INTO route_lane (route, waiting)
        SELECT route, sum(waiting) FROM (
            SELECT route, 1 AS waiting FROM job WHERE state = 'queued'
            UNION ALL SELECT route, 0 FROM route_lane
        ) AS counted WHERE true GROUP BY route
        ON CONFLICT (route) DO UPDATE SET waiting = excluded.waiting
        WHERE route_lane.waiting <> excluded.waiting
        """
    ).rowcount
    return guilds + members + routes


def _count_on_route(db: sqlite3.Connection, route: str, more: int) -> None:
    counted = db.execute(
        "UPDATE route_lane SET waiting = waiting + ? WHERE route = ?", (more, route)
    ).rowcount
    if not counted:
        db.execute("INSERT INTO route_lane (route, waiting) VALUES (?, ?)", (route, more))
