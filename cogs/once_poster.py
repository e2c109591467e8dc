"""Posts of our own into a text channel, each once: found again where it was posted before."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import discord

from bot.domain.errors import (
    DeliveryUnavailableError,
    DestinationGoneError,
    MissingPermissionsError,
)
from bot.fault_points import FaultPoint, reached
from cogs import permissions
from cogs.discord_errors import discord_errors_mapped
from cogs.look_back import LOOK_BACK_MESSAGES, look_back_to
from cogs.texts import MESSAGE_MAX_CHARACTERS

if TYPE_CHECKING:
    from datetime import datetime

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class OncePost:
    """What is to be posted once.

    Attributes:
        text: What people read; cut where it is too long.
        last_line: What it is known by in the channel; no other post has the same.
        nonce: What Discord knows it by for some minutes; at most 25 characters.
        tried_at: When it may have been posted before; None where it was not tried.
    """

    text: str
    last_line: str
    nonce: str
    tried_at: datetime | None

    @property
    def content(self) -> str:
        """The message, whole."""
        room = MESSAGE_MAX_CHARACTERS - len(self.last_line) - 1
        text = self.text if len(self.text) <= room else self.text[: room - 1] + "…"
        return f"{text}\n{self.last_line}"


class OncePoster:
    """Write down that a post is tried before it is given to this, and what came of it after."""

    def __init__(self, bot: discord.Client) -> None:
        self._bot = bot

    def find_channel(self, channel_id: int) -> discord.TextChannel:
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

    async def post(self, post: OncePost, channel: discord.TextChannel) -> int:
        """The message of a post: the one that there is from an earlier try, or a new one.

        Raises:
            DeliveryError: Discord did not take it, or the effect is unknown.
        """
        message = None
        if post.tried_at is not None:
            message = await self._find(post, post.tried_at, channel)
        if message is None:
            reached(FaultPoint.BEFORE_ONCE_POST)
            with discord_errors_mapped():
                message = await channel.send(
                    post.content,
                    nonce=post.nonce,  # discord.py asks Discord to enforce it
                    allowed_mentions=discord.AllowedMentions.none(),
                    suppress_embeds=True,
                )
        reached(FaultPoint.AFTER_ONCE_POST)
        return message.id

    async def _find(
        self, post: OncePost, tried_at: datetime, channel: discord.TextChannel
    ) -> discord.Message | None:
        if not channel.permissions_for(channel.guild.me).read_message_history:
            return None
        with discord_errors_mapped():
            async for message in channel.history(
                after=look_back_to(tried_at), limit=LOOK_BACK_MESSAGES, oldest_first=False
            ):
                if message.author == self._bot.user and message.content.endswith(
                    "\n" + post.last_line
                ):
                    log.info("%s was posted before, as message %d", post.nonce, message.id)
                    return message
        return None
