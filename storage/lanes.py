"""Whose turn it is: one row per guild and per member, so that choosing is three index look-ups.

The order is that of ``bot/domain/fairness.serving_order``. Every move into or out of ``queued``
updates the counts in the same transaction.

The predicates ``waiting > 0`` and ``state = 'queued'`` stand literally in the queries: with a bound
value the planner would not use the partial indexes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3


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
SELECT guild_id, served FROM guild_lane WHERE waiting > 0 ORDER BY served, guild_id LIMIT 1
"""
NEXT_MEMBER = """
SELECT user_id, served FROM member_lane WHERE guild_id = ? AND waiting > 0
ORDER BY served, user_id LIMIT 1
"""
NEXT_JOB = """
SELECT job_id FROM job WHERE guild_id = ? AND user_id = ? AND state = 'queued'
ORDER BY job_id LIMIT 1
"""


def next_turn(db: sqlite3.Connection) -> Turn | None:
    """The job that is served next; None where nothing waits."""
    guild = db.execute(NEXT_GUILD).fetchone()
    if guild is None:
        return None
    guild_id, guild_served = guild
    user_id, member_served = db.execute(NEXT_MEMBER, (guild_id,)).fetchone()
    (job_id,) = db.execute(NEXT_JOB, (guild_id, user_id)).fetchone()
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
