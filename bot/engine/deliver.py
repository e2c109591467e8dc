"""The one post: a fetched clip reaches the channel once, whatever breaks on the way."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from bot.domain.destination import DestinationKind, ServerLeftError
from bot.domain.errors import DeliveryError, DeliveryUnavailableError
from bot.domain.job import JobState, OutcomeReason, TellBy
from bot.domain.polling import wait_after_error_s
from bot.domain.takedown import TakenDownMeanwhileError
from bot.engine import delivery_news
from bot.engine.packing import Packing
from bot.engine.tools import jitter
from bot.fault_points import FaultPoint, reached
from storage import artifacts, parking, steps, takedowns, telling
from storage.job_rows import require_job

if TYPE_CHECKING:
    import sqlite3

    from bot.domain.job import Job
    from bot.engine.ports import Posted
    from bot.engine.tools import Tools

log = logging.getLogger(__name__)

# Somebody must act first, and may claim it at any time; the clip is safe on our disk.
PARKED_RETRY = timedelta(hours=1)


async def deliver(tools: Tools, job: Job, *, maybe_posted: bool) -> Job:
    """Post a job in state ``fetched`` and settle its reservation.

    Args:
        tools: See `Tools`.
        job: The job.
        maybe_posted: Whether an earlier try may have posted it: then the place is searched first.

    Returns:
        The job ``delivered``; ``failed`` where it was taken down before, or the bot was removed
        from the server; or still ``fetched`` and parked, where no place takes it. Waits
        for as long as Discord is in trouble, or the disk too full to make the clip fit.
    """
    if job.clip is None:
        raise ValueError(f"job {job.job_id} has no clip")
    path = tools.files_dir / artifacts.clip_file_name(job.clip.artifact_id)
    if not await asyncio.to_thread(path.exists):
        log.error("job %d lost its clip from the disk; its link is posted", job.job_id)
    if tools.restored_at is not None and job.created_at <= tools.restored_at:
        # The bot may have gone on after the backup was made: at any time since the job came.
        maybe_posted, job = True, replace(job, state_at=job.created_at)
    errors = 0
    tried: Job | None = None
    while tried is None or _is_wanted_elsewhere(tried, job):
        tried = None
        now = await tools.database.read(partial(require_job, job_id=job.job_id))
        if now.taken_down_at is not None:
            return await _withhold(tools, job)
        # Its member may have asked meanwhile.
        job = replace(job, claimed_into=now.claimed_into, tell_by=now.tell_by)
        try:
            tried = await _try(tools, job, maybe_posted=maybe_posted)
        except TakenDownMeanwhileError:
            continue
        except DeliveryUnavailableError as exc:
            maybe_posted = True
            errors += 1
            log.warning("job %d: Discord did not take the post: %s", job.job_id, exc)
            await tools.clock.sleep(wait_after_error_s(errors=errors, jitter=jitter()))
    return tried


async def _withhold(tools: Tools, job: Job) -> Job:
    withhold = partial(takedowns.withhold, job_id=job.job_id, at=tools.clock.now())
    reached(FaultPoint.BEFORE_WITHHELD)
    withheld = await tools.database.write(withhold)
    reached(FaultPoint.AFTER_WITHHELD)
    return withheld


def _is_wanted_elsewhere(now: Job, tried: Job) -> bool:
    """Whether the member asked for it in a channel while it was tried in others."""
    return now.state is JobState.FETCHED and now.claimed_into not in {None, tried.claimed_into}


async def _try(tools: Tools, job: Job, *, maybe_posted: bool) -> Job:
    """Post it, or park it, or give it up with its server.

    Raises:
        TakenDownMeanwhileError: It was taken down.
        DeliveryUnavailableError: Discord is in trouble; it may be posted.
    """
    if job.clip is None:
        raise ValueError(f"job {job.job_id} has no clip")
    packing = Packing(tools, job, job.clip)
    try:
        posted = await tools.delivery.post_result(job, packing, look_first=maybe_posted)
    except (TakenDownMeanwhileError, DeliveryUnavailableError):
        raise
    except ServerLeftError as exc:
        log.warning("job %d is not posted: %s", job.job_id, exc)
        end = partial(parking.end_unposted, reason=OutcomeReason.SERVER_LEFT)
        return await tools.database.write(partial(end, job_id=job.job_id, at=tools.clock.now()))
    except DeliveryError as exc:
        log.warning("job %d cannot be posted, the clip is kept: %s", job.job_id, exc)
        return await _park(tools, job, why=str(exc))
    finally:
        await packing.put_away()
    return await _record(tools, job, posted)


async def _record(tools: Tools, job: Job, posted: Posted) -> Job:
    at = tools.clock.now()

    def write(db: sqlite3.Connection) -> Job:
        delivered = steps.record_delivered(
            db,
            job.job_id,
            result_message_id=posted.message_id,
            thread_id=posted.channel_id if posted.channel_id != job.place.channel_id else None,
            direct=posted.kind is DestinationKind.DIRECT,
            at=at,
        )
        if job.tell_by is TellBy.MENTION:  # in the post itself; if they asked later, they wait
            telling.record_told(db, job.job_id, at=at)
        if posted.why:
            delivery_news.went_elsewhere(db, job, kind=posted.kind, why=posted.why, at=at)
        return delivered

    reached(FaultPoint.BEFORE_DELIVERED)
    delivered = await tools.database.write(write)
    reached(FaultPoint.AFTER_DELIVERED)
    return delivered


async def _park(tools: Tools, job: Job, *, why: str) -> Job:
    at = tools.clock.now()

    def write(db: sqlite3.Connection) -> Job:
        now = require_job(db, job.job_id)
        if _is_wanted_elsewhere(now, job):
            return now
        if parking.park(db, job.job_id, why=why, again_at=at + PARKED_RETRY, at=at):
            delivery_news.waits_for_claim(db, job, why=why, at=at)
        return require_job(db, job.job_id)

    reached(FaultPoint.BEFORE_PARKED)
    parked = await tools.database.write(write)
    reached(FaultPoint.AFTER_PARKED)
    return parked
