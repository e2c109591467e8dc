"""What the operator is to be told: written with the fact itself, posted afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.clock import from_ms, to_ms
from bot.domain.notice import Notice

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime


def add_notice(db: sqlite3.Connection, *, key: str, text: str, at: datetime) -> bool:
    """Tell the operator something, in the transaction that makes it so.

    Args:
        db: A connection inside the caller's transaction.
        key: What is told once. It names the occasion, not the kind of trouble: the next pause of
            an account is told anew under a key of its own.
        text: Whole sentences with the next step; it holds no secret. Cut where it is too long.
        at: Now.

    Returns:
        False where this key is known, and nothing was added.
    """
    added = db.execute(
        "INSERT INTO notice (key, text, added_at_ms) VALUES (?, ?, ?) ON CONFLICT (key) DO NOTHING",
        (key, text, to_ms(at)),
    )
    return added.rowcount == 1


def unsent(db: sqlite3.Connection, limit: int) -> list[Notice]:
    """What the operator has not been told yet, in the order in which it was added."""
    rows = db.execute(
        "SELECT notice_id, text, added_at_ms, tried_at_ms FROM notice"
        " WHERE sent_at_ms IS NULL ORDER BY notice_id LIMIT ?",
        (limit,),
    ).fetchall()
    return [
        Notice(
            notice_id=notice_id,
            text=text,
            added_at=from_ms(added_at_ms),
            tried_at=None if tried_at_ms is None else from_ms(tried_at_ms),
        )
        for notice_id, text, added_at_ms, tried_at_ms in rows
    ]


def record_try(db: sqlite3.Connection, notice_id: int, at: datetime) -> None:
    """Record that it is about to be posted; the first time stands."""
    db.execute(
        "UPDATE notice SET tried_at_ms = ? WHERE notice_id = ? AND tried_at_ms IS NULL",
        (to_ms(at), notice_id),
    )


def record_sent(db: sqlite3.Connection, notice_id: int, message_id: int, at: datetime) -> None:
    """Record the message in which the operator was told."""
    db.execute(
        "UPDATE notice SET sent_at_ms = ?, message_id = ?"
        " WHERE notice_id = ? AND sent_at_ms IS NULL",
        (to_ms(at), message_id, notice_id),
    )


def forget_old(db: sqlite3.Connection, older_than: datetime) -> int:
    """Drop what was added before this instant, told or not; how many that were.

    Their keys are free again.
    """
    return db.execute("DELETE FROM notice WHERE added_at_ms < ?", (to_ms(older_than),)).rowcount
