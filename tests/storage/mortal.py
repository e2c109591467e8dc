"""The database of a process that can be killed at any instant, and of the one that follows it.

What a kill leaves behind is the bytes of the files at that instant. So that is what is kept: they
are copied to another folder, in which the next process opens them; whatever the dead one still
does, it does to files that nobody looks at any more.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from storage.balances import differences
from storage.database import FILE_NAME, Database
from storage.recount import recount_lanes

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence

T = TypeVar("T")

PAGES_CACHED = 10  # few, so that a transaction would write to the log before it commits
COMMIT = "COMMIT"
PART_BYTES = 8  # of the log, which are compared at a time


@dataclass(frozen=True)
class KilledInside:
    """Killed before a statement of the transaction; before its COMMIT where it has fewer."""

    statement: int


@dataclass(frozen=True)
class KilledInCommit:
    """Killed when part of what the transaction writes to the log was written, in thousandths."""

    written: int


@dataclass(frozen=True)
class KilledAfter:
    """Killed when the transaction was on the disk and nobody had been answered."""


Kill = KilledInside | KilledInCommit | KilledAfter


@dataclass(frozen=True)
class Files:
    """The database and its log."""

    database: bytes
    log: bytes


class MortalDatabase:
    """Call `close` in the end.

    Attributes:
        off_at_start: The counts and sums that the latest process found wrong when it started.
        half_written_bytes: What the latest kill left in the log of a transaction that was lost.
    """

    def __init__(self) -> None:
        """Begin with a new one."""
        self._folder = Path(tempfile.mkdtemp(prefix="cogreel-"))
        self._loop = asyncio.Runner()
        self._runs = 0
        self.half_written_bytes = 0
        self._open(_new())

    def close(self) -> None:
        """End the process in good order, and take its files away."""
        self._loop.run(self._database.close())
        self._loop.close()
        shutil.rmtree(self._folder)

    def read(self, function: Callable[[sqlite3.Connection], T]) -> T:
        """What it says now."""
        return self._loop.run(self._database.read(function))

    def write(self, function: Callable[[sqlite3.Connection], T]) -> T:
        """Run one transaction."""
        return self._loop.run(self._database.write(function))

    def write_together(
        self, functions: Sequence[Callable[[sqlite3.Connection], object]]
    ) -> list[object]:
        """Run several in one commit; what each returned, or the exception that it raised."""

        async def all_at_once() -> list[object]:
            calls = (self._database.write(function) for function in functions)
            return list(await asyncio.gather(*calls, return_exceptions=True))

        return self._loop.run(all_at_once())

    def restart(self) -> None:
        """Be killed between two transactions."""
        self.continue_from(self.files())

    def write_and_die(
        self, functions: Sequence[Callable[[sqlite3.Connection], object]], kill: Kill
    ) -> list[object] | None:
        """Be killed while these run in one commit; what they gave, or None where nothing stayed."""
        before = self.files()
        taken: list[Files] = []
        count = 0

        def before_statement(sql: str) -> None:
            nonlocal count
            count += 1
            inside = isinstance(kill, KilledInside) and count > kill.statement
            if not taken and (inside or sql == COMMIT):
                taken.append(self.files())

        def watch(db: sqlite3.Connection) -> None:
            db.set_trace_callback(before_statement)

        given = self.write_together([watch, *functions])
        self.write(lambda db: db.set_trace_callback(None))
        after = self.files()
        if isinstance(kill, KilledAfter):
            self.continue_from(after)
            return given[1:]
        if isinstance(kill, KilledInside):
            left = taken[0]
        else:
            left = _half_committed(before, after, kill.written)
        self.half_written_bytes = len(left.log) - len(before.log)
        self.continue_from(left)
        return None

    def files(self) -> Files:
        """The bytes by now."""
        return _files(self._path)

    @property
    def _path(self) -> Path:
        return self._folder / str(self._runs) / FILE_NAME

    def continue_from(self, files: Files) -> None:
        """Let another process open these."""
        dead, left_behind = self._database, self._path.parent
        self._open(files)
        self._loop.run(dead.close())
        shutil.rmtree(left_behind)

    def _open(self, files: Files) -> None:
        self._runs += 1
        self._path.parent.mkdir()
        self._path.write_bytes(files.database)
        self._path.with_name(f"{FILE_NAME}-wal").write_bytes(files.log)
        self._database = self._loop.run(Database.open(self._path))
        self.write(partial(_cache, pages=PAGES_CACHED))
        # As ``bot/engine/scheduler.py`` does.
        self.off_at_start = self.write(recount_lanes) + self.read(differences)


@cache
def _new() -> Files:
    """An empty one. Made once: most of the time would go into its migrations."""

    async def made(path: Path) -> Files:
        async with await Database.open(path):
            return _files(path)

    with tempfile.TemporaryDirectory(prefix="cogreel-") as folder:
        return asyncio.run(made(Path(folder) / FILE_NAME))


def _files(path: Path) -> Files:
    return Files(path.read_bytes(), path.with_name(f"{FILE_NAME}-wal").read_bytes())


def _half_committed(before: Files, after: Files, thousandths: int) -> Files:
    """What there is when so much of what a transaction changes in the log is written."""
    if before.database != after.database:
        return before  # the log was copied into it at the end
    size = max(len(before.log), len(after.log))
    old, new = before.log.ljust(size, b"\0"), after.log.ljust(size, b"\0")
    parts = range(0, size, PART_BYTES)
    changed = [at for at in parts if old[at : at + PART_BYTES] != new[at : at + PART_BYTES]]
    if not changed:
        return before
    cut = changed[0] + (changed[-1] - changed[0]) * thousandths // 1000
    # In front of the cut is what is new, behind it what was there before, if anything.
    return Files(before.database, after.log[:cut] + before.log[cut:])


def _cache(db: sqlite3.Connection, *, pages: int) -> None:
    db.execute(f"PRAGMA cache_size = {pages:d}")
