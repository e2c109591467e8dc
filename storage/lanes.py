"""Whose turn it is: one row per guild and per member, so that choosing is three index look-ups.

The order is that of ``bot/domain/fairness.serving_order``, of the jobs whose model has room:
a full model holds up its own jobs and nobody else's. Every move into or out of ``queued`` updates
the counts in the same transaction.

The predicates ``waiting > 0`` and ``state = 'queued'`` stand literally in the queries: with a bound
value the planner would not use the partial indexes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.clock import to_ms
from storage.installation import installation_id, next_claim_number
from storage.job_queries import in_flight_by_model
from storage.job_rows import require_job

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from bot.domain.job import Job


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """The next waiting job, and when its lanes were last served.

    Attributes:
        job_id: The job.
        guild_id: Its guild lane.
        user_id: With the guild, its member lane.
        guild_served: The number of the claim that last served the guild; 0 for never.
        member_served: Likewise for the member.
    """

    job_id: int
    guild_id: int
    user_id: int
    guild_served: int
    member_served: int


NEXT_GUILD = """
SELECT guild_id, served FROM guild_lane WHERE waiting > 0 AND EXISTS (
    SELECT 1 FROM job WHERE job.guild_id = guild_lane.guild_id AND job.state = 'queued'
    AND job.model IN (SELECT value FROM json_each(:models))
) ORDER BY served, guild_id LIMIT 1
"""
NEXT_MEMBER = """
SELECT user_id, served FROM member_lane WHERE guild_id = :guild_id AND waiting > 0 AND EXISTS (
    SELECT 1 FROM job WHERE job.guild_id = :guild_id AND job.user_id = member_lane.user_id
    AND job.state = 'queued' AND job.model IN (SELECT value FROM json_each(:models))
) ORDER BY served, user_id LIMIT 1
"""
NEXT_JOB = """
SELECT min(job_id) FROM job WHERE guild_id = :guild_id AND user_id = :user_id AND state = 'queued'
AND model IN (SELECT value FROM json_each(:models))
"""


def claim_next(db: sqlite3.Connection, *, limits: Mapping[str, int], at: datetime) -> Job | None:
    """Take the next waiting job whose model has room: queued to submitting.

    A job that was requeued repeats the attempt and the ``request_id`` that it had, unless it was
    told to begin a fresh one.

    Args:
        db: In a transaction.
        limits: By model, how many jobs may be submitting or rendering at once. Jobs of a model
            that is not named wait.
        at: Now.

    Returns:
        The job ``submitting``; None where nothing waits, or nothing that has a place free.
    """
    taken = in_flight_by_model(db)
    open_models = [model for model, limit in limits.items() if taken.get(model, 0) < limit]
    turn = next_turn(db, open_models) if open_models else None
    if turn is None:
        return None
    serve(db, turn, claim=next_claim_number(db))
    job = require_job(db, turn.job_id)
    attempt, request_id = job.attempt, job.request_id
    if request_id is None:
        attempt += 1
        request_id = f"cogreel-{installation_id(db)}-{job.job_id}-{attempt}"
        db.execute(
            "INSERT INTO job_attempt (job_id, attempt, request_id, claimed_at_ms)"
            " VALUES (?, ?, ?, ?)",
            (job.job_id, attempt, request_id, to_ms(at)),
        )
    db.execute(
        "UPDATE job SET state = 'submitting', state_at_ms = :at_ms, submitted_at_ms = :at_ms,"
        " attempt = :attempt, request_id = :request_id,"
        " guild_served_before = :guild_served, member_served_before = :member_served"
        " WHERE job_id = :job_id AND state = 'queued'",
        {
            "at_ms": to_ms(at),
            "attempt": attempt,
            "request_id": request_id,
            "guild_served": turn.guild_served,
            "member_served": turn.member_served,
            "job_id": job.job_id,
        },
    )
    return require_job(db, job.job_id)


def next_turn(db: sqlite3.Connection, models: Sequence[str]) -> Turn | None:
    """The job of one of these models that is served next; None where none waits."""
    asked: dict[str, object] = {"models": json.dumps(list(models))}
    guild = db.execute(NEXT_GUILD, asked).fetchone()
    if guild is None:
        return None
    guild_id, guild_served = guild
    asked["guild_id"] = guild_id
    user_id, member_served = db.execute(NEXT_MEMBER, asked).fetchone()
    (job_id,) = db.execute(NEXT_JOB, asked | {"user_id": user_id}).fetchone()
    return Turn(
        job_id=job_id,
        guild_id=guild_id,
        user_id=user_id,
        guild_served=guild_served,
        member_served=member_served,
    )


def join(db: sqlite3.Connection, guild_id: int, user_id: int) -> None:
    """Count one more waiting job."""
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


def leave(db: sqlite3.Connection, guild_id: int, user_id: int) -> None:
    """Count one waiting job less, without a turn: it was cancelled, or failed while it waited."""
    db.execute("UPDATE guild_lane SET waiting = waiting - 1 WHERE guild_id = ?", (guild_id,))
    db.execute(
        "UPDATE member_lane SET waiting = waiting - 1 WHERE guild_id = ? AND user_id = ?",
        (guild_id, user_id),
    )


def serve(db: sqlite3.Connection, turn: Turn, *, claim: int) -> None:
    """Count one waiting job less, and the turn that it had."""
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
    return guilds + members
