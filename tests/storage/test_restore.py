"""A restore changes everything or nothing, and forgets no takedown since the backup."""

from __future__ import annotations

import asyncio
import io
import json
import sqlite3
import tarfile
from contextlib import closing
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from bot.domain.errors import BackupError
from bot.domain.job import JobState
from storage import further_posts
from storage.backup import MANIFEST
from storage.balances import differences
from storage.database import Database
from storage.enqueue import enqueue
from storage.erasure import withdraw_one
from storage.job_rows import require_job
from storage.migrate import known_migrations
from storage.recount import recount_lanes
from storage.restore import SKIPPED_NUMBERS, restore_backup
from storage.takedowns import take_down, to_clear_away
from tests.storage.installed import CLIP, files, named, states

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from bot.domain.job import NewJob


def rewritten(backup: Path, change: Callable[[dict[str, Any], dict[str, bytes]], None]) -> None:
    """Change a backup's manifest or contents."""
    with tarfile.open(backup) as tar:
        held = {m.name: f.read() for m in tar if (f := tar.extractfile(m)) is not None}
    manifest = json.loads(held.pop(MANIFEST))
    change(manifest, held)
    with tarfile.open(backup, "w") as tar:
        for name, content in {MANIFEST: json.dumps(manifest).encode(), **held}.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))


async def test_a_job_number_that_may_have_been_given_since_is_never_given_again(
    backup: Path, tmp_path: Path, at: datetime, new_job: Callable[..., NewJob]
) -> None:
    folder = tmp_path / "new"
    await asyncio.to_thread(restore_backup, backup, folder, replace=False, at=at)
    async with await Database.open(folder / "cogreel.sqlite3") as database:
        job = await database.write(
            lambda db: enqueue(db, new_job(), at=at, max_waiting_per_member=9)
        )
    assert job.job_id == 3 + SKIPPED_NUMBERS + 1


async def test_a_running_bot_is_not_restored_over(
    backup: Path, state_dir: Path, at: datetime
) -> None:
    async with await Database.open(state_dir / "cogreel.sqlite3"):
        with pytest.raises(BackupError, match="stop it first"):
            await asyncio.to_thread(restore_backup, backup, state_dir, replace=True, at=at)
    assert len(states(state_dir)) == 3


def test_a_database_that_is_there_is_kept_unless_told(
    backup: Path, state_dir: Path, at: datetime
) -> None:
    with pytest.raises(BackupError, match="--replace"):
        restore_backup(backup, state_dir, replace=False, at=at)
    assert len(files(state_dir)) == 3
    restored = restore_backup(backup, state_dir, replace=True, at=at)
    assert restored.set_aside is not None
    assert states(restored.set_aside) == states(state_dir)
    assert (len(files(restored.set_aside)), len(files(state_dir))) == (3, 2)


async def test_what_was_taken_down_or_withdrawn_since_is_so_again(
    backup: Path, state_dir: Path, at: datetime, new_job: Callable[..., NewJob]
) -> None:
    later = at + timedelta(hours=1)

    def since(db: sqlite3.Connection) -> None:
        take_down(db, 1, at=later)
        withdraw_one(db, 3, at=later)
        unknown = enqueue(db, new_job(), at=later, max_waiting_per_member=9)
        withdraw_one(db, unknown.job_id, at=later)

    async with await Database.open(state_dir / "cogreel.sqlite3") as database:
        await database.write(since)
    restored = await asyncio.to_thread(restore_backup, backup, state_dir, replace=True, at=later)
    assert restored.taken_back == 2

    def check(db: sqlite3.Connection) -> None:
        fetched, done, waited = (require_job(db, job_id) for job_id in (1, 2, 3))
        assert fetched.taken_down_at == later
        assert fetched.withdrawn_at is None
        assert done.taken_down_at is None
        assert (waited.state, waited.withdrawn_at) == (JobState.CANCELLED, later)
        assert [job.job_id for job in to_clear_away(db, limit=9)] == [3]  # 1 once it has ended
        assert differences(db) == 0
        assert recount_lanes(db) == 0

    async with await Database.open(state_dir / "cogreel.sqlite3") as database:
        await database.write(check)


async def test_what_was_posted_again_since_is_known_and_goes_with_its_video(
    backup: Path, state_dir: Path, at: datetime, new_job: Callable[..., NewJob]
) -> None:
    def since(db: sqlite3.Connection) -> None:
        unknown = enqueue(db, new_job(), at=at, max_waiting_per_member=9)
        for number, job in enumerate((require_job(db, 2), unknown), 900):
            further_posts.want_in_gallery(db, job, at=at)
            post, *_ = further_posts.wanted_in_galleries(db, after=0, limit=1)
            further_posts.record_posted(db, post.post_id, channel_id=5, message_id=number)

    async with await Database.open(state_dir / "cogreel.sqlite3") as database:
        await database.write(since)
    await asyncio.to_thread(restore_backup, backup, state_dir, replace=True, at=at)

    def check(db: sqlite3.Connection) -> None:
        (post,) = further_posts.of_job(db, 2)
        assert (post.channel_id, post.message_id) == (5, 900)
        assert post.post_id > SKIPPED_NUMBERS  # nonces are made of it
        assert not further_posts.want_in_gallery(db, require_job(db, 2), at=at)

    async with await Database.open(state_dir / "cogreel.sqlite3") as database:
        await database.write(check)


