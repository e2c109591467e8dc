"""What the moderators of a server decided about whose turn it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.fairness import ORDINARY_WEIGHT

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable


def is_first_come_first_served(db: sqlite3.Connection, guild_id: int) -> bool:
    """Whether a server's members are served by the numbers of their jobs."""
    found = db.execute(
        "SELECT first_come_first_served FROM guild_setting WHERE guild_id = ?", (guild_id,)
    ).fetchone()
    return found is not None and bool(found[0])


def set_first_come_first_served(db: sqlite3.Connection, guild_id: int, *, wanted: bool) -> None:
    """Serve a server's members by the numbers of their jobs, or in turns."""
    db.execute(
        "INSERT INTO guild_setting (guild_id, first_come_first_served) VALUES (?, ?)"
        " ON CONFLICT (guild_id) DO UPDATE SET"
        " first_come_first_served = excluded.first_come_first_served",
        (guild_id, int(wanted)),
    )


def set_role_weight(db: sqlite3.Connection, guild_id: int, role_id: int, weight: int) -> None:
    """The share of a role's members in relation to others of their server, from 1.

    Counts from each member's next job on.
    """
    if weight == ORDINARY_WEIGHT:
        db.execute(
            "DELETE FROM role_weight WHERE guild_id = ? AND role_id = ?", (guild_id, role_id)
        )
        return
    db.execute(
        "INSERT INTO role_weight (guild_id, role_id, weight) VALUES (?, ?, ?)"
        " ON CONFLICT (guild_id, role_id) DO UPDATE SET weight = excluded.weight",
        (guild_id, role_id, weight),
    )


def member_weight(db: sqlite3.Connection, guild_id: int, role_ids: Iterable[int]) -> int:
    """The largest weight among a member's roles."""
    rows = db.execute(
        "SELECT role_id, weight FROM role_weight WHERE guild_id = ?", (guild_id,)
    ).fetchall()
    roles = set(role_ids)
    weights = [int(weight) for role, weight in rows if role in roles]
    return max([ORDINARY_WEIGHT, *weights])
