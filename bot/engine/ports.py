"""What the engine needs from the Discord side. Implemented by ``cogs/poster.py`` and by tests.

It is a protocol because imports run the other way: cogs know the engine, not the reverse.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from bot.domain.destination import DestinationKind

if TYPE_CHECKING:
    from bot.domain.job import Job
    from bot.engine.packing import Packing


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """Where a result was posted.

    Attributes:
        channel_id: The thread or channel that holds it, or the member's direct messages.
        message_id: The message.
        kind: What that place is to the job.
        why: Why it is not a better one, in words; empty for the best.
    """

    channel_id: int
    message_id: int
    kind: DestinationKind = DestinationKind.THREAD
    why: str = ""


class Delivery(Protocol):
    """Posting into Discord."""

    def job_changed(self, job_id: int) -> None:
        """A job has a new state: show it when there is time. Never blocks, never raises."""
        ...

    async def is_reachable(self, job: Job) -> bool:
        """Whether the job's server and channel are still there; waits until that is known."""
        ...

    async def post_result(self, job: Job, packing: Packing, *, look_first: bool) -> Posted:
        """Post a fetched clip, or its link, once.

        Args:
            job: In state ``fetched``.
            packing: Makes what is posted, for the place that it goes to.
            look_first: Whether an earlier try may have posted it: then the place is searched first.

        Raises:
            DeliveryUnavailableError: Discord is in trouble; the effect is unknown.
            ServerLeftError: The bot was removed from the server.
            TakenDownMeanwhileError: It was taken down while it was made ready.
            DeliveryError: No place takes it at present; `NoWayError` says why.
        """
        ...
