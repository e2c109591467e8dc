"""What is ahead of a job, against the order itself."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.fairness import TurnTerms
from bot.domain.line import Ahead, Lane, ahead_in_others, expected_wait_s
from tests.fair_queue import FairQueue, Waiting

COST_MS = 7000
weights = st.dictionaries(st.integers(1, 4), st.integers(1, 6))


@given(
    weights,
    st.lists(st.integers(1, 4), max_size=60),
    st.integers(0, 30),
    st.lists(st.integers(1, 4), min_size=1, max_size=60),
)
def test_it_is_exact_where_costs_are_equal(
    shares: dict[int, int], earlier: list[int], claims: int, later: list[int]
) -> None:
    terms = TurnTerms(guild_weights=shares)
    fair = FairQueue(terms)
    lanes: dict[int, Lane] = {}
    numbers = iter(range(1, 1000))

    def join(guild_id: int) -> None:
        number = next(numbers)
        fair.join(
            Waiting(
                job_id=number,
                guild_id=guild_id,
                user_id=1,
                model="m",
                route="m main",
                cost_ms=COST_MS,
            )
        )

    for guild_id in earlier:
        join(guild_id)
    for _ in range(claims):
        fair.claim({"m main"})
    for guild_id in later:
        join(guild_id)
    order = [fair.waiting[number].guild_id for number in fair.order("m")]
    for guild_id in set(order):
        lane = fair.lane("m", guild_id)
        waiting = order.count(guild_id)
        lanes[guild_id] = Lane(
            guild_id,
            lane.vtime,
            lane.served,
            terms.guild_weight(guild_id),
            waiting,
            waiting * COST_MS,
        )
    own_jobs: dict[int, int] = dict.fromkeys(lanes, 0)
    for place, guild_id in enumerate(order):
        others = [lane for number, lane in lanes.items() if number != guild_id]
        own = Ahead(own_jobs[guild_id], own_jobs[guild_id] * COST_MS)
        ahead = own + ahead_in_others(lanes[guild_id], own, others)
        assert ahead == Ahead(place, place * COST_MS)
        own_jobs[guild_id] += 1


def test_jobs_that_differ_count_as_the_mean_of_their_lane() -> None:
    own = Lane(1, vtime=0, served=5, weight=1, waiting=3, cost_ms=90_000)
    other = Lane(2, vtime=0, served=4, weight=1, waiting=4, cost_ms=40_000)
    assert ahead_in_others(own, Ahead(), [other]) == Ahead(1, 10_000)
    assert ahead_in_others(own, Ahead(1, 30_000), [other]) == Ahead(3, 30_000)
    assert ahead_in_others(own, Ahead(2, 60_000), [other]) == Ahead(4, 40_000)


def test_a_job_starts_when_the_work_in_front_of_it_is_done() -> None:
    two = Ahead(2, 120_000)
    assert expected_wait_s(two, [30.0, 10.0], places=2) == (120 + 40) / 2
    assert expected_wait_s(Ahead(), [30.0], places=1) == 30
    assert expected_wait_s(Ahead(), [30.0], places=2) == 0, "a place is free"
    assert expected_wait_s(two, [], places=2) == 60
    assert expected_wait_s(two, [], places=3) == 0
