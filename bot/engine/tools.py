"""What the steps of a job work with."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.domain.fairness import ALIKE, TurnTerms
from bot.domain.job import JobState
from bot.domain.polling import wait_after_error_s
from bot.domain.quota import Terms
from bot.engine import account_news
from bot.engine.fitting import Fitter
from bot.fault_points import FaultPoint, reached
from storage import steps

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from bot.clock import Clock
    from bot.domain.catalogues import Catalogues
    from bot.domain.clip_links import LinkSigner
    from bot.domain.job import Job, OutcomeReason
    from bot.engine.live_account import LiveAccount, LiveAccounts
    from bot.engine.ports import Delivery
    from media.worker import MediaWorker
    from storage.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """Everything that the steps share. Owned by the composition root.

    Attributes:
        database: The only writer of the job's facts.
        accounts: What it takes to use each account.
        media: The decoding child.
        clock: What the time is, and waiting.
        catalogues: What each server may use.
        delivery: The Discord side.
        files_dir: Where artifacts lie, named by their id.
        clip_max_bytes: Largest clip that is fetched.
        notice_added: Called after something was written for the operator.
        poll_pace: Multiplies the waits between calls to the gateway; 1 at a real one.
        fitter: Makes clips fit.
        links: Signs links to the bot's own web server; None where it has none.
        terms: The shares of the guilds, and who may have how much in flight.
        quota_terms: The operator's limits, and what currencies are worth.
        restored_at: When a backup was put in place: what is older may have been posted already.
        wake: Set when the queue should be looked at: a job arrived, or a place in flight freed.
        shots_moved: Set when the storyboards should be looked at: a shot has a new state.
        asked_now: Of each job that is polled: set where its next poll should not wait any longer.
    """

    database: Database
    accounts: LiveAccounts
    media: MediaWorker
    clock: Clock
    catalogues: Catalogues
    delivery: Delivery
    files_dir: Path
    clip_max_bytes: int
    notice_added: Callable[[], None]
    poll_pace: float
    fitter: Fitter = field(default_factory=Fitter)
    links: LinkSigner | None = None
    terms: TurnTerms = ALIKE
    quota_terms: Terms = field(default_factory=Terms)
    restored_at: datetime | None = None
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    shots_moved: asyncio.Event = field(default_factory=asyncio.Event)
    asked_now: dict[int, asyncio.Event] = field(default_factory=dict[int, asyncio.Event])

    def account_of(self, job: Job) -> LiveAccount | None:
        """The account that a job's latest attempt is with; None where it is gone."""
        return self.accounts.get(job.account or "")

    def ask_now(self, job_id: int) -> None:
        """Poll a job that renders without waiting for its time. Never blocks."""
        if job_id in self.asked_now:
            self.asked_now[job_id].set()

    async def finish(self, job: Job, state: JobState, reason: OutcomeReason) -> Job:
        """End a job without a clip, its reservation released; or hold it, and tell the operator."""
        at = self.clock.now()
        is_held = state is JobState.HELD

        def write(db: sqlite3.Connection) -> Job:
            ended = steps.finish(
                db, job.job_id, expected=job.state, state=state, reason=reason, at=at
            )
            if is_held:
                account_news.held(
                    db, ended, self.catalogues.account_title(job.account or ""), at=at
                )
            return ended

        reached(FaultPoint.BEFORE_FINISH)
        ended = await self.database.write(write)
        reached(FaultPoint.AFTER_FINISH)
        if is_held:
            self.notice_added()
        return ended

    async def wait_after_gateway_error(self, errors: int) -> None:
        """Wait after the ``errors``-th failed call to the gateway in a row, from 1."""
        await self.clock.sleep(wait_after_error_s(errors=errors, jitter=jitter()) * self.poll_pace)


def jitter() -> float:
    """A random number in [-1, 1]: spreads calls, decides nothing."""
    return random.uniform(-1, 1)  # noqa: S311  # spreads load, guards no secret
