"""Limits per member, role, server and bot: which apply, how much of each is used, what passes."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum, StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from bot.domain.money import Money, Rates

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bot.domain.cost import Cost
    from bot.domain.windows import Window

BOT_ID = 0
"""The subject of the operator's limits."""
WARN_AT_PERCENT = (80, 95)
"""How full a budget is when its moderators, or the operator, are told."""


class Scope(StrEnum):
    """Whom a limit is for."""

    __hash__ = str.__hash__  # Enum's is Python, and asked for with every limit of every video

    MEMBER = "member"
    ROLE = "role"
    SERVER = "server"
    BOT = "bot"


class Measure(StrEnum):
    """What a limit counts."""

    VIDEOS = "videos"
    MONEY = "money"
    COOLDOWN = "cooldown"
    CONCURRENT = "concurrent"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaRule:
    """A limit that the moderators set, or the operator.

    A role's limit holds for each member with the role, not for all of them together.
    A server's limit is one pool for everybody; but a cooldown, and what is under way at once,
    count for each member alone.

    Attributes:
        scope: Whom it is for.
        subject_id: The member's, role's or server's id; `BOT_ID` for the bot.
        limit: Videos, or micros, in one window; seconds between two videos; videos at once. From 0.
        window: The span it counts in; None for a cooldown and for what is under way at once.
        measure: What it counts.
        currency: Of a limit in money.
    """

    scope: Scope
    subject_id: int
    limit: int
    window: Window | None = None
    measure: Measure = Measure.VIDEOS
    currency: str | None = None

    @property
    def money(self) -> Money | None:
        """The limit, where it is in money."""
        if self.currency is None:
            return None
        return Money(micros=self.limit, currency=self.currency)

    @property
    def is_pool(self) -> bool:
        """Whether it counts what everybody on a server makes together."""
        return self.scope is Scope.SERVER and self.window is not None

    @property
    def is_budget(self) -> bool:
        """Whether it is the money of many: their moderators hear of it before it is used up."""
        if self.measure is not Measure.MONEY:
            return False
        return self.scope is Scope.SERVER or self.scope is Scope.BOT


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What is reserved and settled in some span.

    Attributes:
        videos: How many.
        micros: By currency, what they cost or may cost.
    """

    videos: int = 0
    micros: Mapping[str, int] = field(default_factory=dict[str, int])

    def __add__(self, other: Use) -> Use:
        currencies = dict.fromkeys([*self.micros, *other.micros])
        micros = {
            currency: self.micros.get(currency, 0) + other.micros.get(currency, 0)
            for currency in currencies
        }
        return Use(videos=self.videos + other.videos, micros=micros)

    def of(self, rule: QuotaRule, rates: Rates) -> int | None:
        """As the rule counts it, rounded up; None where a rate is missing."""
        if rule.currency is None:
            return self.videos
        if not self.micros.keys() - {rule.currency}:
            return self.micros.get(rule.currency, 0)
        total = Fraction(0)
        for currency, micros in self.micros.items():
            part = rates.converted(Money(micros=micros, currency=currency), rule.currency)
            if part is None:
                return None
            total += part
        return math.ceil(total)


class Standing(NamedTuple):
    """One limit that names a member, and how much of it is used.

    Attributes:
        rule: The limit.
        used: Counted as the rule does; of a cooldown the seconds that are left to wait; None where
            it was paid in a currency without a rate.
        resets_at: When there is room again, or the window ends; None where waiting changes nothing,
            and of what is under way at once, which nobody knows.
    """

    rule: QuotaRule
    used: int | None
    resets_at: datetime | None

    @property
    def remaining(self) -> int:
        """What is left, from 0."""
        return max(0, self.rule.limit - (self.used or 0)) if self.used is not None else 0

    def passes(self, need: int | None) -> bool:
        """Whether a video that needs so much of it may be made; None is more than anybody knows."""
        if self.rule.measure is Measure.COOLDOWN:
            return self.used == 0
        if need is None:
            return False
        if self.rule.measure is Measure.MONEY and need == 0:
            return True
        return self.used is not None and self.used + need <= self.rule.limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Videos that moderators gave a member besides their limits; spent before those.

    Attributes:
        grant_id: From 1.
        videos: How many were given.
        left: How many of them are.
        expires_at: From when on the rest is void, aware UTC.
    """

    grant_id: int
    videos: int
    left: int
    expires_at: datetime

    def is_open(self, at: datetime) -> bool:
        """Whether a video can be made of it."""
        return self.left > 0 and at < self.expires_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the operator decided for everybody.

    Attributes:
        rules: The limits of the whole bot.
        rates: What currencies are worth.
    """

    rules: tuple[QuotaRule, ...] = ()
    rates: Rates = field(default_factory=Rates)

    def rules_on(self, cost: Cost) -> tuple[QuotaRule, ...]:
        """The limits that a video of this cost counts for: none where the operator pays nothing."""
        return self.rules if cost.is_operators else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether one more video may be made.

    Attributes:
        grant: What it would be made of; None for the limits.
        refusing: The limits that do not let it pass.
        deciding: The one of them that is told; None where it passes.
    """

    grant: Grant | None
    refusing: tuple[Standing, ...]
    deciding: Standing | None

    @property
    def passes(self) -> bool:
        """Whether it may."""
        return self.deciding is None


