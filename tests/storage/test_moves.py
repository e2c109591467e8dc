from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from bot.domain.errors import JobNotFoundError, NotCancellableError, StaleStateError
from bot.domain.job import MOVES, Clip, Job, JobState, OutcomeReason
from storage import erasure, held, steps, takedowns
from storage.balances import differences
from storage.failures import FOREIGN_ERRORS
from storage.job_rows import get_job
from storage.lanes import claim_next, waiting_of_member
from storage.ledger import charge_of
from storage.recount import recount_lanes
from tests.accounts import rooms

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from datetime import datetime

REASON = OutcomeReason.RENDER_FAILED


def moves_to(
    target: JobState, *, state: JobState, at: datetime, clip: Clip
) -> Callable[[sqlite3.Connection, int], object]:
    """The function that moves a job to a state, told that it is in ``state``."""
    match target:
        case JobState.QUEUED:
            return partial(steps.requeue, at=at, fresh_request=False)
        case JobState.RENDERING:
            return partial(steps.record_task, provider_task_id="another", at=at)
        case JobState.FETCHED:
            return partial(steps.record_fetched, clip=clip, at=at)
        case JobState.DELIVERED:
            return partial(steps.record_delivered, result_message_id=1, thread_id=None, at=at)
        case _:
            return partial(steps.finish, expected=state, state=target, reason=REASON, at=at)


CLAIMED = JobState.SUBMITTING  # entered by claim_next alone, which takes none but queued jobs
NOT_OFFERED = {(JobState.HELD, JobState.QUEUED)}  # the operator's; no step does it yet
PAIRS = [(state, target) for state in JobState for target in JobState if target is not CLAIMED]


@pytest.mark.parametrize(
    ("state", "target"), [(s, t) for s, t in PAIRS if t in MOVES[s] and (s, t) not in NOT_OFFERED]
)
def test_an_allowed_move_is_made_once(
    state: JobState,
    target: JobState,
    db: sqlite3.Connection,
    at: datetime,
    job_in: Callable[[JobState], Job],
    clip: Clip,
) -> None:
    job, later = job_in(state), at + timedelta(minutes=1)
    move = moves_to(target, state=state, at=later, clip=clip)
    move(db, job.job_id)
    moved = get_job(db, job.job_id)
    assert moved is not None
    assert (moved.state, moved.state_at) == (target, later)
    assert recount_lanes(db) == 0
    with pytest.raises(StaleStateError):
        move(db, job.job_id)


@pytest.mark.parametrize(
    ("state", "target"), [(s, t) for s, t in PAIRS if t not in MOVES[s] or (s, t) in NOT_OFFERED]
)
def test_a_forbidden_move_changes_nothing(
    state: JobState,
    target: JobState,
    db: sqlite3.Connection,
    at: datetime,
    job_in: Callable[[JobState], Job],
    clip: Clip,
) -> None:
    job = job_in(state)
    db.execute("BEGIN")
    with pytest.raises((StaleStateError, ValueError)):
        moves_to(target, state=state, at=at, clip=clip)(db, job.job_id)
    db.execute("ROLLBACK")
    assert get_job(db, job.job_id) == job


@pytest.mark.parametrize("state", [s for s in JobState if s is not JobState.QUEUED])
def test_only_a_queued_job_is_claimed(
    state: JobState, db: sqlite3.Connection, at: datetime, job_in: Callable[[JobState], Job]
) -> None:
    job_in(state)
    assert claim_next(db, rooms=rooms({"cogvideox-3": 9}), at=at) is None


def reservation(db: sqlite3.Connection, job: Job) -> str:
    (kind,) = db.execute(
        "SELECT kind FROM ledger WHERE job_id = ? ORDER BY entry_id DESC LIMIT 1", (job.job_id,)
    ).fetchone()
    return f"{str(kind).removesuffix('e')}ed"


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        *((state, "reserved") for state in JobState if MOVES[state]),
        (JobState.DELIVERED, "settled"),
        (JobState.FAILED, "released"),
        (JobState.CANCELLED, "released"),
        (JobState.EXPIRED, "released"),
    ],
)
def test_the_reservation_follows_the_state(
    state: JobState, expected: str, db: sqlite3.Connection, job_in: Callable[[JobState], Job]
) -> None:
    assert reservation(db, job_in(state)) == expected


def test_a_held_job_that_fails_gives_its_reservation_back(
    db: sqlite3.Connection, at: datetime, job_in: Callable[[JobState], Job]
) -> None:
    job = job_in(JobState.HELD)
    held, failed = JobState.HELD, JobState.FAILED
    steps.finish(db, job.job_id, expected=held, state=failed, reason=REASON, at=at)
    assert reservation(db, job) == "released"


def test_a_life_is_written_down_step_by_step(
    db: sqlite3.Connection, at: datetime, job_in: Callable[[JobState], Job], clip: Clip
) -> None:
    job = job_in(JobState.RENDERING)
    assert (job.attempt, job.submitted_at, job.provider_task_id) == (1, at, "task-1")
    linked = steps.record_result_url(db, 1, url="https://files.example/1", at=at)
    assert (linked.state, linked.result_url) == (JobState.RENDERING, "https://files.example/1")
    steps.record_status_message(db, 1, message_id=41)
    steps.record_thread(db, 1, thread_id=42)
    fetched = steps.record_fetched(db, 1, clip=clip, at=at)
    assert fetched.clip == clip
    assert (fetched.place.status_message_id, fetched.place.thread_id) == (41, 42)
    done = steps.record_delivered(db, 1, result_message_id=43, thread_id=42, at=at)
    assert (done.place.result_message_id, done.is_terminal, done.reason) == (43, True, None)


