"""Limits per server, and how they stand: all that is asked before one more video is reserved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from bot.clock import from_ms, to_ms
from bot.domain.explanation import explained
from bot.domain.quota import (
    Measure,
    QuotaRule,
    Scope,
    Standing,
    Terms,
    Use,
    Verdict,
    applicable_rules,
    judged,
    need_of,
)
from bot.domain.quota_refusals import refusal_of
from bot.domain.windows import Window, leaves_at, on_grain, span_of, span_of_grain
from storage import balances
from storage.askers import look_at
from storage.balances import Counting, counted, reading, uses
from storage.guild_settings import time_zone_of
from storage.ledger import grants_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from bot.domain.cost import Cost
    from bot.domain.explanation import Explanation
    from bot.domain.windows import Span
    from storage.askers import Look
    from storage.balances import Holder, Reading

_LAST_VIDEOS = 100  # of a member; who waits in between makes fewer while a clock goes wrong
_SELECT_RULES = "SELECT scope, subject_id, measure, per_window, amount, currency FROM quota_rule"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Who asks for one more video, when, and under which terms.

    Attributes:
        guild_id: On which server.
        user_id: The member.
        role_ids: Their roles.
        at: Now.
        terms: The operator's.
        is_further: Whether the same act asked for another one just before: a cooldown lets it pass.
    """

    guild_id: int
    user_id: int
    role_ids: tuple[int, ...]
    at: datetime
    terms: Terms
    is_further: bool = False


def set_rule(
    db: sqlite3.Connection, guild_id: int, rule: QuotaRule, *, set_by: int, at: datetime
) -> None:
    """Set a limit, in place of the one for the same subject, measure and window."""
    db.execute(
        "INSERT INTO quota_rule (guild_id, scope, subject_id, measure, per_window, amount,"
        " currency, set_by, set_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (guild_id, scope, subject_id, measure, per_window) DO UPDATE SET"
        " amount = excluded.amount, currency = excluded.currency, set_by = excluded.set_by,"
        " set_at_ms = excluded.set_at_ms",
        (
            guild_id,
            rule.scope.value,
            rule.subject_id,
            rule.measure.value,
            rule.window or "",
            rule.limit,
            rule.currency or "",
            set_by,
            to_ms(at),
        ),
    )


def clear_rule(
    db: sqlite3.Connection,
    guild_id: int,
    *,
    scope: Scope,
    subject_id: int,
    window: Window | None,
    measure: Measure = Measure.VIDEOS,
) -> bool:
    """Remove a limit; whether there was one."""
    return (
        db.execute(
            "DELETE FROM quota_rule WHERE guild_id = ? AND scope = ? AND subject_id = ?"
            " AND measure = ? AND per_window = ?",
            (guild_id, scope.value, subject_id, measure.value, window or ""),
        ).rowcount
        == 1
    )


def rules_of_guild(db: sqlite3.Connection, guild_id: int) -> list[QuotaRule]:
    """Every limit of a server: its own, then the roles', then the members'."""
    rows = db.execute(
        _SELECT_RULES + " WHERE guild_id = ? ORDER BY scope DESC, subject_id, measure, per_window",
        (guild_id,),
    ).fetchall()
    return [_rule(row) for row in rows]


def rules_for(
    db: sqlite3.Connection, guild_id: int, user_id: int, role_ids: Iterable[int]
) -> list[QuotaRule]:
    """The limits that name the member, one of their roles, or the server."""
    rows = db.execute(
        _SELECT_RULES + " WHERE guild_id = ? AND (scope <> 'member' OR subject_id = ?)"
        " ORDER BY scope, subject_id, measure, per_window",
        (guild_id, user_id),
    ).fetchall()
    roles = set(role_ids)
    rules = [_rule(row) for row in rows]
    return [rule for rule in rules if rule.scope is not Scope.ROLE or rule.subject_id in roles]


