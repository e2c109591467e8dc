"""The database opens once, keeps what it answered for, and says why it cannot."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import aiosqlite
import pytest

from bot.domain.errors import (
    AlreadyRunningError,
    MigrationError,
    StorageBusyError,
    StorageError,
    StorageFullError,
)
from storage.database import Database
from tests.storage.gate import WAIT_S, behind_gate, note, notes

if TYPE_CHECKING:
    import sqlite3


async def test_a_write_is_answered_with_what_its_function_returned(database: Database) -> None:
    assert await database.write(partial(note, number=3)) == 3
    assert await database.read(notes) == [3]


async def test_the_settings_that_make_an_answered_write_durable_are_on(database: Database) -> None:
    def pragmas(db: sqlite3.Connection) -> list[object]:
        names = ("journal_mode", "foreign_keys", "busy_timeout")
        return [db.execute(f"PRAGMA {name}").fetchone()[0] for name in names]

    assert await database.write(pragmas) == ["wal", 1, 20]


async def test_full_synchronisation_is_on(tmp_path: Path) -> None:
    async with await Database.open(tmp_path / "c.sqlite3") as database:
        # Not inside the transaction's savepoint alone: the pragma can be read anywhere.
        (level,) = await database.write(lambda db: db.execute("PRAGMA synchronous").fetchone())
    assert level == 2


async def test_a_stray_stop_iteration_does_not_leave_its_caller_waiting(
    database: Database,
) -> None:
    def exhausted(db: sqlite3.Connection) -> object:
        return next(iter(db.execute("SELECT 1 WHERE false")))

    async with asyncio.timeout(WAIT_S):
        with pytest.raises(RuntimeError, match="StopIteration"):
            await database.write(exhausted)


async def test_a_reader_sees_one_state_while_others_write(database: Database) -> None:
    first_look, written = threading.Event(), threading.Event()

    def look_twice(db: sqlite3.Connection) -> tuple[list[int], list[int]]:
        before = notes(db)
        first_look.set()
        assert written.wait(WAIT_S)
        return before, notes(db)

    looking = asyncio.create_task(database.read(look_twice))
    assert await asyncio.to_thread(first_look.wait, WAIT_S)
    await database.write(partial(note, number=1))
    written.set()
    assert await looking == ([], [])
    assert await database.read(notes) == [1]


async def test_a_reader_cannot_write_and_goes_on_after_a_failure(database: Database) -> None:
    with pytest.raises(StorageFullError):
        await database.read(partial(note, number=1))
    assert await database.read(notes) == []


async def test_a_foreign_lock_is_waited_for_and_then_busy(
    database: Database, tmp_path: Path
) -> None:
    async with aiosqlite.connect(tmp_path / "cogreel.sqlite3", isolation_level=None) as foreign:
        await foreign.executescript("BEGIN IMMEDIATE")
        with pytest.raises(StorageBusyError):
            await database.write(partial(note, number=1))
    assert await database.write(partial(note, number=1)) == 1


async def test_a_read_only_database_counts_as_full(database: Database) -> None:
    await database.write(lambda db: db.execute("PRAGMA query_only = ON").fetchall())
    with pytest.raises(StorageFullError):
        await database.write(partial(note, number=1))


async def test_a_full_disk_keeps_nothing_of_the_function_and_all_that_was_there(
    database: Database,
) -> None:
    await database.write(partial(note, number=1))

    def no_more_pages(db: sqlite3.Connection) -> None:
        (pages,) = db.execute("PRAGMA page_count").fetchone()
        db.execute(f"PRAGMA max_page_count = {pages + 2}")

    def fill(db: sqlite3.Connection) -> None:
        note(db, 2)
        db.execute("UPDATE command_sync SET digest = ?", ("x" * 1_000_000,))

    await database.write(no_more_pages)
    with pytest.raises(StorageFullError):
        await database.write(fill)
    assert await database.read(notes) == [1]
    assert await database.write(partial(note, number=3)) == 3


@pytest.mark.parametrize("hostile", [2**64, "\ud800"])
async def test_values_that_sqlite_cannot_hold_are_storage_errors(
    hostile: object, database: Database
) -> None:
    with pytest.raises(StorageError):
        await database.read(lambda db: db.execute("SELECT ?", (hostile,)).fetchone())


async def test_a_closed_database_says_so(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "c.sqlite3")
    await database.close()
    await database.close()
    with pytest.raises(StorageError, match="closed"):
        await database.write(notes)
    with pytest.raises(StorageError, match="closed"):
        await database.read(notes)


async def test_closing_commits_what_waits(tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite3"
    database = await Database.open(path)
    gate, tasks = await behind_gate(database, [partial(note, number=1)])
    closing_down = asyncio.create_task(database.close())
    gate.open()
    await closing_down
    assert await asyncio.gather(*tasks) == [0, 1]
    async with await Database.open(path) as again:
        assert await again.read(notes) == [0, 1]


async def test_the_same_process_cannot_open_it_twice(database: Database, tmp_path: Path) -> None:
    assert await database.read(notes) == []
    with pytest.raises(AlreadyRunningError, match=f"process {os.getpid()}"):
        await Database.open(tmp_path / "cogreel.sqlite3")


@pytest.fixture
def no_database(tmp_path: Path) -> Path:
    path = tmp_path / "c.sqlite3"
    path.write_bytes(b"not a database, but long enough to be read as its header" * 20)
    return path


async def test_a_file_that_is_no_database_is_refused(no_database: Path) -> None:
    with pytest.raises(MigrationError, match="not a database"):
        await Database.open(no_database)


async def test_a_folder_that_does_not_exist_is_a_storage_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="No such file"):
        await Database.open(tmp_path / "missing" / "c.sqlite3")


async def test_a_failed_opening_gives_the_lock_back(no_database: Path) -> None:
    with pytest.raises(StorageError):
        await Database.open(no_database)
    await asyncio.to_thread(no_database.unlink)
    async with await Database.open(no_database) as database:
        assert await database.read(notes) == []


HOLDER = """
import asyncio, sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from storage.command_sync import record_sync
from storage.database import Database

async def main():
    database = await Database.open(Path(sys.argv[1]))
    at = datetime.fromtimestamp(0, UTC)
    await database.write(partial(record_sync, application_id=7, digest="kept", at=at))
    print("answered", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_a_second_process_is_refused_and_an_answered_write_survives_the_kill(
    tmp_path: Path,
) -> None:
    path = tmp_path / "c.sqlite3"
    holder = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        HOLDER,
        str(path),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    try:
        assert holder.stdout is not None
        async with asyncio.timeout(WAIT_S):
            assert await holder.stdout.readline() == b"answered\n"
        with pytest.raises(AlreadyRunningError, match=f"process {holder.pid}"):
            await Database.open(path)
    finally:
        with suppress(ProcessLookupError):
            holder.send_signal(signal.SIGKILL)
        await holder.communicate()
    async with await Database.open(path) as database:
        assert await database.read(notes) == [7]


def test_aiosqlite_still_has_what_the_connection_thread_is_built_on() -> None:
    assert callable(getattr(aiosqlite.Connection, "_execute", None))
    assert isinstance(getattr(aiosqlite.Connection, "_conn", None), property)
