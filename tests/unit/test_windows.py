"""Windows by the calendar of a place, with all that its clocks do; and rolling ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.windows import GRAIN, Window, leaves_at, span_of

CALENDAR = [window for window in Window if window.length is None]
ROLLING = [window for window in Window if window.length is not None]
# Clocks that change at midnight, over midnight, by half an hour, twice a year, or skip a whole day.
ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Sao_Paulo",  # clocks went forward at midnight: it did not exist
    "America/Havana",  # back to midnight: it comes twice
    "America/St_Johns",  # back at 00:01 over midnight, 1987 to 2011
    "Australia/Lord_Howe",  # by half an hour
    "Asia/Kathmandu",  # 5:45
    "Pacific/Apia",  # 2011-12-30 never was
    "Africa/Casablanca",  # stops for Ramadan
]


def bounds(window: Window, at: str, zone: str = "UTC") -> list[str]:
    moment = datetime.fromisoformat(at)
    span = span_of(window, moment.replace(tzinfo=moment.tzinfo or UTC), ZoneInfo(zone))
    assert span.end is not None
    return [f"{bound:%Y-%m-%d %H:%M}" for bound in (span.start, span.end)]


@pytest.mark.parametrize(
    ("window", "at", "start", "end"),
    [
        (Window.DAY, "2026-01-31T23:59", "2026-01-31", "2026-02-01"),
        (Window.DAY, "2026-02-01T00:00", "2026-02-01", "2026-02-02"),
        (Window.DAY, "2028-02-28T12:00", "2028-02-28", "2028-02-29"),
        (Window.WEEK, "2026-01-12T00:00", "2026-01-12", "2026-01-19"),  # a Monday
        (Window.WEEK, "2026-01-18T23:59", "2026-01-12", "2026-01-19"),  # a Sunday
        (Window.WEEK, "2027-01-01T12:00", "2026-12-28", "2027-01-04"),  # over the year's end
        (Window.MONTH, "2026-01-31T12:00", "2026-01-01", "2026-02-01"),
        (Window.MONTH, "2026-02-28T23:59", "2026-02-01", "2026-03-01"),
        (Window.MONTH, "2028-02-29T23:59", "2028-02-01", "2028-03-01"),  # a leap year
        (Window.MONTH, "2026-12-31T23:59", "2026-12-01", "2027-01-01"),
        (Window.MONTH, "2026-04-30T00:00", "2026-04-01", "2026-05-01"),
    ],
)
def test_calendar_windows_begin_and_end_at_midnight(
    window: Window, at: str, start: str, end: str
) -> None:
    assert bounds(window, at) == [f"{start} 00:00", f"{end} 00:00"]


@pytest.mark.parametrize(
    ("zone", "at", "start", "end", "hours"),
    [
        ("Europe/Berlin", "2026-03-29T12:00", "2026-03-28 23:00", "2026-03-29 22:00", 23),
        ("Europe/Berlin", "2026-10-25T12:00", "2026-10-24 22:00", "2026-10-25 23:00", 25),
        # 00:00 did not exist on this day: it began at 01:00.
        ("America/Sao_Paulo", "2018-11-04T12:00", "2018-11-04 03:00", "2018-11-05 02:00", 23),
        # At midnight the clocks went back to 23:00, so the day before had 25 hours.
        ("America/Sao_Paulo", "2018-02-17T20:00", "2018-02-17 02:00", "2018-02-18 03:00", 25),
        # 00:00 came twice: the day began with the first.
        ("America/Havana", "2026-11-01T04:30", "2026-11-01 04:00", "2026-11-02 05:00", 25),
        ("America/Havana", "2026-11-01T05:30", "2026-11-01 04:00", "2026-11-02 05:00", 25),
        # At 00:01 the clocks went back to 23:01 of the day before, which was over by then.
        ("America/St_Johns", "2010-11-07T03:00", "2010-11-07 02:30", "2010-11-08 03:30", 25),
        ("Australia/Lord_Howe", "2026-04-05T01:00", "2026-04-04 13:00", "2026-04-05 13:30", 24.5),
        # The 30th never was: from the 29th it went on with the 31st.
        ("Pacific/Apia", "2011-12-29T23:00", "2011-12-29 10:00", "2011-12-30 10:00", 24),
        ("Pacific/Apia", "2011-12-30T11:00", "2011-12-30 10:00", "2011-12-31 10:00", 24),
    ],
)
def test_a_day_is_as_long_as_its_clocks_make_it(
    zone: str, at: str, start: str, end: str, hours: float
) -> None:
    found = bounds(Window.DAY, at, zone)
    assert found == [start, end]
    first, last = (datetime.fromisoformat(bound) for bound in found)
    assert last - first == timedelta(hours=hours)


def test_a_month_ends_by_the_clocks_of_its_last_day() -> None:
    # October begins in summer time and ends in winter time.
    assert bounds(Window.MONTH, "2026-10-15T12:00", "Europe/Berlin") == [
        "2026-09-30 22:00",
        "2026-10-31 23:00",
    ]


def test_the_zone_of_the_asker_changes_nothing() -> None:
    assert bounds(Window.MONTH, "2026-02-01T09:00+13:00")[0] == "2026-01-01 00:00"


INSTANTS = st.datetimes(
    datetime(1975, 1, 1),  # noqa: DTZ001  # hypothesis adds the zone
    datetime(2120, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


@given(st.sampled_from(CALENDAR), st.sampled_from(ZONES), INSTANTS)
def test_every_instant_is_in_exactly_one_calendar_window(
    window: Window, name: str, at: datetime
) -> None:
    zone = ZoneInfo(name)
    span = span_of(window, at, zone)
    assert span.end is not None
    assert span.start <= at < span.end
    moment = timedelta(microseconds=1)
    assert span_of(window, span.start, zone) == span
    assert span_of(window, span.end - moment, zone) == span
    assert span_of(window, span.end, zone).start == span.end
    assert span_of(window, span.start - moment, zone).end == span.start


@given(st.sampled_from(list(Window)), st.sampled_from(ZONES), st.lists(INSTANTS, min_size=2))
def test_later_instants_have_no_earlier_windows(
    window: Window, name: str, instants: list[datetime]
) -> None:
    spans = [span_of(window, at, ZoneInfo(name)) for at in sorted(instants)]
    assert all(one.start <= other.start for one, other in pairwise(spans))


@given(st.sampled_from(ZONES), INSTANTS)
def test_a_zone_of_today_has_its_midnights_on_the_grain(name: str, at: datetime) -> None:
    later = at.replace(year=2012 + at.year % 100, day=min(at.day, 28))  # by the rules of today
    start = span_of(Window.DAY, later, ZoneInfo(name)).start
    assert (start - datetime(1970, 1, 1, tzinfo=UTC)) % GRAIN == timedelta(0)


@pytest.mark.parametrize("window", ROLLING)
def test_a_rolling_window_holds_its_length_and_less_than_a_grain_more(window: Window) -> None:
    at = datetime(2026, 3, 29, 12, 7, tzinfo=UTC)
    span = span_of(window, at, ZoneInfo("Europe/Berlin"))
    assert window.length is not None
    assert window.length <= at - span.start < window.length + GRAIN
    assert span.end is None  # a clock set back forgets nothing


@given(st.sampled_from(ROLLING), INSTANTS)
def test_what_was_counted_leaves_a_rolling_window_when_it_is_said_to(
    window: Window, counted: datetime
) -> None:
    gone, zone = leaves_at(counted, window), ZoneInfo("UTC")
    assert span_of(window, gone, zone).start > counted
    assert span_of(window, gone - timedelta(microseconds=1), zone).start <= counted


def test_nothing_leaves_a_calendar_window_before_its_end() -> None:
    with pytest.raises(ValueError, match="does not roll"):
        leaves_at(datetime(2026, 1, 1, tzinfo=UTC), Window.DAY)