def test_a_held_job_that_turns_out_to_have_a_task_has_no_reason_any_more(
    db: sqlite3.Connection, at: datetime, job_in: Callable[[JobState], Job]
) -> None:
    held = job_in(JobState.HELD)
    assert held.reason is not None
    assert steps.record_task(db, held.job_id, provider_task_id="t", at=at).reason is None


def test_two_jobs_may_share_a_clip_but_no_task(
    db: sqlite3.Connection, at: datetime, job_in: Callable[[JobState], Job]
) -> None:
    assert job_in(JobState.FETCHED).clip == job_in(JobState.FETCHED).clip
    third = job_in(JobState.SUBMITTING)
    with pytest.raises(FOREIGN_ERRORS, match="provider_task_id"):
        steps.record_task(db, third.job_id, provider_task_id="task-1", at=at)


def test_cancelling_says_why_it_cannot(
    db: sqlite3.Connection, at: datetime, job_in: Callable[[JobState], Job]
) -> None:
    reason = OutcomeReason.CANCELLED_BY_MEMBER
    waiting = job_in(JobState.QUEUED)
    cancelled = steps.cancel_waiting(db, waiting.job_id, reason=reason, at=at)
    assert (cancelled.state, cancelled.reason) == (JobState.CANCELLED, reason)
    assert waiting_of_member(db, 1, 10) == 0
    rendering = job_in(JobState.RENDERING)
    with pytest.raises(NotCancellableError) as caught:
        steps.cancel_waiting(db, rendering.job_id, reason=reason, at=at)
    assert caught.value.state == "rendering"
    with pytest.raises(JobNotFoundError):
        steps.cancel_waiting(db, 999, reason=reason, at=at)


def test_messages_of_a_job_that_does_not_exist_are_refused(db: sqlite3.Connection) -> None:
    with pytest.raises(JobNotFoundError):
        steps.record_status_message(db, 999, message_id=1)
    with pytest.raises(JobNotFoundError):
        steps.record_thread(db, 999, thread_id=1)


@pytest.mark.parametrize(("fresh", "attempt"), [(False, 1), (True, 2)])
def test_a_requeued_job_repeats_its_request_unless_told_otherwise(
    fresh: bool,
    attempt: int,
    db: sqlite3.Connection,
    at: datetime,
    job_in: Callable[[JobState], Job],
) -> None:
    first = job_in(JobState.SUBMITTING)
    steps.requeue(db, first.job_id, at=at, fresh_request=fresh)
    again = claim_next(db, rooms=rooms({"cogvideox-3": 1}), at=at)
    assert again is not None
    assert again.attempt == attempt
    assert (again.request_id == first.request_id) is not fresh
    attempts = db.execute("SELECT attempt FROM job_attempt ORDER BY attempt").fetchall()
    assert attempts == [(number,) for number in range(1, attempt + 1)]


def test_a_requeued_job_keeps_its_place_before_everybody(
    db: sqlite3.Connection, at: datetime, put: Callable[..., Job]
) -> None:
    first, _later, _other = put(), put(), put(guild_id=2)
    for _ in range(2):
        claimed = claim_next(db, rooms=rooms({"cogvideox-3": 9}), at=at)
        assert claimed is not None
        assert claimed.job_id == first.job_id
        steps.requeue(db, first.job_id, at=at, fresh_request=False)


@pytest.mark.parametrize(
    ("withdrawn", "reason"),
    [(False, OutcomeReason.CANCELLED_BY_MODERATOR), (True, OutcomeReason.CANCELLED_BY_MEMBER)],
)
@pytest.mark.parametrize("state", [JobState.SUBMITTING, JobState.HELD])
def test_one_that_was_taken_down_does_not_wait_again(
    state: JobState,
    withdrawn: bool,
    reason: OutcomeReason,
    db: sqlite3.Connection,
    at: datetime,
    job_in: Callable[[JobState], Job],
) -> None:
    job = job_in(state)
    if withdrawn:
        erasure.withdraw(db, job.user_id, at=at, limit=9)
    else:
        takedowns.take_down(db, job.job_id, at=at)
    if state is JobState.HELD:
        ended = held.begin_anew(db, job.job_id, at=at)
    else:
        ended = steps.requeue(db, job.job_id, at=at, fresh_request=False)
    assert (ended.state, ended.reason) == (JobState.CANCELLED, reason)
    assert charge_of(db, job.job_id) is None
    assert recount_lanes(db) == differences(db) == 0
    assert claim_next(db, rooms=rooms({"cogvideox-3": 9}), at=at) is None


def test_one_that_was_on_hold_goes_first_and_earns_its_server_nothing_more(
    db: sqlite3.Connection, at: datetime, put: Callable[..., Job]
) -> None:
    def next_guild() -> int:
        claimed = claim_next(db, rooms=rooms({"cogvideox-3": 999}), at=at)
        assert claimed is not None
        return claimed.place.guild_id

    job = put(guild_id=1)
    next_guild()
    steps.finish(
        db,
        job.job_id,
        expected=JobState.SUBMITTING,
        state=JobState.HELD,
        reason=OutcomeReason.SUBMISSION_UNKNOWN,
        at=at,
    )
    for _ in range(20):
        put(guild_id=2)
        next_guild()
    held.begin_anew(db, job.job_id, at=at)
    for guild_id in (1, 2) * 8:
        put(guild_id=guild_id)
    assert [next_guild() for _ in range(8)].count(1) <= 5
    assert recount_lanes(db) == 0
