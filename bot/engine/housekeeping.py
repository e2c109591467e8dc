"""Keeps disk and database from filling: left-overs of a killed process, old files and notices."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shutil
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from bot.background import Background
from bot.domain.errors import StaleStateError, StorageError
from bot.domain.job import OutcomeReason
from bot.metrics import count_end
from storage import artifacts, notices, parking

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from bot.clock import Clock
    from bot.engine.retention import Retention
    from storage.artifacts import ArtifactKind
    from storage.database import Database

log = logging.getLogger(__name__)

EVERY_S = 600.0  # a disk fills by a gigabyte or two in this time
UNCLAIMED_AT_ONCE = 200
# Half a file, a download that was not recorded, an image that was being taken in, a poster.
LEFT_OVERS = (".*.part", "incoming-*", "intake-*", "poster-*")
# An image waits this long for the job that it was taken in for; a refused one has none.
UNUSED_IMAGE_KEPT = timedelta(hours=1)
# One that could not be posted for so long is no news; where no channel is set, none ever can.
NOTICES_KEPT = timedelta(days=30)


def sweep_left_overs(files_dir: Path) -> int:
    """Remove what no record leads to. Only before the engine starts, and under the database's lock.

    Returns:
        How many files and folders were removed.
    """
    found = [path for pattern in LEFT_OVERS for path in files_dir.glob(pattern)]
    for path in found:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    if found:
        log.info("%d left-overs of an earlier process were removed", len(found))
    return len(found)


async def sweep_unrecorded(database: Database, files_dir: Path) -> int:
    """Remove images and clips that got their last name, and no record; as `sweep_left_overs`.

    A process may be killed between the two. What it was about is then taken in, or fetched, or
    made, once more: often with other bytes, and so under another name.

    Returns:
        How many files were removed.
    """
    kinds: tuple[tuple[ArtifactKind, str], ...] = (
        ("image", artifacts.image_file_name("?" * 64)),
        ("clip", artifacts.clip_file_name("?" * 64)),
    )

    def unrecorded(db: sqlite3.Connection) -> list[Path]:
        return [
            path
            for kind, pattern in kinds
            for path in files_dir.glob(pattern)
            if not artifacts.is_on_record(db, path.stem, kind)
        ]

    found = await database.read(unrecorded)
    for path in found:
        await asyncio.to_thread(path.unlink, missing_ok=True)
    if found:
        log.info("%d files without a record were removed", len(found))
    return len(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Housekeeper:
    """Removes files, notices to the operator, and servers' keys, once nobody needs them any more.

    Attributes:
        keep_clips: How long a posted clip's file is kept after it came. Its record stays.
        forget_ended_keys: Deletes the servers' own keys that were taken away and are done with.
        retention: Deletes what is kept no longer.
    """

    database: Database
    clock: Clock
    files_dir: Path
    keep_clips: timedelta
    forget_ended_keys: Callable[[], Awaitable[None]]
    retention: Retention
    _background: Background = field(default_factory=lambda: Background("housekeeping"), init=False)

    async def start(self) -> None:
        """Sweep now, then again and again; a sweep that fails is made up for by the next."""
        self._background.begin(self._sweep_forever())

    async def stop(self) -> None:
        """Stop; what was not removed is so after the next start."""
        await self._background.end()

    async def _sweep_forever(self) -> None:
        while True:
            try:
                await self.sweep()
            except (StorageError, OSError):
                log.exception("housekeeping failed; trying again in ten minutes")
            await self.clock.sleep(EVERY_S)

    async def sweep(self) -> int:
        """One sweep.

        Returns:
            How many files were removed.
        """
        await self.forget_ended_keys()
        now = self.clock.now()
        await self._give_up_unclaimed(now)
        removed = await self._remove_unused_images(now - UNUSED_IMAGE_KEPT)
        removed += await self.retention.sweep()
        removed += await self._remove_old_clips(now - self.keep_clips, now)
        await self.database.write(lambda db: notices.forget_old(db, now - NOTICES_KEPT))
        if removed:
            log.info("%d files were removed", removed)
        return removed

    async def _give_up_unclaimed(self, now: datetime) -> None:
        """Clips that no place took, and that nobody claimed while posted ones are kept."""
        since = now - self.keep_clips
        unclaimed = partial(parking.unclaimed, parked_before=since, limit=UNCLAIMED_AT_ONCE)
        reason = OutcomeReason.NEVER_CLAIMED
        for job_id in await self.database.read(unclaimed):
            end = partial(parking.end_unposted, job_id=job_id, reason=reason, at=now)
            with contextlib.suppress(StaleStateError):  # posted in this moment
                count_end(await self.database.write(end))

    async def _remove_unused_images(self, before: datetime) -> int:
        unused = await self.database.read(lambda db: artifacts.unreferenced(db, before))
        removed = 0
        for artifact in unused:
            forget = partial(artifacts.forget, artifact_id=artifact.artifact_id, older_than=before)
            if await self.database.write(forget):
                path = self.files_dir / artifact.file_name
                await asyncio.to_thread(path.unlink, missing_ok=True)
                removed += 1
        return removed

    async def _remove_old_clips(self, before: datetime, now: datetime) -> int:
        old = await asyncio.to_thread(_older_clips, self.files_dir, before.timestamp())
        removed = 0
        for path in old:
            is_needed = partial(
                artifacts.clip_is_needed, artifact_id=path.stem, since=before, now=now
            )
            if not await self.database.read(is_needed):
                await asyncio.to_thread(path.unlink, missing_ok=True)
                removed += 1
        return removed


def _older_clips(files_dir: Path, before_s: float) -> list[Path]:
    pattern = artifacts.clip_file_name("?" * 64)
    return [path for path in files_dir.glob(pattern) if path.stat().st_mtime < before_s]
