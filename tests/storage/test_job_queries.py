from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.domain.fairness import TurnRules
from bot.domain.job import Job, JobState, Origin, OutcomeReason
from bot.domain.routing import WAITS_FOR_SHOT, Taken
from storage import artifacts, films, job_queries, steps, turn_rules
from storage.lanes import claim_next
from tests.accounts import MAIN, rooms, route

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from datetime import datetime


def test_a_job_is_found_by_its_status_message_and_by_its_result(
    db: sqlite3.Connection, job_in: Callable[[JobState], Job]
) -> None:
    job = job_in(JobState.DELIVERED)
    steps.record_status_message(db, job.job_id, message_id=41)
    assert job.place.result_message_id is not None
    for message_id in (41, job.place.result_message_id):
        found = job_queries.job_for_message(db, message_id)
        assert found is not None
        assert found.job_id == job.job_id
    assert job_queries.job_for_message(db, 12345) is None


def test_finding_a_job_by_message_walks_no_table(db: sqlite3.Connection) -> None:
    plan = db.execute(
        "EXPLAIN QUERY PLAN SELECT * FROM job"
        " WHERE status_message_id = :id OR result_message_id = :id",
        {"id": 1},
    ).fetchall()
    assert not [row[3] for row in plan if row[3].startswith("SCAN")]


def test_unfinished_jobs_are_those_that_a_step_goes_on_with(
    db: sqlite3.Connection, job_in: Callable[[JobState], Job]
) -> None:
    states = [state for state in JobState if state is not JobState.QUEUED]
    made = [job_in(state) for state in states]
    unfinished = {JobState.SUBMITTING, JobState.RENDERING, JobState.FETCHED}
    assert job_queries.unfinished_jobs(db) == [job for job in made if job.state in unfinished]
    assert job_queries.taken_by_account(db) == {(MAIN, "cogvideox-3"): Taken(2, 1)}
    counted = job_queries.counts_by_state(db)
    assert counted == {state: int(state in states) for state in JobState}


def test_a_members_jobs_come_newest_first(
    db: sqlite3.Connection, put: Callable[..., Job], job_in: Callable[[JobState], Job]
) -> None:
    ended = job_in(JobState.FAILED)
    put(user_id=11)
    put(guild_id=2)
    newest = put()
    both = job_queries.jobs_of_member(db, 1, 10, limit=5, open_only=False)
    assert both == [newest, ended]
    assert job_queries.jobs_of_member(db, 1, 10, limit=5, open_only=True) == [newest]
    assert job_queries.jobs_of_member(db, 1, 10, limit=1, open_only=False) == [newest]
    assert job_queries.latest_job_of_member(db, 1, 10) == newest
    assert job_queries.latest_job_of_member(db, 1, 12) is None


def test_the_newest_waiting_take_is_found_for_one_member_or_anybody(
    db: sqlite3.Connection, put: Callable[..., Job], job_in: Callable[[JobState], Job]
) -> None:
    parent = job_in(JobState.DELIVERED).job_id
    mine = put(parent_job_id=parent, origin=Origin.AGAIN)
    theirs = put(parent_job_id=parent, origin=Origin.REACTION, user_id=11)
    assert job_queries.newest_waiting_take(db, parent, 10) == mine
    assert job_queries.newest_waiting_take(db, parent, None) == theirs
    assert job_queries.newest_waiting_take(db, parent, 12) is None


def test_only_a_waiting_job_has_a_place(
    db: sqlite3.Connection, job_in: Callable[[JobState], Job]
) -> None:
    running = job_in(JobState.RENDERING)
    waiting = job_in(JobState.QUEUED)
    assert job_queries.place_in_queue(db, waiting.job_id) == 1
    assert job_queries.place_in_queue(db, running.job_id) is None
    assert job_queries.place_in_queue(db, 999) is None


def test_a_servers_list_shows_running_then_waiting_then_held(
    db: sqlite3.Connection, put: Callable[..., Job], job_in: Callable[[JobState], Job]
) -> None:
    held, running = job_in(JobState.HELD), job_in(JobState.RENDERING)
    job_in(JobState.DELIVERED)
    waiting = put()
    put(guild_id=2)
    listed = job_queries.open_jobs_of_guild(db, 1, limit=10)
    expected = [running, waiting, held]
    assert [job.job_id for job in listed] == [job.job_id for job in expected]
    assert [job.user_id for job in listed] == [job.user_id for job in expected]
    assert [job.place.channel_id for job in listed] == [job.place.channel_id for job in expected]
    assert job_queries.open_jobs_of_guild(db, 1, limit=2) == listed[:2]


