"""Budgets that are nearly used up: told once in each of their windows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.clock import from_ms, to_ms
from bot.domain.money import Money
from bot.domain.quota import Scope, percent_passed
from bot.domain.windows import Window
from storage.balances import DAY_MS
from storage.guild_settings import time_zone_of
from storage.notices import add_notice
from storage.quotas import span_for, zone_named

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable
    from datetime import datetime

    from bot.domain.quota import Standing
    from storage.quotas import Asked


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetWarning:
    """A budget that has passed a part of itself.

    Attributes:
        warning_id: In the order in which they became so.
        guild_id: Whose it is. Of the bot's the operator is told by a notice.
        window: The budget's.
        percent: What was passed.
        used_micros: What was reserved and settled then.
        limit_micros: The budget then.
        currency: Of both.
        at: When, aware UTC.
    """

    warning_id: int
    guild_id: int
    window: Window
    percent: int
    used_micros: int
    limit_micros: int
    currency: str
    at: datetime


def warn(
    db: sqlite3.Connection, asked: Asked, before: Iterable[Standing], needs: Iterable[int | None]
) -> None:
    """Write down which budgets this reservation brings past a part of theirs.

    Args:
        db: In the transaction that reserves.
        asked: Who asked for what is reserved.
        before: The limits without it.
        needs: What it takes of each of them.
    """
    for standing, need in zip(before, needs, strict=True):
        if standing.rule.is_budget and standing.used is not None and need:
            after = standing.used + need
            percent = percent_passed(standing.used, after, standing.rule.limit)
            if percent is not None:
                _add(db, asked, standing, percent, after)


def untold(db: sqlite3.Connection, *, limit: int) -> list[BudgetWarning]:
    """What nobody was told yet, in the order in which it became so."""
    rows = db.execute(
        "SELECT warning_id, guild_id, per_window, percent, used_micros, limit_micros, currency,"
        " at_ms FROM budget_warning WHERE told_at_ms IS NULL ORDER BY warning_id LIMIT ?",
        (limit,),
    ).fetchall()
    return [
        BudgetWarning(
            warning_id=warning_id,
            guild_id=guild_id,
            window=Window(window),
            percent=percent,
            used_micros=used_micros,
            limit_micros=limit_micros,
            currency=currency,
            at=from_ms(at_ms),
        )
        for (
            warning_id,
            guild_id,
            window,
            percent,
            used_micros,
            limit_micros,
            currency,
            at_ms,
        ) in rows
    ]


def _add(
    db: sqlite3.Connection, asked: Asked, standing: Standing, percent: int, after: int
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
            at=asked.at,
        )
        return
    db.execute(
        "INSERT INTO budget_warning (guild_id, per_window, window_start_ms, percent, used_micros,"
        " limit_micros, currency, at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (guild_id, per_window, window_start_ms, percent, limit_micros, currency)"
        " DO NOTHING",
        (
            asked.guild_id,
            rule.window or "",
            start_ms,
            percent,
            after,
            rule.limit,
            rule.currency or "",
            to_ms(asked.at),
        ),
    )