def check(
    db: sqlite3.Connection, asked: Asked, cost: Cost, *, look: Look | None = None
) -> tuple[Verdict, list[Standing]]:
    """Let one more video pass every limit that applies. Reserve it in the same transaction.

    Args:
        db: In a transaction.
        asked: Who asks.
        cost: What it may cost.
        look: At who asks, where somebody had to look in this transaction already.

    Returns:
        What it is made of, and the limits as they stand without it.

    Raises:
        QuotaExceededError: A limit does not let it pass. See `judged` for which one is told.
    """
    rates = asked.terms.rates
    look = look or look_at(db, asked.guild_id, asked.user_id)
    rules = rules_for(db, asked.guild_id, asked.user_id, asked.role_ids)
    applying = applicable_rules([*rules, *asked.terms.rules_on(cost)], rates)
    found = standings(db, asked, applying, look=look)
    if asked.is_further:
        found = [each for each in found if each.rule.measure is not Measure.COOLDOWN]
    grants = grants_of(db, asked.guild_id, asked.user_id, at=asked.at) if look.has_grants else []
    verdict = judged(found, grants, cost, rates, asked.at)
    if verdict.deciding is not None:
        # Only now is it of interest when a rolling window has room again.
        found = [with_reset(db, asked, standing, cost) for standing in found]
        verdict = judged(found, grants, cost, rates, asked.at)
    if verdict.deciding is not None:
        raise refusal_of(verdict.deciding, need_of(verdict.deciding.rule, cost, rates))
    return verdict, found


def explain(db: sqlite3.Connection, asked: Asked, cost: Cost) -> Explanation:
    """What `check` would say, and what each limit that names the member has to do with it."""
    rules = rules_for(db, asked.guild_id, asked.user_id, asked.role_ids)
    found = standings(db, asked, [*rules, *asked.terms.rules_on(cost)])
    return explained(
        [with_reset(db, asked, standing, cost) for standing in found],
        grants_of(db, asked.guild_id, asked.user_id, at=asked.at),
        cost,
        rates=asked.terms.rates,
        at=asked.at,
        time_zone=time_zone_of(db, asked.guild_id),
    )


def standings(
    db: sqlite3.Connection,
    asked: Asked,
    rules: Sequence[QuotaRule],
    *,
    look: Look | None = None,
) -> list[Standing]:
    """How each of these limits stands for the one who asks; of a rolling one without its reset.

    A member's and a role's limit count the member's own videos, a server's and the bot's
    everybody's.
    """
    look = look or look_at(db, asked.guild_id, asked.user_id)
    rates = asked.terms.rates
    windows = _windows_of(
        tuple([(rule.scope, rule.window, rule.currency) for rule in rules if rule.window]),
        on_grain(asked.at),
        look.time_zone or "UTC",
    )
    found = uses(db, windows.reading, asked.guild_id, asked.user_id)
    places = iter(windows.places)
    standing: list[Standing] = []
    for rule in rules:
        if rule.window is not None:
            place, end = next(places)
            standing.append(Standing(rule, found[place].of(rule, rates), end))
        elif rule.measure is Measure.CONCURRENT:
            standing.append(Standing(rule=rule, used=look.waiting + look.claimed, resets_at=None))
        else:
            standing.append(_cooldown(db, asked, rule))
    return standing


def with_reset(db: sqlite3.Connection, asked: Asked, standing: Standing, cost: Cost) -> Standing:
    """A limit that rolls, with the instant at which it has room for one more."""
    rule, rates = standing.rule, asked.terms.rates
    need = need_of(rule, cost, rates)
    if rule.window is None or rule.window.length is None or need is None or standing.used is None:
        return standing
    too_much = standing.used + need - rule.limit
    holder = holder_of(rule, asked.guild_id, asked.user_id)
    gone = Use()
    for start, use in counted(db, holder, span_for(rule, asked.at, zone_named("UTC"))):
        gone += use
        freed = gone.of(rule, rates)
        if freed is not None and freed >= max(1, too_much):
            return Standing(rule=rule, used=standing.used, resets_at=leaves_at(start, rule.window))
    return standing


