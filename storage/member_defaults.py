"""What each member wants where they leave an option out."""

from __future__ import annotations

from dataclasses import astuple, fields
from typing import TYPE_CHECKING

from bot.clock import to_ms
from bot.domain.defaults import NO_DEFAULTS, Defaults

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

_COLUMNS = ", ".join(field.name for field in fields(Defaults))


def of_member(db: sqlite3.Connection, user_id: int) -> Defaults:
    """A member's; of one who chose none, none."""
    row = db.execute(
        f"SELECT {_COLUMNS} FROM member_default WHERE user_id = ?",  # noqa: S608  # our own words
        (user_id,),
    ).fetchone()
    if row is None:
        return NO_DEFAULTS
    found = Defaults(**dict(zip((field.name for field in fields(Defaults)), row, strict=True)))
    return found.changed_by(
        Defaults(with_audio=None if found.with_audio is None else bool(found.with_audio))
    )


def holders(db: sqlite3.Connection) -> list[int]:
    """Every member who has some."""
    return [user_id for (user_id,) in db.execute("SELECT user_id FROM member_default").fetchall()]


def keep(db: sqlite3.Connection, user_id: int, defaults: Defaults, *, at: datetime) -> None:
    """These take the place of those that there were."""
    marks = ", ".join("?" for _ in fields(Defaults))
    forget(db, user_id)
    db.execute(
        f"INSERT INTO member_default (user_id, set_at_ms, {_COLUMNS})"  # noqa: S608  # our own words
        f" VALUES (?, ?, {marks})",
        (user_id, to_ms(at), *astuple(defaults)),
    )


def forget(db: sqlite3.Connection, user_id: int) -> bool:
    """Delete a member's; whether there were any."""
    deleted = db.execute("DELETE FROM member_default WHERE user_id = ?", (user_id,))
    return deleted.rowcount == 1
