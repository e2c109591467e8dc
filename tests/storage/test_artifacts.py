from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.domain.job import Clip, Job, JobState
from storage import artifacts, command_sync
from storage.failures import FOREIGN_ERRORS

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from datetime import datetime

FIRST, LAST, NEW = "a" * 64, "b" * 64, "d" * 64


def test_images_come_in_the_order_of_the_request(
    db: sqlite3.Connection, put: Callable[..., Job]
) -> None:
    job = put(images=(LAST, FIRST))
    found = artifacts.images_of_job(db, job.job_id)
    assert [image.artifact_id for image in found] == [LAST, FIRST]
    assert found[0].file_name == artifacts.image_file_name(LAST)


def test_one_image_may_be_first_and_last(db: sqlite3.Connection, put: Callable[..., Job]) -> None:
    job = put(images=(FIRST, FIRST))
    assert len(artifacts.images_of_job(db, job.job_id)) == 2


def test_a_job_cannot_name_an_image_that_is_not_held(put: Callable[..., Job]) -> None:
    with pytest.raises(FOREIGN_ERRORS):
        put(images=(NEW,))


def test_only_old_files_of_no_job_are_unreferenced(
    db: sqlite3.Connection, at: datetime, put: Callable[..., Job]
) -> None:
    put(images=(FIRST,))
    artifacts.register(db, NEW, kind="image", size_bytes=1, at=at + timedelta(days=1))
    later = at + timedelta(hours=1)
    assert [found.artifact_id for found in artifacts.unreferenced(db, later)] == [LAST]
    assert artifacts.forget(db, LAST, later)
    assert artifacts.get(db, LAST) is None
    assert not artifacts.forget(db, FIRST, later)
    assert not artifacts.forget(db, NEW, later)


def test_a_file_that_is_registered_again_is_not_forgotten(
    db: sqlite3.Connection, at: datetime
) -> None:
    later = at + timedelta(hours=1)
    artifacts.register(db, FIRST, kind="image", size_bytes=7, at=later)
    assert not artifacts.forget(db, FIRST, later)
    known = artifacts.get(db, FIRST)
    assert known is not None
    assert known.created_at == later


def test_a_clip_is_referenced_by_its_job(
    db: sqlite3.Connection, at: datetime, job_in: Callable[[JobState], Job], clip: Clip
) -> None:
    job_in(JobState.FETCHED)
    held = artifacts.get(db, clip.artifact_id)
    assert held is not None
    assert (held.kind, held.file_name, held.media_type) == ("clip", f"{'c' * 64}.mp4", "video/mp4")
    old = artifacts.unreferenced(db, at + timedelta(days=1))
    assert clip.artifact_id not in {found.artifact_id for found in old}


def test_the_synced_digest_is_remembered_per_application(
    db: sqlite3.Connection, at: datetime
) -> None:
    assert command_sync.synced_digest(db, 1) is None
    command_sync.record_sync(db, 1, "old", at)
    command_sync.record_sync(db, 1, "new", at)
    assert command_sync.synced_digest(db, 1) == "new"
    assert command_sync.synced_digest(db, 2) is None
