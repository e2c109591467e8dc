"""Budgets that are nearly used up: told once in each of their windows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.clock import to_ms
from bot.domain.audit import Act, AuditAction, SubjectKind
from bot.domain.money import Money
from bot.domain.quota import Scope, need_of, percent_passed
from storage import audit
from storage.balances import DAY_MS
from storage.guild_settings import time_zone_of
from storage.notices import add_notice
from storage.quotas import span_for, zone_named

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable
    from datetime import datetime

    from bot.domain.cost import Cost
    from bot.domain.quota import Standing
    from storage.quotas import Asked


def warn(
    db: sqlite3.Connection,
    asked: Asked,
    before: Iterable[Standing],
    cost: Cost,
    *,
    at: datetime,
) -> None:
    """Write down which budgets this reservation brings past a part of theirs.

    Args:
        db: In the transaction that reserves.
        asked: Who asked for what is reserved.
        before: The limits without it.
        cost: What it may cost.
        at: Now.
    """
    for standing in before:
        if not standing.rule.is_budget:
            continue
        need = need_of(standing.rule, cost, asked.terms.rates)
        if standing.used is not None and need:
            after = standing.used + need
            percent = percent_passed(standing.used, after, standing.rule.limit)
            if percent is not None:
                _add(db, asked, standing, percent, after, at)


def _add(  # one warning, and what must be known to word it
    db: sqlite3.Connection,
    asked: Asked,
    standing: Standing,
    percent: int,
    after: int,
    at: datetime,
) -> None:
    rule = standing.rule
    zone = zone_named(time_zone_of(db, asked.guild_id))
    start_ms = to_ms(span_for(rule, asked.at, zone).start)
    if rule.window is not None and rule.window.length is not None:
        start_ms -= start_ms % DAY_MS  # one that rolls has no beginning: once a day
    if rule.scope is Scope.BOT:
        used = Money(micros=after, currency=rule.currency or "")
        setting = (rule.window or "").upper()
        add_notice(
            db,
            key=f"budget:{rule.window}:{start_ms}:{percent}:{rule.limit}:{rule.currency}",
            text=(
                f"The budget of {rule.money} per {rule.window} for all servers together is used to "
                f"{percent} %: {used}. When it is used up nobody can ask for a video that costs "
                f"something until it resets, or until COGREEL_BUDGET_PER_{setting} is raised "
                "and the bot started again."
            ),
            at=at,
        )
        return
    added = db.execute(
        "INSERT INTO budget_warning (guild_id, per_window, window_start_ms, percent,"
        " limit_micros, currency, at_ms) VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (guild_id, per_window, window_start_ms, percent, limit_micros, currency)"
        " DO NOTHING",
        (
            asked.guild_id,
            rule.window or "",
            start_ms,
            percent,
            rule.limit,
            rule.currency or "",
            to_ms(at),
        ),
    ).rowcount
    if added:
        _record(db, asked, standing, percent, after, at)


def _record(  # likewise
    db: sqlite3.Connection,
    asked: Asked,
    standing: Standing,
    percent: int,
    after: int,
    at: datetime,
) -> None:
    """Put it on record, which the server's log channel shows."""
    rule = standing.rule
    act = Act(
        guild_id=asked.guild_id,
        actor_id=asked.user_id,
        action=AuditAction.BUDGET_NEARLY_USED,
        subject_kind=SubjectKind.SERVER,
        subject_id=asked.guild_id,
        detail={
            "percent": percent,
            "used": str(Money(micros=after, currency=rule.currency or "")),
            "limit": str(rule.money),
            "window": str(rule.window),
        },
    )
    audit.append(db, act, at=at)
