"""Windows, which limits apply, and which one refuses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import QuotaExceededError
from bot.domain.quota import (
    QuotaRule,
    Scope,
    Standing,
    Window,
    applicable_rules,
    check_standings,
    window_bounds,
)


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
def test_windows_begin_and_end_at_midnight_utc(
    window: Window, at: str, start: str, end: str
) -> None:
    found = window_bounds(window, datetime.fromisoformat(at + "+00:00"))
    assert [f"{bound:%Y-%m-%d %H:%M}" for bound in found] == [f"{start} 00:00", f"{end} 00:00"]


def test_the_zone_of_the_asker_changes_nothing() -> None:
    in_auckland = datetime(2026, 2, 1, 9, tzinfo=timezone(timedelta(hours=13)))
    assert window_bounds(Window.MONTH, in_auckland)[0] == datetime(2026, 1, 1, tzinfo=UTC)


@given(
    st.sampled_from(Window),
    st.datetimes(datetime(1980, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  # hypothesis adds the zone
)
def test_windows_tile_all_of_time(window: Window, at: datetime) -> None:
    start, end = window_bounds(window, at)
    assert start <= at < end
    assert window_bounds(window, end)[0] == end
    assert window_bounds(window, start) == (start, end)
    assert window_bounds(window, end - timedelta(microseconds=1)) == (start, end)


def rule(
    scope: Scope, limit: int, *, window: Window = Window.DAY, subject_id: int = 1
) -> QuotaRule:
    return QuotaRule(scope=scope, subject_id=subject_id, window=window, limit=limit)


def test_of_several_roles_the_most_generous_decides_in_each_window() -> None:
    small, large = rule(Scope.ROLE, 2, subject_id=7), rule(Scope.ROLE, 9, subject_id=8)
    weekly = rule(Scope.ROLE, 3, window=Window.WEEK, subject_id=7)
    assert applicable_rules([small, large, weekly]) == [large, weekly]


def test_a_members_and_the_servers_limits_always_decide() -> None:
    own, pool, role = rule(Scope.MEMBER, 1), rule(Scope.SERVER, 50), rule(Scope.ROLE, 9)
    assert applicable_rules([own, pool, role]) == [own, pool, role]
    assert applicable_rules([]) == []


def standing(limit: int, used: int, resets_in_days: int, window: Window = Window.DAY) -> Standing:
    resets_at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=resets_in_days)
    return Standing(rule=rule(Scope.MEMBER, limit, window=window), used=used, resets_at=resets_at)


def test_one_more_passes_while_every_limit_has_room() -> None:
    check_standings([])
    check_standings([standing(5, 4, 1), standing(1, 0, 7)])


@pytest.mark.parametrize("used", [5, 6, 100])
def test_a_limit_that_is_used_up_refuses_and_says_when_it_resets(used: int) -> None:
    with pytest.raises(QuotaExceededError) as refused:
        check_standings([standing(9, 1, 7), standing(5, used, 1)])
    error = refused.value
    assert (error.limit, error.used, error.window) == (5, used, "day")
    assert str(error) == (
        f"Your limit of 5 videos per day is used up ({used} of 5). It resets <t:1767312000:R>. "
        "A moderator can raise it with `/quota set`."
    )


def test_a_limit_of_none_refuses_the_first() -> None:
    with pytest.raises(QuotaExceededError, match="limit of 0 videos per day"):
        check_standings([standing(0, 0, 1)])


def test_of_two_that_refuse_the_one_that_resets_last_is_told() -> None:
    both = [standing(1, 1, 1), standing(3, 3, 20, Window.MONTH)]
    for order in (both, both[::-1]):
        with pytest.raises(QuotaExceededError) as refused:
            check_standings(order)
        assert refused.value.window == "month"


def test_what_remains_is_never_negative() -> None:
    assert [standing(5, used, 1).remaining for used in (0, 4, 5, 9)] == [5, 1, 0, 0]
