from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

import pytest

from bot.domain.errors import QueueFullError, QuotaExceededError, TakeAlreadyOpenError
from bot.domain.job import Job, JobState, NewJob, Origin, OutcomeReason
from bot.domain.quota import QuotaRule, Scope
from bot.domain.takes import NotAllFitError, origin_keys
from bot.domain.windows import Window
from storage import quotas, steps
from storage.enqueue import enqueue, enqueue_all
from storage.job_queries import counts_by_state, get_job, waiting_count

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from datetime import datetime

    from storage.database import Database

SERVER_DAILY = QuotaRule(scope=Scope.SERVER, subject_id=1, window=Window.DAY, limit=10)


def test_what_was_enqueued_is_what_is_read(
    db: sqlite3.Connection, at: datetime, new_job: Callable[..., NewJob]
) -> None:
    new = new_job(images=("a" * 64, "b" * 64))
    job = enqueue(db, new, at=at, max_waiting_per_member=1)
    assert (job.request, job.user_id, job.place, job.origin) == (
        new.request,
        new.user_id,
        new.place,
        new.origin,
    )
    assert (job.state, job.attempt, job.created_at, job.state_at) == (JobState.QUEUED, 0, at, at)
    assert get_job(db, job.job_id) == job


def test_a_repeated_origin_is_the_same_job_even_after_it_ended(
    put: Callable[..., Job], job_in: Callable[[JobState], Job]
) -> None:
    ended = job_in(JobState.DELIVERED)
    assert put(origin_key="interaction-1") == ended
    first = put(origin_key="click")
    assert put(origin_key="click", user_id=99).job_id == first.job_id


@pytest.mark.parametrize("state", [state for state in JobState if state is not JobState.QUEUED])
@pytest.mark.parametrize("second", [Origin.AGAIN, Origin.REACTION])
def test_a_member_has_one_open_take_of_a_result(
    state: JobState,
    second: Origin,
    db: sqlite3.Connection,
    put: Callable[..., Job],
    job_in: Callable[[JobState], Job],
) -> None:
    parent = job_in(JobState.DELIVERED)
    take = job_in(state)
    db.execute(
        "UPDATE job SET parent_job_id = ?, origin = 'again' WHERE job_id = ?",
        (parent.job_id, take.job_id),
    )
    again = partial(put, parent_job_id=parent.job_id, origin=second, origin_key=None)
    if take.is_terminal:
        assert again().parent_job_id == parent.job_id
        return
    with pytest.raises(TakeAlreadyOpenError) as caught:
        again()
    assert caught.value.job_id == take.job_id
    assert again(user_id=11).user_id == 11  # another member's take is their own
    assert put(parent_job_id=parent.job_id, origin=Origin.EDIT).origin is Origin.EDIT


def takes_of(
    new_job: Callable[..., NewJob], parent: Job, cause: str, **words: object
) -> list[NewJob]:
    words |= {"parent_job_id": parent.job_id, "origin": Origin.TAKES}
    return [new_job(origin_key=key, **words) for key in origin_keys(cause, 3)]


def test_several_takes_are_of_one_click_and_the_next_click_waits_for_them(
    db: sqlite3.Connection, at: datetime, put: Callable[..., Job], new_job: Callable[..., NewJob]
) -> None:
    parent = put()
    add = partial(enqueue_all, db, at=at, max_waiting_per_member=9)
    takes = add(takes_of(new_job, parent, "interaction:1"))
    assert [take.parent_job_id for take in takes] == [parent.job_id] * 3
    assert add(takes_of(new_job, parent, "interaction:1")) == takes  # the same click, told twice
    with pytest.raises(TakeAlreadyOpenError) as caught:
        add(takes_of(new_job, parent, "interaction:2"))
    assert caught.value.job_id == takes[0].job_id
    assert len(add(takes_of(new_job, parent, "interaction:3", user_id=11))) == 3
    for take in takes:
        steps.cancel_waiting(db, take.job_id, reason=OutcomeReason.CANCELLED_BY_MEMBER, at=at)
    assert len(add(takes_of(new_job, parent, "interaction:4"))) == 3


