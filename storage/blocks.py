"""Whom moderators keep from making videos, per server. What is over is as if it were not there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.clock import from_ms, to_ms
from bot.domain.block import Block

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

_SELECT = "SELECT user_id, blocked_by, blocked_at_ms, until_ms, reason FROM member_block "
_IN_FORCE = "(until_ms IS NULL OR until_ms > ?)"


def put(db: sqlite3.Connection, guild_id: int, block: Block) -> None:
    """Block a member, in place of whatever block there was; forget what is over by then."""
    db.execute(
        "DELETE FROM member_block WHERE guild_id = ? AND until_ms <= ?",
        (guild_id, to_ms(block.blocked_at)),
    )
    db.execute(
        "INSERT INTO member_block (guild_id, user_id, blocked_by, blocked_at_ms, until_ms, reason)"
        " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (guild_id, user_id) DO UPDATE SET"
        " blocked_by = excluded.blocked_by, blocked_at_ms = excluded.blocked_at_ms,"
        " until_ms = excluded.until_ms, reason = excluded.reason",
        (
            guild_id,
            block.user_id,
            block.blocked_by,
            to_ms(block.blocked_at),
            None if block.until is None else to_ms(block.until),
            block.reason,
        ),
    )


def remove(db: sqlite3.Connection, guild_id: int, user_id: int, *, at: datetime) -> bool:
    """Take a member's block away; whether there was one in force."""
    return (
        db.execute(
            f"DELETE FROM member_block WHERE guild_id = ? AND user_id = ? AND {_IN_FORCE}",  # noqa: S608  # a constant
            (guild_id, user_id, to_ms(at)),
        ).rowcount
        == 1
    )


def blocked_members(db: sqlite3.Connection) -> list[tuple[int, int]]:
    """Every server and member of a block, also of one that is over."""
    return db.execute("SELECT guild_id, user_id FROM member_block").fetchall()


def find(db: sqlite3.Connection, guild_id: int, user_id: int, *, at: datetime) -> Block | None:
    """A member's block that is in force."""
    row = db.execute(
        _SELECT + f"WHERE guild_id = ? AND user_id = ? AND {_IN_FORCE}",
        (guild_id, user_id, to_ms(at)),
    ).fetchone()
    return None if row is None else _block(row)


def blocks_of_guild(db: sqlite3.Connection, guild_id: int, *, at: datetime) -> list[Block]:
    """A server's blocks that are in force, the newest first."""
    rows = db.execute(
        _SELECT + f"WHERE guild_id = ? AND {_IN_FORCE} ORDER BY blocked_at_ms DESC, user_id",
        (guild_id, to_ms(at)),
    ).fetchall()
    return [_block(row) for row in rows]


def _block(row: tuple[int, int, int, int | None, str | None]) -> Block:
    user_id, blocked_by, blocked_at_ms, until_ms, reason = row
    return Block(
        user_id=user_id,
        blocked_by=blocked_by,
        blocked_at=from_ms(blocked_at_ms),
        until=None if until_ms is None else from_ms(until_ms),
        reason=reason,
    )
