"""The one post: a fetched clip reaches the channel once, whatever breaks on the way."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from bot.domain.errors import DeliveryError, DeliveryUnavailableError
from bot.domain.job import unknown_clip
from bot.domain.polling import wait_after_error_s
from bot.engine.tools import jitter
from storage import artifacts, job_queries, steps, takedowns

if TYPE_CHECKING:
    from bot.domain.job import Job
    from bot.engine.tools import Tools

log = logging.getLogger(__name__)

# The channel is gone or forbids: a moderator must act first, and the clip is safe on our disk.
UNDELIVERABLE_RETRY_S = 600.0


async def deliver(tools: Tools, job: Job, *, maybe_posted: bool) -> Job:
    """Post a job in state ``fetched`` and settle its reservation.

    Args:
        tools: See `Tools`.
        job: The job.
        maybe_posted: Whether an earlier try may have posted it: then the place is searched first.

    Returns:
        The job ``delivered``; ``failed`` where moderators took it down before. Waits for as long
        as Discord or the channel does not let it.
    """
    if job.clip is None:
        raise ValueError(f"job {job.job_id} has no clip")
    path = tools.files_dir / artifacts.clip_file_name(job.clip.artifact_id)
    if not await asyncio.to_thread(path.exists):
        log.error("job %d lost its clip from the disk; its link is posted", job.job_id)
        job = replace(job, clip=unknown_clip(job.clip.artifact_id, job.clip.size_bytes))
    if tools.restored_at is not None and job.created_at <= tools.restored_at:
        # The bot may have gone on after the backup was made: at any time since the job came.
        maybe_posted, job = True, replace(job, state_at=job.created_at)
    errors = 0
    while True:
        if await _is_taken_down(tools, job):
            withhold = partial(takedowns.withhold, job_id=job.job_id, at=tools.clock.now())
            return await tools.database.write(withhold)
        try:
            posted = await tools.delivery.post_result(job, path, look_first=maybe_posted)
            break
        except DeliveryUnavailableError as exc:
            maybe_posted = True
            errors += 1
            log.warning("job %d: Discord did not take the post: %s", job.job_id, exc)
            await tools.clock.sleep(wait_after_error_s(errors=errors, jitter=jitter()))
        except DeliveryError as exc:
            log.warning("job %d cannot be posted, the clip is kept: %s", job.job_id, exc)
            await tools.clock.sleep(UNDELIVERABLE_RETRY_S)
    at = tools.clock.now()
    return await tools.database.write(
        lambda db: steps.record_delivered(
            db,
            job.job_id,
            result_message_id=posted.message_id,
            thread_id=posted.channel_id if posted.channel_id != job.place.channel_id else None,
            at=at,
        )
    )


async def _is_taken_down(tools: Tools, job: Job) -> bool:
    now = await tools.database.read(lambda db: job_queries.get_job(db, job.job_id))
    return now is not None and now.taken_down_at is not None
