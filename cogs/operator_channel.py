"""Tells the operator, in a channel of theirs, what only they can mend; each notice once."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING

import discord

from bot.domain.errors import (
    DeliveryUnavailableError,
    DestinationGoneError,
    MissingPermissionsError,
    PostRefusedError,
    StorageError,
)
from cogs import permissions
from cogs.discord_errors import discord_errors_mapped
from cogs.texts import MESSAGE_MAX_CHARACTERS

if TYPE_CHECKING:
    from datetime import datetime

    from bot.clock import Clock
    from bot.domain.notice import Notice
    from bot.services.notices import Notices

log = logging.getLogger(__name__)

POST_EVERY_S = 6.0  # ten a minute at the most: a channel that scrolls away tells nobody
SWEEP_S = 30.0  # the longest that a missed event can delay a notice
FIRST_WAIT_S = 5.0  # with Discord in trouble; doubled each time
LONGEST_WAIT_S = 300.0
UNUSABLE_WAIT_S = 300.0  # until a channel that cannot be used is tried again
CLOCK_SKEW = timedelta(minutes=2)  # between our clock and Discord's, when looking for our own post
LOOK_BACK_MESSAGES = 1_000  # ten requests; people may have talked on since

UNUSABLE = (DestinationGoneError, MissingPermissionsError)


class OperatorChannel:
    """Posts the notices that were not posted yet, in their order."""

    def __init__(
        self, *, bot: discord.Client, notices: Notices, clock: Clock, channel_id: int | None
    ) -> None:
        self._bot = bot
        self._notices = notices
        self._clock = clock
        self._channel_id = channel_id
        self._wake = asyncio.Event()
        self._failures = 0  # in a row
        self._complaint: str | None = None  # what the log was last told about the channel
        self._refused: set[int] = set()  # notices that Discord refuses for certain
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to post, what an earlier process left over first; nothing without a channel."""
        if self._channel_id is not None:
            self._task = asyncio.create_task(
                self._tell_forever(self._channel_id), name="operator-channel"
            )

    async def stop(self) -> None:
        """Stop posting; what was not posted is posted after the next start."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def notice_added(self) -> None:
        """Post it soon. Never blocks. Call it after the transaction that added it."""
        self._wake.set()

    async def _tell_forever(self, channel_id: int) -> None:
        while True:
            self._wake.clear()
            try:
                told = await self._tell_next(channel_id)
            except (DeliveryUnavailableError, StorageError) as exc:
                log.warning("the operator was not told yet: %s", exc)
                await self._wait_longer()
            except UNUSABLE as exc:
                self._complain(channel_id, exc)
                await self._clock.sleep(UNUSABLE_WAIT_S)
            except Exception:  # supervision: the operator must be told all the rest
                log.exception("telling the operator broke and is tried again")
                await self._wait_longer()
            else:
                self._failures = 0
                self._praise()
                await (self._clock.sleep(POST_EVERY_S) if told else self._sleep_or_wake())

    async def _tell_next(self, channel_id: int) -> bool:
        """Tell what comes first; False where there is nothing. The channel is looked for anyway."""
        await self._bot.wait_until_ready()
        channel = self._find_channel(channel_id)
        waiting = await self._notices.unsent(len(self._refused) + 1)
        notice = next((n for n in waiting if n.notice_id not in self._refused), None)
        if notice is None:
            return False
        try:
            await self._tell(notice, channel)
        except PostRefusedError as exc:
            self._refused.add(notice.notice_id)
            log.error(  # noqa: TRY400  # for the operator, whom it was meant for: no traceback
                "Discord refuses notice %d, until the next start: %s. It says: %s",
                notice.notice_id,
                exc,
                notice.text,
            )
        return True

    def _find_channel(self, channel_id: int) -> discord.TextChannel:
        """The channel, as the gateway keeps it up to date: this asks Discord nothing.

        Raises:
            DeliveryUnavailableError: It is not to be seen while a server is in an outage.
            DestinationGoneError: There is no such text channel.
            MissingPermissionsError: The bot may not post there.
        """
        channel = self._bot.get_channel(channel_id)
        if channel is None and any(guild.unavailable for guild in self._bot.guilds):
            raise DeliveryUnavailableError("a server is in an outage of Discord's")
        if channel is None:
            raise DestinationGoneError("the bot is on no server with this channel")
        if not isinstance(channel, discord.TextChannel):
            raise DestinationGoneError("this is not a text channel")
        missing = permissions.missing_to_work(
            channel.permissions_for(channel.guild.me), in_thread=False
        )
        if missing:
            raise MissingPermissionsError(tuple(permissions.NAMES[name] for name in missing))
        return channel

    async def _tell(self, notice: Notice, channel: discord.TextChannel) -> None:
        message = None
        if notice.tried_at is None:
            await self._notices.record_try(notice.notice_id)
        else:
            message = await self._find_post(notice, notice.tried_at, channel)
        if message is None:
            with discord_errors_mapped():
                message = await channel.send(
                    content(notice),
                    nonce=f"cogreel-n-{notice.notice_id}",  # discord.py asks Discord to enforce it
                    allowed_mentions=discord.AllowedMentions.none(),
                    suppress_embeds=True,
                )
        await self._notices.record_sent(notice.notice_id, message.id)

    async def _find_post(
        self, notice: Notice, tried_at: datetime, channel: discord.TextChannel
    ) -> discord.Message | None:
        """Our own post of this notice, from an earlier try: known by its last line."""
        if not channel.permissions_for(channel.guild.me).read_message_history:
            return None
        with discord_errors_mapped():
            async for message in channel.history(
                after=tried_at - CLOCK_SKEW, limit=LOOK_BACK_MESSAGES, oldest_first=False
            ):
                if message.author == self._bot.user and message.content.endswith(
                    _last_line(notice)
                ):
                    log.info(
                        "notice %d was posted before, as message %d", notice.notice_id, message.id
                    )
                    return message
        return None

    def _complain(
        self, channel_id: int, exc: DestinationGoneError | MissingPermissionsError
    ) -> None:
        complaint = str(exc)
        if complaint != self._complaint:
            log.error(
                "COGREEL_OPERATOR_CHANNEL_ID: %d cannot be used: %s. Name a text channel in which"
                " the bot has View Channel and Send Messages; until then the notices wait.",
                channel_id,
                complaint,
            )
        self._complaint = complaint

    def _praise(self) -> None:
        if self._complaint is not None:
            log.info("the operator's channel can be used again")
        self._complaint = None

    async def _wait_longer(self) -> None:
        wait_s = min(FIRST_WAIT_S * 2 ** min(self._failures, 10), LONGEST_WAIT_S)
        self._failures += 1
        await self._clock.sleep(wait_s)

    async def _sleep_or_wake(self) -> None:
        sleeping = asyncio.ensure_future(self._clock.sleep(SWEEP_S))
        waking = asyncio.ensure_future(self._wake.wait())
        try:
            await asyncio.wait({sleeping, waking}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()
            waking.cancel()


def content(notice: Notice) -> str:
    """What is posted: the text, cut where it must be, and the line that a notice is known by."""
    last_line = "\n" + _last_line(notice)
    room = MESSAGE_MAX_CHARACTERS - len(last_line)
    text = notice.text if len(notice.text) <= room else notice.text[: room - 1] + "…"
    return text + last_line


def _last_line(notice: Notice) -> str:
    """By this a notice is known in the channel; and when it became so, where it comes late."""
    return f"-# Notice {notice.notice_id} · <t:{int(notice.added_at.timestamp())}:f>"
