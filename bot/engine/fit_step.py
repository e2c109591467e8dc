"""Makes a job's clip fit: the intent is written, the file made, the outcome written."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from bot.domain.delivery import ClipNotFittedError, Plan, Rung, encode_plan, fit_within_s
from bot.domain.errors import MediaWorkerError, StorageError, StorageFullError
from bot.domain.takedown import TakenDownMeanwhileError
from bot.engine.kept import keep
from bot.fault_points import FaultPoint, reached
from storage import artifacts, job_queries, notices, parcels

if TYPE_CHECKING:
    from pathlib import Path

    from bot.domain.job import Clip, Job
    from bot.engine.tools import Tools

log = logging.getLogger(__name__)

TRIES_MAX = 3  # a clip over which the bot itself ended so often is posted as a link
DISK_FULL_LOOK_S = 60.0


@dataclass(frozen=True, slots=True)
class Fitted:
    """A file that fits, and whether it is a smaller copy."""

    path: Path
    was_encoded: bool


async def fitted_file(
    tools: Tools, job: Job, clip: Clip, found: Plan, limit_bytes: int
) -> Fitted | None:
    """The file that fits: the one that there is, also from an earlier process, or a new one.

    Args:
        tools: See `Tools`.
        job: In state ``fetched``.
        clip: Its clip; the file is there.
        found: `Rung.REMUX` or `Rung.ENCODE`.
        limit_bytes: The largest file.

    Returns:
        None where it cannot be made. Waits while the disk is full.

    Raises:
        TakenDownMeanwhileError: The video was taken down meanwhile.
        StorageError: The database does not take the record of it.
    """
    known = await _known(tools, job, limit_bytes)
    if known is not None:
        return known
    step: Plan | None = found
    excused = 0  # tries that the database has no room to take back
    try:
        while step is not None and not await _is_hopeless(tools, job, limit_bytes, excused):
            try:
                async with tools.fitter.turn(job.job_id, tools.delivery.job_changed):
                    return await _fit_once(tools, job, clip, step, limit_bytes)
            except StorageFullError as exc:
                excused += not await _wait_for_room(tools, job, exc)
            except (ClipNotFittedError, MediaWorkerError) as exc:
                log.warning("job %d cannot be made to fit: %s", job.job_id, exc)
                step = _below(step, clip, limit_bytes)
                if step is None:
                    fail = partial(parcels.record_fit_failure, job_id=job.job_id, why=str(exc))
                    await tools.database.write(fail)
                    reached(FaultPoint.AFTER_FIT_FAILURE_RECORDED)
    finally:
        tools.fitter.done(job.job_id)
    return None


async def _known(tools: Tools, job: Job, limit_bytes: int) -> Fitted | None:
    record = await tools.database.read(partial(parcels.parcel_of, job_id=job.job_id))
    if record.fitted_artifact_id is None or (record.fitted_bytes or 0) > limit_bytes:
        return None
    path = tools.files_dir / artifacts.clip_file_name(record.fitted_artifact_id)
    if not await asyncio.to_thread(path.exists):
        return None
    return Fitted(path, record.was_encoded)


async def _is_hopeless(tools: Tools, job: Job, limit_bytes: int, excused: int) -> bool:
    """Whether it failed for this limit, or the bot ended over it again and again."""
    record = await tools.database.read(partial(parcels.parcel_of, job_id=job.job_id))
    if record.fit_limit_bytes != limit_bytes:
        return False
    tries = record.fit_tries - excused
    if tries >= TRIES_MAX:
        log.error("the bot ended %d times over job %d's clip", tries, job.job_id)
    return record.fit_failure is not None or tries >= TRIES_MAX


def _below(step: Plan, clip: Clip, limit_bytes: int) -> Plan | None:
    """The rung below that still gives a file."""
    below = encode_plan(clip, limit_bytes=limit_bytes)
    return below if step.rung is Rung.REMUX and below.rung is Rung.ENCODE else None


async def _fit_once(tools: Tools, job: Job, clip: Clip, step: Plan, limit_bytes: int) -> Fitted:
    job_id = job.job_id
    await _check_wanted(tools, job)
    intend = partial(parcels.begin_fit, job_id=job_id, limit_bytes=limit_bytes)
    reached(FaultPoint.BEFORE_FIT_INTENT)
    await tools.database.write(intend)
    reached(FaultPoint.AFTER_FIT_INTENT)
    part = tools.files_dir / f".fit-{job_id}.mp4.part"
    try:
        made = await tools.fitter.fit(
            job_id,
            tools.files_dir / artifacts.clip_file_name(clip.artifact_id),
            part,
            max_bytes=limit_bytes,
            encode=step.encode,
            within_s=fit_within_s(clip),
            clock=tools.clock,
            changed=tools.delivery.job_changed,
        )
        reached(FaultPoint.AFTER_FIT_MADE)
        path = tools.files_dir / artifacts.clip_file_name(made.sha256)
        await asyncio.to_thread(keep, part, path)
        reached(FaultPoint.AFTER_FIT_KEPT)
    except asyncio.CancelledError:  # the bot stops: that is not the clip's doing
        take_back = partial(parcels.put_off_fit, job_id=job_id)
        await asyncio.shield(tools.database.write(take_back))
        raise
    finally:
        await asyncio.shield(asyncio.to_thread(part.unlink, missing_ok=True))
    fitted, at = Fitted(path, step.rung is Rung.ENCODE), tools.clock.now()
    await tools.database.write(
        lambda db: parcels.record_fitted(
            db,
            job_id,
            artifact_id=made.sha256,
            size_bytes=made.size_bytes,
            was_encoded=fitted.was_encoded,
            at=at,
        )
    )
    reached(FaultPoint.AFTER_FIT_RECORDED)
    await _check_wanted(tools, job)
    return fitted


async def _check_wanted(tools: Tools, job: Job) -> None:
    now = await tools.database.read(lambda db: job_queries.get_job(db, job.job_id))
    if now is not None and now.taken_down_at is not None:
        raise TakenDownMeanwhileError(f"job {job.job_id} was taken down while it was made to fit")


async def _wait_for_room(tools: Tools, job: Job, error: StorageFullError) -> bool:
    """Nothing is lost: the clip is on the disk, and is made to fit when there is room.

    Returns:
        Whether it is written down that this try does not count.
    """
    at = tools.clock.now()
    log.error("job %d waits for room on the disk: %s", job.job_id, error)
    tools.fitter.disk_is_full(job.job_id)
    tools.delivery.job_changed(job.job_id)
    is_taken_back = False
    with suppress(StorageError):  # the database is on the same disk, as a rule
        await tools.database.write(partial(parcels.put_off_fit, job_id=job.job_id))
        is_taken_back = True
        await tools.database.write(
            lambda db: notices.add_notice(
                db,
                key=f"disk-full:{at:%Y-%m-%d}",
                text="The disk is full, so finished videos cannot be made to fit Discord. They "
                "wait, and nothing is lost. Free some space in the folder of COGREEL_STATE_DIR, "
                "or set COGREEL_KEEP_CLIPS_DAYS lower.",
                at=at,
            )
        )
        tools.notice_added()
    await tools.clock.sleep(DISK_FULL_LOOK_S)
    return is_taken_back
