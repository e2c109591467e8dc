"""Reactions on a job's messages: another take, cancel, collect, send, report.

Raw events only: the message need not be in any cache, so this works after a restart too.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, assert_never

import discord
from discord.ext import commands

from bot.domain.confirmation import ConfirmationNeededError
from bot.domain.errors import DeliveryError, NotAllowedError, StorageError
from bot.domain.job import Job, Origin, Place
from bot.domain.language import N_, _
from bot.domain.reaction import ReactionAct, act_of
from bot.languages import speak
from bot.services.entrance import Asker
from cogs import keeping
from cogs.asking import check_may_work, public_parent_id, visitor_of
from cogs.crowd import Crowd
from cogs.discord_errors import discord_errors_mapped
from cogs.failures import text_for
from cogs.sight import viewer_at
from cogs.spoken import language_of_server

if TYPE_CHECKING:
    from cogs.services import ServiceBot

log = logging.getLogger(__name__)

COULD_NOT_ASK = N_(
    "You have to confirm what this video may cost, and I could not ask you where you reacted. "
    "Nothing was started. Use the button **Again** instead."
)


class Reactions(commands.Cog):
    """Each reaction has its button; this is for the ones that people know by heart."""

    def __init__(self, bot: ServiceBot) -> None:
        self._bot = bot
        self._crowd = Crowd()

    @commands.Cog.listener()
    async def on_raw_reaction_add(self, payload: discord.RawReactionActionEvent) -> None:
        """Act on a member's reaction; leave everybody else's alone."""
        member = payload.member
        if member is None or member.bot or payload.guild_id is None:
            return
        policy = self._bot.services.policies.of(payload.guild_id)
        act = act_of(policy.reactions, str(payload.emoji))
        if act is None:
            return
        with self._crowd.served(member.id) as is_served:
            if is_served:
                await self._act(act, payload, member, payload.guild_id)
            else:
                log.debug("a reaction too many of one person's")

    @commands.Cog.listener()
    async def on_raw_reaction_remove(self, payload: discord.RawReactionActionEvent) -> None:
        """Who takes their star back collects the video no more. The rest cannot be undone."""
        if payload.guild_id is None:
            return
        services = self._bot.services
        policy = services.policies.of(payload.guild_id)
        if act_of(policy.reactions, str(payload.emoji)) is not ReactionAct.FAVOURITE:
            return
        with self._crowd.served(payload.user_id) as is_served:
            if not is_served:
                log.debug("a reaction too many of one person's is taken back")
                return
            try:
                job = await services.jobs.for_message(payload.message_id)
                if job is not None and job.place.guild_id == payload.guild_id:
                    await services.keeping.favourites.remove(job.job_id, payload.user_id)
            except StorageError as exc:
                log.warning("a star could not be taken back: %s", exc)

    async def _act(
        self,
        act: ReactionAct,
        payload: discord.RawReactionActionEvent,
        member: discord.Member,
        guild_id: int,
    ) -> None:
        job = await self._bot.services.jobs.for_message(payload.message_id)
        if job is None or job.place.guild_id != guild_id:
            return
        if act is ReactionAct.AGAIN and self._is_in_gallery(payload, job):
            return  # what it makes would be posted there, between what members like best
        # A reaction does not say what its person speaks: they are told in the server's language.
        speak(language_of_server(self._bot, self._bot.services.policies, guild_id))
        try:
            text = await self._done(act, job, payload, member)
            if text is not None:
                await self._tell(member, text)
        except ConfirmationNeededError as question:
            await self._ask(question, member)
        except NotAllowedError:
            # A ❌ on somebody else's video may just be an opinion.
            log.debug("a reaction on job %d by somebody who may not", job.job_id)
        except Exception as exc:  # noqa: BLE001  # supervision: the person must get an answer
            await self._tell(member, text_for(exc))

    def _is_in_gallery(self, payload: discord.RawReactionActionEvent, job: Job) -> bool:
        policy = self._bot.services.policies.of(job.place.guild_id)
        own = {job.place.status_message_id, job.place.result_message_id}
        return payload.channel_id == policy.gallery_channel_id and payload.message_id not in own

    async def _done(
        self,
        act: ReactionAct,
        job: Job,
        payload: discord.RawReactionActionEvent,
        member: discord.Member,
    ) -> str | None:
        """Do what a reaction is for; what its person is told, where that is not seen by itself."""
        services = self._bot.services
        match act:
            case ReactionAct.AGAIN:
                await self._take_again(job, payload, member)
            case ReactionAct.CANCEL:
                await services.cancel(viewer_at(member, job.place), job.job_id)
            case ReactionAct.FAVOURITE:
                await services.keeping.favourites.add(job.job_id, member.id)
            case ReactionAct.SEND:
                try:
                    await keeping.send(services, job, member.id)
                except keeping.DirectMessagesClosedError as exc:
                    # Where it could not be sent, this cannot be told either.
                    log.info("a video could not be sent: %s", exc)
            case ReactionAct.REPORT:
                return await keeping.report(
                    services,
                    job,
                    member.id,
                    channel_id=payload.channel_id,
                    message_id=payload.message_id,
                )
            case _:
                assert_never(act)
        return None

    async def _ask(self, question: ConfirmationNeededError, member: discord.Member) -> None:
        try:
            await self._bot.services.confirming.ask_in_channel(question)
        except DeliveryError as exc:
            log.warning("a member could not be asked where they reacted: %s", exc)
            await self._tell(member, _(COULD_NOT_ASK))

    async def _take_again(
        self, job: Job, payload: discord.RawReactionActionEvent, member: discord.Member
    ) -> None:
        guild_id = job.place.guild_id
        channel = self._bot.get_channel(payload.channel_id)
        in_thread = channel is None or isinstance(channel, discord.Thread)
        if isinstance(channel, discord.abc.GuildChannel | discord.Thread):
            # An archived thread is in no cache; what is missing there is found at delivery.
            check_may_work(channel.permissions_for(channel.guild.me), in_thread=in_thread)
        place = Place(
            guild_id=guild_id,
            channel_id=payload.channel_id,
            in_thread=in_thread,
            parent_channel_id=public_parent_id(channel),
        )
        asker = Asker(
            visitor=visitor_of(member, channel, guild_id),
            place=place,
            origin=Origin.REACTION,
            origin_key=None,
        )
        take = await self._bot.services.submissions.take_again(
            job.job_id,
            asker,
            viewer=viewer_at(member, job.place),
            edits=None,
        )
        self._bot.services.board.job_changed(take.job_id)

    async def _tell(self, member: discord.Member, text: str) -> None:
        """A reaction has no private answer of its own: a direct message is the nearest there is.

        Who goes on reacting was told already, and is not told each time: these messages are sent
        with the bot's own token, whose limit is there for the videos of everybody.
        """
        at = self._bot.services.clock.now()
        if not self._crowd.may_be_told(member.id, at=at):
            log.debug("a refusal of a reaction is not told: so many were")
            return
        try:
            with discord_errors_mapped():
                await member.send(text, allowed_mentions=discord.AllowedMentions.none())
        except DeliveryError as exc:
            log.info("a refusal could not be told by direct message: %s", exc)
