"""Servers that the bot was taken from, and the deletion of what is kept of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.clock import to_ms
from storage.job_rows import SELECT_JOB, select_jobs
from storage.job_states import ENDED

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable
    from datetime import datetime

    from bot.domain.job import Job

# What moderators and members set up there. The ledger and the audit are append-only and stay; so do
# the balances, which are what the ledger adds up to, and the jobs' rows without their words.
_OF_A_SERVER = (
    "guild_setting",
    "guild_choice",
    "word_rule",
    "member_block",
    "quota_rule",
    "role_weight",
    "guild_look",
    "log_cursor",
    "board",
    "favourite",
    "further_post",
)


def record_left(db: sqlite3.Connection, guild_id: int, *, at: datetime) -> None:
    """The bot is on this server no more. The first such instant counts."""
    db.execute(
        "INSERT INTO guild_departure (guild_id, left_at_ms) VALUES (?, ?)"
        " ON CONFLICT (guild_id) DO NOTHING",
        (guild_id, to_ms(at)),
    )


def record_there(db: sqlite3.Connection, guild_ids: Iterable[int], *, at: datetime) -> None:
    """The bot is on these servers, and on no other one of which anything is kept."""
    there = set(guild_ids)
    db.executemany("DELETE FROM guild_departure WHERE guild_id = ?", [(each,) for each in there])
    known = db.execute(
        "SELECT guild_id FROM guild_setting UNION SELECT guild_id FROM quota_rule"
        " UNION SELECT guild_id FROM word_rule UNION SELECT guild_id FROM member_block"
        # Each server that ever had a job has a balance; one that was forgotten is so again.
        " UNION SELECT guild_id FROM own_account"
        " UNION SELECT guild_id FROM balance WHERE scope = 'server'"
    ).fetchall()
    for (guild_id,) in known:
        if guild_id not in there:
            record_left(db, guild_id, at=at)


def left_before(db: sqlite3.Connection, instant: datetime) -> list[int]:
    """Servers that were left before an instant, and of which something may still be kept."""
    rows = db.execute(
        "SELECT guild_id FROM guild_departure WHERE left_at_ms < ? ORDER BY guild_id",
        (to_ms(instant),),
    ).fetchall()
    return [guild_id for (guild_id,) in rows]


def jobs_with_words(db: sqlite3.Connection, guild_id: int, *, limit: int) -> list[Job]:
    """A server's ended jobs that were not erased."""
    return select_jobs(
        db,
        SELECT_JOB + "WHERE job.guild_id = ? AND job.erased_at_ms IS NULL"
        f" AND {ENDED}"
        " ORDER BY job.job_id LIMIT ?",
        (guild_id, limit),
    )


def forget(db: sqlite3.Connection, guild_id: int) -> None:
    """Delete what was set up on a server that was left."""
    for table in _OF_A_SERVER:
        db.execute(f"DELETE FROM {table} WHERE guild_id = ?", (guild_id,))  # noqa: S608  # constants of this module
    db.execute("DELETE FROM storyboard WHERE guild_id = ? AND started_at_ms IS NULL", (guild_id,))
    db.execute("DELETE FROM guild_departure WHERE guild_id = ?", (guild_id,))
