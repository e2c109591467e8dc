"""Where the engine's posts go in these tests: a place that remembers them across restarts."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from bot.domain.delivery import MIB
from bot.domain.errors import DeliveryUnavailableError
from bot.engine.ports import Posted

if TYPE_CHECKING:
    from bot.domain.errors import DeliveryError
    from bot.domain.job import Job
    from bot.engine.packing import Packing, Parcel

THREAD_OFFSET = 10_000
LOOK_AGAIN_S = 0.2


@dataclass(frozen=True, slots=True)
class Call:
    """One call of `Channel.post_result`."""

    job_id: int
    look_first: bool


class Channel:
    """A `Delivery` that holds posts as Discord would, and fails when it is told to.

    Attributes:
        posts: By job, the bytes that were posted, one entry per post.
        calls: Every try.
        refusals: Raised by the next tries, before anything is posted.
        answers_lost: So many next posts take effect, and their answers do not arrive.
        limit_bytes: The largest file that it takes, as it says.
        sizes_refused: So many next files are refused for their size all the same.
        parcels: By job, what the last post was made of.
        left: Servers that the bot was removed from.
        hold: Keeps the next try waiting, before or after it took effect, until `stop` cancels it.
        held: Set while a try is kept waiting.
    """

    def __init__(self) -> None:
        self.posts: dict[int, list[bytes]] = {}
        self.calls: list[Call] = []
        self.refusals: deque[DeliveryError] = deque()
        self.answers_lost = 0
        self.limit_bytes = 100 * MIB
        self.sizes_refused = 0
        self.parcels: dict[int, Parcel] = {}
        self.left: set[int] = set()
        self.hold: Literal["before", "after"] | None = None
        self.held = asyncio.Event()
        self._changed = asyncio.Event()

    def job_changed(self, job_id: int) -> None:
        del job_id
        self._changed.set()

    async def next_change(self) -> None:
        """Wait until a job may have a new state; not for long, as one that was read may be old."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOK_AGAIN_S):
                await self._changed.wait()
        self._changed.clear()

    async def is_reachable(self, job: Job) -> bool:
        return job.place.guild_id not in self.left

    async def post_result(self, job: Job, packing: Packing, *, look_first: bool) -> Posted:
        self.calls.append(Call(job.job_id, look_first))
        posted = Posted(channel_id=job.place.channel_id + THREAD_OFFSET, message_id=job.job_id)
        if look_first and job.job_id in self.posts:
            return posted
        if self.refusals:
            raise self.refusals.popleft()
        await self._hold("before")
        parcel = await packing.for_place(limit_bytes=self.limit_bytes, may_attach=True)
        while parcel.file is not None and self.sizes_refused:
            self.sizes_refused -= 1
            await packing.was_refused(parcel)
            parcel = await packing.for_place(limit_bytes=self.limit_bytes, may_attach=True)
        self.parcels[job.job_id] = parcel
        path = parcel.file or parcel.poster
        content = await asyncio.to_thread(path.read_bytes) if path else b""
        self.posts.setdefault(job.job_id, []).append(content)
        await self._hold("after")
        if self.answers_lost:
            self.answers_lost -= 1
            raise DeliveryUnavailableError("the answer was lost")
        return posted

    async def _hold(self, moment: Literal["before", "after"]) -> None:
        if self.hold == moment:
            self.hold = None
            self.held.set()
            await asyncio.Event().wait()