def applicable_rules(rules: Iterable[QuotaRule], rates: Rates | None = None) -> list[QuotaRule]:
    """Of all rules that name the member, their roles, the server or the bot, those that decide.

    In each window the most generous of the member's roles is the one that counts;
    the member's own, the server's and the bot's always do.
    """
    deciding: list[QuotaRule] = []
    of_roles: dict[tuple[Measure, Window | None], list[QuotaRule]] = {}
    for rule in rules:
        if rule.scope is Scope.ROLE:
            of_roles.setdefault((rule.measure, rule.window), []).append(rule)
        else:
            deciding.append(rule)
    worth = rates or Rates()
    return deciding + [
        max(some, key=lambda r: _generosity(r, worth)) if len(some) > 1 else some[0]
        for some in of_roles.values()
    ]


def need_of(rule: QuotaRule, cost: Cost, rates: Rates) -> int | None:
    """What one video takes of a limit; None where nobody knows."""
    return _need_at(rule, cost.highest(rates), rates)


def _need_at(rule: QuotaRule, price: Money | None, rates: Rates) -> int | None:
    if rule.currency is None:
        return 1
    if price is not None and price.currency == rule.currency:
        return price.micros
    part = None if price is None else rates.converted(price, rule.currency)
    return None if part is None else math.ceil(part)


def judged(
    standings: Sequence[Standing], grants: Sequence[Grant], cost: Cost, rates: Rates, at: datetime
) -> Verdict:
    """Whether one more video passes every limit that applies.

    A grant is spent first, and spares the member's and the role's limits in videos and money. Those
    of the server and the bot hold: nobody can be granted what is not there.

    Args:
        standings: Of the `applicable_rules`.
        grants: The member's.
        cost: What the video may cost.
        rates: To compare amounts with limits in other currencies.
        at: Now.
    """
    usable = [grant for grant in grants if grant.is_open(at)]
    grant = None
    if usable:
        grant = min(usable, key=lambda one: (one.expires_at, one.grant_id))
        standings = [standing for standing in standings if not is_spared(standing.rule)]
    price = cost.highest(rates)
    refusing = [
        standing
        for standing in standings
        if not standing.passes(_need_at(standing.rule, price, rates))
    ]
    if not refusing:
        return Verdict(grant=grant, refusing=(), deciding=None)
    deciding = max(refusing, key=lambda one: _finality(one, cost, rates))
    return Verdict(grant=grant, refusing=tuple(refusing), deciding=deciding)


def is_spared(rule: QuotaRule) -> bool:
    """Whether a grant takes the place of this limit."""
    own = rule.scope in {Scope.MEMBER, Scope.ROLE}
    return own and rule.measure in {Measure.VIDEOS, Measure.MONEY}


def percent_passed(before: int, after: int, limit: int) -> int | None:
    """The highest of `WARN_AT_PERCENT` that a budget's use has reached; None where none."""
    if after * 100 < min(WARN_AT_PERCENT) * limit:
        return None  # nearly always
    passed = [
        percent for percent in WARN_AT_PERCENT if before * 100 < percent * limit <= after * 100
    ]
    return max(passed, default=None)


class _Finality(IntEnum):
    """What waiting would change: of several refusals, the one that yields last is told."""

    SOMEBODY_ENDS_IT = 0  # one of the member's own is done
    TIME_ENDS_IT = 1
    NOTHING_ENDS_IT = 2


def _finality(standing: Standing, cost: Cost, rates: Rates) -> tuple[int, datetime]:
    """Waiting for one that yields earlier would only meet the next refusal."""
    long_ago = datetime.fromtimestamp(0, UTC)
    if standing.rule.measure is Measure.CONCURRENT and standing.rule.limit:
        return _Finality.SOMEBODY_ENDS_IT, long_ago
    need = need_of(standing.rule, cost, rates)
    if need is None or standing.used is None or standing.resets_at is None:
        return _Finality.NOTHING_ENDS_IT, long_ago
    if need > standing.rule.limit:
        return _Finality.NOTHING_ENDS_IT, standing.resets_at
    return _Finality.TIME_ENDS_IT, standing.resets_at


def _generosity(rule: QuotaRule, rates: Rates) -> Fraction:
    if rule.measure is Measure.COOLDOWN:
        return Fraction(-rule.limit)
    if rule.money is None:
        return Fraction(rule.limit)
    in_usd = rates.in_usd(rule.money)
    return Fraction(-1) if in_usd is None else in_usd
