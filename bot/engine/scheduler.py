"""Claims jobs while an account has room, and carries each through its steps.

Waiting ends with an event (a job arrived, a place in flight freed), or when a gate opens.
A slow sweep catches what an event missed.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from functools import partial
from typing import TYPE_CHECKING

from structlog.contextvars import bind_contextvars

from bot.clock import sleep_or_wake
from bot.domain.errors import StaleStateError, StorageError
from bot.domain.job import Job, JobState
from bot.engine.deliver import deliver
from bot.engine.follow import follow
from bot.engine.live_account import rooms_of
from bot.engine.reroute import reroute_waiting
from bot.engine.submit import submit
from bot.fault_points import FaultPoint, reached
from bot.metrics import count_end
from storage import job_queries, lanes, parking
from storage.account_pauses import pauses
from storage.balances import differences
from storage.recount import recount_lanes

if TYPE_CHECKING:
    from datetime import datetime

    from bot.engine.tools import Tools

log = logging.getLogger(__name__)

SWEEP_S = 30.0  # the longest that a missed event can delay a job
PARKED_AT_ONCE = 20  # clips that no place took, tried again together
AFTER_DEFECT_S = 60.0  # a step that raised what it should not is tried again after this


class Scheduler:
    """Carries every unfinished job. One at a time in a process; the database's lock sees to it.

    A task of asyncio per job in flight, each holding little more than the job:
    the accounts' in-flight limits bound them, with those that wait for Discord.
    """

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._wake = tools.wake
        self._carriers: dict[int, asyncio.Task[None]] = {}
        self._claiming: asyncio.Task[None] | None = None
        self.looked_at: datetime | None = None
        """When it began to look at the queue last; None before it was started."""

    async def start(self) -> None:
        """Take up what an earlier process left, then begin to claim.

        Raises:
            StorageError: The database cannot be read.
        """
        database = self._tools.database
        off = await database.write(recount_lanes)
        if off:
            log.error("%d lane counters were wrong and are mended: a defect", off)
        off = await database.read(differences)
        if off:
            log.error("%d balances are not what the ledger adds up to: a defect", off)
        for name, reason in (await database.read(pauses)).items():
            if name in self._tools.accounts:
                self._tools.accounts[name].gate.still_refused(reason)
        await reroute_waiting(self._tools)
        for job in await database.read(job_queries.unfinished_jobs):
            self._carry(job, resumed=True)
        self._claiming = asyncio.create_task(self._claim_forever(), name="claim")

    def job_arrived(self) -> None:
        """A job was enqueued or cancelled: look at the queue."""
        self._wake.set()

    def take_up(self, job: Job) -> asyncio.Task[None]:
        """Go on with a job that was at rest: parked, or held until now. Its carrier."""
        if job.job_id not in self._carriers:
            self._carry(job, resumed=True)
        return self._carriers[job.job_id]

    def carries(self, job_id: int) -> bool:
        """Whether somebody is at work on a job."""
        return job_id in self._carriers

    async def stop(self) -> None:
        """Stop at the next await of each step. What is not finished is taken up by `start`."""
        tasks = [*self._carriers.values(), *([self._claiming] if self._claiming else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._carriers.clear()

    async def _claim_forever(self) -> None:
        while True:
            self._wake.clear()
            self.looked_at = self._tools.clock.now()
            wait_s = SWEEP_S
            try:
                await self._take_up_parked()
                wait_s = await self._claim_while_there_is_room()
            except StorageError:
                log.exception("the queue could not be read; trying again")
            except Exception:  # supervision: without this task nobody's video begins any more
                log.exception("claiming broke and is tried again")
                await self._mend_lanes()
            await sleep_or_wake(self._tools.clock, self._wake, wait_s)

    async def _take_up_parked(self) -> None:
        """Try again to post what no place took; those whose time has come."""
        due = partial(parking.due, at=self._tools.clock.now(), limit=PARKED_AT_ONCE)
        for job in await self._tools.database.read(due):
            _ = self.take_up(job)

    async def _mend_lanes(self) -> None:
        """Set the lanes' counts right, in case they were what broke."""
        with contextlib.suppress(StorageError):
            await self._tools.database.write(recount_lanes)

    async def _claim_while_there_is_room(self) -> float:
        """Claim what may be claimed now; the seconds until the next look without an event."""
        tools = self._tools
        while True:
            # Before the look: a gate that opens while the queue is asked was closed to that look.
            until_one_opens_s = self._until_one_opens_s()
            rooms = rooms_of(tools.accounts)
            if all(room.is_closed for room in rooms.values()):
                return until_one_opens_s
            claim = partial(lanes.claim_next, rooms=rooms, terms=tools.terms, at=tools.clock.now())
            reached(FaultPoint.BEFORE_CLAIM)
            job = await tools.database.write(claim)
            if job is None:
                return until_one_opens_s
            reached(FaultPoint.AFTER_CLAIM)
            self._carry(job, resumed=False)

    def _until_one_opens_s(self) -> float:
        waits_s = (
            max(live.gate.closed_for_s(), live.gate.closed_for_s(model))
            for live in self._tools.accounts.values()
            for model in live.account.in_flight
        )
        return min([SWEEP_S, *(wait_s for wait_s in waits_s if wait_s > 0)])

    def _carry(self, job: Job, *, resumed: bool) -> None:
        task = asyncio.create_task(self._carry_to_the_end(job, resumed=resumed))
        self._carriers[job.job_id] = task
        task.add_done_callback(lambda _: self._put_down(job.job_id, task))

    def _put_down(self, job_id: int, task: asyncio.Task[None]) -> None:
        if self._carriers.get(job_id) is task:
            del self._carriers[job_id]
        self._wake.set()

    async def _carry_to_the_end(self, job: Job, *, resumed: bool) -> None:
        tools = self._tools
        # In this task's own context: every line that is logged on the way says whose it is.
        bind_contextvars(job=job.job_id, guild=job.place.guild_id)
        tools.delivery.job_changed(job.job_id)
        while not job.is_terminal and job.state not in {JobState.QUEUED, JobState.HELD}:
            try:
                job = await self._step(job, resumed=resumed)
                resumed = False
            except StaleStateError:
                log.warning("job %d was moved on by somebody else", job.job_id)
                return
            except Exception:  # supervision: one job's defect must not end the others
                log.exception("job %d: a step broke and is tried again", job.job_id)
                resumed = True
                await tools.clock.sleep(AFTER_DEFECT_S)
            tools.delivery.job_changed(job.job_id)
            if job.storyboard_id is not None:
                tools.shots_moved.set()
            count_end(job)
            if job.parked_at is not None:
                return
            if job.state is JobState.FETCHED:
                self._wake.set()  # its place in flight is free, though this task goes on

    async def _step(self, job: Job, *, resumed: bool) -> Job:
        match job.state:
            case JobState.SUBMITTING:
                return await submit(self._tools, job, maybe_sent=resumed)
            case JobState.RENDERING:
                return await follow(self._tools, job)
            case JobState.FETCHED:
                return await deliver(self._tools, job, maybe_posted=resumed)
            case _:
                raise StaleStateError(
                    job_id=job.job_id, expected="submitting, rendering or fetched"
                )
