"""What was made in some days: divided, converted, and put into words."""

from __future__ import annotations

from datetime import UTC, date, datetime
from fractions import Fraction
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.chart import TICKS_MAX, marks, span_marks
from bot.domain.language import Language
from bot.domain.money import Rates
from bot.domain.quota import Use
from bot.domain.usage import (
    NOTHING,
    Made,
    UsageBy,
    UsageOf,
    at_most,
    by_role,
    currencies_of,
    last_days,
    together,
)
from bot.languages import speaking
from cogs.quota_texts import MESSAGE_MAX_CHARACTERS
from cogs.usage_figures import Rest, Row, View, by_size, span, total
from cogs.usage_texts import alt_text, chart, messages

if TYPE_CHECKING:
    from collections.abc import Sequence

BERLIN = ZoneInfo("Europe/Berlin")
AT = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)  # half past midnight of the 22nd in Berlin
RATES = Rates(usd_per_unit={"CNY": Fraction(1, 7)}, of=date(2026, 11, 1))
ALICE, BOB = 1_200_000_000_000_000_002, 1_200_000_000_000_000_003


def made(videos: int = 1, **micros: int) -> Made:
    return Made(use=Use(videos=videos, micros=micros))


def message(what: View) -> str:
    (text,) = messages(what)
    return text


def waited(*seconds: float) -> Made:
    return Made(in_line_s=seconds, in_all_s=tuple(one + 60 for one in seconds))


def view(
    rows: Sequence[Row],
    *,
    of: UsageOf = UsageOf.VIDEOS,
    by: UsageBy = UsageBy.DAY,
    days: int = 7,
    user_id: int | None = None,
    rates: Rates = RATES,
) -> View:
    return View(
        of=of,
        by=by,
        days=last_days(days, AT, BERLIN),
        rows=rows,
        total=together(row.made for row in rows),
        rates=rates,
        user_id=user_id,
    )


def of_days(*some: Made, of: UsageOf = UsageOf.VIDEOS, rates: Rates = RATES) -> View:
    days = last_days(len(some), AT, BERLIN).dates
    rows = [Row(of=day, made=one) for day, one in zip(days, some, strict=True)]
    return view(rows, of=of, days=len(some), rates=rates)


def test_days_are_whole_and_end_with_today_where_the_server_is() -> None:
    days = last_days(7, AT, BERLIN)
    assert (days.dates[0], days.dates[-1]) == (date(2026, 11, 16), date(2026, 11, 22))
    assert days.span.start == datetime(2026, 11, 15, 23, tzinfo=UTC)
    assert [one.end for one in days.spans[:-1]] == [one.start for one in days.spans[1:]]
    assert days.spans[-1].end is None, "what a clock that is ahead put into the future is today's"


def test_who_has_several_roles_counts_for_each_and_who_left_for_none() -> None:
    members = {1: made(3), 2: made(2), 3: made(1)}
    found, without, gone = by_role(members, {1: [7, 8], 2: []})
    assert {role: one.use.videos for role, one in found.items()} == {7: 3, 8: 3}
    assert (without, gone) == (made(2), made(1))
    assert by_role({}, {}) == ({}, NOTHING, NOTHING)


def test_one_currency_is_told_as_it_was_paid() -> None:
    use = Use(videos=2, micros={"CNY": 7_000_000})
    assert currencies_of(use, RATES).shown == ("CNY",)
    assert not currencies_of(use, RATES).are_converted
    assert currencies_of(use, RATES).amount(use, "CNY", RATES) == 7_000_000


def test_several_currencies_are_converted_where_each_has_a_rate_and_else_stand_alone() -> None:
    use = Use(videos=2, micros={"CNY": 7_000_000, "USD": 500_000})
    found = currencies_of(use, RATES)
    assert (found.shown, found.are_converted) == (("USD",), True)
    assert found.amount(use, "USD", RATES) == 1_500_000
    alone = currencies_of(use, Rates())
    assert (alone.shown, alone.are_converted) == (("CNY", "USD"), False)
    assert alone.amount(use, "USD", Rates()) == 500_000


def test_what_was_free_has_no_currency() -> None:
    assert currencies_of(Use(videos=2), RATES).shown == ()
    text = message(of_days(made(2), made(1), of=UsageOf.MONEY))
    assert text.endswith("nothing was paid.")


@pytest.mark.parametrize(
    ("percent", "expected"), [(50, 20.0), (90, 40.0), (100, 40.0), (1, 10.0), (75, 30.0)]
)
def test_how_long_so_many_waited_is_a_wait_that_there_was(percent: int, expected: float) -> None:
    assert at_most([40.0, 10.0, 30.0, 20.0], percent) == expected
    assert at_most([], percent) == 0


@given(st.floats(min_value=0, max_value=1e9))
def test_an_axis_reaches_as_far_as_its_bars_in_few_round_steps(highest: float) -> None:
    for found in (marks(highest), marks(highest, smallest=0.01), span_marks(highest)):
        assert found[0] == 0
        assert found[-1] >= highest * (1 - 1e-9)
        assert len(found) <= TICKS_MAX + 1
        assert len(found) >= 2
    assert all(mark == int(mark) for mark in marks(highest)), "nobody makes half a video"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (81, "81 s"), (99.4, "99 s"), (282, "4.7 min"), (720, "12 min"), (7560, "2.1 h")],
)
def test_spans_are_told_in_a_unit_that_people_count_in(seconds: float, words: str) -> None:
    assert span(seconds) == words


