"""Whom a limit would stop if it were set: what each member of a server has used of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.clock import to_ms
from bot.domain.quota import Measure, QuotaRule, Scope, is_spared
from storage import balances
from storage.guild_settings import time_zone_of
from storage.job_queries import open_of_members
from storage.quotas import Asked, holder_of, span_for, standings, zone_named

if TYPE_CHECKING:
    import sqlite3


def use_of_pool(db: sqlite3.Connection, asked: Asked, rule: QuotaRule) -> int | None:
    """What everybody together has used of a server's limit; None where nobody can convert it."""
    zone = zone_named(time_zone_of(db, asked.guild_id))
    holder = holder_of(rule, asked.guild_id, asked.user_id)
    return balances.used(db, holder, span_for(rule, asked.at, zone)).of(rule, asked.terms.rates)


def use_of_members(db: sqlite3.Connection, asked: Asked, rule: QuotaRule) -> dict[int, int | None]:
    """What members have used of a limit for each of them, as `Standing` counts it.

    Of a member's own limit theirs alone; else of all who have used something. Who has a grant is
    left out where that is spent first.
    """
    if rule.scope is Scope.MEMBER:
        (standing,) = standings(db, asked, [rule])
        found = {rule.subject_id: standing.used}
    else:
        found = _of_all(db, asked, rule)
    granted = _members_with_grant(db, asked) if is_spared(rule) else set[int]()
    return {user_id: used for user_id, used in found.items() if user_id not in granted}


def _of_all(db: sqlite3.Connection, asked: Asked, rule: QuotaRule) -> dict[int, int | None]:
    if rule.measure is Measure.CONCURRENT:
        return dict(open_of_members(db, asked.guild_id))
    if rule.measure is Measure.COOLDOWN:
        # Who ever had a video here has a lane.
        users = db.execute(
            "SELECT DISTINCT user_id FROM member_lane WHERE guild_id = ?", (asked.guild_id,)
        ).fetchall()
        return {
            user_id: standing.used
            for (user_id,) in users
            for standing in standings(db, replace(asked, user_id=user_id), [rule])
        }
    span = span_for(rule, asked.at, zone_named(time_zone_of(db, asked.guild_id)))
    uses = balances.used_by_members(db, asked.guild_id, span)
    return {user: use.of(rule, asked.terms.rates) for user, use in uses.items()}


def _members_with_grant(db: sqlite3.Connection, asked: Asked) -> set[int]:
    rows = db.execute(
        "SELECT user_id FROM quota_grant"
        " WHERE guild_id = ? AND videos_left > 0 AND expires_at_ms > ?",
        (asked.guild_id, to_ms(asked.at)),
    ).fetchall()
    return {user_id for (user_id,) in rows}
