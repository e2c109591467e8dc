"""Which guesses of a start are worth an edit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cogs.status_board import is_about

NOW = datetime(2026, 1, 14, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("shown_min", "better_min", "stands"),
    [
        pytest.param(5, 7, True, id="two minutes later is about the same"),
        pytest.param(5, 15, False, id="ten minutes later is not"),
        pytest.param(60, 80, True, id="a third more of an hour is about the same"),
        pytest.param(60, 130, False, id="twice as long is not"),
        pytest.param(60, 20, False, id="nor is a third"),
    ],
)
def test_a_start_is_told_anew_once_it_is_off_by_much_of_what_is_left(
    shown_min: int, better_min: int, *, stands: bool
) -> None:
    shown, better = (NOW + timedelta(minutes=each) for each in (shown_min, better_min))
    assert is_about(shown, better, NOW) is stands