@pytest.mark.parametrize("content", [b"no database at all", None])
def test_without_a_database_that_says_it_what_was_taken_back_is_unknown(
    backup: Path, state_dir: Path, at: datetime, content: bytes | None
) -> None:
    path = state_dir / "cogreel.sqlite3"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    assert restore_backup(backup, state_dir, replace=True, at=at).taken_back is None


def test_a_job_of_another_installation_with_the_same_number_is_left_alone(
    backup: Path, state_dir: Path, at: datetime
) -> None:
    with closing(sqlite3.connect(state_dir / "cogreel.sqlite3")) as db, db:
        db.execute("UPDATE job SET user_id = user_id + 1, taken_down_at_ms = 5")
    assert restore_backup(backup, state_dir, replace=True, at=at).taken_back == 0


def _newer(manifest: dict[str, Any], _held: dict[str, bytes]) -> None:
    manifest["schema"] = len(known_migrations()) + 1


def _other_format(manifest: dict[str, Any], _held: dict[str, bytes]) -> None:
    manifest["format"] = 99


def _without_contents(manifest: dict[str, Any], _held: dict[str, bytes]) -> None:
    del manifest["contents"]


def _climbing(manifest: dict[str, Any], held: dict[str, bytes]) -> None:
    manifest["contents"][1]["name"] = "../outside.jpg"
    held["../outside.jpg"] = CLIP


def _twice(manifest: dict[str, Any], _held: dict[str, bytes]) -> None:
    manifest["contents"].append(manifest["contents"][1])


def _changed_file(_manifest: dict[str, Any], held: dict[str, bytes]) -> None:
    held[f"files/{named(CLIP)}.mp4"] = CLIP.upper()


def _longer_file(_manifest: dict[str, Any], held: dict[str, bytes]) -> None:
    held[f"files/{named(CLIP)}.mp4"] = CLIP + b"more"


def _without_file(_manifest: dict[str, Any], held: dict[str, bytes]) -> None:
    del held[f"files/{named(CLIP)}.mp4"]


def _damaged_database(manifest: dict[str, Any], held: dict[str, bytes]) -> None:
    broken = bytearray(held["cogreel.sqlite3"])
    broken[4096:8192] = b"\xff" * 4096
    held["cogreel.sqlite3"] = bytes(broken)
    manifest["contents"][0]["sha256"] = sha256(broken).hexdigest()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_newer, "newer program"),
        (_other_format, "newer program"),
        (_without_contents, "manifest"),
        (_climbing, "no backup holds"),
        (_twice, "no backup holds"),
        (_changed_file, "damaged"),
        (_longer_file, "damaged"),
        (_without_file, "missing"),
        (_damaged_database, "database"),
    ],
)
def test_a_backup_that_is_not_as_it_was_changes_nothing(
    backup: Path,
    state_dir: Path,
    at: datetime,
    change: Callable[[dict[str, Any], dict[str, bytes]], None],
    told: str,
) -> None:
    rewritten(backup, change)
    before = sorted(path.name for path in state_dir.rglob("*"))
    with pytest.raises(BackupError, match=told):
        restore_backup(backup, state_dir, replace=True, at=at)
    assert sorted(path.name for path in state_dir.rglob("*")) == before
    assert not (state_dir.parent / "outside.jpg").exists()


@pytest.mark.parametrize("kept", [0, 100, 5_000, 0.5, 0.99])
def test_a_backup_that_is_cut_off_changes_nothing(
    backup: Path, state_dir: Path, at: datetime, kept: float
) -> None:
    content = backup.read_bytes()
    content = content.rstrip(b"\0")  # a tar's end is padding
    backup.write_bytes(content[: int(kept if kept > 1 else kept * len(content))])
    with pytest.raises(BackupError):
        restore_backup(backup, state_dir, replace=True, at=at)
    assert len(states(state_dir)) == 3


def test_what_a_killed_restore_left_goes_at_the_next_one(
    backup: Path, tmp_path: Path, at: datetime
) -> None:
    (tmp_path / "new" / ".restore-abc" / "files").mkdir(parents=True)
    restore_backup(backup, tmp_path / "new", replace=False, at=at)
    names = {path.name for path in (tmp_path / "new").iterdir()}
    assert names == {"cogreel.sqlite3", "cogreel.sqlite3.lock", "files", "restored-at"}


def test_what_is_no_backup_is_refused(tmp_path: Path, at: datetime) -> None:
    with tarfile.open(tmp_path / "other.tar", "w") as tar:
        tar.addfile(tarfile.TarInfo("letters.txt"))
    for name in ("other.tar", "absent.tar"):
        with pytest.raises(BackupError):
            restore_backup(tmp_path / name, tmp_path / "new", replace=False, at=at)
    assert not (tmp_path / "new" / "cogreel.sqlite3").exists()
