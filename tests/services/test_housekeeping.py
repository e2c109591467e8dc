from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.job import Clip, JobState, NewJob, Origin, OutcomeReason, Place
from bot.domain.request import VideoRequest
from bot.engine.housekeeping import NOTICES_KEPT, Housekeeper, sweep_left_overs, sweep_unrecorded
from bot.engine.retention import Retention
from storage import artifacts, enqueue, erasure, lanes, notices, parcels, parking, steps
from storage.database import Database
from storage.job_rows import require_job
from tests.accounts import rooms, route, setting
from tests.services.fake_clock import FakeClock

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

IMAGE, CLIP = "a" * 64, "b" * 64
KEPT = timedelta(days=30)


async def no_keys() -> None:
    """Nobody brought one."""


async def no_key_of(guild_id: int) -> None:
    """Nor this server."""


def housekeeper(
    database: Database,
    clock: FakeClock,
    files_dir: Path,
    *,
    keep_clips: timedelta = KEPT,
    min_free_bytes: int = 0,
) -> Housekeeper:
    return Housekeeper(
        database=database,
        clock=clock,
        files_dir=files_dir,
        keep_clips=keep_clips,
        forget_ended_keys=no_keys,
        retention=Retention(
            database=database,
            clock=clock,
            files_dir=files_dir,
            keep_days=10_000,
            min_free_bytes=min_free_bytes,
            remove_own_key=no_key_of,
        ),
    )


def fetched_job(db: sqlite3.Connection, clock: FakeClock) -> int:
    """A job from an image whose clip lies on the disk and is not posted yet."""
    now = clock.now()
    artifacts.register(db, IMAGE, kind="image", size_bytes=1, at=now)
    new = NewJob(
        request=VideoRequest(model="m", prompt="p", images=(IMAGE,)),
        user_id=1,
        role_ids=(),
        place=Place(guild_id=1, channel_id=1, in_thread=False),
        origin=Origin.COMMAND,
        origin_key="k",
        route=route("m"),
        setting=setting("m"),
    )
    job_id = enqueue.enqueue(db, new, at=now, max_waiting_per_member=5).job_id
    lanes.claim_next(db, rooms=rooms({"m": 1}), at=now)
    steps.record_task(db, job_id, provider_task_id="t", at=now)
    clip = Clip(
        artifact_id=CLIP,
        size_bytes=1,
        width_px=1,
        height_px=1,
        duration_s=1,
        fps=1,
        has_audio=False,
        attachable=True,
    )
    steps.record_fetched(db, job_id, clip=clip, at=now)
    return job_id


def put(folder: Path, name: str, clock: FakeClock) -> Path:
    path = folder / name
    path.write_bytes(b"x")
    at_s = clock.now().timestamp()
    os.utime(path, (at_s, at_s))
    return path


async def test_a_clip_is_kept_until_it_is_posted_and_then_for_its_days(tmp_path: Path) -> None:
    clock = FakeClock()
    async with await Database.open(tmp_path / "db") as database:
        job_id = await database.write(lambda db: fetched_job(db, clock))
        clip = put(tmp_path, artifacts.clip_file_name(CLIP), clock)
        image = put(tmp_path, artifacts.image_file_name(IMAGE), clock)
        keeper = housekeeper(database, clock, tmp_path)
        clock.advance(KEPT.total_seconds() + 1)
        assert await keeper.sweep() == 0, "it is not posted yet"
        at = clock.now()
        await database.write(
            lambda db: steps.record_delivered(
                db, job_id, result_message_id=1, thread_id=None, at=at
            )
        )
        assert await keeper.sweep() == 1
        assert not clip.exists()
        assert image.exists(), "another take may start from it"


async def test_a_young_clip_is_kept(tmp_path: Path) -> None:
    clock = FakeClock()
    async with await Database.open(tmp_path / "db") as database:
        clip = put(tmp_path, artifacts.clip_file_name(CLIP), clock)
        keeper = housekeeper(database, clock, tmp_path)
        clock.advance(KEPT.total_seconds() - 1)
        assert await keeper.sweep() == 0
        assert clip.exists()


async def test_an_image_whose_job_was_refused_goes_after_an_hour(tmp_path: Path) -> None:
    clock = FakeClock()
    async with await Database.open(tmp_path / "db") as database:
        at = clock.now()
        await database.write(
            lambda db: artifacts.register(db, IMAGE, kind="image", size_bytes=1, at=at)
        )
        image = put(tmp_path, artifacts.image_file_name(IMAGE), clock)
        keeper = housekeeper(database, clock, tmp_path)
        assert await keeper.sweep() == 0
        clock.advance(3601)
        assert await keeper.sweep() == 1
        assert not image.exists()


