from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.job import Clip, Job, JobState
from storage import artifacts, link_key, parcels, takedowns
from storage.parcels import ParcelRecord

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from datetime import datetime

FITTED = "f" * 64


def fit(db: sqlite3.Connection, job: Job, at: datetime, *, limit_bytes: int = 10) -> None:
    parcels.begin_fit(db, job.job_id, limit_bytes=limit_bytes)
    parcels.record_fitted(db, job.job_id, artifact_id=FITTED, size_bytes=7, was_encoded=True, at=at)


def test_a_job_of_which_nothing_was_done_has_an_empty_parcel(
    db: sqlite3.Connection, job_in: Callable[[JobState], Job]
) -> None:
    assert parcels.parcel_of(db, job_in(JobState.FETCHED).job_id) == ParcelRecord()


def test_the_intent_is_counted_and_the_outcome_names_the_file(
    db: sqlite3.Connection, at: datetime, job_in: Callable[[JobState], Job]
) -> None:
    job = job_in(JobState.FETCHED)
    parcels.begin_fit(db, job.job_id, limit_bytes=10)
    parcels.begin_fit(db, job.job_id, limit_bytes=10)
    begun = ParcelRecord(fit_limit_bytes=10, fit_tries=2)
    assert parcels.parcel_of(db, job.job_id) == begun
    parcels.put_off_fit(db, job.job_id)
    assert parcels.parcel_of(db, job.job_id).fit_tries == 1
    parcels.record_fitted(db, job.job_id, artifact_id=FITTED, size_bytes=7, was_encoded=True, at=at)
    assert parcels.parcel_of(db, job.job_id) == ParcelRecord(
        fit_limit_bytes=10,
        fit_tries=1,
        fitted_artifact_id=FITTED,
        fitted_bytes=7,
        was_encoded=True,
    )


def test_another_limit_begins_anew(
    db: sqlite3.Connection, at: datetime, job_in: Callable[[JobState], Job]
) -> None:
    job = job_in(JobState.FETCHED)
    fit(db, job, at)
    parcels.record_fit_failure(db, job.job_id, why="hangs")
    parcels.begin_fit(db, job.job_id, limit_bytes=8)
    again = parcels.parcel_of(db, job.job_id)
    assert (again.fit_limit_bytes, again.fit_tries) == (8, 1)
    assert again.fitted_artifact_id is again.fit_failure is None
    later = at + timedelta(hours=2)
    assert FITTED in {found.artifact_id for found in artifacts.unreferenced(db, later)}


def test_what_was_refused_only_ever_gets_less(
    db: sqlite3.Connection, job_in: Callable[[JobState], Job]
) -> None:
    job = job_in(JobState.FETCHED)
    for at_most_bytes in (10, 0, 8):
        parcels.record_refused(db, job.job_id, at_most_bytes=at_most_bytes)
    assert parcels.parcel_of(db, job.job_id).at_most_bytes == 0


def test_a_fitted_file_is_kept_as_long_as_the_clip_that_it_was_made_of(
    db: sqlite3.Connection, at: datetime, job_in: Callable[[JobState], Job], clip: Clip
) -> None:
    fit(db, job_in(JobState.DELIVERED), at)
    later = at + timedelta(days=2)
    assert FITTED not in {found.artifact_id for found in artifacts.unreferenced(db, later)}
    assert not artifacts.forget(db, FITTED, later)
    for file in (FITTED, clip.artifact_id):
        assert artifacts.clip_is_needed(db, file, since=at - timedelta(days=1), now=later)
        assert not artifacts.clip_is_needed(db, file, since=later, now=later)


def test_a_clip_behind_a_link_is_kept_until_the_link_ends(
    db: sqlite3.Connection, at: datetime, job_in: Callable[[JobState], Job], clip: Clip
) -> None:
    job, until = job_in(JobState.DELIVERED), at + timedelta(days=90)
    parcels.record_link(db, job.job_id, until=until)
    parcels.record_link(db, job.job_id, until=until - timedelta(days=1))
    needed = artifacts.clip_is_needed
    assert needed(db, clip.artifact_id, since=until, now=until)
    assert not needed(db, clip.artifact_id, since=until, now=until + timedelta(seconds=1))


def test_a_fitted_file_that_another_job_has_stays_when_one_is_taken_down(
    db: sqlite3.Connection, at: datetime, job_in: Callable[[JobState], Job]
) -> None:
    job = job_in(JobState.DELIVERED)
    fit(db, job, at)
    assert takedowns.clip_is_shared(db, FITTED)
    takedowns.take_down(db, job.job_id, at=at)
    assert not takedowns.clip_is_shared(db, FITTED)


def test_the_key_of_links_stays_until_it_is_renewed(db: sqlite3.Connection) -> None:
    first = link_key.ensure_link_key(db)
    assert len(first) == link_key.KEY_BYTES
    assert link_key.ensure_link_key(db) == first
    link_key.renew_link_key(db)
    assert link_key.ensure_link_key(db) != first
