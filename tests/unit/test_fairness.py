"""The serving order, by its properties rather than by examples."""

from __future__ import annotations

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.fairness import Waiting, serving_order


@st.composite
def queues(draw: st.DrawFn) -> list[Waiting]:
    lanes = draw(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 4)), max_size=40))
    jobs = [
        Waiting(job_id=number, guild_id=guild, user_id=user)
        for number, (guild, user) in enumerate(lanes, 1)
    ]
    return draw(st.permutations(jobs))


served = st.dictionaries(st.integers(1, 4), st.integers(1, 99))
members_served = st.dictionaries(
    st.tuples(st.integers(1, 4), st.integers(1, 4)), st.integers(1, 99)
)


def order_of(waiting: list[Waiting]) -> list[Waiting]:
    by_id = {job.job_id: job for job in waiting}
    return [by_id[n] for n in serving_order(waiting, guild_served={}, member_served={})]


@given(queues(), served, members_served)
def test_everyone_is_served_once(
    waiting: list[Waiting], guilds: dict[int, int], members: dict[tuple[int, int], int]
) -> None:
    order = serving_order(waiting, guild_served=guilds, member_served=members)
    assert sorted(order) == sorted(job.job_id for job in waiting)


@given(queues(), served, members_served)
def test_what_was_served_before_is_not_changed_by_looking(
    waiting: list[Waiting], guilds: dict[int, int], members: dict[tuple[int, int], int]
) -> None:
    before = (list(waiting), dict(guilds), dict(members))
    first = serving_order(waiting, guild_served=guilds, member_served=members)
    assert (waiting, guilds, members) == before
    shuffled = sorted(waiting, key=lambda job: -job.job_id)
    assert serving_order(shuffled, guild_served=guilds, member_served=members) == first


@given(queues())
def test_a_members_own_jobs_keep_their_order(waiting: list[Waiting]) -> None:
    lanes: dict[tuple[int, int], list[int]] = defaultdict(list)
    for job in order_of(waiting):
        lanes[job.guild_id, job.user_id].append(job.job_id)
    assert all(numbers == sorted(numbers) for numbers in lanes.values())


@given(queues())
def test_while_two_servers_wait_neither_is_more_than_one_turn_ahead(
    waiting: list[Waiting],
) -> None:
    left: dict[int, int] = defaultdict(int)
    for job in waiting:
        left[job.guild_id] += 1
    turns: dict[int, int] = dict.fromkeys(left, 0)
    for job in order_of(waiting):
        turns[job.guild_id] += 1
        left[job.guild_id] -= 1
        still_waiting = [turns[guild] for guild, jobs in left.items() if jobs]
        assert not still_waiting or max(still_waiting) - min(still_waiting) <= 1


@given(queues(), st.integers(1, 4))
def test_a_flood_of_ones_own_delays_nobody_elses_first_video(
    waiting: list[Waiting], flooded: int
) -> None:
    flood = [Waiting(job_id=1000 + n, guild_id=flooded, user_id=1) for n in range(50)]
    with_flood = order_of([*waiting, *flood])
    for guild in {job.guild_id for job in waiting} - {flooded}:
        first = next(i for i, job in enumerate(with_flood) if job.guild_id == guild)
        assert first < 4, "at most the other three servers' first turns come before"


@given(queues())
def test_who_was_served_last_comes_last_of_the_servers(waiting: list[Waiting]) -> None:
    guilds = {job.guild_id for job in waiting}
    if len(guilds) < 2:
        return
    just_served = min(guilds)
    order = serving_order(waiting, guild_served={just_served: 5}, member_served={})
    by_id = {job.job_id: job.guild_id for job in waiting}
    first_turns = list(dict.fromkeys(by_id[number] for number in order))
    assert first_turns[-1] == just_served
