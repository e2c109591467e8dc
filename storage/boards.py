"""Where each server's board is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.clock import from_ms, to_ms
from bot.domain.board import Board

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime


def all_boards(db: sqlite3.Connection) -> list[Board]:
    """Of all servers."""
    rows = db.execute("SELECT guild_id, channel_id, begun_at_ms, message_id FROM board").fetchall()
    return [
        Board(
            guild_id=guild_id,
            channel_id=channel_id,
            begun_at=from_ms(begun_at_ms),
            message_id=message_id,
        )
        for guild_id, channel_id, begun_at_ms, message_id in rows
    ]


def begin(db: sqlite3.Connection, guild_id: int, channel_id: int, *, at: datetime) -> None:
    """It is about to be posted in this channel."""
    db.execute(
        "INSERT INTO board (guild_id, channel_id, begun_at_ms) VALUES (?, ?, ?)",
        (guild_id, channel_id, to_ms(at)),
    )


def record_posted(db: sqlite3.Connection, guild_id: int, message_id: int) -> None:
    """It is this message."""
    db.execute("UPDATE board SET message_id = ? WHERE guild_id = ?", (message_id, guild_id))


def forget(db: sqlite3.Connection, guild_id: int) -> None:
    """It is not there any more."""
    db.execute("DELETE FROM board WHERE guild_id = ?", (guild_id,))
