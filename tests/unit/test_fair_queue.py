"""The fair order, by its properties rather than by examples."""

from __future__ import annotations

from collections import Counter, defaultdict

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.fairness import ALIKE, TurnRules, TurnTerms, charge
from tests.fair_queue import FairQueue, Waiting

M = "m"
ROUTES = {"m main"}


def job(
    number: int, guild_id: int, user_id: int, cost_ms: int = 1000, priority: int = 0
) -> Waiting:
    return Waiting(
        job_id=number,
        guild_id=guild_id,
        user_id=user_id,
        model=M,
        route="m main",
        cost_ms=cost_ms,
        priority=priority,
    )


def queue_of(jobs: list[Waiting], terms: TurnTerms = ALIKE) -> FairQueue:
    queue = FairQueue(terms)
    for waiting in jobs:
        queue.join(waiting)
    return queue


@st.composite
def backlogs(draw: st.DrawFn) -> list[Waiting]:
    lanes = draw(
        st.lists(
            st.tuples(st.integers(1, 4), st.integers(1, 4), st.integers(1000, 9000)), max_size=40
        )
    )
    return [job(number, guild, user, cost) for number, (guild, user, cost) in enumerate(lanes, 1)]


@given(backlogs())
def test_everyone_is_served_once(jobs: list[Waiting]) -> None:
    assert sorted(queue_of(jobs).order(M)) == [waiting.job_id for waiting in jobs]


@given(backlogs())
def test_looking_at_the_order_changes_nothing(jobs: list[Waiting]) -> None:
    queue = queue_of(jobs)
    order = queue.order(M)
    assert queue.order(M) == order
    served = [queue.claim(ROUTES) for _ in jobs]
    assert [waiting and waiting.job_id for waiting in served] == order


@given(backlogs())
def test_a_members_own_jobs_keep_their_order(jobs: list[Waiting]) -> None:
    by_id = {waiting.job_id: waiting for waiting in jobs}
    lanes: dict[tuple[int, int], list[int]] = defaultdict(list)
    for number in queue_of(jobs).order(M):
        lanes[by_id[number].guild_id, by_id[number].user_id].append(number)
    assert all(numbers == sorted(numbers) for numbers in lanes.values())


@given(backlogs(), st.dictionaries(st.integers(1, 4), st.integers(1, 5)))
def test_while_two_servers_wait_their_work_by_weight_differs_by_no_more_than_one_job_each(
    jobs: list[Waiting], weights: dict[int, int]
) -> None:
    terms = TurnTerms(guild_weights=weights)
    queue = queue_of(jobs, terms)
    left = Counter(waiting.guild_id for waiting in jobs)
    work: Counter[int] = Counter()
    dearest = {guild: charge(9000, terms.guild_weight(guild)) for guild in left}
    while (served := queue.claim(ROUTES)) is not None:
        guild = served.guild_id
        left[guild] -= 1
        work[guild] += charge(served.cost_ms, terms.guild_weight(guild))
        waits = [other for other, count in left.items() if count]
        for one in waits:
            for other in waits:
                assert work[one] - work[other] <= dearest[one] + dearest[other]


@given(backlogs(), st.integers(1, 4))
def test_a_flood_of_ones_own_delays_nobody_elses_first_video(
    jobs: list[Waiting], flooded: int
) -> None:
    flood = [job(1000 + n, flooded, 1) for n in range(50)]
    order = queue_of([*jobs, *flood]).order(M)
    by_id = {waiting.job_id: waiting.guild_id for waiting in [*jobs, *flood]}
    for guild in {waiting.guild_id for waiting in jobs} - {flooded}:
        first = next(i for i, number in enumerate(order) if by_id[number] == guild)
        assert first < 4, "at most the other three servers' first turns come before"


