"""The database: one connection that writes, one that reads, one process that holds them.

A transaction is a plain function of a DB-API connection. It runs on aiosqlite's thread in one hop:
hops cost more than the disk. Coroutines never share a connection's transaction, because none of
them ever sees a connection.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from contextlib import AsyncExitStack
from contextvars import copy_context
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar, cast

import aiosqlite

from bot.clock import SystemClock
from bot.domain.errors import StorageError
from bot.metrics import DATABASE_WRITE_S
from storage.failures import FOREIGN_ERRORS, storage_error
from storage.group_commit import run_group, run_snapshot
from storage.installation import ensure_installation
from storage.lockfile import ProcessLock
from storage.migrate import migrate
from storage.upgrade_copy import copy_before_upgrade, forget_earlier_copies

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path
    from types import TracebackType

T = TypeVar("T")

FILE_NAME = "cogreel.sqlite3"  # in the folder of the settings
GROUP_MAX_FUNCTIONS = 200  # bounds how long the first of a group waits for its commit
ROWS_PER_HOP = 64  # aiosqlite's own default; unused here, as no cursor leaves the thread


class _ConnectionThread(aiosqlite.Connection):
    """A connection whose thread runs whole functions.

    `_execute`, `_conn` and `_thread` are aiosqlite's own: the version is pinned in
    ``pyproject.toml``, and ``tests/storage/test_database.py`` fails where another one has none.
    """

    async def run(self, function: Callable[[sqlite3.Connection], T]) -> T:
        """Run a function on the thread. Cancelling the caller does not stop it."""
        execute = cast(
            "Callable[[Callable[[sqlite3.Connection], T], sqlite3.Connection], Awaitable[T]]",
            self._execute,  # pyright: ignore[reportUnknownMemberType]  # aiosqlite leaves it untyped
        )
        return await execute(function, self._conn)

    async def ended(self) -> None:
        """Wait until the thread is gone; aiosqlite's own close returns a moment before."""
        await asyncio.to_thread(self._thread.join)


class Database:
    """An open database. Made by `open`."""

    def __init__(
        self, writer: _ConnectionThread, reader: _ConnectionThread, resources: AsyncExitStack
    ) -> None:
        self._writer, self._reader, self._resources = writer, reader, resources
        self._waiting: deque[tuple[Callable[[sqlite3.Connection], Any], asyncio.Future[Any]]]
        self._waiting = deque()
        self._first_asked_s = 0.0  # when the first of those that wait was
        self._committing: asyncio.Task[None] | None = None
        self._closed = False

    @classmethod
    async def open(cls, path: Path, *, busy_timeout_s: float = 5.0) -> Self:
        """Open a database, create it where there is none, and bring its schema up to date.

        Args:
            path: The file, in a folder that exists. ``<path>.lock`` is made beside it.
            busy_timeout_s: How long a transaction waits for a foreign process that has locked it.

        Raises:
            AlreadyRunningError: Another process holds it.
            MigrationError: It is newer than the program, damaged, or another program's.
            StorageError: It cannot be opened or written.
        """
        async with AsyncExitStack() as resources:
            try:
                lock_path = path.with_name(path.name + ".lock")
                lock = await asyncio.to_thread(ProcessLock, lock_path)
                resources.callback(lock.release)
                # The reader closes first: the last one to close checkpoints, which it cannot.
                writer = await _started(resources, path, busy_timeout_s, "rwc")
                await writer.run(partial(_prepare, path=path))
                reader = await _started(resources, path, busy_timeout_s, "ro")
            except FOREIGN_ERRORS as exc:
                raise storage_error(exc) from exc
            except OSError as exc:
                raise StorageError(f"{path.name} cannot be opened: {exc.strerror}") from exc
            return cls(writer, reader, resources.pop_all())
        raise AssertionError("unreachable")  # pragma: no cover  # the stack swallows nothing

    async def close(self) -> None:
        """Commit what waits, close the connections, give the lock back. May be repeated."""
        self._closed = True
        if self._committing is not None:
            await asyncio.wait([self._committing])
        await self._resources.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def write(self, function: Callable[[sqlite3.Connection], T]) -> T:
        """Run a function in a transaction, and return what it returned once that is on the disk.

        Functions that wait at the same moment share one COMMIT. Where the function raises, its
        work alone is undone, and the exception reaches this caller alone. Where the caller is
        cancelled, the function runs wholly or not at all.

        Args:
            function: Ends no transaction itself, and keeps nothing of the connection. It may run
                twice, where another one that shares its COMMIT raises: what it did the first time
                is undone then, so it changes nothing but the database.

        Raises:
            StorageBusyError: Locked by a foreign process for longer than the busy timeout.
            StorageFullError: The disk is full, or the file is read-only.
            StorageError: Any other failure. Nothing was kept, as with the other two.
        """
        self._check_open()
        if not self._waiting:
            self._first_asked_s = perf_counter()
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        # On its thread it speaks to the one who called: a refusal is in their language.
        self._waiting.append((_in_context(function), answer))
        if self._committing is None:
            self._committing = asyncio.create_task(self._commit_groups(), name="storage-commit")
        try:
            return await answer
        except FOREIGN_ERRORS as exc:
            raise storage_error(exc) from exc

    async def read(self, function: Callable[[sqlite3.Connection], T]) -> T:
        """Run a function that only reads, on one consistent state, beside the writer.

        It sees every write that was answered before.

        Raises:
            StorageError: It failed, or tried to write.
        """
        self._check_open()
        try:
            spoken = _in_context(function)  # as in `write`
            return await self._reader.run(partial(run_snapshot, function=spoken))
        except FOREIGN_ERRORS as exc:
            raise storage_error(exc) from exc

    def _check_open(self) -> None:
        if self._closed:
            raise StorageError("the database is closed")

    async def _commit_groups(self) -> None:
        """Commit group after group until nobody waits."""
        answers: list[asyncio.Future[Any]] = []
        try:
            while self._waiting:
                asked_s = self._first_asked_s
                count = min(len(self._waiting), GROUP_MAX_FUNCTIONS)
                calls = [self._waiting.popleft() for _ in range(count)]
                calls = [(function, answer) for function, answer in calls if not answer.done()]
                answers = [answer for _, answer in calls]
                await self._commit([function for function, _ in calls], answers)
                DATABASE_WRITE_S.observe(perf_counter() - asked_s)
        finally:
            self._committing = None
            # Left over only where the loop is being torn down under us: leave nobody waiting.
            for answer in [*answers, *(answer for _, answer in self._waiting)]:
                answer.cancel()
            self._waiting.clear()

    async def _commit(
        self,
        functions: list[Callable[[sqlite3.Connection], Any]],
        answers: list[asyncio.Future[Any]],
    ) -> None:
        try:
            outcomes = await self._writer.run(partial(run_group, functions=functions))
        except Exception as exc:  # noqa: BLE001  # not ours: every caller is told
            for answer in answers:
                _answer(answer, error=exc)
            return
        for answer, outcome in zip(answers, outcomes, strict=True):
            _answer(answer, value=outcome.value, error=outcome.error)


