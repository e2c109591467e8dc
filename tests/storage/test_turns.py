"""Claims: within the accounts' limits, under a name of their own, from lanes that can be mended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.job import Job, JobState, OutcomeReason
from storage import steps
from storage.installation import ensure_installation
from storage.job_queries import waiting_count
from storage.lanes import claim_next
from storage.places import place_in_queue
from storage.recount import recount_lanes
from tests.accounts import rooms

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from datetime import datetime


def test_lanes_that_are_off_are_counted_and_mended(
    db: sqlite3.Connection, put: Callable[..., Job]
) -> None:
    put()
    put(user_id=11)
    put(guild_id=2)
    db.execute("UPDATE guild_lane SET waiting = 7 WHERE guild_id = 1")
    db.execute("DELETE FROM member_lane WHERE guild_id = 1 AND user_id = 11")
    db.execute("UPDATE member_lane SET waiting_cost_ms = 1 WHERE guild_id = 2")
    assert recount_lanes(db) == 3
    assert recount_lanes(db) == 0
    assert waiting_count(db) == 3


def test_no_more_jobs_are_in_flight_than_the_account_allows(
    db: sqlite3.Connection, at: datetime, put: Callable[..., Job]
) -> None:
    for _ in range(3):
        put()
    first = claim_next(db, rooms=rooms({"cogvideox-3": 2}), at=at)
    assert first is not None
    assert claim_next(db, rooms=rooms({"cogvideox-3": 2}), at=at) is not None
    assert claim_next(db, rooms=rooms({"cogvideox-3": 2}), at=at) is None
    steps.record_task(db, first.job_id, provider_task_id="t", at=at)
    assert claim_next(db, rooms=rooms({"cogvideox-3": 2}), at=at) is None
    steps.finish(
        db,
        first.job_id,
        expected=JobState.RENDERING,
        state=JobState.FAILED,
        reason=OutcomeReason.RENDER_FAILED,
        at=at,
    )
    assert claim_next(db, rooms=rooms({"cogvideox-3": 2}), at=at) is not None


def test_a_full_model_is_passed_over_and_keeps_its_place(
    db: sqlite3.Connection, at: datetime, put: Callable[..., Job]
) -> None:
    first, second = put(), put()
    other = put(model="cogvideox-2")
    limits = {"cogvideox-3": 1, "cogvideox-2": 1}
    claimed = [claim_next(db, rooms=rooms(limits), at=at) for _ in range(3)]
    assert {job and job.job_id for job in claimed[:2]} == {first.job_id, other.job_id}
    assert claimed[2] is None
    assert place_in_queue(db, second.job_id) == 1
    assert claim_next(db, rooms=rooms({"unknown": 9}), at=at) is None


def test_a_request_id_names_the_database_the_job_and_the_attempt(
    db: sqlite3.Connection, at: datetime, put: Callable[..., Job]
) -> None:
    put()
    job = claim_next(db, rooms=rooms({"cogvideox-3": 1}), at=at)
    assert job is not None
    (installation,) = db.execute("SELECT installation_id FROM installation").fetchone()
    assert job.request_id == f"cogreel-{installation}-1-1"
    ensure_installation(db)
    assert db.execute("SELECT installation_id FROM installation").fetchall() == [(installation,)]
