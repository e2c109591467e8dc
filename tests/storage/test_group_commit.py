"""Functions that wait for the writer share a commit, and no failure or end is another's."""

from __future__ import annotations

import asyncio
import sqlite3
from functools import partial

import pytest

from bot.domain.errors import (
    StorageError,
)
from storage.database import GROUP_MAX_FUNCTIONS, Database
from storage.group_commit import run_group
from tests.storage.gate import behind_gate, note, notes


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
