"""What the steps of a job work with."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.domain.polling import wait_after_error_s
from storage import steps

if TYPE_CHECKING:
    from pathlib import Path

    import aiohttp

    from bot.clock import Clock
    from bot.domain.catalogue import Catalogue
    from bot.domain.job import Job, JobState, OutcomeReason
    from bot.engine.gate import AccountGate
    from bot.engine.ports import Delivery
    from media.addresses import AddressPolicy
    from media.worker import MediaWorker
    from providers.transport import ZhipuTransport
    from providers.zhipu_create import Dialect
    from storage.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """Everything that the steps share. Owned by the composition root.

    Attributes:
        database: The only writer of the job's facts.
        transport: The gateway's API, with the account's key.
        downloads: The session for result files; carries no key and no cookies.
        results_policy: Which hosts results may come from.
        media: The decoding child.
        clock: What the time is, and waiting.
        catalogue: What the account's models accept.
        dialect: How the gateway wants the same fields written.
        delivery: The Discord side.
        gate: Whether the account takes jobs at present.
        files_dir: Where artifacts lie, named by their id.
        clip_max_bytes: Largest clip that is fetched.
        poll_pace: Multiplies the waits between calls to the gateway; 1 at a real one.
        wake: Set when the queue should be looked at: a job arrived, or a place in flight freed.
    """

    database: Database
    transport: ZhipuTransport
    downloads: aiohttp.ClientSession
    results_policy: AddressPolicy
    media: MediaWorker
    clock: Clock
    catalogue: Catalogue
    dialect: Dialect
    delivery: Delivery
    gate: AccountGate
    files_dir: Path
    clip_max_bytes: int
    poll_pace: float
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    async def finish(self, job: Job, state: JobState, reason: OutcomeReason) -> Job:
        """End a job without a clip, its reservation released; or hold it for the operator."""
        at = self.clock.now()
        return await self.database.write(
            lambda db: steps.finish(
                db, job.job_id, expected=job.state, state=state, reason=reason, at=at
            )
        )

    async def wait_after_gateway_error(self, errors: int) -> None:
        """Wait after the ``errors``-th failed call to the gateway in a row, from 1."""
        await self.clock.sleep(wait_after_error_s(errors=errors, jitter=jitter()) * self.poll_pace)


def jitter() -> float:
    """A random number in [-1, 1]: spreads calls, decides nothing."""
    return random.uniform(-1, 1)  # noqa: S311  # spreads load, guards no secret
