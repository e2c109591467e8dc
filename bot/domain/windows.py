"""The spans that limits count in: by a server's calendar, or rolling along with the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from bot.domain.language import N_, _

if TYPE_CHECKING:
    from datetime import tzinfo

GRAIN = timedelta(minutes=15)
"""What use is counted by. Every time zone in use today is a multiple of it away from UTC."""
_A_MIDNIGHT = datetime(2000, 1, 1, tzinfo=UTC)  # any


class Window(StrEnum):
    """The span that a limit counts in.

    The calendar's begin at midnight where the server is, weeks on Monday. The others end now, and
    are up to a `GRAIN` longer than they say: what is counted leaves them a `GRAIN` at a time.
    """

    __hash__ = str.__hash__  # Enum's is Python, and asked for with every limit of every video

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    LAST_DAY = "24 hours"
    LAST_WEEK = "7 days"
    LAST_MONTH = "30 days"

    @property
    def length(self) -> timedelta | None:
        """Of one that rolls; None for the calendar's."""
        return _ROLLING.get(self)


_NAMES = {
    Window.DAY: N_("day"),
    Window.WEEK: N_("week"),
    Window.MONTH: N_("month"),
    Window.LAST_DAY: N_("24 hours"),
    Window.LAST_WEEK: N_("7 days"),
    Window.LAST_MONTH: N_("30 days"),
}


def window_name(window: Window) -> str:
    """A window after the word "per"."""
    return _(_NAMES[window])


_ROLLING = {
    Window.LAST_DAY: timedelta(days=1),
    Window.LAST_WEEK: timedelta(days=7),
    Window.LAST_MONTH: timedelta(days=30),
}


class Span(NamedTuple):
    """A stretch of time, aware UTC.

    Attributes:
        start: The first instant.
        end: The first one after it; None where it holds everything later, as a rolling window
            does: a clock that was set back makes nothing of what was counted before.
    """

    start: datetime
    end: datetime | None


def span_of(window: Window, at: datetime, zone: tzinfo) -> Span:
    """The stretch that a window is at an instant.

    Args:
        window: Which.
        at: Aware.
        zone: Whose midnights count; of no matter to a rolling window.
    """
    return span_of_grain(window, on_grain(at), zone)


def on_grain(at: datetime) -> datetime:
    """The beginning of its quarter of an hour, aware UTC.

    Midnights are on it, so all instants of one are in the same spans; and all who ask ask now.
    """
    at = at.astimezone(UTC)
    return at - (at - _A_MIDNIGHT) % GRAIN


@lru_cache(maxsize=4096)
def span_of_grain(window: Window, at: datetime, zone: tzinfo) -> Span:
    """Likewise, where the instant is known to be on the grain."""
    if window.length is not None:
        return Span(at - window.length, None)
    first = _first_date(window, at.astimezone(zone).date())
    following = _following(window, first)
    # Where clocks go back over midnight, the evening's date comes a second time: the new day has
    # begun by then, and goes on.
    if at >= midnight(following, zone):
        first, following = following, _following(window, following)
    return Span(midnight(first, zone), midnight(following, zone))


def leaves_at(counted: datetime, window: Window) -> datetime:
    """When a rolling window no longer holds what was counted at an instant.

    Raises:
        ValueError: The window does not roll.
    """
    if window.length is None:
        raise ValueError(f"a {window} does not roll")
    return on_grain(counted) + GRAIN + window.length


@lru_cache(maxsize=4096)
def midnight(day: date, zone: tzinfo) -> datetime:
    """The first instant of a date, aware UTC.

    Where midnight comes twice it is the first of them; where the clocks jump over it, the jump.
    """
    wall = datetime(day.year, day.month, day.day, tzinfo=zone)
    found = wall.astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return found
    # PEP 495: in a gap the two folds are read with the offsets before and after it, and the jump is
    # between the instants that this gives.
    before = wall.replace(fold=1).astimezone(UTC)
    while found - before > timedelta(seconds=1):
        middle = before + (found - before) // 2
        middle = middle.replace(microsecond=0)
        if middle.astimezone(zone).date() >= day:
            found = middle
        else:
            before = middle
    return found


def _first_date(window: Window, day: date) -> date:
    if window is Window.MONTH:
        return day.replace(day=1)
    return day - timedelta(days=day.weekday()) if window is Window.WEEK else day


def _following(window: Window, first: date) -> date:
    if window is Window.MONTH:
        # 32 days after the first is always in the next month.
        return (first + timedelta(days=32)).replace(day=1)
    return first + timedelta(days=7 if window is Window.WEEK else 1)