@given(backlogs(), st.integers(0, 40))
def test_a_newcomer_is_served_within_one_round(jobs: list[Waiting], served: int) -> None:
    queue = queue_of(jobs)
    for _ in range(served):
        queue.claim(ROUTES)
    waiting_guilds = {waiting.guild_id for waiting in queue.waiting.values()}
    queue.join(job(999, guild_id=99, user_id=1))
    assert queue.order(M).index(999) <= len(waiting_guilds)


@given(backlogs(), st.integers(1, 40))
def test_a_turn_that_is_given_back_was_none(jobs: list[Waiting], claims: int) -> None:
    queue = queue_of(jobs)
    order = queue.order(M)
    served = [found for _ in range(claims) if (found := queue.claim(ROUTES)) is not None]
    for found in reversed(served):
        queue.give_back(found.job_id)
    assert queue.order(M) == order


def test_a_share_of_three_is_served_three_times_as_often() -> None:
    jobs = [job(number, 1 + number % 2, 1) for number in range(1, 801)]
    order = queue_of(jobs, TurnTerms(guild_weights={1: 3})).order(M)
    assert Counter(1 + number % 2 for number in order[:400]) == {1: 300, 2: 100}


def test_dear_videos_are_served_less_often() -> None:
    jobs = [
        job(number, 1 + number % 2, 1, 20_000 if number % 2 else 8000) for number in range(1, 99)
    ]
    order = queue_of(jobs).order(M)
    assert Counter(1 + number % 2 for number in order[:28]) == {1: 20, 2: 8}


def test_idling_earns_nothing() -> None:
    queue = queue_of([job(number, 1, 1) for number in range(1, 101)])
    queue.join(job(200, 2, 1))
    for _ in range(60):
        queue.claim(ROUTES)
    for number in range(300, 310):  # the second server comes back after a long time
        queue.join(job(number, 2, 1))
    order = queue.order(M)[:10]
    assert sum(number >= 300 for number in order) == 5


def test_who_has_too_much_in_flight_delays_nobody_and_earns_nothing() -> None:
    queue = queue_of(
        [job(number, 1 + number % 2, 1) for number in range(1, 41)],
        TurnTerms(in_flight_per_guild=1),
    )
    first = queue.claim(ROUTES)
    second = queue.claim(ROUTES)
    assert first is not None
    assert second is not None
    assert queue.claim(ROUTES) is None, "both are full"
    for _ in range(10):  # the second server's places free, the first one's does not
        queue.end(second.job_id)
        second = queue.claim(ROUTES)
        assert second is not None
        assert second.guild_id != first.guild_id
    queue.end(first.job_id)
    queue.end(second.job_id)
    guilds = [1 + number % 2 for number in queue.order(M)[:4]]
    assert sorted(guilds) == [1, 1, 2, 2]


def test_a_priority_is_among_ones_own_only() -> None:
    queue = queue_of([job(1, 1, 1), job(2, 1, 1), job(3, 1, 1, priority=7), job(4, 1, 2)])
    assert queue.order(M) == [3, 4, 1, 2]


def test_first_come_first_served_is_a_servers_choice() -> None:
    jobs = [job(number, 1, 1) for number in (1, 2, 3)] + [job(4, 1, 2), job(5, 2, 1)]
    queue = queue_of(jobs)
    assert queue.order(M) == [1, 5, 4, 2, 3]
    queue.rules[1] = TurnRules(first_come_first_served=True)
    assert queue.order(M) == [1, 5, 2, 3, 4]


def test_a_servers_cap_for_members_holds_there_and_never_above_the_operators() -> None:
    jobs = [job(number, number % 2, 1) for number in range(8)]
    queue = queue_of(jobs, TurnTerms(in_flight_per_member=2))
    queue.rules[0] = TurnRules(in_flight_per_member=1)
    queue.rules[1] = TurnRules(in_flight_per_member=3)
    served = [found.guild_id for found in iter(lambda: queue.claim(ROUTES), None)]
    assert Counter(served) == {0: 1, 1: 2}
