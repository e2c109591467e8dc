"""The paid call: a claimed job becomes a task of the provider's, exactly once."""

from __future__ import annotations

import asyncio
import base64
import logging
from functools import partial
from typing import TYPE_CHECKING

from bot.domain.errors import (
    AccountError,
    ContentRefusedError,
    DuplicateRequestError,
    ModelUnavailableError,
    ProviderError,
    RequestRejectedError,
    SubmissionUnknownError,
)
from bot.domain.job import Job, JobState, OutcomeReason
from bot.engine import account_news
from bot.engine.reroute import cost_of, reroute_waiting, route_by_now, send
from bot.fault_points import FaultPoint, reached
from providers.zhipu_create import create_body
from storage import artifacts, steps
from storage.installation import pseudonym_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from datetime import datetime

    from bot.domain.capability import Capability
    from bot.engine.live_account import LiveAccount
    from bot.engine.tools import Tools

log = logging.getLogger(__name__)

# Eight minutes of waits, and a minute at most for each create. One that the gateway never answers
# must not keep its place in flight for ever: with a limit of one, nobody else's video would begin.
HELD_AFTER_UNANSWERED = 10


async def submit(tools: Tools, job: Job, *, maybe_sent: bool) -> Job:
    """Hand a job in state ``submitting`` to its account; a repeat carries the same ``request_id``.

    Args:
        tools: See `Tools`.
        job: The claimed job.
        maybe_sent: Whether an earlier try may have sent it. Such a job never goes back to the
            queue, where a member could cancel what may already be paid for.

    Returns:
        The job ``rendering``, back in the queue with its place kept, ``failed``, ``held``; or
        ``cancelled``, where it was taken down before it was back in the queue.
    """
    live = tools.account_of(job)
    row = None if live is None else live.account.row(job.request.model)
    if maybe_sent and (row is None or not row.repeat_is_safe):
        return await tools.finish(job, JobState.HELD, OutcomeReason.SUBMISSION_UNKNOWN)
    if live is None or row is None:
        return await _back_to_the_queue(tools, job)  # the account went away since the claim
    body = await _body(tools, job, row, live, maybe_sent=maybe_sent)
    if isinstance(body, OutcomeReason):
        return await tools.finish(job, JobState.FAILED, body)
    current = tools.account_of(job)
    if not maybe_sent and (current is None or not current.takes_jobs):
        return await _back_to_the_queue(tools, job)  # likewise, and nothing was sent yet
    return await _create(
        tools, job, live, body, maybe_sent=maybe_sent, may_repeat=row.repeat_is_safe
    )


async def _create(  # one paid call, and what must be known to judge its answer
    tools: Tools, job: Job, live: LiveAccount, body: bytes, *, maybe_sent: bool, may_repeat: bool
) -> Job:
    failures = unanswered = 0
    while True:
        try:
            reached(FaultPoint.BEFORE_CREATE)
            created = await live.transport.create(body)
            reached(FaultPoint.AFTER_CREATE)
        except SubmissionUnknownError as exc:
            maybe_sent = True
            unanswered += 1
            log.warning("job %d: no answer to the create: %s", job.job_id, exc)
            live.gate.refused(exc, model=job.request.model)
            if not may_repeat or unanswered == HELD_AFTER_UNANSWERED:
                return await tools.finish(job, JobState.HELD, OutcomeReason.SUBMISSION_UNKNOWN)
        except ProviderError as exc:
            settled = await _settle_refusal(tools, job, live, exc, maybe_sent=maybe_sent)
            if settled is not None:
                return settled
        else:
            return await _adopt(tools, job, live, created.task_id)
        failures += 1
        with live.gate.repeating():
            await tools.wait_after_gateway_error(failures)
        if tools.account_of(job) is None:  # a server's own was taken away, a day ago by now
            return await tools.finish(job, JobState.HELD, OutcomeReason.SUBMISSION_UNKNOWN)


async def _settle_refusal(
    tools: Tools, job: Job, live: LiveAccount, error: ProviderError, *, maybe_sent: bool
) -> Job | None:
    """What a refusal that is certain means for the job; None to send the same create again."""
    if isinstance(error, DuplicateRequestError):
        # Named back to us, our own request_id would be polled as a task that nobody knows.
        if error.task_id is None or error.task_id == job.request_id:
            return await tools.finish(job, JobState.HELD, OutcomeReason.SUBMISSION_UNKNOWN)
        log.info("job %d was accepted before, as task %s", job.job_id, error.task_id)
        return await _adopt(tools, job, live, error.task_id)
    if isinstance(error, ModelUnavailableError):
        return await _without_this_model(tools, job, live, error, maybe_sent=maybe_sent)
    ending = _ending(job, error)
    if ending is not None:
        return await _end_or_hold(tools, job, ending, maybe_sent=maybe_sent)
    # Busy, away, or the account is refused: nothing was accepted by this call.
    live.gate.refused(error, model=job.request.model)
    return await _keep_its_place(tools, job, live, error, maybe_sent=maybe_sent)


