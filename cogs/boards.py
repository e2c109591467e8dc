"""Keeps each server's board true: one message, edited when something changed, and not too often."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import discord

from bot.background import Background
from bot.clock import to_ms
from bot.domain.errors import (
    DeliveryError,
    DestinationGoneError,
    MissingPermissionsError,
    PostRefusedError,
    StorageError,
)
from bot.fault_points import FaultPoint, reached
from bot.languages import speaking
from cogs.board_texts import board_text, last_line
from cogs.discord_errors import discord_errors_mapped
from cogs.once_poster import OncePost, OncePoster
from cogs.sight import everybody_sees, is_age_restricted
from cogs.spoken import language_of_server

if TYPE_CHECKING:
    from datetime import datetime

    from bot.clock import Clock
    from bot.domain.board import Board
    from bot.domain.job import Job
    from bot.services.boards import Boards
    from bot.services.policies import Policies

log = logging.getLogger(__name__)

LOOK_EVERY_S = 15.0
# Discord limits edits of messages older than an hour for the whole channel (30046).
OLD_AFTER = timedelta(minutes=59)
OLD_EVERY = timedelta(minutes=5)
UNUSABLE_WAIT = timedelta(minutes=5)  # until a channel that cannot be used is tried again
BY_ITSELF = 0  # on record as nobody


class BoardKeeper:
    """Posts and edits. Holds what each board says, so that it is left alone while that is true."""

    def __init__(
        self, *, bot: discord.Client, boards: Boards, policies: Policies, clock: Clock
    ) -> None:
        self._bot = bot
        self._poster = OncePoster(bot)
        self._boards = boards
        self._policies = policies
        self._clock = clock
        self._said: dict[int, str] = {}  # by server
        self._not_before: dict[int, datetime] = {}
        self._background = Background("boards")

    async def start(self) -> None:
        """Begin to keep them, those of an earlier process too."""
        self._background.begin(self._keep_forever())

    async def stop(self) -> None:
        """Stop; the boards are true again after the next start."""
        await self._background.end()

    async def _keep_forever(self) -> None:
        while True:
            try:
                await self._bot.wait_until_ready()
                await self._keep_all()
            except StorageError as exc:
                log.warning("the boards have to wait: %s", exc)
            except Exception:  # supervision: what changes later must be shown
                log.exception("the boards broke and are tried again")
            await self._clock.sleep(LOOK_EVERY_S)

    async def _keep_all(self) -> None:
        wanted, now = self._policies.boards(), self._clock.now()
        there = await self._boards.all()
        due = [
            guild_id
            for guild_id in {**there, **wanted}
            if self._not_before.get(guild_id, now) <= now
            or _is_elsewhere(wanted.get(guild_id), there.get(guild_id))
        ]
        await asyncio.gather(*(self._try(each, wanted.get(each), there.get(each)) for each in due))

    async def _try(self, guild_id: int, channel_id: int | None, board: Board | None) -> None:
        guild = self._bot.get_guild(guild_id)
        if guild is None or guild.unavailable:  # it was left, or is in an outage of Discord's
            return
        try:
            with speaking(language_of_server(self._bot, self._policies, guild_id)):
                await self._keep(guild, channel_id, board)
        except (MissingPermissionsError, PostRefusedError) as exc:
            log.info("the board of server %d cannot be shown: %s", guild_id, exc)
            self._not_before[guild_id] = self._clock.now() + UNUSABLE_WAIT
        except (DeliveryError, StorageError) as exc:
            log.warning("the board of server %d has to wait: %s", guild_id, exc)
        except Exception:  # supervision: one server's trouble is no other's
            log.exception("the board of server %d broke and is tried again", guild_id)
            self._not_before[guild_id] = self._clock.now() + UNUSABLE_WAIT

    async def _keep(
        self, guild: discord.Guild, channel_id: int | None, board: Board | None
    ) -> None:
        if board is not None and _is_elsewhere(channel_id, board):
            await self._remove(board)
            board = None
        if channel_id is None:
            return
        try:
            channel = self._poster.find_channel(channel_id)
        except DestinationGoneError:
            log.info("the channel of the board of server %d is gone", guild.id)
            await self._policies.show_board(guild.id, None, by=BY_ITSELF)
            await self._boards.forget(guild.id)
            return
        text = await self._text(guild)
        if board is None or board.message_id is None:
            await self._post(guild.id, channel, board, text)
        elif self._said.get(guild.id) != text:
            await self._edit(board, board.message_id, channel, text)

    async def _text(self, guild: discord.Guild) -> str:
        listing = await self._boards.seen(guild.id, partial(everybody_sees, guild))

        def shows_prompt(job: Job) -> bool:
            return not is_age_restricted(guild, job.place)

        health = self._boards.health(guild.id)
        return board_text(listing, health, now=self._clock.now(), shows_prompt=shows_prompt)

    async def _post(
        self, guild_id: int, channel: discord.TextChannel, board: Board | None, text: str
    ) -> None:
        tried_at = None if board is None else board.begun_at
        if board is None:
            board = await self._boards.begin(guild_id, channel.id)
            reached(FaultPoint.AFTER_BOARD_INTENT)
        post = _post_of(board, text, tried_at=tried_at)
        message_id = await self._poster.post(post, channel)
        await self._boards.record_posted(guild_id, message_id)
        reached(FaultPoint.AFTER_BOARD_RECORDED)
        if tried_at is None:
            self._said[guild_id] = text

    async def _edit(
        self, board: Board, message_id: int, channel: discord.TextChannel, text: str
    ) -> None:
        message = channel.get_partial_message(message_id)
        try:
            with discord_errors_mapped():
                await message.edit(
                    content=_post_of(board, text, tried_at=None).content,
                    allowed_mentions=discord.AllowedMentions.none(),
                )
        except DestinationGoneError:
            log.info("the board of server %d was deleted, and is posted anew", board.guild_id)
            await self._boards.forget(board.guild_id)
            await self._post(board.guild_id, channel, None, text)
            return
        self._said[board.guild_id] = text
        if self._clock.now() - message.created_at > OLD_AFTER:
            self._not_before[board.guild_id] = self._clock.now() + OLD_EVERY

    async def _remove(self, board: Board) -> None:
        """Moderators want it elsewhere, or nowhere."""
        self._said.pop(board.guild_id, None)
        self._not_before.pop(board.guild_id, None)
        if board.message_id is not None:
            channel = self._bot.get_partial_messageable(board.channel_id)
            try:
                with discord_errors_mapped():
                    await channel.get_partial_message(board.message_id).delete()
            except (DestinationGoneError, MissingPermissionsError) as exc:
                log.info("a board of server %d is not deleted: %s", board.guild_id, exc)
        await self._boards.forget(board.guild_id)


def _is_elsewhere(channel_id: int | None, board: Board | None) -> bool:
    return board is not None and board.channel_id != channel_id


def _post_of(board: Board, text: str, *, tried_at: datetime | None) -> OncePost:
    return OncePost(
        text=text,
        last_line=last_line(board),
        nonce=f"cogreel-o-{to_ms(board.begun_at)}",
        tried_at=tried_at,
    )