def test_a_week_has_a_line_for_each_day() -> None:
    text = message(of_days(*(made(number) for number in range(7))))
    assert text.splitlines() == [
        "**Videos per day**, Nov 16 to Nov 22 (Europe/Berlin): **21 videos**",
        *(f"Nov {16 + number}: {number}" for number in range(7)),
        "-# Videos that were made, on the day on which they were asked for.",
    ]


def test_more_days_have_a_line_for_each_seven() -> None:
    text = message(of_days(*(made(number) for number in range(30))))
    assert "Oct 24 to Oct 30: 0 · 1 · 2 · 3 · 4 · 5 · 6" in text
    assert "Nov 21 to Nov 22: 28 · 29" in text


@pytest.mark.parametrize("of", list(UsageOf))
@pytest.mark.parametrize("language", list(Language))
def test_the_figures_of_ninety_days_fit_into_few_messages(of: UsageOf, language: Language) -> None:
    each = waited(5000.0, 50_000.0) if of is UsageOf.WAITING else made(1999, USD=123_450_000)
    whole = of_days(*[each] * 90, of=of)
    with speaking(language):
        parts = messages(whole)
        assert len(parts) <= 2
        assert max(map(len, parts)) <= MESSAGE_MAX_CHARACTERS
        assert len(alt_text(whole)) <= 1024
        assert "\n".join(parts).count(" · ") == 90 - 13


def test_members_are_numbered_alike_in_text_and_picture_and_the_rest_is_added_up() -> None:
    rows = [Row(of=ALICE + number, made=made(20 - number), name="Mara") for number in range(12)]
    whole = view(rows, by=UsageBy.MEMBER)
    lines = message(whole).splitlines()
    assert lines[1] == f"1. <@{ALICE}>: 20"
    assert lines[10] == f"10. <@{ALICE + 9}>: 11"
    assert lines[11] == "2 others: 19"
    bars = chart(whole, Language.ENGLISH).panels[0].bars
    assert [bar.number + bar.label for bar in bars[::10]] == ["1. Mara", "2 others"]
    assert bars[0].short == "#0002"
    assert not chart(whole, Language.ENGLISH).panels[0].upright


def test_roles_are_never_added_up() -> None:
    rows = [Row(of=number, made=made(1), name=f"r{number}") for number in range(12)]
    rows.append(Row(of=Rest.WITHOUT, made=made(4)))
    text = message(view(rows, by=UsageBy.ROLE))
    assert "10. <@&9>: 1\nno role: 4\n" in text
    assert "others" not in text
    assert "who has several counts for each" in text


def test_money_says_at_which_rates_it_was_converted() -> None:
    both = (made(1, USD=1_000_000), made(1, CNY=7_000_000))
    text = message(of_days(*both, of=UsageOf.MONEY))
    assert "**USD 2.00**" in text
    assert "converted at the operator's rates of 2026-11-01" in text
    alone = of_days(*both, of=UsageOf.MONEY, rates=Rates())
    assert total(alone) == "CNY 7.00 + USD 1.00"
    assert "converted" not in message(alone)
    assert [panel.heading for panel in chart(alone, Language.ENGLISH).panels] == ["CNY", "USD"]


def test_waiting_tells_half_and_nine_in_ten() -> None:
    text = message(of_days(waited(*range(1, 11)), Made(), of=UsageOf.WAITING))
    assert "**5 s / 9 s**" in text
    assert "Nov 22: -" in text
    assert "Half were there within 65 s of the command." in text
    drawn = chart(of_days(waited(*range(1, 11)), Made(), of=UsageOf.WAITING), Language.ENGLISH)
    assert (drawn.panels[0].bars[0].value, drawn.panels[0].bars[0].reach) == (5, 9)
    assert len(drawn.legend) == 2


def test_who_paid_most_comes_first_also_in_several_currencies() -> None:
    found = {1: made(9, CNY=700_000), 2: made(1, USD=1_000_000)}
    assert by_size(found, UsageOf.MONEY, RATES) == [2, 1]
    assert by_size(found, UsageOf.VIDEOS, RATES) == [1, 2]
    assert by_size({1: waited(1), 2: waited(1, 1)}, UsageOf.WAITING, RATES) == [2, 1]


def test_one_members_own_names_them() -> None:
    day = last_days(1, AT, BERLIN).dates[0]
    text = message(view([Row(of=day, made=made(1))], days=1, user_id=ALICE))
    assert text.startswith(f"**Videos per day**, <@{ALICE}>, ")


def test_where_nothing_was_made_that_is_all_that_is_said() -> None:
    assert message(of_days(Made())).endswith("(Europe/Berlin): no video was made.")
    assert message(view([], by=UsageBy.MEMBER)).endswith("no video was made.")
