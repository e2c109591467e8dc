"""How long something lasts, as people write it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.durations import DurationNotUsableError, duration_in_words, parse_duration


@pytest.mark.parametrize(
    ("typed", "hours"),
    [
        ("2h", 2),
        ("30m", 0.5),
        ("3d", 72),
        ("1w 2d", 216),
        ("1 Week, 2 days and 3 hours", 219),
        ("for 90 minutes", 1.5),
        ("  2  hrs ", 2),
        ("1d12h", 36),
        ("3650d", 87_600),
    ],
)
def test_plain_words_are_read(typed: str, hours: float) -> None:
    assert parse_duration(typed) == timedelta(hours=hours)


@pytest.mark.parametrize("typed", ["", "for ever", "forever", "Ever", "permanently"])
def test_for_ever_has_no_end(typed: str) -> None:
    assert parse_duration(typed) is None


@pytest.mark.parametrize(
    "typed", ["soon", "2", "2 months", "-3d", "0m", "3651d", "999999w", "2h tomorrow", "h", "²d"]
)
def test_anything_else_is_refused_with_an_example(typed: str) -> None:
    with pytest.raises(DurationNotUsableError, match="Use one like `30m`, `2h`, `3d` or `1w 2d`"):
        parse_duration(typed)


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(minutes=1), "1 minute"),
        (timedelta(days=9, hours=3, seconds=59), "9 days 3 hours"),
        (timedelta(days=1, minutes=30), "1 day 30 minutes"),
        (timedelta(), "0 minutes"),
    ],
)
def test_a_span_is_told_in_days_hours_and_minutes(span: timedelta, words: str) -> None:
    assert duration_in_words(span) == words
