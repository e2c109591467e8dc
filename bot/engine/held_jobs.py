"""The operator settles held jobs. Who may is the caller's to say."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from bot.domain.audit import Act, AuditAction, SubjectKind
from bot.domain.errors import MemberError, ProviderError, StaleStateError, TaskNotFoundError
from bot.domain.job import Job, JobState, OutcomeReason
from bot.domain.language import N_
from bot.engine.reroute import cost_of, route_by_now, send
from bot.metrics import count_end
from storage import audit, held, job_queries, steps

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from datetime import datetime

    from bot.engine.scheduler import Scheduler
    from bot.engine.tools import Tools

LISTED_AT_MOST = 25
_TASK_ID = re.compile(r"[A-Za-z0-9_.-]{1,100}")


class NotHeldError(MemberError):
    """The job is not on hold, or not at this attempt any more."""

    def __init__(self, *, job_id: int) -> None:
        super().__init__(
            f"Video #{job_id} is not on hold, or was settled before. "
            "See `/jobs list` for those that are."
        )


class TaskNotUsableError(MemberError):
    """The task that the operator named cannot be the job's.

    Attributes:
        reason: Why, as a sentence.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(
            f"{reason} Nothing was changed. Try another task id, or leave `task` out to settle it "
            "without its clip."
        )


class HeldJobs:
    """Each settlement is one transaction, with its entry in the audit of the job's server."""

    def __init__(self, tools: Tools, scheduler: Scheduler) -> None:
        self._tools = tools
        self._scheduler = scheduler

    async def all(self) -> list[Job]:
        """Held jobs of all servers, those that wait longest first; at most `LISTED_AT_MOST`."""
        return await self._tools.database.read(partial(held.held_jobs, limit=LISTED_AT_MOST))

    async def find(self, job_id: int) -> Job:
        """One held job.

        Raises:
            NotHeldError: It is not held.
        """
        job = await self._tools.database.read(lambda db: job_queries.get_job(db, job_id))
        if job is None or job.state is not JobState.HELD:
            raise NotHeldError(job_id=job_id)
        return job

    async def unpaid(self, job_id: int, *, by: int) -> Job:
        """The gateway never took it: it ends, free of charge.

        Raises:
            NotHeldError: It is not held.
        """
        end = partial(
            steps.finish,
            expected=JobState.HELD,
            state=JobState.FAILED,
            reason=OutcomeReason.NEVER_TAKEN,
        )
        return await self._settle(await self.find(job_id), end, how=N_("it was not paid"), by=by)

    async def paid(self, job_id: int, *, by: int) -> Job:
        """The gateway took it, and its clip is lost: it ends, and counts.

        Raises:
            NotHeldError: It is not held.
        """
        how = N_("it was paid, and its clip is lost")
        return await self._settle(await self.find(job_id), held.end_paid, how=how, by=by)

    async def adopt(self, job_id: int, task_id: str, *, by: int) -> Job:
        """The gateway took it as this task: it goes on.

        Raises:
            NotHeldError: It is not held.
            TaskNotUsableError: The gateway does not know the task, or cannot be asked now; or it
                is another job's.
        """
        job = await self.find(job_id)
        task_id = task_id.strip()
        await self._check_task(job, task_id)
        adopt = partial(steps.record_task, provider_task_id=task_id)
        moved = await self._settle(job, adopt, how=N_("its task was found, and goes on"), by=by)
        _ = self._scheduler.take_up(moved)
        return moved

    async def begin_anew(self, job_id: int, *, attempt: int, by: int) -> Job:
        """Ask for it once more under a new request id: it may be paid for twice.

        Args:
            job_id: The job.
            attempt: The attempt that whoever says so was shown: one word begins one attempt.
            by: Who says so.

        Raises:
            NotHeldError: It is not held, or not at that attempt.
        """
        job = await self.find(job_id)
        if job.attempt != attempt:
            raise NotHeldError(job_id=job_id)
        route = route_by_now(self._tools, job)
        cost, terms = cost_of(self._tools, job, route), self._tools.quota_terms

        def requeue(db: sqlite3.Connection, job_id: int, *, at: datetime) -> Job:
            held.begin_anew(db, job_id, at=at)
            return send(db, job_id, route, cost=cost, terms=terms, at=at)

        moved = await self._settle(job, requeue, how=N_("it is asked for once more"), by=by)
        self._tools.wake.set()
        return moved

    async def _check_task(self, job: Job, task_id: str) -> None:
        account = job.account or ""
        live = self._tools.account_of(job)
        if not _TASK_ID.fullmatch(task_id):
            raise TaskNotUsableError("That is no task id.")
        taken = await self._tools.database.read(lambda db: held.job_of_task(db, account, task_id))
        if taken is not None:
            raise TaskNotUsableError(f"That task is video #{taken.job_id}.")
        if live is None:
            raise TaskNotUsableError(f"The account `{account}` is gone from the settings.")
        try:
            await live.transport.poll(task_id)
        except TaskNotFoundError as exc:
            raise TaskNotUsableError(f"{live.account.title} knows no such task.") from exc
        except ProviderError as exc:
            raise TaskNotUsableError(f"{live.account.title} does not answer now.") from exc

    async def _settle(self, job: Job, move: Callable[..., Job], *, how: str, by: int) -> Job:
        at = self._tools.clock.now()

        def write(db: sqlite3.Connection) -> Job:
            moved = move(db, job.job_id, at=at)
            audit.append(db, _settled(job, how=how, by=by), at=at)
            return moved

        try:
            moved = await self._tools.database.write(write)
        except StaleStateError as exc:
            raise NotHeldError(job_id=job.job_id) from exc
        count_end(moved)
        self._tools.delivery.job_changed(job.job_id)
        return moved


def _settled(job: Job, *, how: str, by: int) -> Act:
    return Act(
        guild_id=job.place.guild_id,
        actor_id=by,
        action=AuditAction.HELD_SETTLED,
        subject_kind=SubjectKind.JOB,
        subject_id=job.job_id,
        detail={"member_id": job.user_id, "how": how, "attempt": job.attempt},
    )
