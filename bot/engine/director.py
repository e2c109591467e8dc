"""Carries storyboards on: a shot starts from the last frame of another, and all become a film.

Each act is written down in one transaction with what it leads to, so that a crash in between
leads to the same act again. What was paid for are the shots, and they are posted as any video is:
a film that cannot be made costs nobody anything.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from bot.background import Background
from bot.clock import sleep_or_wake
from bot.domain.delivery import FIT_MAX_S, MIB, ClipNotFittedError
from bot.domain.errors import (
    ClipUnusableError,
    MediaWorkerError,
    StaleStateError,
    StorageError,
    StorageFullError,
    UnusableImageError,
)
from bot.domain.job import Clip, JobState, OutcomeReason
from bot.domain.routing import WAITS_FOR_SHOT
from bot.domain.storyboard import FADE_S, is_made
from bot.engine.clips import clip_of
from bot.engine.kept import keep
from bot.engine.reroute import cost_of, route_by_now, send
from bot.fault_points import FaultPoint, reached
from bot.metrics import count_end
from storage import artifacts, films, storyboards
from storage.job_rows import require_job

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping
    from pathlib import Path

    from bot.domain.job import Job
    from bot.domain.storyboard import Shot, Storyboard
    from bot.engine.scheduler import Scheduler
    from bot.engine.tools import Tools

log = logging.getLogger(__name__)

SWEEP_S = 30.0  # the longest that a missed event can delay a storyboard
TRIES_MAX = 3  # takes over which the bot itself ended so often are not joined
FRAME_TRIES_MAX = 3  # a clip over which the decoder crashed so often gives no frame
FRAME_MAX_BYTES = 10 * MIB  # where a model does not say
ROOM_TO_ENCODE = 4  # a film that is encoded anew is no larger than so many times its shots
_SMALLEST_FILM_BYTES = 64 * MIB


class Director:
    """The one task that looks at every open storyboard whenever a shot has moved."""

    def __init__(self, tools: Tools, scheduler: Scheduler) -> None:
        self._tools = tools
        self._scheduler = scheduler
        self._frame_tries: dict[int, int] = {}  # by the job that waits; crashes of the decoder
        self._background = Background("director")

    async def start(self) -> None:
        """Begin to look, also at what an earlier process left."""
        self._background.begin(self._direct_forever())

    async def stop(self) -> None:
        """Stop; what is unfinished goes on at the next start."""
        await self._background.end()

    async def _direct_forever(self) -> None:
        tools = self._tools
        while True:
            tools.shots_moved.clear()
            try:
                for storyboard_id in await tools.database.read(storyboards.open_ids):
                    await self._advance_one(storyboard_id)
            except StorageError:
                log.exception("the storyboards could not be read; trying again")
            await sleep_or_wake(tools.clock, tools.shots_moved, SWEEP_S)

    async def _advance_one(self, storyboard_id: int) -> None:
        try:
            await self._advance(storyboard_id)
        except StorageError as exc:
            log.warning("storyboard %d does not go on yet: %s", storyboard_id, exc)
        except Exception:  # supervision: one storyboard's defect must not stop the others
            log.exception("storyboard %d: a step broke and is tried again", storyboard_id)

    async def _advance(self, storyboard_id: int) -> None:
        """Do what can be done for one storyboard by now."""

        def read(db: sqlite3.Connection) -> tuple[Storyboard | None, dict[int, Job]]:
            return storyboards.find(db, storyboard_id), storyboards.jobs_of(db, storyboard_id)

        board, jobs = await self._tools.database.read(read)
        if board is None:
            return
        for shot in board.shots:
            job = jobs.get(shot.job_id or 0)
            if job is not None and _waits_for_another(job):
                jobs[job.job_id] = await self._look_at_former(board, shot, jobs)
        takes = [jobs[shot.job_id] for shot in board.shots if shot.job_id in jobs]
        if all(map(is_made, takes)):
            await self._join(board, takes)
        elif all(_is_over(take) for take in takes):
            close = partial(films.close, storyboard_id=storyboard_id)
            await self._tools.database.write(close)
            self._tools.delivery.job_changed(takes[0].job_id)

    # --- a shot that starts from the last frame of the one before ---------------------------------

    async def _look_at_former(self, board: Storyboard, shot: Shot, jobs: Mapping[int, Job]) -> Job:
        """Let a shot wait for its turn, or end it, by what became of the one before."""
        job = jobs[shot.job_id or 0]
        former = jobs.get(board.shots[shot.position - 1].job_id or 0)
        if former is None or former.taken_down_at is not None:
            return await self._end(job)
        if former.clip is not None and former.state in {JobState.FETCHED, JobState.DELIVERED}:
            return await self._start_from(job, former.clip)
        return await self._end(job) if former.is_terminal else job

    async def _start_from(self, job: Job, clip: Clip) -> Job:
        tools = self._tools
        source = tools.files_dir / artifacts.clip_file_name(clip.artifact_id)
        # Named so that the next start removes it, where this process ends before it is kept.
        raw = tools.files_dir / f"intake-raw-{job.job_id}.jpg"
        incoming = tools.files_dir / f"intake-frame-{job.job_id}.jpg"
        images = tools.catalogues.row_of(job).images
        try:
            await tools.media.write_last_frame(source, raw)
            max_bytes = FRAME_MAX_BYTES if images is None else images.max_bytes
            frame = await tools.media.normalise_image(
                raw, incoming, max_bytes=max_bytes, option="image"
            )
        except StorageFullError as exc:
            log.warning("job %d waits for room on the disk: %s", job.job_id, exc)
            return job
        except (ClipUnusableError, UnusableImageError) as exc:
            log.warning("job %d gets no first frame: %s", job.job_id, exc)
            return await self._end(job)
        except MediaWorkerError as exc:
            tries = self._frame_tries[job.job_id] = self._frame_tries.get(job.job_id, 0) + 1
            log.warning("job %d gets no first frame yet: %s", job.job_id, exc)
            if tries < FRAME_TRIES_MAX and await asyncio.to_thread(source.exists):
                return job
            return await self._end(job)
        finally:
            await asyncio.shield(asyncio.to_thread(raw.unlink, missing_ok=True))
        path = tools.files_dir / artifacts.image_file_name(frame.sha256)
        await asyncio.to_thread(keep, incoming, path)
        reached(FaultPoint.AFTER_FRAME_KEPT)
        at = tools.clock.now()
        starting = _with_image(job, frame.sha256)
        route = route_by_now(tools, starting)
        cost, terms = cost_of(tools, starting, route), tools.quota_terms

        def write(db: sqlite3.Connection) -> Job:
            artifacts.register(db, frame.sha256, kind="image", size_bytes=frame.size_bytes, at=at)
            if not films.let_wait_for_turn(db, job.job_id, image_id=frame.sha256, route=route):
                return require_job(db, job.job_id)
            return send(db, job.job_id, route, cost=cost, terms=terms, at=at)

        waiting = await tools.database.write(write)
        reached(FaultPoint.AFTER_SHOT_QUEUED)
        self._frame_tries.pop(job.job_id, None)
        tools.wake.set()
        self._told(waiting)
        return waiting

    async def _end(self, job: Job) -> Job:
        """The shot cannot start from another one: it ends, and costs nothing."""
        self._frame_tries.pop(job.job_id, None)
        try:
            ended = await self._tools.finish(job, JobState.FAILED, OutcomeReason.NO_FIRST_FRAME)
        except StaleStateError:  # cancelled in this moment
            return await self._tools.database.read(partial(require_job, job_id=job.job_id))
        self._told(ended)
        return ended

    def _told(self, job: Job) -> None:
        if job.is_terminal:
            count_end(job)
            self._tools.shots_moved.set()  # what starts from this one
        self._tools.delivery.job_changed(job.job_id)

    # --- the film ---------------------------------------------------------------------------------

    async def _join(self, board: Storyboard, takes: list[Job]) -> None:
        tools, storyboard_id = self._tools, board.storyboard_id
        clips = [take.clip for take in takes if take.clip is not None]
        sources = [tools.files_dir / artifacts.clip_file_name(clip.artifact_id) for clip in clips]
        why = await self._why_not(board, clips, sources)
        if why is None:
            begin = partial(films.begin_join, storyboard_id=storyboard_id)
            await tools.database.write(begin)
            reached(FaultPoint.AFTER_JOIN_INTENT)
            try:
                clip = await self._joined(board, clips, sources)
            except StorageFullError as exc:
                log.warning("storyboard %d waits for room on the disk: %s", storyboard_id, exc)
                await tools.database.write(partial(films.put_off_join, storyboard_id=storyboard_id))
                return
            except (ClipNotFittedError, ClipUnusableError, MediaWorkerError) as exc:
                why = str(exc)
            else:
                await self._record(board, clip)
                return
        log.warning("storyboard %d cannot be joined: %s", storyboard_id, why)
        fail = partial(films.record_join_failure, storyboard_id=storyboard_id, why=why)
        await tools.database.write(fail)
        tools.delivery.job_changed(takes[-1].job_id)

    async def _why_not(
        self, board: Storyboard, clips: list[Clip], sources: list[Path]
    ) -> str | None:
        """What keeps these takes from being joined; None where nothing does."""
        if board.join_tries >= TRIES_MAX:
            return f"the bot ended {board.join_tries} times over it"
        if not all(clip.width_px for clip in clips):
            return "one of its shots cannot be looked into"
        there = await asyncio.to_thread(lambda: [source.exists() for source in sources])
        return None if all(there) else "a shot's file is not there any more"

    async def _joined(self, board: Storyboard, clips: list[Clip], sources: list[Path]) -> Clip:
        """Make the film; it has its last name when this returns.

        Raises:
            ClipNotFittedError: They cannot be joined.
            MediaWorkerError: The child crashed, hung or was killed over it.
            ClipUnusableError: What came does not play.
            StorageFullError: The disk is full.
        """
        tools = self._tools
        part = tools.files_dir / f".film-{board.storyboard_id}.mp4.part"
        total_bytes = sum(clip.size_bytes for clip in clips)
        try:
            made = await tools.fitter.join(
                sources,
                part,
                fade_s=FADE_S if board.cross_fades else 0.0,
                max_bytes=max(_SMALLEST_FILM_BYTES, ROOM_TO_ENCODE * total_bytes),
                within_s=FIT_MAX_S,
            )
            facts = await tools.media.inspect_clip(part)
            path = tools.files_dir / artifacts.clip_file_name(made.sha256)
            await asyncio.to_thread(keep, part, path)
            reached(FaultPoint.AFTER_FILM_KEPT)
        except asyncio.CancelledError:  # the bot stops: that is not the takes' doing
            take_back = partial(films.put_off_join, storyboard_id=board.storyboard_id)
            await asyncio.shield(tools.database.write(take_back))
            raise
        finally:
            await asyncio.shield(asyncio.to_thread(part.unlink, missing_ok=True))
        return clip_of(facts, artifact_id=made.sha256, size_bytes=made.size_bytes)

    async def _record(self, board: Storyboard, clip: Clip) -> None:
        at = self._tools.clock.now()
        film = await self._tools.database.write(
            lambda db: films.record_film(db, board, clip, at=at)
        )
        reached(FaultPoint.AFTER_FILM_RECORDED)
        if film is None:  # one of them was taken down, or is made anew
            self._tools.shots_moved.set()
            return
        _ = self._scheduler.take_up(film)


def _waits_for_another(job: Job) -> bool:
    return job.state is JobState.QUEUED and job.route == WAITS_FOR_SHOT


def _is_over(job: Job) -> bool:
    """Whether nothing more will come of it by itself."""
    return job.is_terminal or job.parked_at is not None


def _with_image(job: Job, image_id: str) -> Job:
    return replace(job, request=replace(job.request, images=(image_id,)))
