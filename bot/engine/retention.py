"""Deletes what is kept no longer: by age, by a server that was left, by a disk that fills."""

from __future__ import annotations

import asyncio
import logging
import shutil
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from bot.domain.storyboard import DRAFT_KEPT
from storage import artifacts, departures, erasure, storyboards

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Awaitable, Callable
    from datetime import datetime
    from pathlib import Path

    from bot.clock import Clock
    from bot.domain.job import Job
    from storage.database import Database

log = logging.getLogger(__name__)

AT_ONCE = 100  # jobs in one transaction: others wait for it
# Long enough that a bot which is taken from a server by mistake finds everything when it is back.
DEPARTED_KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """What an unfinished job needs is never touched.

    Attributes:
        keep_days: How long the words, images and clips of a job are kept after it ended, at the
            most: a server may have chosen less.
        min_free_bytes: Below this much room on the disk, posted clips go, the oldest first.
        remove_own_key: Takes a server's own key away.
    """

    database: Database
    clock: Clock
    files_dir: Path
    keep_days: int
    min_free_bytes: int
    remove_own_key: Callable[[int], Awaitable[object]]

    async def sweep(self) -> int:
        """One sweep.

        Returns:
            How many files were removed.
        """
        removed = await self._erase_old()
        await self._forget_departed()
        before = self.clock.now() - DRAFT_KEPT
        await self.database.write(lambda db: storyboards.discard_old_drafts(db, before))
        return removed + await self._make_room()

    async def _erase_old(self) -> int:
        removed = 0
        while True:
            now = self.clock.now()
            old = await self.database.read(
                partial(erasure.to_erase, now=now, keep_days=self.keep_days, limit=AT_ONCE)
            )
            removed += await self._erase(old, at=now)
            if len(old) < AT_ONCE:
                return removed

    async def _forget_departed(self) -> None:
        before = self.clock.now() - DEPARTED_KEPT
        for guild_id in await self.database.read(lambda db: departures.left_before(db, before)):
            await self._forget(guild_id)

    async def _forget(self, guild_id: int) -> None:
        await self.remove_own_key(guild_id)
        jobs_of = partial(departures.jobs_with_words, guild_id=guild_id, limit=AT_ONCE)
        while jobs := await self.database.read(jobs_of):
            await self._erase(jobs, at=self.clock.now())
        await self.database.write(lambda db: departures.forget(db, guild_id))
        log.info("what was kept of server %d is deleted: it was left long ago", guild_id)

    async def _erase(self, jobs: list[Job], *, at: datetime) -> int:
        """Forget ended jobs, then delete those of their clips that nobody else has."""

        def write(db: sqlite3.Connection) -> set[str]:
            for job in jobs:
                erasure.erase(db, job.job_id, at=at)
            clips = {job.clip.artifact_id for job in jobs if job.clip is not None}
            return {clip for clip in clips if not erasure.clip_is_wanted(db, clip)}

        unwanted = await self.database.write(write) if jobs else set[str]()
        for clip in unwanted:
            await self._unlink(clip)
        return len(unwanted)

    async def _make_room(self) -> int:
        """Remove clips that were posted, until there is room again."""
        removed = 0
        if await self._has_room():
            return removed
        for clip in await asyncio.to_thread(_oldest_first, self.files_dir):
            # Those that still have to be posted stay, and those that a link leads to.
            now = self.clock.now()
            never = now + timedelta(days=36_500)
            needed = partial(artifacts.clip_is_needed, artifact_id=clip, since=never, now=now)
            if not await self.database.read(needed):
                await self._unlink(clip)
                removed += 1
                if await self._has_room():
                    break
        log.warning("the disk is nearly full: %d posted clips were removed early", removed)
        return removed

    async def _has_room(self) -> bool:
        usage = await asyncio.to_thread(shutil.disk_usage, self.files_dir)
        return usage.free >= self.min_free_bytes

    async def _unlink(self, clip: str) -> None:
        path = self.files_dir / artifacts.clip_file_name(clip)
        await asyncio.to_thread(path.unlink, missing_ok=True)


def _oldest_first(files_dir: Path) -> list[str]:
    found = files_dir.glob(artifacts.clip_file_name("?" * 64))
    return [path.stem for path in sorted(found, key=lambda path: path.stat().st_mtime)]
