"""Job queues on SQLite that enqueue a bare job: what ours is measured beside.

They are not dependencies; where one is not installed its figure is left out.
"""

from __future__ import annotations

import asyncio
import importlib
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    One = Callable[[], Awaitable[object]]

CALLERS = 32


def huey_enqueue(folder: Path) -> One:
    """Huey's queue, each enqueue on the disk before it is answered."""
    huey: Any = importlib.import_module("huey")
    queue = huey.SqliteHuey(filename=str(folder / "huey.sqlite3"), fsync=True)

    def render(number: int) -> int:
        return number

    task = queue.task()(render)
    return _in_threads(lambda: task(1))


def dbos_enqueue(folder: Path) -> One:
    """DBOS's queue, through its client."""
    dbos: Any = importlib.import_module("dbos")
    path = folder / "dbos.sqlite3"
    url = f"sqlite:///{path}"
    settings = {
        "name": "bench",
        "system_database_url": url,
        "run_admin_server": False,
        "log_level": "ERROR",
    }
    dbos.DBOS(config=settings)
    dbos.DBOS.launch()  # makes its tables
    dbos.DBOS.destroy()
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA journal_mode = WAL")  # it has none of its own; slower without
    client = dbos.DBOSClient(system_database_url=url)
    return _in_threads(
        lambda: client.enqueue({"workflow_name": "render", "queue_name": "renders"}, 1)
    )


def _in_threads(call: Callable[[], object]) -> One:
    """A blocking call, from as many threads as there are callers."""
    threads = ThreadPoolExecutor(CALLERS)

    async def one() -> object:
        return await asyncio.get_running_loop().run_in_executor(threads, call)

    return one