def _in_context(
    function: Callable[[sqlite3.Connection], T],
) -> Callable[[sqlite3.Connection], T]:
    context = copy_context()
    return lambda db: context.run(function, db)


def _answer(
    answer: asyncio.Future[Any], *, value: object = None, error: Exception | None = None
) -> None:
    if answer.done():  # its caller was cancelled meanwhile
        return
    if error is None:
        answer.set_result(value)
    elif isinstance(error, StopIteration):  # a future cannot carry it
        answer.set_exception(RuntimeError("the function raised StopIteration"))
    else:
        answer.set_exception(error)


async def _started(
    resources: AsyncExitStack, path: Path, busy_timeout_s: float, mode: Literal["rwc", "ro"]
) -> _ConnectionThread:
    thread = _ConnectionThread(partial(_connect, path, busy_timeout_s, mode), ROWS_PER_HOP)
    resources.push_async_callback(thread.ended)
    _ = await resources.enter_async_context(thread)  # itself, typed as its base class
    return thread


def _connect(path: Path, busy_timeout_s: float, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=busy_timeout_s,
        isolation_level=None,  # every BEGIN and COMMIT is ours
        cached_statements=512,  # an enqueue has a query for each combination of limits
    )


def _prepare(db: sqlite3.Connection, *, path: Path) -> None:
    # First of all, as the file may be another program's; and with foreign keys still off, as a
    # migration that builds a table anew needs it.
    copy = copy_before_upgrade(db, path)
    migrate(db, at=SystemClock().now())
    if copy is not None:
        forget_earlier_copies(path, kept=copy)
    db.execute("PRAGMA synchronous = FULL")  # an answered write survives a power cut
    db.execute("PRAGMA foreign_keys = ON")
    # A page that is not committed stays in memory: where a savepoint is rolled back after some went
    # into the log, SQLite 3.40 gives that log wrong checksums, and what is committed after it is
    # lost if the process is killed (tests/storage/test_whole_machine.py).
    db.execute("PRAGMA cache_spill = OFF")
    # What a savepoint may have to undo stays in memory: what is above 64 KiB would go to a file.
    db.execute("PRAGMA temp_store = MEMORY")
    (mode,) = db.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise StorageError(f"the file system allows no write-ahead log (journal mode {mode})")
    # 16 MiB of log before it goes into the file: pages that change over and over go there once.
    db.execute("PRAGMA wal_autocheckpoint = 4000")
    ensure_installation(db)
