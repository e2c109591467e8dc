"""A backup is whole or is none, and holds what unfinished jobs need."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from bot.clock import to_ms
from bot.domain.errors import BackupError
from storage.artifacts import register
from storage.backup import write_backup
from storage.database import Database
from storage.enqueue import enqueue
from storage.restore import restore_backup, restored_at
from tests.storage.installed import CLIP, DONE, NEEDED, files, named, states

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from bot.domain.job import NewJob


def test_it_holds_what_unfinished_jobs_need_and_nothing_else(
    backup: Path, tmp_path: Path, at: datetime
) -> None:
    restored = restore_backup(backup, tmp_path / "new", replace=False, at=at)
    assert (restored.files, restored.migrations, restored.set_aside) == (2, 0, None)
    assert restored.made_at == at
    assert states(tmp_path / "new") == [(1, "fetched"), (2, "cancelled"), (3, "queued")]
    assert files(tmp_path / "new") == {f"{named(NEEDED)}.jpg", f"{named(CLIP)}.mp4"}
    assert restored_at(tmp_path / "new") == at
    assert backup.stat().st_mode & 0o077 == 0, "others may not read it"
    assert not list(tmp_path.glob(".cogreel-backup*"))


async def test_it_is_one_consistent_state_of_a_database_in_use(
    state_dir: Path, tmp_path: Path, at: datetime, new_job: Callable[..., NewJob]
) -> None:
    async with await Database.open(state_dir / "cogreel.sqlite3") as database:
        backing_up = asyncio.create_task(
            asyncio.to_thread(write_backup, state_dir, tmp_path / "b.tar", at=at)
        )
        asked = 0
        while not backing_up.done():
            await database.write(
                lambda db: enqueue(db, new_job(), at=at, max_waiting_per_member=100_000)
            )
            asked += 1
        await backing_up
    assert asked
    restored = await asyncio.to_thread(
        restore_backup, tmp_path / "b.tar", tmp_path / "new", replace=False, at=at
    )
    assert restored.files == 2

    def check() -> None:
        with closing(sqlite3.connect(tmp_path / "new" / "cogreel.sqlite3")) as db:
            (jobs,) = db.execute("SELECT count(*) FROM job WHERE state = 'queued'").fetchone()
            (lanes,) = db.execute("SELECT sum(waiting) FROM guild_lane").fetchone()
            assert jobs == lanes

    await asyncio.to_thread(check)


def test_a_file_that_is_there_is_not_overwritten(
    state_dir: Path, tmp_path: Path, at: datetime
) -> None:
    (tmp_path / "precious.tar").write_bytes(b"precious")
    with pytest.raises(BackupError, match="is there already"):
        write_backup(state_dir, tmp_path / "precious.tar", at=at)
    assert (tmp_path / "precious.tar").read_bytes() == b"precious"


@pytest.mark.parametrize("where", ["nowhere/b.tar", "state/cogreel.sqlite3/b.tar"])
def test_a_place_that_cannot_be_written_is_told(
    state_dir: Path, tmp_path: Path, at: datetime, where: str
) -> None:
    with pytest.raises(BackupError, match="cannot be written"):
        write_backup(state_dir, tmp_path / where, at=at)


def test_a_needed_file_that_is_missing_is_named(
    state_dir: Path, tmp_path: Path, at: datetime
) -> None:
    (state_dir / "files" / f"{named(NEEDED)}.jpg").unlink()
    written = write_backup(state_dir, tmp_path / "b.tar", at=at)
    assert written.missing == (f"{named(NEEDED)}.jpg",)


def test_without_a_database_there_is_nothing_to_back_up(tmp_path: Path, at: datetime) -> None:
    with pytest.raises(BackupError, match="no database"):
        write_backup(tmp_path, tmp_path / "b.tar", at=at)


@pytest.mark.parametrize(("column", "files_in_it"), [("fitted", 3), ("linked", 3), ("ended", 2)])
async def test_what_is_made_to_fit_and_what_links_lead_to_is_in_it(
    state_dir: Path, tmp_path: Path, at: datetime, column: str, files_in_it: int
) -> None:
    content = b"a clip of whatever kind"
    (state_dir / "files" / f"{named(content)}.mp4").write_bytes(content)
    until = to_ms(at) + (-1 if column == "ended" else 1)

    def pack(db: sqlite3.Connection) -> None:
        register(db, named(content), kind="clip", size_bytes=len(content), at=at)
        if column == "fitted":
            db.execute(
                "INSERT INTO parcel (job_id, fitted_artifact_id) VALUES (1, ?)", (named(content),)
            )
        else:
            db.execute("INSERT INTO clip SELECT ?, 1280, 720, 5, 30, 0, 1, 1", (named(content),))
            db.execute(
                "UPDATE job SET clip_artifact_id = ? WHERE job_id = 2",
                (named(content),),
            )
            db.execute("INSERT INTO parcel (job_id, link_until_ms) VALUES (2, ?)", (until,))

    async with await Database.open(state_dir / "cogreel.sqlite3") as database:
        await database.write(pack)
    written = await asyncio.to_thread(write_backup, state_dir, tmp_path / "b.tar", at=at)
    assert (written.files, written.missing) == (files_in_it, ())


async def test_images_of_questions_that_wait_for_an_answer_are_in_it(
    state_dir: Path, tmp_path: Path, at: datetime
) -> None:
    def ask(db: sqlite3.Connection) -> None:
        db.execute(
            "INSERT INTO confirmation (cause, guild_id, user_id, request, origin, channel_id,"
            " in_thread, price_micros, price_currency, expires_at_ms)"
            " VALUES ('interaction:9', 1, 10, '{}', 'command', 5, 0, 7, 'USD', 9000000000000)"
        )
        db.execute("INSERT INTO confirmation_input VALUES (1, 0, ?)", (named(DONE),))

    async with await Database.open(state_dir / "cogreel.sqlite3") as database:
        await database.write(ask)
    written = await asyncio.to_thread(write_backup, state_dir, tmp_path / "b.tar", at=at)
    assert (written.files, written.missing) == (3, ())
