"""What the moderators of a server decided about whose turn it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.fairness import NO_RULES, ORDINARY_WEIGHT, TurnRules

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable


def rules_of_guild(db: sqlite3.Connection, guild_id: int) -> TurnRules:
    """A server's rules; those without anything decided where there are none."""
    found = db.execute(
        "SELECT first_come_first_served, in_flight_per_member, waiting_per_member"
        " FROM guild_setting WHERE guild_id = ?",
        (guild_id,),
    ).fetchone()
    if found is None:
        return NO_RULES
    by_number, in_flight, waiting = found
    return TurnRules(
        first_come_first_served=bool(by_number),
        in_flight_per_member=in_flight,
        waiting_per_member=waiting,
    )


def save(db: sqlite3.Connection, guild_id: int, rules: TurnRules) -> None:
    """Put a server's rules in place of those before; they hold for what waits, too."""
    db.execute(
        "INSERT INTO guild_setting (guild_id, first_come_first_served, in_flight_per_member,"
        " waiting_per_member) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (guild_id) DO UPDATE SET"
        " first_come_first_served = excluded.first_come_first_served,"
        " in_flight_per_member = excluded.in_flight_per_member,"
        " waiting_per_member = excluded.waiting_per_member",
        (
            guild_id,
            int(rules.first_come_first_served),
            rules.in_flight_per_member,
            rules.waiting_per_member,
        ),
    )
    db.execute(
        "UPDATE job SET by_number = :by_number"
        " WHERE guild_id = :guild_id AND state = 'queued' AND by_number <> :by_number",
        {"guild_id": guild_id, "by_number": int(rules.first_come_first_served)},
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


def role_weight(db: sqlite3.Connection, guild_id: int, role_id: int) -> int:
    """The share of one role."""
    return role_weights(db, guild_id).get(role_id, ORDINARY_WEIGHT)


def role_weights(db: sqlite3.Connection, guild_id: int) -> dict[int, int]:
    """The shares that are not the ordinary one, by role."""
    return dict(
        db.execute(
            "SELECT role_id, weight FROM role_weight WHERE guild_id = ?", (guild_id,)
        ).fetchall()
    )


def member_weight(db: sqlite3.Connection, guild_id: int, role_ids: Iterable[int]) -> int:
    """The largest weight among a member's roles."""
    weights = role_weights(db, guild_id)
    return max([ORDINARY_WEIGHT, *(weights[role] for role in role_ids if role in weights)])
