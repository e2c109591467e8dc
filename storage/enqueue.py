"""Into the queue: checks, reservation, job and lanes in one transaction."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from bot.clock import from_ms, to_ms
from bot.domain.errors import QueueFullError, QuotaExceededError, TakeAlreadyOpenError
from bot.domain.fairness import LEAST_COST_MS, ORDINARY_WEIGHT
from bot.domain.job import Job, JobState, Origin
from bot.domain.quota import Terms
from bot.domain.takes import NotAllFitError
from storage.askers import look_at
from storage.budgets import warn
from storage.job_rows import require_job
from storage.lanes import join
from storage.ledger import reserve
from storage.quotas import Asked, check
from storage.render_times import load_times
from storage.request_codec import encode_request
from storage.turn_rules import member_weight

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from bot.domain.job import NewJob
    from bot.domain.render_times import RenderTimes
    from storage.askers import Look

_HALF = 0.5
_ONE_OPEN_TAKE = {Origin.AGAIN, Origin.REACTION}
_NO_TERMS = Terms()
_INSERT = """
INSERT INTO job (
    state, state_at_ms, created_at_ms, guild_id, user_id, request, model, duration_s,
    route, cost_ms, origin, origin_key, parent_job_id, channel_id, in_thread,
    status_message_id, thread_id, parent_channel_id, storyboard_id, thread_under_id, tell_by,
    by_number
) VALUES (
    'queued', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
    coalesce((SELECT first_come_first_served FROM guild_setting WHERE guild_id = ?3), 0)
)
"""


def enqueue(
    db: sqlite3.Connection,
    new: NewJob,
    *,
    at: datetime,
    max_waiting_per_member: int,
    max_waiting_per_guild: int | None = None,
    terms: Terms = _NO_TERMS,
) -> Job:
    """Put a job into the queue, with its reservation.

    Args:
        db: In a transaction; nothing is kept where this raises and it is rolled back.
        new: Checked against the model's capability; its images are registered artifacts.
        at: Now; decides which quota windows count.
        max_waiting_per_member: How many jobs of one member may wait on one server; its moderators
            may have decided on fewer.
        max_waiting_per_guild: How many of one server may wait; None for any number.
        terms: The operator's limits and exchange rates.

    Returns:
        The new job, ``queued``; or, unchanged, the job that this ``origin_key`` already made.

    Raises:
        TakeAlreadyOpenError: The member's take of the same parent is still being made.
        QueueFullError: The member, or the server, already waits for so many.
        QuotaExceededError: A limit that applies to the member is used up.
    """
    guild_id, user_id = new.place.guild_id, new.user_id
    look = look_at(db, guild_id, user_id, origin_key=new.origin_key)
    if look.known_job_id is not None:
        return require_job(db, look.known_job_id)
    _check_one_open_take(db, new)
    decided = look.waiting_per_member
    most = max_waiting_per_member if decided is None else min(decided, max_waiting_per_member)
    if look.waiting >= most:
        raise QueueFullError(limit=most)
    if max_waiting_per_guild is not None and look.waiting_in_guild >= max_waiting_per_guild:
        raise QueueFullError(limit=max_waiting_per_guild, of_server=True)
    cost_ms = _cost_ms(load_times(db, new.setting))
    job_id = _reserve(db, new, cost_ms, at, terms, look)
    weight = member_weight(db, guild_id, new.role_ids) if look.has_weights else ORDINARY_WEIGHT
    join(db, new, cost_ms=cost_ms, weight=weight)
    return _enqueued(job_id, new, at)


def enqueue_all(
    db: sqlite3.Connection,
    news: list[NewJob],
    *,
    at: datetime,
    max_waiting_per_member: int,
    max_waiting_per_guild: int | None = None,
    terms: Terms = _NO_TERMS,
) -> list[Job]:
    """Put several jobs of one cause into the queue as `enqueue` does: all, or none.

    Raises:
        NotAllFitError: A limit lets some of them pass, and not all.
        TakeAlreadyOpenError: The member's takes of the same parent are still being made.
        QueueFullError, QuotaExceededError: Not even one fits.
    """
    _check_no_open_takes(db, news[0])
    made: list[Job] = []
    for new in news:
        try:
            job = enqueue(
                db,
                new,
                at=at,
                max_waiting_per_member=max_waiting_per_member,
                max_waiting_per_guild=max_waiting_per_guild,
                terms=terms,
            )
        except (QueueFullError, QuotaExceededError) as refusal:
            if not made:
                raise
            raise NotAllFitError(refusal, fitting=len(made), wanted=len(news)) from refusal
        made.append(job)
    return made


def _reserve(  # one INSERT, and all that is asked before
    db: sqlite3.Connection, new: NewJob, cost_ms: int, at: datetime, terms: Terms, look: Look
) -> int:
    asked = Asked(
        guild_id=new.place.guild_id,
        user_id=new.user_id,
        role_ids=new.role_ids,
        at=at,
        terms=terms,
        is_further=new.is_further,
    )
    verdict, before = check(db, asked, new.cost, look=look)
    job_id = _insert_job(db, new, cost_ms, at)
    reserve(db, job_id, new, rates=terms.rates, grant=verdict.grant, at=at)
    warn(db, asked, before, new.cost, at=at)
    return job_id


def _enqueued(job_id: int, new: NewJob, at: datetime) -> Job:
    """The job as the database would give it back: to read it again is a tenth of the work."""
    at = from_ms(to_ms(at))
    return Job(
        job_id=job_id,
        state=JobState.QUEUED,
        state_at=at,
        request=new.request,
        user_id=new.user_id,
        place=new.place,
        origin=new.origin,
        parent_job_id=new.parent_job_id,
        created_at=at,
        route=new.route,
        account=None,
        passed_over=None,
        attempt=0,
        request_id=None,
        submitted_at=None,
        provider_task_id=None,
        result_url=None,
        clip=None,
        reason=None,
        storyboard_id=new.storyboard_id,
        tell_by=new.tell_by,
    )


def _check_one_open_take(db: sqlite3.Connection, new: NewJob) -> None:
    if new.parent_job_id is None or new.origin not in _ONE_OPEN_TAKE:
        return
    found = db.execute(
        "SELECT job_id FROM job WHERE parent_job_id = ? AND user_id = ?"
        " AND parent_job_id IS NOT NULL AND origin IN ('again', 'reaction')"
        " AND state IN ('queued', 'submitting', 'rendering', 'fetched', 'held')",
        (new.parent_job_id, new.user_id),
    ).fetchone()
    if found is not None:
        raise TakeAlreadyOpenError(job_id=found[0])


def _check_no_open_takes(db: sqlite3.Connection, first: NewJob) -> None:
    """Like `_check_one_open_take`, for the jobs of an earlier click together."""
    if first.origin is not Origin.TAKES:
        return
    found = db.execute(
        "SELECT job_id FROM job WHERE parent_job_id = ? AND user_id = ? AND origin = 'takes'"
        " AND state IN ('queued', 'submitting', 'rendering', 'fetched', 'held')"
        " AND NOT EXISTS (SELECT 1 FROM job WHERE origin_key = ?) ORDER BY job_id LIMIT 1",
        (first.parent_job_id, first.user_id, first.origin_key),
    ).fetchone()
    if found is not None:
        raise TakeAlreadyOpenError(job_id=found[0])


def _insert_job(db: sqlite3.Connection, new: NewJob, cost_ms: int, at: datetime) -> int:
    at_ms, place, request = to_ms(at), new.place, new.request
    job_id = db.execute(
        _INSERT,
        (
            at_ms,
            at_ms,
            place.guild_id,
            new.user_id,
            encode_request(request),
            request.model,
            request.duration_s,
            new.route,
            cost_ms,
            new.origin.value,
            new.origin_key,
            new.parent_job_id,
            place.channel_id,
            int(place.in_thread),
            place.status_message_id,
            place.thread_id,
            place.parent_channel_id,
            new.storyboard_id,
            place.thread_under_id,
            new.tell_by,
        ),
    ).lastrowid
    if job_id is None:
        raise ValueError("an INSERT without a row")
    if request.inputs:
        db.executemany(
            "INSERT INTO job_input (job_id, position, artifact_id) VALUES (?, ?, ?)",
            [(job_id, position, image) for position, image in enumerate(request.inputs)],
        )
    return job_id


@lru_cache(maxsize=256)  # it changes with each render of a setting, and is asked for with each job
def _cost_ms(times: RenderTimes) -> int:
    """The render time that half of a setting's renders stay within, by what is known now."""
    return max(LEAST_COST_MS, round(times.quantile_s(_HALF) * 1000))
