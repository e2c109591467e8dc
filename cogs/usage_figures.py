"""What was made, put into words and numbers once: the picture and the text say the same."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from bot.domain.chart import Tick, marks, span_marks
from bot.domain.language import N_, _, ngettext
from bot.domain.money import MICROS, Money
from bot.domain.quota_refusals import videos
from bot.domain.usage import MOST, UsageBy, UsageOf, at_most, currencies_of, together

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from bot.domain.money import Rates
    from bot.domain.usage import Days, Made

HALF = 50  # of a hundred
MINUTE_S, HOUR_S = 60, 3600
_LONG_MINUTES_S = 100 * MINUTE_S
_SHORT_MINUTES_S = 10 * MINUTE_S
_TITLES = {
    (UsageOf.VIDEOS, UsageBy.DAY): N_("Videos per day"),
    (UsageOf.VIDEOS, UsageBy.MEMBER): N_("Videos by member"),
    (UsageOf.VIDEOS, UsageBy.ROLE): N_("Videos by role"),
    (UsageOf.MONEY, UsageBy.DAY): N_("Money per day"),
    (UsageOf.MONEY, UsageBy.MEMBER): N_("Money by member"),
    (UsageOf.MONEY, UsageBy.ROLE): N_("Money by role"),
    (UsageOf.WAITING, UsageBy.DAY): N_("Time in line per day"),
    (UsageOf.WAITING, UsageBy.MEMBER): N_("Time in line by member"),
    (UsageOf.WAITING, UsageBy.ROLE): N_("Time in line by role"),
}
_MONTHS = (
    *(N_("Jan"), N_("Feb"), N_("Mar"), N_("Apr"), N_("May"), N_("Jun")),
    *(N_("Jul"), N_("Aug"), N_("Sep"), N_("Oct"), N_("Nov"), N_("Dec")),
)
NONE = "-"  # where nothing waited


class Rest(Enum):
    """Who is shown together."""

    OTHERS = "others"
    WITHOUT = "without"
    GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What was made of one day, member or role.

    Attributes:
        of: The day, or the member's or the role's id, or those who are shown together.
        made: What.
        name: Of a member or a role, as people see it; empty where nobody knows.
        count: How many are shown together.
    """

    of: date | int | Rest
    made: Made
    name: str = ""
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What somebody looks at.

    Attributes:
        of: What is counted.
        by: What it is divided by.
        days: When.
        rows: In their order.
        total: All of it; a member with two roles counts once.
        rates: What currencies are worth.
        user_id: Whose alone it is; None for a whole server's.
    """

    of: UsageOf
    by: UsageBy
    days: Days
    rows: Sequence[Row]
    total: Made
    rates: Rates
    user_id: int | None = None

    @property
    def currencies(self) -> tuple[str, ...]:
        """In what is counted: one empty name where that is no money."""
        if self.of is not UsageOf.MONEY:
            return ("",)
        return currencies_of(self.total.use, self.rates).shown

    @property
    def is_converted(self) -> bool:
        """Whether its money was paid in several currencies, and is told in one."""
        return self.of is UsageOf.MONEY and currencies_of(self.total.use, self.rates).are_converted

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to look at."""
        counted = self.total.in_line_s if self.of is UsageOf.WAITING else self.total.use.videos
        return not counted or not self.currencies

    def micros(self, made: Made, currency: str) -> int:
        """What was paid, in one of its currencies, in millionths."""
        return currencies_of(self.total.use, self.rates).amount(made.use, currency, self.rates)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number as it is drawn, and as it is said; see `bot.domain.chart.Bar`."""

    value: float
    text: str
    reach: float | None = None


def figure(view: View, made: Made, currency: str) -> Figure:
    """What was made, as the view counts it."""
    match view.of:
        case UsageOf.VIDEOS:
            return Figure(value=made.use.videos, text=str(made.use.videos))
        case UsageOf.MONEY:
            micros = view.micros(made, currency)
            return Figure(value=micros / MICROS, text=_number(micros))
        case UsageOf.WAITING:
            half, most = (at_most(made.in_line_s, percent) for percent in (HALF, MOST))
            text = f"{span(half)} / {span(most)}" if made.in_line_s else NONE
            return Figure(value=half, reach=most, text=text)


def by_size(made: Mapping[int, Made], of: UsageOf, rates: Rates) -> list[int]:
    """Members or roles, those who made or paid most at the front."""
    currencies = currencies_of(together(made.values()).use, rates)

    def size(one: int) -> float:
        if of is UsageOf.MONEY:
            use = made[one].use
            return sum(currencies.amount(use, each, rates) for each in currencies.shown)
        return made[one].use.videos or len(made[one].in_line_s)

    return sorted(made, key=size, reverse=True)


def title(view: View) -> str:
    """What is shown."""
    return _(_TITLES[view.of, view.by])


def when(view: View) -> str:
    """The days that are shown."""
    first, last = view.days.dates[0], view.days.dates[-1]
    return _("{first} to {last}").format(first=day_text(first), last=day_text(last))


def total(view: View) -> str:
    """All of it, in a few words."""
    match view.of:
        case UsageOf.VIDEOS:
            return videos(view.total.use.videos)
        case UsageOf.MONEY:
            return " + ".join(
                str(Money(micros=view.micros(view.total, currency), currency=currency))
                for currency in view.currencies
            )
        case UsageOf.WAITING:
            return figure(view, view.total, "").text


def ticks(view: View, highest: float) -> tuple[Tick, ...]:
    """Round numbers for the axis."""
    if view.of is UsageOf.WAITING:
        spans = span_marks(highest)
        unit_s = next((unit for unit in (HOUR_S, MINUTE_S) if spans[1] % unit == 0), 1)
        return tuple(Tick(value=mark, text=_in_units(mark, unit_s)) for mark in spans)
    if view.of is UsageOf.MONEY:
        found = marks(highest, smallest=0.01)
        return tuple(Tick(value=mark, text=f"{mark:.10g}") for mark in found)
    return tuple(Tick(value=mark, text=f"{mark:g}") for mark in marks(highest))


def day_text(day: date) -> str:
    """``Oct 24``."""
    return _("{month} {day}").format(month=_(_MONTHS[day.month - 1]), day=day.day)


def rest_text(row: Row) -> str:
    """Who is shown together."""
    match row.of:
        case Rest.WITHOUT:
            return _("no role")
        case Rest.GONE:
            return _("not here any more")
        case _rest:
            return ngettext("{count} other", "{count} others", row.count).format(count=row.count)


def span(seconds: float) -> str:
    """``81 s``, ``4.7 min``, ``12 min``, ``2.1 h``."""
    if seconds < _LONG_MINUTES_S / MINUTE_S:
        return _("{count} s").format(count=round(seconds))
    if seconds < _SHORT_MINUTES_S:
        return _("{count} min").format(count=f"{seconds / MINUTE_S:.1f}")
    if seconds < _LONG_MINUTES_S:
        return _("{count} min").format(count=round(seconds / MINUTE_S))
    return _("{count} h").format(count=f"{seconds / HOUR_S:.1f}")


def first_rows(rows: Sequence[Row], most: int) -> list[Row]:
    """So many rows, and all others as one."""
    if len(rows) <= most:
        return list(rows)
    rest = rows[most:]
    made = together(row.made for row in rest)
    return [*rows[:most], Row(of=Rest.OTHERS, made=made, count=len(rest))]


def _number(micros: int) -> str:
    return str(Money(micros=micros, currency="")).strip()


def _in_units(seconds: float, unit_s: int) -> str:
    if not seconds:
        return "0"
    count = f"{seconds / unit_s:g}"
    if unit_s == HOUR_S:
        return _("{count} h").format(count=count)
    return (_("{count} min") if unit_s == MINUTE_S else _("{count} s")).format(count=count)
