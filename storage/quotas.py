"""Limits per server, and what counts towards them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.clock import to_ms
from bot.domain.quota import (
    QuotaRule,
    Scope,
    Standing,
    Window,
    applicable_rules,
    window_bounds,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable
    from datetime import datetime


def set_rule(
    db: sqlite3.Connection, guild_id: int, rule: QuotaRule, *, set_by: int, at: datetime
) -> None:
    """Set a limit, in place of the one for the same subject and window."""
    db.execute(
        "INSERT INTO quota_rule"
        " (guild_id, scope, subject_id, per_window, limit_videos, set_by, set_at_ms)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (guild_id, scope, subject_id, per_window) DO UPDATE SET"
        " limit_videos = excluded.limit_videos, set_by = excluded.set_by,"
        " set_at_ms = excluded.set_at_ms",
        (
            guild_id,
            rule.scope.value,
            rule.subject_id,
            rule.window.value,
            rule.limit,
            set_by,
            to_ms(at),
        ),
    )


def clear_rule(
    db: sqlite3.Connection, guild_id: int, *, scope: Scope, subject_id: int, window: Window
) -> bool:
    """Remove a limit; whether there was one."""
    return (
        db.execute(
            "DELETE FROM quota_rule"
            " WHERE guild_id = ? AND scope = ? AND subject_id = ? AND per_window = ?",
            (guild_id, scope.value, subject_id, window.value),
        ).rowcount
        == 1
    )


def rules_of_guild(db: sqlite3.Connection, guild_id: int) -> list[QuotaRule]:
    """Every limit of a server: its own, then the roles', then the members'."""
    rows = db.execute(
        "SELECT scope, subject_id, per_window, limit_videos FROM quota_rule WHERE guild_id = ?"
        " ORDER BY scope DESC, subject_id, per_window",
        (guild_id,),
    ).fetchall()
    return [_rule(row) for row in rows]


def rules_for(
    db: sqlite3.Connection, guild_id: int, user_id: int, role_ids: Iterable[int]
) -> list[QuotaRule]:
    """The limits that name the member, one of their roles, or the server."""
    rows = db.execute(
        "SELECT scope, subject_id, per_window, limit_videos FROM quota_rule WHERE guild_id = ?"
        " AND (scope <> 'member' OR subject_id = ?)"
        " ORDER BY scope, subject_id, per_window",
        (guild_id, user_id),
    ).fetchall()
    roles = set(role_ids)
    rules = [_rule(row) for row in rows]
    return [rule for rule in rules if rule.scope is not Scope.ROLE or rule.subject_id in roles]


def standings(
    db: sqlite3.Connection, guild_id: int, user_id: int, role_ids: Iterable[int], at: datetime
) -> list[Standing]:
    """Each limit that applies to the member now, and how much of it is used.

    A member's and a role's limit count the member's own videos, a server's everybody's.
    """
    return [
        _standing(db, guild_id, user_id, rule, at)
        for rule in applicable_rules(rules_for(db, guild_id, user_id, role_ids))
    ]


def reserve(
    db: sqlite3.Connection, job_id: int, *, guild_id: int, user_id: int, at: datetime
) -> None:
    """Hold one video of quota for a job. Check `standings` in the same transaction before."""
    db.execute(
        "INSERT INTO reservation (job_id, guild_id, user_id, reserved_at_ms, state)"
        " VALUES (?, ?, ?, ?, 'reserved')",
        (job_id, guild_id, user_id, to_ms(at)),
    )


def settle(db: sqlite3.Connection, job_id: int) -> None:
    """The held video was made. It goes on counting in the window that it was reserved in."""
    db.execute("UPDATE reservation SET state = 'settled' WHERE job_id = ?", (job_id,))


def release(db: sqlite3.Connection, job_id: int) -> None:
    """The held video is given back."""
    db.execute("UPDATE reservation SET state = 'released' WHERE job_id = ?", (job_id,))


def _standing(
    db: sqlite3.Connection, guild_id: int, user_id: int, rule: QuotaRule, at: datetime
) -> Standing:
    start, end = window_bounds(rule.window, at)
    if rule.scope is Scope.SERVER:
        (used,) = db.execute(
            "SELECT count(*) FROM reservation WHERE guild_id = ?"
            " AND state IN ('reserved', 'settled') AND reserved_at_ms >= ? AND reserved_at_ms < ?",
            (guild_id, to_ms(start), to_ms(end)),
        ).fetchone()
    else:
        (used,) = db.execute(
            "SELECT count(*) FROM reservation WHERE guild_id = ? AND user_id = ?"
            " AND state IN ('reserved', 'settled') AND reserved_at_ms >= ? AND reserved_at_ms < ?",
            (guild_id, user_id, to_ms(start), to_ms(end)),
        ).fetchone()
    return Standing(rule=rule, used=used, resets_at=end)


def _rule(row: tuple[str, int, str, int]) -> QuotaRule:
    scope, subject_id, window, limit = row
    return QuotaRule(scope=Scope(scope), subject_id=subject_id, window=Window(window), limit=limit)
