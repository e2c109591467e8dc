"""What is believed of render times, and when a render is asked for by it."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.polling import (
    JITTER,
    LONGEST_WAIT_S,
    SHORTEST_WAIT_S,
    SLOWEST_WAIT_S,
    wait_before_poll_s,
)
from bot.domain.render_times import (
    EDGES_S,
    LAST_EDGE_S,
    LATE_AFTER_S,
    RenderTimes,
    assumed,
    expected_time,
)

DAY_S = 86_400.0
unhurried = settings(deadline=None, max_examples=60)  # a busy machine is no failure
USUAL = assumed(median_s=90, p95_s=270)

renders = st.lists(
    st.tuples(st.floats(0, 20_000), st.floats(0, 500)).map(lambda two: (two[0], two[0] + two[1])),
    max_size=30,
)


@st.composite
def beliefs(draw: st.DrawFn) -> RenderTimes:
    """Any assumption, and any renders seen since."""
    median_s = draw(st.floats(1, 5000))
    times = assumed(median_s=median_s, p95_s=median_s * draw(st.floats(1.05, 10)))
    for earliest_s, latest_s in draw(renders):
        times = times.after_render(earliest_s, latest_s)
    return times


ages = st.floats(0, 5 * DAY_S)
shares = st.floats(0, 1)


@pytest.mark.parametrize(("median_s", "p95_s"), [(45, 150), (90, 240), (900, 1320)])
def test_an_assumption_gives_back_what_was_assumed(median_s: float, p95_s: float) -> None:
    times = assumed(median_s=median_s, p95_s=p95_s)
    assert times.quantile_s(0.5) == pytest.approx(median_s, rel=0.02)
    assert times.quantile_s(0.95) == pytest.approx(p95_s, rel=0.02)


@unhurried
@given(beliefs(), ages, shares, shares)
def test_more_renders_are_done_later_and_none_before_now(
    times: RenderTimes, elapsed_s: float, one: float, other: float
) -> None:
    low, high = (times.quantile_s(share, elapsed_s=elapsed_s) for share in sorted((one, other)))
    assert elapsed_s <= low <= high <= max(elapsed_s, LAST_EDGE_S)


@unhurried
@given(beliefs(), ages, ages, shares)
def test_the_longer_it_takes_the_later_it_is_expected(
    times: RenderTimes, one_s: float, other_s: float, share: float
) -> None:
    earlier, later = (
        times.quantile_s(share, elapsed_s=elapsed_s) for elapsed_s in sorted((one_s, other_s))
    )
    assert earlier <= later * (1 + 1e-9)


@unhurried
@given(beliefs(), st.floats(0, 20_000), st.floats(0, 500))
def test_a_render_makes_its_own_time_likelier(
    times: RenderTimes, earliest_s: float, more_s: float
) -> None:
    latest_s = earliest_s + more_s
    learnt = times
    for _ in range(300):
        learnt = learnt.after_render(earliest_s, latest_s)
    if latest_s < LAST_EDGE_S / 2:
        assert learnt.quantile_s(0.9) >= earliest_s / 1.5
        assert learnt.quantile_s(0.1) <= max(latest_s, EDGES_S[1]) * 1.5


@pytest.mark.parametrize("factor", [1 / 3, 3])
def test_fifty_renders_correct_an_assumption_that_is_wrong_by_three(factor: float) -> None:
    chance = random.Random(1)  # noqa: S311  # repeatable, guards no secret
    times = assumed(median_s=90 * factor, p95_s=270 * factor)
    for _ in range(50):
        took_s = chance.lognormvariate(math.log(90), 0.6)
        times = times.after_render(took_s * 0.95, took_s * 1.05)
    assert times.quantile_s(0.5) == pytest.approx(90, rel=0.25)


def test_a_gateway_that_became_slower_is_learnt_anew() -> None:
    times = USUAL
    for _ in range(1000):
        times = times.after_render(28, 32)
    assert times.quantile_s(0.5) == pytest.approx(30, rel=0.2)
    for _ in range(150):
        times = times.after_render(290, 310)
    assert times.quantile_s(0.5) == pytest.approx(300, rel=0.2)


@pytest.mark.parametrize(
    "weights",
    [[1.0], [1.0] * (len(EDGES_S) + 1), [*([0.0] * (len(EDGES_S) - 1)), -1.0]],
)
def test_weights_that_no_render_makes_are_refused(weights: list[float]) -> None:
    with pytest.raises(ValueError, match="weights"):
        RenderTimes(USUAL.assumed, weights)
    with pytest.raises(ValueError, match="weights"):
        RenderTimes(USUAL.assumed, [math.nan] * len(EDGES_S))


@unhurried
@given(beliefs(), ages, st.floats(-1, 1), st.floats(0.001, 10))
def test_no_wait_is_zero_and_none_is_for_ever(
    times: RenderTimes, elapsed_s: float, jitter: float, pace: float
) -> None:
    wait_s = wait_before_poll_s(times, elapsed_s=elapsed_s * pace, jitter=jitter, pace=pace) / pace
    assert wait_s >= SHORTEST_WAIT_S * (1 - JITTER) * (1 - 1e-9)
    assert wait_s <= SLOWEST_WAIT_S * (1 + JITTER) * (1 + 1e-9)
    if elapsed_s < LATE_AFTER_S:
        assert wait_s <= LONGEST_WAIT_S * (1 + JITTER) * (1 + 1e-9)


@unhurried
@given(beliefs(), st.floats(0, 1800), st.floats(0.01, 1), st.floats(0.01, 1))
def test_the_dearer_a_poll_the_longer_the_wait(
    times: RenderTimes, elapsed_s: float, one: float, other: float
) -> None:
    cheap, dear = sorted((one, other))
    assert wait_before_poll_s(
        times, elapsed_s=elapsed_s, jitter=0, poll_cost_s=cheap
    ) <= wait_before_poll_s(times, elapsed_s=elapsed_s, jitter=0, poll_cost_s=dear) * (1 + 1e-9)


@unhurried
@given(beliefs(), st.floats(0, DAY_S), st.floats(0, DAY_S))
def test_after_the_patience_it_is_asked_slower_and_slower(
    times: RenderTimes, one_s: float, other_s: float
) -> None:
    patience_s = times.patience_s()
    early_s, late_s = sorted((patience_s + one_s, patience_s + 2 * other_s))
    if late_s > 2 * early_s:
        early, late = (
            wait_before_poll_s(times, elapsed_s=elapsed_s, jitter=0)
            for elapsed_s in (early_s, late_s)
        )
        assert early <= late * (1 + 1e-9)


@unhurried
@given(beliefs())
def test_a_render_that_never_ends_costs_few_polls_and_is_never_forgotten(
    times: RenderTimes,
) -> None:
    elapsed_s, polls = 0.0, 0
    while elapsed_s < 7 * DAY_S:
        elapsed_s += wait_before_poll_s(times, elapsed_s=elapsed_s, jitter=0)
        polls += 1
    # Where everything is expected at one moment, it is asked for every two seconds around it.
    assert 7 * DAY_S / SLOWEST_WAIT_S <= polls <= 2500


def test_polls_lie_densest_where_a_render_is_expected() -> None:
    times = assumed(median_s=900, p95_s=1320)
    waits_s = [
        wait_before_poll_s(times, elapsed_s=elapsed_s, jitter=0) for elapsed_s in (0, 400, 900)
    ]
    assert waits_s[0] == LONGEST_WAIT_S
    assert waits_s[0] > waits_s[1] > waits_s[2]
    assert waits_s[2] < 15


def test_a_pace_scales_the_whole_schedule() -> None:
    real = wait_before_poll_s(USUAL, elapsed_s=60, jitter=0.5)
    assert wait_before_poll_s(USUAL, elapsed_s=0.6, jitter=0.5, pace=0.01) == pytest.approx(
        real / 100
    )
    expected, scaled = expected_time(USUAL), expected_time(USUAL, pace=0.01)
    assert scaled.latest_s == pytest.approx(expected.latest_s / 100)


@unhurried
@given(beliefs(), ages)
def test_what_is_told_holds_four_of_five_renders_that_go_on(
    times: RenderTimes, elapsed_s: float
) -> None:
    told = expected_time(times, elapsed_s=elapsed_s)
    assert elapsed_s <= told.earliest_s <= told.latest_s
    assert told.late <= (elapsed_s > LATE_AFTER_S)
    assert not (told.late and not told.overdue)


def test_a_render_is_overdue_first_and_late_much_later() -> None:
    told = [expected_time(USUAL, elapsed_s=elapsed_s) for elapsed_s in (0, 30, 300, 1801)]
    assert [one.overdue for one in told] == [False, False, True, True]
    assert [one.late for one in told] == [False, False, False, True]
    assert told[0].earliest_s == pytest.approx(38, abs=3)
    assert told[0].latest_s == pytest.approx(212, abs=8)
    assert told[2].earliest_s > 300
