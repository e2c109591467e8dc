"""Which command definitions Discord was last given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.clock import to_ms

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime


def synced_digest(db: sqlite3.Connection, application_id: int) -> str | None:
    """The digest of the definitions that were last sent; None before the first time."""
    row = db.execute(
        "SELECT digest FROM command_sync WHERE application_id = ?", (application_id,)
    ).fetchone()
    return None if row is None else str(row[0])


def record_sync(db: sqlite3.Connection, application_id: int, digest: str, at: datetime) -> None:
    """Record that Discord accepted the definitions with this digest."""
    db.execute(
        "INSERT INTO command_sync (application_id, digest, synced_at_ms) VALUES (?, ?, ?)"
        " ON CONFLICT (application_id) DO UPDATE SET digest = excluded.digest,"
        " synced_at_ms = excluded.synced_at_ms",
        (application_id, digest, to_ms(at)),
    )