def test_what_a_member_cancels_without_a_number_is_what_waits_else_what_is_open_else_the_newest(
    db: sqlite3.Connection,
    put: Callable[..., Job],
    job_in: Callable[[JobState], Job],
    at: datetime,
) -> None:
    def cancelled() -> int | None:
        return job_queries.newest_to_cancel(db, 1, ended.user_id)

    ended = job_in(JobState.DELIVERED)
    assert job_queries.newest_to_cancel(db, 1, ended.user_id + 1) is None
    assert cancelled() == ended.job_id
    waiting, taken = put(), put()
    assert waiting.user_id == ended.user_id
    steps.put_first(db, taken.job_id)
    claimed = claim_next(db, rooms=rooms({"cogvideox-3": 9}), at=at)
    assert claimed is not None
    assert claimed.job_id == taken.job_id
    assert cancelled() == waiting.job_id
    steps.cancel_waiting(db, waiting.job_id, reason=OutcomeReason.CANCELLED_BY_MEMBER, at=at)
    assert cancelled() == taken.job_id
    assert job_queries.newest_to_cancel(db, 2, ended.user_id) is None


@pytest.mark.parametrize("by_number", [False, True])
def test_a_shot_that_waits_for_another_is_ahead_of_nobody_until_it_is_in_line(
    db: sqlite3.Connection, put: Callable[..., Job], at: datetime, *, by_number: bool
) -> None:
    turn_rules.save(db, 1, TurnRules(first_come_first_served=by_number))
    shots = [put(route=WAITS_FOR_SHOT, user_id=user_id) for user_id in (10, 11, 11)]
    elsewhere = put(route=WAITS_FOR_SHOT, guild_id=2)
    waiting = [put(), put(user_id=12)]
    numbers = [job.job_id for job in waiting]
    assert [job_queries.place_in_queue(db, number) for number in numbers] == [1, 2]
    for shot in (*shots, elsewhere):
        assert job_queries.place_in_queue(db, shot.job_id) is None
    listed = [job.job_id for job in job_queries.open_jobs_of_guild(db, 1, limit=9)]
    assert listed == [*numbers, *(shot.job_id for shot in shots)]
    artifacts.register(db, "f" * 64, kind="image", size_bytes=1, at=at)
    assert films.let_wait_for_turn(
        db, shots[0].job_id, image_id="f" * 64, route=route("cogvideox-3")
    )
    in_line = sorted([*numbers, shots[0].job_id])
    order = sorted(in_line, key=lambda number: job_queries.place_in_queue(db, number) or 0)
    assert {job_queries.place_in_queue(db, number) for number in in_line} == {1, 2, 3}
    listed = [job.job_id for job in job_queries.open_jobs_of_guild(db, 1, limit=9)]
    assert listed == [*order, *(shot.job_id for shot in shots[1:])]
    claims = [claim_next(db, rooms=rooms({"cogvideox-3": 9}), at=at) for _ in range(4)]
    assert [job and job.job_id for job in claims] == [*order, None]


def test_a_job_at_rest_is_unshown_until_its_status_says_that_state(
    db: sqlite3.Connection, job_in: Callable[[JobState], Job], at: datetime
) -> None:
    def unshown(limit: int = 9) -> list[int]:
        within = {"since": at - timedelta(days=1), "before": at}
        return job_queries.at_rest_unshown(db, **within, limit=limit)

    failed = job_in(JobState.FAILED).job_id
    held = job_in(JobState.HELD).job_id
    job_in(JobState.RENDERING)
    assert sorted(unshown()) == [failed, held]
    assert len(unshown(limit=1)) == 1
    steps.record_shown(db, failed, state=JobState.RENDERING)
    assert sorted(unshown()) == [failed, held]
    steps.record_shown(db, failed, state=JobState.FAILED)
    steps.record_shown(db, held, state=JobState.HELD)
    assert unshown() == []
    after = at + timedelta(seconds=1)
    delivered = job_in(JobState.DELIVERED).job_id
    assert unshown() == [delivered]
    assert job_queries.at_rest_unshown(db, since=after, before=after, limit=9) == []
