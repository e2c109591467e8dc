"""Keeps each job's status message true, with as few edits as can be.

A message is edited when its job changed, or when its place in line moved; what is shown is read
at the moment of showing, so that edits which overtake each other cannot show the past.
That a job's last word was shown is written down: what a crash or an outage kept from being said is
said afterwards.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import discord

from bot.domain.errors import (
    DeliveryError,
    DeliveryUnavailableError,
    DestinationGoneError,
    MissingPermissionsError,
    PostRefusedError,
    StorageError,
)
from bot.domain.job import AT_REST_STATES, JobState
from bot.fault_points import FaultPoint, reached
from bot.languages import speaking
from cogs import texts, views
from cogs.discord_errors import discord_errors_mapped
from cogs.put_off import PutOff
from cogs.spoken import language_of_server

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from bot.clock import Clock
    from bot.domain.catalogues import Catalogues
    from bot.domain.job import Job
    from bot.services.jobs import Jobs, Standing
    from bot.services.policies import Policies
    from cogs.answer import Answer
    from cogs.storyboard_status import StoryboardStatus

log = logging.getLogger(__name__)

EDITORS = 4  # edits under way at once; Discord allows 50 requests a second for everything
PLACES_EVERY_S = 15.0  # how often places in line are looked at again
PLACES_AT_ONCE = 20  # waiting jobs looked at each time, those that asked first
RETRY_EVERY_S = 5.0  # how often it is looked for statuses that are to be tried again
AT_REST_AT_ONCE = 50  # jobs at rest that were not shown so, looked at each time
AT_REST_SINCE = timedelta(days=1)  # nobody waits for older ones
# Discord limits edits of messages older than an hour for the whole channel (30046), so that a few
# long waits would keep everybody's status from being true: there is a new message instead.
OLD_AFTER = timedelta(minutes=59)
# When a job starts is a guess that moves with every render before it. Where nothing else changed,
# it is worth an edit once it is off by so much, or by so much of what is left to wait.
START_OFF_BY = timedelta(minutes=3)
START_OFF_BY_PART = 0.5
# Over in a second, but for a video service or a Discord that is slow: said only where it lasts.
BRIEF_STATES = frozenset({JobState.SUBMITTING, JobState.FETCHED})


def is_about(guess: datetime, better: datetime, now: datetime) -> bool:
    """Whether a guess that people read, of something still to come, needs no correction."""
    return abs(better - guess) < max(START_OFF_BY, START_OFF_BY_PART * (better - now))


class StatusBoard:
    """The editor of status messages. Holds a few words per open job and nothing of ended ones."""

    def __init__(
        self,
        *,
        bot: discord.Client,
        jobs: Jobs,
        catalogues: Catalogues,
        policies: Policies,
        storyboards: StoryboardStatus,
        clock: Clock,
    ) -> None:
        self._bot = bot
        self._storyboards = storyboards
        self._jobs = jobs
        self._catalogues = catalogues
        self._policies = policies
        self._clock = clock
        self._changed: dict[int, None] = {}  # in the order of the changes
        self._being_shown: set[int] = set()
        self._waiting: dict[int, None] = {}  # in the order of first showing
        self._shown: dict[int, str] = {}
        self._starts: dict[int, datetime] = {}  # as guessed when last shown
        self._shown_states: dict[int, JobState] = {}
        self._put_off = PutOff()
        self._wake = asyncio.Event()
        # One after the other: people who wait for an answer wait for one look, not for several.
        self._reading = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to edit, and take up what an earlier process showed, or did not come to show.

        Raises:
            StorageError: The database cannot be read.
        """
        for job_id in await self._jobs.next_in_line(PLACES_AT_ONCE):
            self.job_changed(job_id)
        await self._take_up_at_rest(before=self._clock.now())
        self._tasks = [asyncio.create_task(self._edit_forever()) for _ in range(EDITORS)]
        self._tasks.append(asyncio.create_task(self._every(PLACES_EVERY_S, self._look_again)))
        self._tasks.append(asyncio.create_task(self._every(RETRY_EVERY_S, self._retry)))

    async def stop(self) -> None:
        """Stop editing; what was not shown is shown after the next start."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def job_changed(self, job_id: int) -> None:
        """Show this job's state soon. Never blocks."""
        self._changed[job_id] = None
        self._wake.set()

    def places_moved(self) -> None:
        """Look at the places in line again soon, those that asked first. Never blocks."""
        for job_id in list(self._waiting)[:PLACES_AT_ONCE]:
            self.job_changed(job_id)

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
            await self._try_to_show(job_id)

    async def _try_to_show(self, job_id: int) -> None:
        was_put_off = job_id in self._put_off
        try:
            await self._show(job_id, self._edit)
        except (DeliveryUnavailableError, StorageError) as exc:
            log.warning("the status of job %d was not shown: %s", job_id, exc)
            self._put_off.add(job_id, now=self._clock.now())
        except Exception:  # supervision: one job's defect must not end the editor
            log.exception("the status of job %d broke and is tried again", job_id)
            self._put_off.add(job_id, now=self._clock.now())
        else:
            if was_put_off:
                self._put_off.forget(job_id)

    async def _every(self, seconds: float, look: Callable[[], Awaitable[None]]) -> None:
        while True:
            await self._clock.sleep(seconds)
            try:
                await look()
            except Exception:  # supervision: the next look makes up for it
                log.exception("the statuses could not be looked at")

    async def _look_again(self) -> None:
        self.places_moved()
        # What came to rest since is being shown anyway.
        await self._take_up_at_rest(before=self._clock.now() - timedelta(seconds=PLACES_EVERY_S))

    async def _take_up_at_rest(self, *, before: datetime) -> None:
        for job_id in await self._jobs.at_rest_unshown(
            since=before - AT_REST_SINCE, before=before, limit=AT_REST_AT_ONCE
        ):
            if job_id not in self._put_off and job_id not in self._being_shown:
                self.job_changed(job_id)

    async def _retry(self) -> None:
        for job_id in self._put_off.take_due(now=self._clock.now()):
            self.job_changed(job_id)

    async def _show(self, job_id: int, send: Callable[[Standing, str], Awaitable[None]]) -> None:
        """Read the job and send its text; one at a time per job."""
        self._being_shown.add(job_id)
        try:
            async with self._reading:
                standing = await self._jobs.standing(job_id)
            if standing is None:
                return
            if standing.job.storyboard_id is not None:
                await self._show_as_shot(standing.job)
                return
            guild_id = standing.job.place.guild_id
            with speaking(language_of_server(self._bot, self._policies, guild_id)):
                if self._lasts_a_moment(standing):
                    self._put_off.add(job_id, now=self._clock.now())
                    return
                standing = self._with_start_as_shown(standing)
                text = self._text(standing)
                if self._shown.get(job_id) != text:
                    reached(FaultPoint.BEFORE_STATUS_EDIT)
                    await send(standing, text)
                    reached(FaultPoint.AFTER_STATUS_EDIT)
            self._remember(standing, text)
            if standing.job.state in AT_REST_STATES:
                await self._jobs.record_shown(job_id, standing.job.state)
                reached(FaultPoint.AFTER_SHOWN_RECORDED)
        finally:
            self._being_shown.discard(job_id)
            if job_id in self._changed:
                self._wake.set()

    def _with_start_as_shown(self, standing: Standing) -> Standing:
        """The same, with the start that its status has, where that is about right and all else."""
        job_id, now = standing.job.job_id, self._clock.now()
        guess, shown = self._starts.get(job_id), self._shown.get(job_id)
        if standing.starts_at is None or guess is None or shown is None:
            return standing
        # Where the last guess was wrong, there is none until the place in line has moved.
        without = replace(standing, starts_at=None)
        if shown == self._text(without):
            return without
        kept = replace(standing, starts_at=guess)
        if shown != self._text(kept):
            return standing
        if guess <= now:
            return without
        return kept if is_about(guess, standing.starts_at, now) else standing

    def _text(self, standing: Standing) -> str:
        return texts.status(standing, self._catalogues, self._clock.now())

    def _lasts_a_moment(self, standing: Standing) -> bool:
        """Whether this is over before anybody has read it, and was not waited for so far."""
        job = standing.job
        is_brief = job.state in BRIEF_STATES and standing.fitting is None and not job.parked_at
        return is_brief and job.job_id in self._shown and job.job_id not in self._put_off

    async def show_storyboard(self, storyboard_id: int) -> None:
        """Show how far a storyboard is, now.

        Raises:
            DeliveryUnavailableError: Discord is in trouble.
            StorageError: The database cannot be read or written.
        """
        await self._storyboards.show(storyboard_id)

    async def _show_as_shot(self, job: Job) -> None:
        """A shot, or a film, has no status of its own: its storyboard tells of it."""
        await self._storyboards.show(job.storyboard_id or 0)
        if job.state in AT_REST_STATES:
            await self._jobs.record_shown(job.job_id, job.state)
            reached(FaultPoint.AFTER_SHOWN_RECORDED)

    def _remember(self, standing: Standing, text: str) -> None:
        job = standing.job
        if job.state is JobState.QUEUED:
            self._waiting[job.job_id] = None
            if standing.starts_at is not None:
                self._starts[job.job_id] = standing.starts_at
        else:
            self._waiting.pop(job.job_id, None)
            self._starts.pop(job.job_id, None)
        if job.is_terminal:
            self._shown.pop(job.job_id, None)
            self._shown_states.pop(job.job_id, None)
        else:
            self._shown[job.job_id] = text
            self._shown_states[job.job_id] = job.state

    def _is_too_old(self, job: Job, message_id: int) -> bool:
        """Whether it is edited no more, but to take away what moderators took down."""
        age = self._clock.now() - discord.utils.snowflake_time(message_id)
        return age > OLD_AFTER and job.taken_down_at is None

    def _is_worth_a_message(self, job: Job) -> bool:
        """Whether this is news, and no mere move in line; as far as this process knows."""
        if job.state in AT_REST_STATES or job.parked_at is not None:
            return True
        before = self._shown_states.get(job.job_id, job.state)
        return job.state is JobState.RENDERING and before is not job.state

    async def _edit(self, standing: Standing, text: str) -> None:
        """Edit the status message, or post it where a reaction caused the job."""
        job = standing.job
        channel = self._bot.get_partial_messageable(job.place.channel_id)
        view = views.status_view(job)
        closed = discord.AllowedMentions.none()
        try:
            with discord_errors_mapped():
                message_id = job.place.status_message_id
                if message_id is not None and not self._is_too_old(job, message_id):
                    message = channel.get_partial_message(message_id)
                    # What it began with, or came from, goes with the rest of it.
                    gone: Any = [] if job.taken_down_at is not None else discord.utils.MISSING
                    await message.edit(
                        content=text, view=view, attachments=gone, allowed_mentions=closed
                    )
                    return
                if message_id is not None and not self._is_worth_a_message(job):
                    return
                reached(FaultPoint.BEFORE_STATUS_POST)
                posted = await channel.send(
                    text,
                    view=view or discord.utils.MISSING,
                    allowed_mentions=closed,
                    nonce=f"cogreel-s-{job.job_id}" if message_id is None else f"s-{message_id}",
                    suppress_embeds=True,
                )
            reached(FaultPoint.AFTER_STATUS_POST)
            await self._jobs.record_status_message(job.job_id, posted.id)
            reached(FaultPoint.AFTER_STATUS_RECORDED)
        except (DestinationGoneError, MissingPermissionsError, PostRefusedError) as exc:
            log.info("the status of job %d has no place to be shown: %s", job.job_id, exc)
