"""From task to clip: poll until the provider is done, download, look at what came."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from bot.clock import sleep_or_wake
from bot.domain.account import own_account_id_of
from bot.domain.errors import (
    AccountError,
    ClipError,
    ClipLinkExpiredError,
    ClipUnusableError,
    MediaWorkerError,
    ProviderError,
    StorageFullError,
    TaskNotFoundError,
)
from bot.domain.job import Clip, Job, JobState, OutcomeReason, unknown_clip
from bot.engine import account_news
from bot.engine.clips import clip_of
from bot.engine.kept import keep
from bot.engine.watch import Watch
from bot.fault_points import FaultPoint, reached
from bot.metrics import POLL_DELAY_S
from media.download import download
from providers.zhipu_wire import Rendered, RenderFailed
from storage import artifacts, own_accounts, steps
from storage.job_rows import require_job

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from bot.engine.live_account import LiveAccount
    from bot.engine.tools import Tools
    from media.download import Downloaded

log = logging.getLogger(__name__)

LOST_AFTER_POLLS = 2  # "no such task" once may be the gateway's hiccup; twice in a row is an end
UNUSABLE_AFTER_FETCHES = 3  # the clip is paid for: a bad file is asked for again before it counts
LINK_DEAD_AFTER_FETCHES = 10  # each with a fresh poll before it; some eight minutes in all
UNDECODED_AFTER_FETCHES = 5  # our own decoder's trouble: the clip is then posted as a link
ACCOUNT_GONE_LOOK_S = 3600.0
FETCH_TOTAL_S = 900.0  # for one download; 512 MiB at 5 Mbit/s


@dataclass(slots=True)
class _Setbacks:
    """What went wrong so far. Forgotten at a restart, which only makes the job more patient."""

    errors: int = 0  # failed polls and fetches in a row; cleared when it is said to render still
    not_found: int = 0  # polls that got "no such task"; cleared by one that finds it
    dead_links: int = 0  # fetches that the file host refused
    undecoded: int = 0  # clips that our decoder did not come back from
    unusable: int = 0  # fetches that gave no playable clip


async def follow(tools: Tools, job: Job) -> Job:
    """Poll and fetch a job in state ``rendering``; errors are borne while a clip may come.

    Returns:
        The job ``fetched``; ``failed`` because the provider says so or no fetch gave a playable
        clip; or ``expired`` because the provider no longer knows the task, its link is dead, or
        the server's own key that it was made with is gone.
    """
    asked_now = tools.asked_now[job.job_id] = asyncio.Event()
    try:
        return await _poll_until_moved(tools, job, asked_now)
    finally:
        tools.asked_now.pop(job.job_id, None)


async def _poll_until_moved(tools: Tools, job: Job, asked_now: asyncio.Event) -> Job:
    setbacks = _Setbacks()
    watch = await Watch.begin(tools, job)
    moved: Job | None = None
    while moved is None:
        asked_now.clear()
        if setbacks.errors:
            await tools.wait_after_gateway_error(setbacks.errors)
        else:
            await _wait_for_the_next_poll(tools, job, watch, asked_now)
        live = tools.account_of(job)  # each time: a server's own may have been taken away
        if live is None:
            moved = await _without_account(tools, job)
        else:
            moved = await _poll_patiently(tools, job, live, setbacks, watch)
    return moved


async def _wait_for_the_next_poll(
    tools: Tools, job: Job, watch: Watch, asked_now: asyncio.Event
) -> None:
    if watch.turned_late():
        at = tools.clock.now()
        await tools.database.write(lambda db: steps.record_late(db, job.job_id, at=at))
        reached(FaultPoint.AFTER_LATE_RECORDED)
        tools.delivery.job_changed(job.job_id)
    wait_s, begun = watch.wait_s(), tools.clock.now()
    await sleep_or_wake(tools.clock, asked_now, wait_s)
    # Nothing where it was asked for before its time.
    POLL_DELAY_S.observe(max(0.0, (tools.clock.now() - begun).total_seconds() - wait_s))


async def _poll_patiently(
    tools: Tools, job: Job, live: LiveAccount, setbacks: _Setbacks, watch: Watch
) -> Job | None:
    """Poll once, and note what went wrong; the job where it moved."""
    try:
        return await _poll(tools, job, live, setbacks, watch)
    except (ProviderError, ClipError, MediaWorkerError, StorageFullError) as exc:
        setbacks.errors += 1
        watch.not_seen()
        log.warning("job %d: poll or fetch failed, trying again: %s", job.job_id, exc)
        if isinstance(exc, AccountError):
            await _note_refusal(tools, job, live, exc)
        return await _give_up(tools, job, setbacks, exc)


async def _without_account(tools: Tools, job: Job) -> Job | None:
    """Wait for the account that renders the job; end the job where that will never come back."""
    own_account_id = own_account_id_of(job.account)
    if own_account_id is not None:
        look = partial(own_accounts.is_kept, own_account_id=own_account_id)
        if not await tools.database.read(look):
            return await tools.finish(job, JobState.EXPIRED, OutcomeReason.KEY_REMOVED)
    log.error(
        "job %d is being made with the account %s, which is gone: it can be fetched once the "
        "settings have it again",
        job.job_id,
        job.account,
    )
    await tools.clock.sleep(ACCOUNT_GONE_LOOK_S)
    return None


async def _note_refusal(tools: Tools, job: Job, live: LiveAccount, error: AccountError) -> None:
    """A key that may not even ask may not create either."""
    live.gate.refused(error, model=job.request.model)
    at = tools.clock.now()
    await tools.database.write(
        lambda db: account_news.paused(db, live.account, reason=str(error), at=at)
    )
    reached(FaultPoint.AFTER_REFUSED_POLL_RECORDED)


async def _poll(
    tools: Tools, job: Job, live: LiveAccount, setbacks: _Setbacks, watch: Watch
) -> Job | None:
    """Ask once; the job in its new state, or None while it still renders."""
    reached(FaultPoint.BEFORE_POLL)
    answer = await live.transport.poll(_task_id(job))
    reached(FaultPoint.AFTER_POLL)
    setbacks.not_found = 0
    if isinstance(answer, RenderFailed):
        return await tools.finish(job, JobState.FAILED, OutcomeReason.RENDER_FAILED)
    if isinstance(answer, Rendered):
        patient = setbacks.undecoded < UNDECODED_AFTER_FETCHES - 1
        return await _fetch(tools, job, live, answer.url, watch, patient=patient)
    setbacks.errors = 0
    watch.goes_on()
    return None


async def _give_up(tools: Tools, job: Job, setbacks: _Setbacks, error: Exception) -> Job | None:
    """End the job where this error, so often, shows that no clip will come; None to go on."""
    if isinstance(error, TaskNotFoundError):
        setbacks.not_found += 1
        if setbacks.not_found == LOST_AFTER_POLLS:
            return await tools.finish(job, JobState.EXPIRED, OutcomeReason.TASK_LOST)
    if isinstance(error, ClipLinkExpiredError):
        setbacks.dead_links += 1
        if setbacks.dead_links == LINK_DEAD_AFTER_FETCHES:
            return await tools.finish(job, JobState.EXPIRED, OutcomeReason.LINK_DEAD)
    if isinstance(error, MediaWorkerError):
        setbacks.undecoded += 1
    if isinstance(error, ClipUnusableError):
        setbacks.unusable += 1
        if setbacks.unusable == UNUSABLE_AFTER_FETCHES:
            return await tools.finish(job, JobState.FAILED, OutcomeReason.CLIP_UNUSABLE)
    return None


def _task_id(job: Job) -> str:
    if job.provider_task_id is None:
        raise ValueError(f"job {job.job_id} has no task")
    return job.provider_task_id


async def _fetch(  # one download, and what it is judged by
    tools: Tools, job: Job, live: LiveAccount, url: str, watch: Watch, *, patient: bool
) -> Job:
    at = tools.clock.now()

    def record_end(db: sqlite3.Connection) -> None:
        if require_job(db, job.job_id).result_url is None:  # a link asked for anew teaches nothing
            watch.learn(db, at=at)
        steps.record_result_url(db, job.job_id, url=url, at=at)

    reached(FaultPoint.BEFORE_RENDERED_RECORDED)
    await tools.database.write(record_end)
    reached(FaultPoint.AFTER_RENDERED_RECORDED)
    tools.wake.set()  # the provider's task is over: its place in flight is free
    incoming = tools.files_dir / f"incoming-{job.job_id}.mp4"
    downloaded = await download(
        live.downloads,
        url,
        incoming,
        max_bytes=tools.clip_max_bytes,
        total_s=FETCH_TOTAL_S,
        allow=live.results_policy,
    )
    reached(FaultPoint.AFTER_DOWNLOAD)
    clip = await _looked_into(tools, incoming, downloaded, patient=patient)
    final = tools.files_dir / artifacts.clip_file_name(clip.artifact_id)
    reached(FaultPoint.BEFORE_CLIP_KEPT)
    await asyncio.to_thread(keep, incoming, final)
    reached(FaultPoint.AFTER_CLIP_KEPT)
    at = tools.clock.now()
    fetched = await tools.database.write(
        lambda db: steps.record_fetched(db, job.job_id, clip=clip, at=at)
    )
    reached(FaultPoint.AFTER_FETCHED)
    return fetched


async def _looked_into(tools: Tools, path: Path, downloaded: Downloaded, *, patient: bool) -> Clip:
    """What the clip is; with patience at its end, a clip that we could not look into.

    Raises:
        MediaWorkerError: Our decoder did not come back, and there is patience left.
        ClipUnusableError: It is no playable MP4.
    """
    try:
        facts = await tools.media.inspect_clip(path)
    except ClipUnusableError:
        # It may be large, and no further fetch may come to replace it.
        await asyncio.to_thread(path.unlink, missing_ok=True)
        raise
    except MediaWorkerError:
        if patient:
            raise
        # The provider made it and the member waits for it: a link needs no decoder of ours.
        return unknown_clip(downloaded.sha256, downloaded.size_bytes)
    return clip_of(facts, artifact_id=downloaded.sha256, size_bytes=downloaded.size_bytes)
