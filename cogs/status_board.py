"""Keeps each job's status message true, with as few edits as can be.

A message is edited when its job changed, or when its place in line moved; what is shown is read
at the moment of showing, so that edits which overtake each other cannot show the past.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import discord

from bot.domain.errors import (
    DeliveryError,
    DeliveryUnavailableError,
    DestinationGoneError,
    MissingPermissionsError,
    PostRefusedError,
    StorageError,
)
from bot.domain.job import JobState
from cogs import texts, views
from cogs.discord_errors import discord_errors_mapped

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.clock import Clock
    from bot.domain.capability import Capability
    from bot.services.jobs import Jobs, Standing
    from cogs.answer import Answer

log = logging.getLogger(__name__)

EDITORS = 4  # edits under way at once; Discord allows 50 requests a second for everything
PLACES_EVERY_S = 15.0  # how often places in line are looked at again
PLACES_AT_ONCE = 20  # waiting jobs looked at each time, those that asked first
RETRIES = 3  # of one edit while Discord is in trouble; the next change shows the truth anyway
RETRY_AFTER_S = 5.0


class StatusBoard:
    """The editor of status messages. Holds a few words per open job and nothing of ended ones."""

    def __init__(
        self, *, bot: discord.Client, jobs: Jobs, capability: Capability, clock: Clock
    ) -> None:
        self._bot = bot
        self._jobs = jobs
        self._capability = capability
        self._clock = clock
        self._changed: dict[int, None] = {}  # in the order of the changes
        self._being_shown: set[int] = set()
        self._waiting: dict[int, None] = {}  # in the order of first showing
        self._shown: dict[int, str] = {}
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to edit, and take up the places in line that an earlier process showed.

        Raises:
            StorageError: The database cannot be read.
        """
        for job_id in await self._jobs.next_in_line(PLACES_AT_ONCE):
            self.job_changed(job_id)
        self._tasks = [asyncio.create_task(self._edit_forever()) for _ in range(EDITORS)]
        self._tasks.append(asyncio.create_task(self._watch_places_forever()))

    async def stop(self) -> None:
        """Stop editing; what was not shown is shown after the next start of the job's step."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def job_changed(self, job_id: int) -> None:
        """Show this job's state soon. Never blocks."""
        self._changed[job_id] = None
        self._wake.set()

    async def show_first(self, job_id: int, answer: Answer) -> None:
        """Turn the first answer to an interaction into the job's status message.

        Never raises for trouble of Discord's: the job is enqueued, and its status is shown later.
        """
        if job_id in self._being_shown:
            self.job_changed(job_id)
            return

        async def send(standing: Standing, text: str) -> None:
            await answer.show(text, views.status_view(standing.job))

        try:
            await self._show(job_id, send)
        except (DeliveryError, StorageError) as exc:
            log.warning("the first answer for job %d was not filled: %s", job_id, exc)
            self.job_changed(job_id)

    async def _edit_forever(self) -> None:
        while True:
            job_id = next((i for i in self._changed if i not in self._being_shown), None)
            if job_id is None:
                self._wake.clear()
                await self._wake.wait()
                continue
            del self._changed[job_id]
            for _ in range(RETRIES):
                try:
                    await self._show(job_id, self._edit)
                    break
                except (DeliveryUnavailableError, StorageError) as exc:
                    log.warning("the status of job %d was not shown: %s", job_id, exc)
                    await self._clock.sleep(RETRY_AFTER_S)

    async def _watch_places_forever(self) -> None:
        while True:
            await self._clock.sleep(PLACES_EVERY_S)
            for job_id in list(self._waiting)[:PLACES_AT_ONCE]:
                self.job_changed(job_id)

    async def _show(self, job_id: int, send: Callable[[Standing, str], Awaitable[None]]) -> None:
        """Read the job and send its text; one at a time per job."""
        self._being_shown.add(job_id)
        try:
            standing = await self._jobs.standing(job_id)
            if standing is None:
                return
            text = texts.status(standing, self._capability, self._clock.now())
            if self._shown.get(job_id) != text:
                await send(standing, text)
            self._remember(standing, text)
        finally:
            self._being_shown.discard(job_id)
            if job_id in self._changed:
                self._wake.set()

    def _remember(self, standing: Standing, text: str) -> None:
        job = standing.job
        if job.state is JobState.QUEUED:
            self._waiting[job.job_id] = None
        else:
            self._waiting.pop(job.job_id, None)
        if job.is_terminal:
            self._shown.pop(job.job_id, None)
        else:
            self._shown[job.job_id] = text

    async def _edit(self, standing: Standing, text: str) -> None:
        """Edit the status message, or post it where a reaction caused the job."""
        job = standing.job
        channel = self._bot.get_partial_messageable(job.place.channel_id)
        view = views.status_view(job)
        closed = discord.AllowedMentions.none()
        try:
            with discord_errors_mapped():
                if job.place.status_message_id is not None:
                    message = channel.get_partial_message(job.place.status_message_id)
                    await message.edit(content=text, view=view, allowed_mentions=closed)
                    return
                posted = await channel.send(
                    text,
                    view=view or discord.utils.MISSING,
                    allowed_mentions=closed,
                    nonce=f"cogreel-s-{job.job_id}",
                )
            await self._jobs.record_status_message(job.job_id, posted.id)
        except (DestinationGoneError, MissingPermissionsError, PostRefusedError) as exc:
            log.info("the status of job %d has no place to be shown: %s", job.job_id, exc)
