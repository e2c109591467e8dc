"""What was made in some days, by day, member or role, in videos, money or waiting."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.domain.money import Money
from bot.domain.quota import Use
from bot.domain.windows import Span, midnight

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from bot.domain.money import Rates

DOLLARS = "USD"
"""What several currencies are converted into."""
MOST = 90
"""Of a hundred: so many waited no longer than is told."""


class UsageOf(StrEnum):
    """What is looked at."""

    VIDEOS = "videos"
    MONEY = "money"
    WAITING = "waiting"


class UsageBy(StrEnum):
    """What it is divided by."""

    DAY = "day"
    MEMBER = "member"
    ROLE = "role"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What some finished videos were: counted, or their waits, never both.

    Attributes:
        use: How many, and what they cost.
        in_line_s: How long each waited for its turn, in seconds.
        in_all_s: How long each took from the wish to the clip, in seconds.
    """

    use: Use = field(default_factory=Use)
    in_line_s: tuple[float, ...] = ()
    in_all_s: tuple[float, ...] = ()


NOTHING = Made()


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """Some whole days that end with today, by a server's calendar.

    Attributes:
        dates: Each of them, the oldest first.
        spans: What each of them is. The last one has no end: what a clock that is ahead has put
            into the future is today's.
        time_zone: The calendar's, by its IANA name.
    """

    dates: tuple[date, ...]
    spans: tuple[Span, ...]
    time_zone: str

    @property
    def span(self) -> Span:
        """All of them."""
        return Span(self.spans[0].start, None)


def last_days(count: int, at: datetime, zone: ZoneInfo) -> Days:
    """Today and the days before it, so many in all.

    Args:
        count: From 1.
        at: Now, aware.
        zone: Whose midnights count.
    """
    today = at.astimezone(zone).date()
    dates = tuple(today - timedelta(days=back) for back in reversed(range(count)))
    starts = [midnight(day, zone) for day in dates]
    spans = tuple(map(Span, starts, [*starts[1:], None]))
    return Days(dates=dates, spans=spans, time_zone=zone.key)


def together(some: Iterable[Made]) -> Made:
    """All of it as one."""
    every = list(some)
    use = Use()
    for made in every:
        use += made.use
    return Made(
        use=use,
        in_line_s=tuple(one for made in every for one in made.in_line_s),
        in_all_s=tuple(one for made in every for one in made.in_all_s),
    )


def by_role(
    members: Mapping[int, Made], roles_of: Mapping[int, Collection[int]]
) -> tuple[dict[int, Made], Made, Made]:
    """What those with each role made; who has several counts for each of them.

    Args:
        members: What each made.
        roles_of: The roles of those who are still on the server.

    Returns:
        By role; of those without any; of those who are not there any more.
    """
    of_role: dict[int, list[Made]] = {}
    without: list[Made] = []
    gone: list[Made] = []
    for user_id, made in members.items():
        roles = roles_of.get(user_id)
        if roles is None:
            gone.append(made)
        elif not roles:
            without.append(made)
        else:
            for role_id in roles:
                of_role.setdefault(role_id, []).append(made)
    found = {role_id: together(some) for role_id, some in of_role.items()}
    return found, together(without), together(gone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Currencies:
    """In what money is told.

    Attributes:
        shown: One currency, or each of those that nobody can convert.
        are_converted: Whether there were more, at the operator's rates.
    """

    shown: tuple[str, ...]
    are_converted: bool = False

    def amount(self, use: Use, currency: str, rates: Rates) -> int:
        """What was paid in one of them, or converted into it; in millionths, rounded up."""
        if not self.are_converted:
            return use.micros.get(currency, 0)
        parts = [
            rates.converted(Money(micros=micros, currency=paid), currency)
            for paid, micros in use.micros.items()
        ]
        return math.ceil(sum(part for part in parts if part is not None))


def currencies_of(use: Use, rates: Rates) -> Currencies:
    """In what to tell a sum: as it was paid where that is one currency, else in dollars."""
    paid = sorted(currency for currency, micros in use.micros.items() if micros)
    if len(paid) <= 1:
        return Currencies(shown=tuple(paid))
    if all(rates.in_usd(Money(micros=1, currency=currency)) is not None for currency in paid):
        return Currencies(shown=(DOLLARS,), are_converted=True)
    return Currencies(shown=tuple(paid))


def at_most(waits_s: Sequence[float], percent: int) -> float:
    """How long so many of a hundred waited at the most, in seconds; 0 where nobody did.

    The nearest rank: a wait that there was.
    """
    if not waits_s:
        return 0.0
    ordered = sorted(waits_s)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]