def holder_of(rule: QuotaRule, guild_id: int, user_id: int) -> Holder:
    """Whose use a limit counts."""
    return balances.holder_of(rule.scope, guild_id, user_id)


def span_for(rule: QuotaRule, at: datetime, zone: ZoneInfo) -> Span:
    """What a limit counts in: by the server's calendar, the operator's limits by that of UTC."""
    if rule.window is None:
        raise ValueError(f"a limit of {rule.measure} has no window")
    return span_of(rule.window, at, zone_named("UTC") if rule.scope is Scope.BOT else zone)


class _Windows(NamedTuple):
    """What is read for some limits, and of each the place of its use in that, and its end."""

    reading: Reading
    places: tuple[tuple[int, datetime | None], ...]


@lru_cache(maxsize=4096)  # most who ask have the same kinds of limits, and ask now
def _windows_of(
    limits: tuple[tuple[Scope, Window, str | None], ...], at: datetime, time_zone: str
) -> _Windows:
    utc, zone = zone_named("UTC"), zone_named(time_zone)
    wanted: dict[tuple[Scope, Window], Counting] = {}
    keys: list[tuple[Scope, Window]] = []
    for scope, window, currency in limits:
        key = (Scope.MEMBER if scope is Scope.ROLE else scope), window
        span = span_of_grain(window, at, utc if scope is Scope.BOT else zone)
        # Limits in two currencies: one of them is expected, and both are found.
        known = wanted[key].currency if key in wanted else None
        wanted[key] = Counting(key[0], span, known or currency)
        keys.append(key)
    order = {key: place for place, key in enumerate(wanted)}
    return _Windows(
        reading=reading(list(wanted.values())),
        places=tuple((order[key], wanted[key].span.end) for key in keys),
    )


@lru_cache(maxsize=600)
def zone_named(name: str) -> ZoneInfo:
    """A time zone by its IANA name.

    Raises:
        ZoneInfoNotFoundError: There is none.
    """
    return ZoneInfo(name)


def _cooldown(db: sqlite3.Connection, asked: Asked, rule: QuotaRule) -> Standing:
    # What was cancelled or could not be made costs nothing, also no waiting. A video from the
    # future is one from before the clock was set back.
    # What was paid for and never posted, as it was taken down, counts as any other.
    # By then the last one by number need not be the latest; it is among the last ones.
    (last_ms,) = db.execute(
        "SELECT max(created_at_ms) FROM (SELECT created_at_ms FROM job"
        " WHERE user_id = ? AND guild_id = ?"
        " AND (state NOT IN ('failed', 'cancelled', 'expired')"
        " OR EXISTS (SELECT 1 FROM ledger WHERE ledger.job_id = job.job_id AND kind = 'settle'))"
        " AND created_at_ms <= ?"
        " ORDER BY job_id DESC LIMIT ?)",
        (asked.user_id, asked.guild_id, to_ms(asked.at), _LAST_VIDEOS),
    ).fetchone()
    again_at = asked.at if last_ms is None else from_ms(last_ms) + timedelta(seconds=rule.limit)
    wait = max(again_at - asked.at, timedelta(0))
    left_s = -(-wait // timedelta(seconds=1))
    return Standing(rule=rule, used=left_s, resets_at=again_at if left_s else None)


@lru_cache(maxsize=4096)  # the same rows are read for every video
def _rule(row: tuple[str, int, str, str, int, str]) -> QuotaRule:
    scope, subject_id, measure, window, amount, currency = row
    return QuotaRule(
        scope=Scope(scope),
        subject_id=subject_id,
        measure=Measure(measure),
        window=Window(window) if window else None,
        limit=amount,
        currency=currency or None,
    )
