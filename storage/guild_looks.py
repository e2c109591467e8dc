"""Patterns of prompts that moderators added, per server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.clock import to_ms
from bot.domain.looks import LOOKS_MAX, Look, TooManyLooksError

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime


def looks_of_guild(db: sqlite3.Connection, guild_id: int) -> list[Look]:
    """A server's own looks, in the order of the alphabet."""
    rows = db.execute(
        "SELECT name, style, subject, action, setting, camera, light FROM guild_look"
        " WHERE guild_id = ? ORDER BY name",
        (guild_id,),
    ).fetchall()
    return [
        Look(
            name=name,
            title=name,
            style=style,
            subject=subject,
            action=action,
            setting=setting,
            camera=camera,
            light=light,
        )
        for name, style, subject, action, setting, camera, light in rows
    ]


def add(db: sqlite3.Connection, guild_id: int, look: Look, *, added_by: int, at: datetime) -> None:
    """Add a look, in place of one of the same name.

    Raises:
        TooManyLooksError: The server has as many as it may have.
    """
    names = {each.name for each in looks_of_guild(db, guild_id)}
    if look.name not in names and len(names) >= LOOKS_MAX:
        raise TooManyLooksError
    db.execute(
        "INSERT INTO guild_look (guild_id, name, style, subject, action, setting, camera, light,"
        " added_by, added_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (guild_id, name) DO UPDATE SET style = excluded.style,"
        " subject = excluded.subject, action = excluded.action, setting = excluded.setting,"
        " camera = excluded.camera, light = excluded.light, added_by = excluded.added_by,"
        " added_at_ms = excluded.added_at_ms",
        (
            guild_id,
            look.name,
            look.style,
            look.subject,
            look.action,
            look.setting,
            look.camera,
            look.light,
            added_by,
            to_ms(at),
        ),
    )


def remove(db: sqlite3.Connection, guild_id: int, name: str) -> bool:
    """Take a look away; whether there was one."""
    return (
        db.execute(
            "DELETE FROM guild_look WHERE guild_id = ? AND name = ?", (guild_id, name)
        ).rowcount
        == 1
    )