async def _keep_its_place(
    tools: Tools, job: Job, live: LiveAccount, error: ProviderError, *, maybe_sent: bool
) -> Job | None:
    """The job waits again; None for one that may be paid for here, which is asked for again."""
    at = tools.clock.now()
    requeue = _requeue_by_now(tools, job, at)

    def write(db: sqlite3.Connection) -> Job | None:
        if isinstance(error, AccountError):
            account_news.paused(db, live.account, reason=str(error), at=at)
        if maybe_sent:
            return None
        return requeue(db, fresh_request=False)

    reached(FaultPoint.BEFORE_KEEPING_PLACE)
    settled = await tools.database.write(write)
    reached(FaultPoint.AFTER_KEEPING_PLACE)
    if isinstance(error, AccountError):
        tools.notice_added()
    return settled


async def _end_or_hold(tools: Tools, job: Job, reason: OutcomeReason, *, maybe_sent: bool) -> Job:
    """That a repeat is refused says nothing of the call before, which may be paid for."""
    if maybe_sent:
        return await tools.finish(job, JobState.HELD, OutcomeReason.SUBMISSION_UNKNOWN)
    return await tools.finish(job, JobState.FAILED, reason)


async def _without_this_model(
    tools: Tools, job: Job, live: LiveAccount, error: ModelUnavailableError, *, maybe_sent: bool
) -> Job:
    """The account has no such model: the job goes to another that has it, or ends or is held."""
    model = job.request.model
    live.gate.lose(model)
    if tools.catalogues.turn_off(live.account.name, model):
        log.error(
            "%s does not serve %s to this account; it is not asked for it until the next start: %s",
            live.account.title,
            model,
            error,
        )
        await reroute_waiting(tools)
    if maybe_sent:  # it may be paid for here: no other account may begin it
        return await tools.finish(job, JobState.HELD, OutcomeReason.SUBMISSION_UNKNOWN)
    return await _back_to_the_queue(tools, job)


async def _back_to_the_queue(tools: Tools, job: Job) -> Job:
    """Nothing was accepted: the job waits at its old place for another account, or ends."""
    requeue = _requeue_by_now(tools, job, tools.clock.now())
    reached(FaultPoint.BEFORE_REQUEUE)
    waiting = await tools.database.write(partial(requeue, fresh_request=True))
    reached(FaultPoint.AFTER_REQUEUE)
    return waiting


def _requeue_by_now(tools: Tools, job: Job, at: datetime) -> Callable[..., Job]:
    """Back to the queue, on the route of now: what waited meanwhile may have been given another."""
    route, job_id = route_by_now(tools, job), job.job_id
    cost, terms = cost_of(tools, job, route), tools.quota_terms

    def requeue(db: sqlite3.Connection, *, fresh_request: bool) -> Job:
        steps.requeue(db, job_id, at=at, fresh_request=fresh_request)
        return send(db, job_id, route, cost=cost, terms=terms, at=at)

    return requeue


def _ending(job: Job, error: ProviderError) -> OutcomeReason | None:
    """Why this refusal ends the job; None where it is not about the job."""
    match error:
        case ContentRefusedError():
            return OutcomeReason.CONTENT_REFUSED
        case RequestRejectedError():
            log.error("job %d: the gateway refuses our fields: %s", job.job_id, error)
            return OutcomeReason.REQUEST_REJECTED
        case _:
            return None


async def _adopt(tools: Tools, job: Job, live: LiveAccount, task_id: str) -> Job:
    was_refused = live.gate.account_error is not None
    live.gate.accepted(job.request.model)
    at = tools.clock.now()

    def write(db: sqlite3.Connection) -> Job:
        account_news.works_again(db, live.account, at=at)
        return steps.record_task(db, job.job_id, provider_task_id=task_id, at=at)

    rendering = await tools.database.write(write)
    reached(FaultPoint.AFTER_TASK_RECORDED)
    if was_refused:
        tools.notice_added()
    return rendering


async def _body(
    tools: Tools, job: Job, row: Capability, live: LiveAccount, *, maybe_sent: bool
) -> bytes | OutcomeReason:
    """The create's bytes, or why the job cannot be made."""
    if not maybe_sent and not await tools.delivery.is_reachable(job):
        # The bot was removed from the server, or the channel is gone: nothing is paid for it.
        return OutcomeReason.DESTINATION_GONE
    if job.request_id is None:
        raise ValueError(f"job {job.job_id} was not claimed")
    paths = [tools.files_dir / artifacts.image_file_name(image) for image in job.request.inputs]
    request_id = job.request_id
    pseudonym = await tools.database.read(lambda db: pseudonym_of(db, job.user_id))

    def build() -> bytes:
        return create_body(
            job.request,
            image_data_uris=[_data_uri(path.read_bytes()) for path in paths],
            request_id=request_id,
            user_id=pseudonym,
            capability=row,
            dialect=live.dialect,
        )

    try:
        # The images may be some 13 MB of base64: off the loop.
        return await asyncio.to_thread(build)
    except FileNotFoundError:
        log.exception("job %d lost an input image", job.job_id)
        return OutcomeReason.INPUT_LOST


def _data_uri(jpeg: bytes) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(jpeg).decode("ascii")
