"""Which entries of the audit each log channel has still to show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.clock import from_ms, to_ms
from bot.domain.log_cursor import LogCursor
from storage import audit

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime


def begin(db: sqlite3.Connection, guild_id: int) -> None:
    """Show what comes from now on; where there is a cursor already, it stays."""
    db.execute(
        "INSERT INTO log_cursor (guild_id, posted_seq) VALUES (?, ?)"
        " ON CONFLICT (guild_id) DO NOTHING",
        (guild_id, audit.head(db).seq),
    )


def end(db: sqlite3.Connection, guild_id: int) -> None:
    """Show nothing any more."""
    db.execute("DELETE FROM log_cursor WHERE guild_id = ?", (guild_id,))


def behind(db: sqlite3.Connection) -> list[LogCursor]:
    """The cursors of all servers with entries that were not posted yet."""
    rows = db.execute(
        "SELECT guild_id, posted_seq, tried_seq, tried_at_ms FROM log_cursor"
        " WHERE EXISTS (SELECT 1 FROM audit_entry WHERE audit_entry.guild_id = log_cursor.guild_id"
        " AND audit_entry.seq > log_cursor.posted_seq) ORDER BY guild_id"
    ).fetchall()
    return [
        LogCursor(
            guild_id=guild_id,
            posted_seq=posted_seq,
            tried_seq=tried_seq,
            tried_at=None if tried_at_ms is None else from_ms(tried_at_ms),
        )
        for guild_id, posted_seq, tried_seq, tried_at_ms in rows
    ]


def record_try(db: sqlite3.Connection, guild_id: int, seq: int, *, at: datetime) -> None:
    """A post with the entries up to this one is about to be made."""
    db.execute(
        "UPDATE log_cursor SET tried_seq = ?, tried_at_ms = ? WHERE guild_id = ?",
        (seq, to_ms(at), guild_id),
    )


def record_posted(db: sqlite3.Connection, guild_id: int, seq: int) -> None:
    """The entries up to this one are posted."""
    db.execute(
        "UPDATE log_cursor SET posted_seq = ?, tried_seq = NULL, tried_at_ms = NULL"
        " WHERE guild_id = ? AND posted_seq < ?",
        (seq, guild_id, seq),
    )
