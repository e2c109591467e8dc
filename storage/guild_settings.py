"""What the moderators of each server decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3


def let_dearer_stand_in(db: sqlite3.Connection, guild_id: int, *, allowed: bool) -> None:
    """Whether jobs of a server may go to accounts that cost more than was said."""
    db.execute(
        "INSERT INTO guild_setting (guild_id, dearer_may_stand_in) VALUES (?, ?)"
        " ON CONFLICT (guild_id) DO UPDATE"
        " SET dearer_may_stand_in = excluded.dearer_may_stand_in",
        (guild_id, int(allowed)),
    )


def guilds_that_let_dearer_stand_in(db: sqlite3.Connection) -> list[int]:
    """The servers that allow it."""
    rows = db.execute("SELECT guild_id FROM guild_setting WHERE dearer_may_stand_in = 1").fetchall()
    return [guild_id for (guild_id,) in rows]


def time_zone_of(db: sqlite3.Connection, guild_id: int) -> str:
    """Where the calendar of a server's limits is kept, by its IANA name; UTC until they choose."""
    found = db.execute(
        "SELECT time_zone FROM guild_setting WHERE guild_id = ?", (guild_id,)
    ).fetchone()
    return "UTC" if found is None else str(found[0])


def set_time_zone(db: sqlite3.Connection, guild_id: int, time_zone: str) -> None:
    """From now on the windows of this server begin at that zone's midnights."""
    db.execute(
        "INSERT INTO guild_setting (guild_id, time_zone) VALUES (?, ?)"
        " ON CONFLICT (guild_id) DO UPDATE SET time_zone = excluded.time_zone",
        (guild_id, time_zone),
    )