def test_a_limit_that_lets_some_of_several_pass_says_how_many(
    db: sqlite3.Connection, at: datetime, put: Callable[..., Job], new_job: Callable[..., NewJob]
) -> None:
    parent = put()
    three = takes_of(new_job, parent, "interaction:1")
    with pytest.raises(QueueFullError):  # not even one: said as ever
        enqueue_all(db, three, at=at, max_waiting_per_member=1)
    with pytest.raises(NotAllFitError) as caught:
        enqueue_all(db, three, at=at, max_waiting_per_member=3)
    assert str(caught.value).startswith("There is room for 2 of 3 videos, so none was started.")
    assert "You already have 3 videos waiting" in str(caught.value)


def test_a_member_waits_for_so_many_and_no_more(
    db: sqlite3.Connection, at: datetime, new_job: Callable[..., NewJob]
) -> None:
    add = partial(enqueue, db, at=at, max_waiting_per_member=2)
    add(new_job())
    add(new_job())
    with pytest.raises(QueueFullError) as caught:
        add(new_job())
    assert caught.value.limit == 2
    add(new_job(user_id=11))
    add(new_job(guild_id=2))


def test_a_server_waits_for_so_many_and_no_more(
    db: sqlite3.Connection, at: datetime, new_job: Callable[..., NewJob]
) -> None:
    add = partial(enqueue, db, at=at, max_waiting_per_member=9, max_waiting_per_guild=2)
    add(new_job())
    waiting = add(new_job(user_id=11, model="cogvideox-2"))
    with pytest.raises(QueueFullError, match="This server already has 2 videos") as caught:
        add(new_job(user_id=12))
    assert (caught.value.limit, caught.value.of_server) == (2, True)
    add(new_job(guild_id=2))
    reason = OutcomeReason.CANCELLED_BY_MEMBER
    steps.cancel_waiting(db, waiting.job_id, reason=reason, at=at)
    add(new_job(user_id=12))


async def test_a_hundred_at_once_never_pass_a_limit_of_ten(
    database: Database, at: datetime, new_job: Callable[..., NewJob]
) -> None:
    await database.write(partial(quotas.set_rule, guild_id=1, rule=SERVER_DAILY, set_by=9, at=at))
    outcomes = await asyncio.gather(
        *(
            database.write(
                partial(enqueue, new=new_job(user_id=user), at=at, max_waiting_per_member=5)
            )
            for user in range(1, 101)
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(outcome, Job) for outcome in outcomes) == 10
    assert sum(isinstance(outcome, QuotaExceededError) for outcome in outcomes) == 90
    assert await database.read(waiting_count) == 10
    (reserved,) = await database.read(
        lambda db: db.execute("SELECT sum(videos) FROM ledger").fetchone()
    )
    assert reserved == 10


async def test_a_hundred_deliveries_of_one_click_are_one_job(
    database: Database, at: datetime, new_job: Callable[..., NewJob]
) -> None:
    new = new_job(origin_key="click")
    jobs = await asyncio.gather(
        *(
            database.write(partial(enqueue, new=new, at=at, max_waiting_per_member=1))
            for _ in range(100)
        )
    )
    assert {job.job_id for job in jobs} == {1}
    assert (await database.read(counts_by_state))[JobState.QUEUED] == 1


def test_a_released_video_can_be_made_after_all(
    db: sqlite3.Connection, at: datetime, put: Callable[..., Job], job_in: Callable[[JobState], Job]
) -> None:
    one = QuotaRule(scope=Scope.MEMBER, subject_id=10, window=Window.DAY, limit=1)
    job_in(JobState.FAILED)
    quotas.set_rule(db, 1, one, set_by=9, at=at)
    waiting = put()
    with pytest.raises(QuotaExceededError):
        put()
    steps.finish(
        db,
        waiting.job_id,
        expected=JobState.QUEUED,
        state=JobState.FAILED,
        reason=OutcomeReason.INPUT_LOST,
        at=at,
    )
    put()
