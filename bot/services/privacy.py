"""A member sees what is kept about them, takes it with them, or has it deleted."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from bot.fault_points import FaultPoint, reached
from bot.metrics import count_end
from storage import departures, erasure, holdings

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import AsyncGenerator, Iterable

    from bot.clock import Clock
    from storage.database import Database

ROWS_AT_ONCE = 50  # what other reads wait for, and what is in memory
WITHDRAWN_AT_ONCE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is kept about one member, on every server of this bot.

    Attributes:
        counts: How many entries of each of `storage.holdings.KINDS`.
        with_words: Of how many videos the words and images are kept still.
        keep_days: How long they are, after a video has ended, at the most: a server may keep them
            a shorter time.
    """

    counts: dict[str, int]
    with_words: int
    keep_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Privacy:
    """Only a member themselves may ask; that is the caller's to see to.

    Attributes:
        keep_days: As the operator set it; see `Kept`.
    """

    database: Database
    clock: Clock
    keep_days: int

    async def kept(self, user_id: int) -> Kept:
        """Count what there is."""

        def read(db: sqlite3.Connection) -> Kept:
            return Kept(
                counts=holdings.counts(db, user_id),
                with_words=holdings.with_words(db, user_id),
                keep_days=self.keep_days,
            )

        return await self.database.read(read)

    async def videos(self, user_id: int) -> int:
        """How many they asked for. Cheap: it is asked for before a first answer."""
        return await self.database.read(partial(holdings.videos, user_id=user_id))

    @asynccontextmanager
    async def exported(self, user_id: int) -> AsyncGenerator[Path]:
        """All of it as a JSON file, which is gone when this is left.

        Raises:
            StorageError: It cannot be read.
        """
        folder = await asyncio.to_thread(TemporaryDirectory)
        try:
            path = Path(folder.name) / "cogreel.json"
            for number, kind in enumerate(holdings.KINDS):
                before = "]," if number else "{"
                await asyncio.to_thread(_append, path, f'{before}\n"{kind}": [')
                await self._write_entries(path, user_id, kind)
            await asyncio.to_thread(_append, path, "]\n}\n")
            yield path
        finally:
            await asyncio.to_thread(folder.cleanup)

    async def _write_entries(self, path: Path, user_id: int, kind: str) -> None:
        after, is_first = -1, True
        while True:
            read = partial(
                holdings.page, user_id=user_id, kind=kind, after=after, limit=ROWS_AT_ONCE
            )
            entries, after = await self.database.read(read)
            if not entries:
                return
            await asyncio.to_thread(_append_entries, path, entries, is_first=is_first)
            is_first = False

    async def withdraw(self, user_id: int) -> list[int]:
        """Have all of a member's videos taken down and erased, on every server; which ones.

        Those that wait are cancelled for nothing. Posts, files and words go one after another, as
        Discord lets them be deleted; a later start goes on with it.
        """
        found: list[int] = []
        at = self.clock.now()
        while True:
            reached(FaultPoint.BEFORE_WITHDRAWAL)
            some, cancelled = await self.database.write(
                lambda db: erasure.withdraw(db, user_id, at=at, limit=WITHDRAWN_AT_ONCE)
            )
            reached(FaultPoint.AFTER_WITHDRAWAL)
            for job in cancelled:
                count_end(job)
            found += some
            if len(some) < WITHDRAWN_AT_ONCE:
                return found

    async def left(self, guild_id: int) -> None:
        """The bot was taken from a server: what is kept of it is deleted after a while."""
        at = self.clock.now()
        await self.database.write(lambda db: departures.record_left(db, guild_id, at=at))

    async def there(self, guild_ids: Iterable[int]) -> None:
        """The bot is on these servers, and on no other."""
        at, there = self.clock.now(), frozenset(guild_ids)
        await self.database.write(lambda db: departures.record_there(db, there, at=at))


def _append_entries(path: Path, entries: list[dict[str, Any]], *, is_first: bool) -> None:
    text = ",\n".join(map(json.dumps, entries))
    _append(path, text if is_first else f",\n{text}")


def _append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(text)
