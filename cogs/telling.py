"""Tells members that their videos and films are done, or do not come, where no result said so."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import discord

from bot.background import Background
from bot.clock import sleep_or_wake
from bot.domain.errors import DeliveryError, DeliveryUnavailableError, StorageError
from bot.domain.job import JobState, TellBy
from bot.fault_points import FaultPoint, reached
from bot.languages import speaking
from cogs import storyboard_texts, texts
from cogs.discord_errors import discord_errors_mapped
from cogs.once_poster import OncePost, OncePoster
from cogs.put_off import PutOff
from cogs.spoken import language_of_server
from cogs.tell_texts import told, told_of_no_film

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from bot.clock import Clock
    from bot.domain.job import Job, Untold
    from bot.services.courses import Course
    from bot.services.policies import Policies
    from bot.services.tellings import Tellings, UntoldStoryboard

log = logging.getLogger(__name__)

SWEEP_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _News:
    """What one member is told, once.

    Attributes:
        name: Of what it is about, in the log.
        number: Of the same, among its kind.
        user_id: Who is told.
        by: How they want that.
        guild_id: The server in whose language it is.
        channel_id: Where they are mentioned, where that is how.
        tried_at: Since when they may have been told; None where it was not tried.
        words: The text and the last line, in the language that is spoken then.
        nonce: See `OncePost`.
        is_to_be_said: Not what they did themselves or moderators undid, nor what they read anyway.
        record_try: Writes down, before the message, that there may be one.
        record_told: Writes down that there is nothing more to tell.
    """

    name: str
    number: int
    user_id: int
    by: TellBy
    guild_id: int
    channel_id: int
    tried_at: datetime | None
    words: Callable[[], tuple[str, str]]
    nonce: str
    is_to_be_said: bool
    record_try: Callable[[int], Awaitable[None]]
    record_told: Callable[[int], Awaitable[None]]

    def post(self, *, mentioned: int | None = None) -> OncePost:
        text, link = self.words()
        return OncePost(
            text=text if mentioned is None else f"<@{mentioned}> {text}",
            last_line=link,
            nonce=self.nonce,
            tried_at=self.tried_at,
            mentioned=mentioned,
        )


class Telling:
    """By direct message, or by a mention where that is what they asked for, or all that works."""

    def __init__(
        self, *, bot: discord.Client, tellings: Tellings, policies: Policies, clock: Clock
    ) -> None:
        """Hold what it works with.

        Args:
            bot: The connected client.
            tellings: Who is to be told.
            policies: What is spoken where.
            clock: Says when it is tried again.
        """
        self._bot = bot
        self._poster = OncePoster(bot)
        self.tellings = tellings
        self._policies = policies
        self._clock = clock
        self._put_off = PutOff()
        self._storyboards_put_off = PutOff()
        self._wake = asyncio.Event()
        self._background = Background("telling")

    async def start(self) -> None:
        """Begin to tell, those first whom an earlier process left over."""
        self._background.begin(self._tell_forever())

    async def stop(self) -> None:
        """Stop; who was not told is told after the next start."""
        await self._background.end()

    def job_changed(self) -> None:
        """Look soon whether there is somebody to tell. Never blocks."""
        self._wake.set()

    async def _tell_forever(self) -> None:
        while True:
            self._wake.clear()
            try:
                await self._bot.wait_until_ready()
                await self._tell_of_jobs()
                await self._tell_of_storyboards()
            except StorageError as exc:
                log.warning("members are not told yet: %s", exc)
            except Exception:  # supervision: the next one must be told
                log.exception("telling members broke and is tried again")
            await sleep_or_wake(self._clock, self._wake, SWEEP_S)

    async def _tell_of_jobs(self) -> None:
        due = set(self._put_off.take_due(now=self._clock.now()))
        for untold in await self.tellings.untold():
            job_id = untold.job.job_id
            if job_id in due or job_id not in self._put_off:
                await self._try(self._news_of_job(untold), self._put_off)

    async def _tell_of_storyboards(self) -> None:
        put_off = self._storyboards_put_off
        due = set(put_off.take_due(now=self._clock.now()))
        for untold in await self.tellings.untold_storyboards():
            storyboard_id = untold.course.board.storyboard_id
            if storyboard_id in due or storyboard_id not in put_off:
                await self._try(self._news_of_storyboard(untold), put_off)

    def _news_of_job(self, untold: Untold) -> _News:
        job = untold.job
        return _News(
            name=f"job {job.job_id}",
            number=job.job_id,
            user_id=job.user_id,
            by=job.tell_by or TellBy.MENTION,
            guild_id=job.place.guild_id,
            channel_id=job.place.thread_id or job.place.channel_id,
            tried_at=untold.tried_at,
            words=lambda: told(job, texts.ended(job)),
            nonce=f"cogreel-t-{job.job_id}",
            is_to_be_said=_is_to_be_said(job),
            record_try=self.tellings.record_try,
            record_told=self.tellings.record_told,
        )

    def _news_of_storyboard(self, untold: UntoldStoryboard) -> _News:
        course = untold.course
        board = course.board
        return _News(
            name=f"storyboard {board.storyboard_id}",
            number=board.storyboard_id,
            user_id=board.user_id,
            by=untold.by,
            guild_id=board.place.guild_id,
            channel_id=board.place.channel_id,
            tried_at=untold.tried_at,
            words=lambda: told_of_no_film(course, storyboard_texts.headed(course)),
            # A retake may stand still as well, and has another newest take.
            nonce=f"cogreel-u-{course.newest_take_id}",
            is_to_be_said=_is_news(course),
            record_try=self.tellings.record_try_without_film,
            record_told=self.tellings.record_told_without_film,
        )

    async def _try(self, news: _News, put_off: PutOff) -> None:
        try:
            with speaking(language_of_server(self._bot, self._policies, news.guild_id)):
                await self._tell(news)
        except DeliveryUnavailableError as exc:
            log.warning("the member of %s is not told yet: %s", news.name, exc)
            put_off.add(news.number, now=self._clock.now())
            return
        except DeliveryError as exc:
            log.info("the member of %s cannot be told: %s", news.name, exc)
        await news.record_told(news.number)
        reached(FaultPoint.AFTER_TOLD)
        put_off.forget(news.number)

    async def _tell(self, news: _News) -> None:
        if not news.is_to_be_said:
            return
        if news.tried_at is None:
            await news.record_try(news.number)
            reached(FaultPoint.AFTER_TELL_INTENT)
        if news.by is TellBy.DIRECT:
            try:
                with discord_errors_mapped():
                    direct = await self._bot.create_dm(discord.Object(news.user_id))
                await self._poster.post(news.post(), direct)
            except DeliveryUnavailableError:
                raise
            except DeliveryError as exc:
                log.info("%s: no direct message is taken, but a mention: %s", news.name, exc)
            else:
                return
        channel = self._bot.get_partial_messageable(news.channel_id)
        await self._poster.post(news.post(mentioned=news.user_id), channel)


def _is_to_be_said(job: Job) -> bool:
    if job.taken_down_at is not None or job.place.result_is_direct:
        return False
    return job.state is not JobState.CANCELLED


def _is_news(course: Course) -> bool:
    return not course.is_closed and all(
        take.state is not JobState.CANCELLED for take in course.takes
    )