async def test_a_notice_to_the_operator_is_forgotten_after_a_month(tmp_path: Path) -> None:
    clock = FakeClock()
    async with await Database.open(tmp_path / "db") as database:
        at = clock.now()
        await database.write(lambda db: notices.add_notice(db, key="k", text="Mend it.", at=at))
        keeper = housekeeper(database, clock, tmp_path)
        clock.advance(NOTICES_KEPT.total_seconds())
        await keeper.sweep()
        assert len(await database.read(lambda db: notices.unsent(db, 9))) == 1
        clock.advance(1)
        await keeper.sweep()
        assert await database.read(lambda db: notices.unsent(db, 9)) == []


def test_left_overs_of_a_killed_process_are_swept_and_nothing_else(tmp_path: Path) -> None:
    for name in (".incoming-1.mp4.f00.part", "incoming-2.mp4", artifacts.clip_file_name(CLIP)):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "intake-x").mkdir()
    (tmp_path / "intake-x" / "raw").write_bytes(b"x")
    assert sweep_left_overs(tmp_path) == 3
    assert [path.name for path in tmp_path.iterdir()] == [artifacts.clip_file_name(CLIP)]


async def test_files_without_a_record_are_swept_at_the_start(tmp_path: Path) -> None:
    clock = FakeClock()
    async with await Database.open(tmp_path / "db") as database:
        job_id = await database.write(lambda db: fetched_job(db, clock))
        known = [
            put(tmp_path, artifacts.clip_file_name(CLIP), clock),
            put(tmp_path, artifacts.image_file_name(IMAGE), clock),
        ]
        for name in (artifacts.clip_file_name("c" * 64), artifacts.image_file_name("d" * 64)):
            put(tmp_path, name, clock)
        assert await sweep_unrecorded(database, tmp_path) == 2
        assert [path.exists() for path in known] == [True, True]

        def forget_it(db: sqlite3.Connection) -> None:
            steps.record_delivered(db, job_id, result_message_id=1, thread_id=None, at=clock.now())
            erasure.erase(db, job_id, at=clock.now())

        await database.write(forget_it)  # and killed before its clip was deleted
        assert await sweep_unrecorded(database, tmp_path) == 1
        assert [path.exists() for path in known] == [False, True]


async def test_a_file_that_was_made_to_fit_stays_at_the_start(tmp_path: Path) -> None:
    clock = FakeClock()
    async with await Database.open(tmp_path / "db") as database:

        def fitted(db: sqlite3.Connection) -> None:
            job_id = fetched_job(db, clock)
            parcels.begin_fit(db, job_id, limit_bytes=9)
            parcels.record_fitted(
                db, job_id, artifact_id="e" * 64, size_bytes=1, was_encoded=True, at=clock.now()
            )

        await database.write(fitted)
        file = put(tmp_path, artifacts.clip_file_name("e" * 64), clock)
        assert await sweep_unrecorded(database, tmp_path) == 0
        assert file.exists()


async def test_a_clip_that_nobody_claims_is_given_up_with_the_posted_ones(tmp_path: Path) -> None:
    clock = FakeClock()
    async with await Database.open(tmp_path / "db") as database:
        job_id = await database.write(lambda db: fetched_job(db, clock))
        clip = put(tmp_path, artifacts.clip_file_name(CLIP), clock)
        now = clock.now()
        await database.write(
            lambda db: parking.park(db, job_id, why="it is full", again_at=now, at=now)
        )
        clock.advance(KEPT.total_seconds() - 1)
        await housekeeper(database, clock, tmp_path).sweep()
        assert clip.exists()
        clock.advance(2)
        await housekeeper(database, clock, tmp_path).sweep()
        ended = await database.read(lambda db: require_job(db, job_id))
        assert (ended.state, ended.reason) == (JobState.FAILED, OutcomeReason.NEVER_CLAIMED)
        assert not clip.exists()
        query = "SELECT kind FROM ledger WHERE job_id = ? ORDER BY entry_id DESC LIMIT 1"
        kind = await database.read(lambda db: db.execute(query, (job_id,)).fetchone())
        assert kind == ("settle",)
