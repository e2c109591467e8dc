from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
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
from storage.database import GROUP_MAX_FUNCTIONS, Database
from storage.group_commit import run_group

if TYPE_CHECKING:
    from collections.abc import Callable

WAIT_S = 10


def note(db: sqlite3.Connection, number: int) -> int:
    """Write one row that the tests count."""
    db.execute(
        "INSERT INTO command_sync (application_id, digest, synced_at_ms) VALUES (?, '', 0)",
        (number,),
    )
    return number


def notes(db: sqlite3.Connection) -> list[int]:
    rows = db.execute("SELECT application_id FROM command_sync ORDER BY application_id")
    return [number for (number,) in rows]


class Gate:
    """Keeps the writing thread busy until it is opened, so that others must wait together."""

    def __init__(self) -> None:
        self.entered, self._open = threading.Event(), threading.Event()

    def __call__(self, db: sqlite3.Connection) -> int:
        self.entered.set()
        assert self._open.wait(WAIT_S)
        return note(db, 0)

    def open(self) -> None:
        self._open.set()


async def behind_gate(
    database: Database, functions: list[Callable[[sqlite3.Connection], object]]
) -> tuple[Gate, list[asyncio.Task[object]]]:
    """Start functions that all wait while the thread is busy."""
    gate = Gate()
    first: asyncio.Task[object] = asyncio.create_task(database.write(gate))
    assert await asyncio.to_thread(gate.entered.wait, WAIT_S)
    rest: list[asyncio.Task[object]] = [
        asyncio.create_task(database.write(function)) for function in functions
    ]
    await asyncio.gather(*(begun(task) for task in rest))
    return gate, [first, *rest]


async def begun(task: asyncio.Task[object]) -> None:
    """Let a fresh task run up to its first wait."""
    assert not task.done()


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


async def test_functions_that_wait_together_share_one_commit(database: Database) -> None:
    traced: list[str] = []
    await database.write(lambda db: db.set_trace_callback(traced.append))
    gate, tasks = await behind_gate(database, [partial(note, number=n) for n in (1, 2, 3)])
    gate.open()
    assert await asyncio.gather(*tasks) == [0, 1, 2, 3]
    await database.write(lambda db: db.set_trace_callback(None))
    # That of the write that began the trace, of the gate, of the three together.
    assert traced.count("COMMIT") == 3


async def test_a_group_is_bounded(database: Database) -> None:
    count = GROUP_MAX_FUNCTIONS + 1
    traced: list[str] = []
    await database.write(lambda db: db.set_trace_callback(traced.append))
    gate, tasks = await behind_gate(
        database, [partial(note, number=n) for n in range(1, count + 1)]
    )
    gate.open()
    await asyncio.gather(*tasks)
    await database.write(lambda db: db.set_trace_callback(None))
    assert traced.count("COMMIT") == 4


async def test_an_exception_undoes_its_own_function_alone(database: Database) -> None:
    def fail(db: sqlite3.Connection) -> None:
        note(db, 2)
        raise LookupError("mine")

    gate, tasks = await behind_gate(
        database, [partial(note, number=1), fail, partial(note, number=3)]
    )
    gate.open()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert outcomes[:2] == [0, 1]
    assert isinstance(outcomes[2], LookupError)
    assert outcomes[3] == 3
    assert await database.read(notes) == [0, 1, 3]


async def test_a_broken_constraint_reaches_its_caller_as_a_storage_error(
    database: Database,
) -> None:
    gate, tasks = await behind_gate(
        database, [partial(note, number=1), partial(note, number=1), partial(note, number=2)]
    )
    gate.open()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert outcomes[:2] == [0, 1]
    assert type(outcomes[2]) is StorageError
    assert isinstance(outcomes[2].__cause__, sqlite3.IntegrityError)
    assert outcomes[3] == 2


async def test_a_failing_commit_reaches_everybody_and_keeps_nothing(database: Database) -> None:
    def orphan(db: sqlite3.Connection) -> None:
        db.execute("PRAGMA defer_foreign_keys = ON")
        db.execute("INSERT INTO job_input VALUES (404, 0, 'none')")

    gate, tasks = await behind_gate(database, [partial(note, number=1), orphan])
    gate.open()
    assert await tasks[0] == 0
    outcomes = await asyncio.gather(*tasks[1:], return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [StorageError, StorageError]
    assert await database.read(notes) == [0]
    assert await database.write(partial(note, number=5)) == 5


async def test_a_transaction_that_sqlite_gave_up_reaches_everybody(database: Database) -> None:
    def given_up(db: sqlite3.Connection) -> None:
        db.execute("ROLLBACK")
        raise sqlite3.OperationalError("disk I/O error")

    gate, tasks = await behind_gate(
        database, [partial(note, number=1), given_up, partial(note, number=2)]
    )
    gate.open()
    outcomes = await asyncio.gather(*tasks[1:], return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {StorageError}
    assert await database.read(notes) == [0]


async def test_a_function_cancelled_before_its_turn_never_runs(database: Database) -> None:
    gate, tasks = await behind_gate(database, [partial(note, number=n) for n in (1, 2, 3)])
    tasks[2].cancel()
    with pytest.raises(asyncio.CancelledError):
        await tasks[2]
    gate.open()
    assert [await task for task in tasks if task is not tasks[2]] == [0, 1, 3]
    assert await database.read(notes) == [0, 1, 3]


async def test_a_function_cancelled_in_its_turn_runs_wholly(database: Database) -> None:
    gate, tasks = await behind_gate(database, [partial(note, number=1)])
    tasks[0].cancel()
    with pytest.raises(asyncio.CancelledError):
        await tasks[0]
    gate.open()
    assert await tasks[1] == 1
    assert await database.read(notes) == [0, 1]


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


def test_where_one_raises_the_others_run_once_more_and_count_once(db: sqlite3.Connection) -> None:
    runs: list[int] = []

    def counted(here: sqlite3.Connection, number: int) -> int:
        runs.append(number)
        return note(here, number=number)

    numbers = (1, 2, 2, 3)
    outcomes = run_group(db, [partial(counted, number=number) for number in numbers])
    assert [type(outcome.error) for outcome in outcomes] == [
        type(None),
        type(None),
        sqlite3.IntegrityError,
        type(None),
    ]
    assert runs == [1, 2, 2, 1, 2, 2, 3]
    assert notes(db) == [1, 2, 3]
    runs.clear()
    run_group(db, [partial(counted, number=number) for number in (4, 5)])
    assert runs == [4, 5]


def test_a_group_runs_on_any_connection(db: sqlite3.Connection) -> None:
    (good, bad) = run_group(db, [partial(note, number=1), partial(note, number=1)])
    assert (good.value, type(bad.error)) == (1, sqlite3.IntegrityError)
    assert notes(db) == [1]
