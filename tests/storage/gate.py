"""Rows to count, and a writer that is kept busy, so that what comes meanwhile waits together."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from storage.database import Database

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
