"""Makes clips fit, and films of clips, one at a time; knows how far each clip is."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.delivery import Fitting
from media.fit_worker import FitWorker

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence
    from datetime import datetime
    from pathlib import Path

    from bot.clock import Clock
    from bot.domain.delivery import Encode
    from media.answers import FittedFile

# A status message is edited for it no more often: Discord allows five edits in five seconds to a
# channel, and people have other videos there.
TOLD_EVERY = timedelta(seconds=5)
STEP_PERCENT = 10


class Fitter:
    """The one encoder of the process. Holds a few words per clip under way."""

    def __init__(self, worker: FitWorker | None = None) -> None:
        self._worker = worker or FitWorker()
        self._under_way: dict[int, Fitting] = {}
        self._one_at_a_time = asyncio.Lock()

    def of(self, job_id: int) -> Fitting | None:
        """How far the clip of a job is; None where nothing is made of it."""
        return self._under_way.get(job_id)

    def disk_is_full(self, job_id: int) -> None:
        """The clip of this job waits for room on the disk."""
        self._under_way[job_id] = Fitting(0, disk_is_full=True)

    def done(self, job_id: int) -> None:
        """Nothing is made of it any more."""
        self._under_way.pop(job_id, None)

    @asynccontextmanager
    async def turn(self, job_id: int, changed: Callable[[int], None]) -> AsyncGenerator[None]:
        """Wait until no other clip is made to fit; those that came first go first."""
        self._under_way[job_id] = Fitting(0)
        if self._one_at_a_time.locked():
            changed(job_id)
        async with self._one_at_a_time:
            yield

    async def join(
        self,
        sources: Sequence[Path],
        destination: Path,
        *,
        fade_s: float,
        max_bytes: int,
        within_s: float,
    ) -> FittedFile:
        """See `FitWorker.join`. Waits until no other clip is made to fit."""
        async with self._one_at_a_time:
            return await self._worker.join(
                sources, destination, fade_s=fade_s, max_bytes=max_bytes, within_s=within_s
            )

    async def fit(  # noqa: PLR0913  # one clip, what becomes of it, and whom to tell
        self,
        job_id: int,
        source: Path,
        destination: Path,
        *,
        max_bytes: int,
        encode: Encode | None,
        within_s: float,
        clock: Clock,
        changed: Callable[[int], None],
    ) -> FittedFile:
        """See `FitWorker.fit`. Only in this job's `turn`.

        Args:
            job_id: Whose clip it is.
            source: The clip.
            destination: The new file.
            max_bytes: Its largest size.
            encode: How the picture is encoded; None copies it.
            within_s: Seconds that it may take.
            clock: Says when to tell again.
            changed: Called with the job's id when there is something to tell; never often.
        """
        told_at = clock.now()

        def told(percent: int) -> None:
            nonlocal told_at
            self._under_way[job_id] = Fitting(percent // STEP_PERCENT * STEP_PERCENT)
            now: datetime = clock.now()
            if abs(now - told_at) >= TOLD_EVERY:  # also where the clock was set back
                told_at = now
                changed(job_id)

        return await self._worker.fit(
            source,
            destination,
            max_bytes=max_bytes,
            encode=encode,
            within_s=within_s,
            told=told,
        )
