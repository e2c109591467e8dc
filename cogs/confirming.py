"""Takes the answers to questions before a video, and clears away those that stand no more."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import discord

from bot.background import Background
from bot.clock import sleep_or_wake
from bot.domain.errors import DeliveryError, DeliveryUnavailableError, StorageError
from bot.domain.job import Origin
from bot.domain.language import _
from bot.fault_points import FaultPoint, reached
from bot.services.confirmations import CLEARED_AT_ONCE
from cogs.answer import Answer
from cogs.asking import asked_for, asker_of, check_channel, public_parent_id, visitor_of
from cogs.confirm_buttons import confirm_view
from cogs.discord_errors import discord_errors_mapped
from cogs.failures import told
from cogs.services import catalogue_for
from cogs.sight import viewer_of
from cogs.wish_modal import WishModal

if TYPE_CHECKING:
    from bot.clock import Clock
    from bot.domain.confirmation import Confirmation, ConfirmationNeededError
    from bot.domain.job import Job
    from bot.services.confirmations import Confirmations
    from bot.services.intake import Attachment
    from bot.services.options import Options
    from cogs.services import AnyInteraction
    from cogs.status_board import StatusBoard

log = logging.getLogger(__name__)

SWEEP_S = 30.0
GIVEN_UP_AFTER = timedelta(days=1)  # a question that cannot be deleted; its buttons say so


class Confirming:
    """Questions are private, but for those that a reaction caused: these everybody sees."""

    def __init__(
        self,
        *,
        bot: discord.Client,
        confirmations: Confirmations,
        board: StatusBoard,
        clock: Clock,
    ) -> None:
        self._bot = bot
        self._confirmations = confirmations
        self._board = board
        self._clock = clock
        self._wake = asyncio.Event()
        self._background = Background("confirming")

    async def start(self) -> None:
        """Begin to clear away, also what an earlier process asked."""
        self._background.begin(self._clear_forever())

    async def stop(self) -> None:
        """Stop; what was not cleared away is so after the next start."""
        await self._background.end()

    async def agree(self, interaction: AnyInteraction, confirmation_id: int) -> None:
        """Make what was asked about, and let its status be posted where the member asked."""
        answer = Answer(interaction)
        async with told(answer):
            check_channel(interaction)
            await answer.begin_in_place()
            jobs = await self._confirmations.agree(
                confirmation_id,
                visitor_of(interaction.user, interaction.channel, interaction.guild_id or 0),
                viewer=viewer_of(interaction),
                parent_channel_id=public_parent_id(interaction.channel),
            )
            await self._made(interaction, answer, jobs)

    async def decline(self, interaction: AnyInteraction, confirmation_id: int) -> None:
        """Drop the question."""
        answer = Answer(interaction)
        async with told(answer):
            await answer.begin_in_place()
            await self._confirmations.decline(confirmation_id, viewer_of(interaction))
            await self._close(interaction, answer, _("Nothing was started, and nothing is kept."))

    async def open_change(self, interaction: AnyInteraction, confirmation_id: int) -> None:
        """Open the form with what was asked for; the question stands until it is sent."""
        answer = Answer(interaction)
        async with told(answer):
            asked = await self._confirmations.keep_open(confirmation_id, viewer_of(interaction))
            request = asked.request
            row = catalogue_for(interaction).choose(request.model, request.mode)
            sent = partial(self._change, confirmation_id)
            await answer.open(WishModal(_("Change the prompt"), request, row, sent))

    async def _change(
        self,
        confirmation_id: int,
        interaction: AnyInteraction,
        answer: Answer,
        options: Options,
        attachments: tuple[Attachment, ...],
    ) -> None:
        del attachments  # the images are those that there were
        check_channel(interaction)
        await answer.begin_in_place()
        jobs = await self._confirmations.change(
            confirmation_id,
            options,
            asker_of(interaction, answer, Origin.COMMAND),
            viewer=viewer_of(interaction),
        )
        await self._made(interaction, answer, jobs)

    async def ask_in_channel(self, question: ConfirmationNeededError) -> None:
        """Ask where everybody sees it. Nobody is pinged; the question stands there once.

        Raises:
            DeliveryError: It could not be asked there.
        """
        asked = question.confirmation
        if asked.message_id is not None:
            return
        channel = self._bot.get_partial_messageable(asked.place.channel_id)
        reached(FaultPoint.BEFORE_QUESTION_POST)
        with discord_errors_mapped():
            posted = await channel.send(
                f"<@{asked.user_id}> {question}",
                view=confirm_view(question),
                nonce=f"cogreel-c-{asked.confirmation_id}",  # discord.py asks to enforce it
                allowed_mentions=discord.AllowedMentions.none(),
                suppress_embeds=True,
            )
        reached(FaultPoint.AFTER_QUESTION_POST)
        stands = await self._confirmations.record_message(asked.confirmation_id, posted.id)
        reached(FaultPoint.AFTER_QUESTION_RECORDED)
        if not stands:  # its member has answered an earlier post of it, which was deleted
            with discord_errors_mapped():
                await posted.delete()

    async def _made(self, interaction: AnyInteraction, answer: Answer, jobs: list[Job]) -> None:
        for job in jobs:
            self._board.job_changed(job.job_id)
        await self._close(interaction, answer, asked_for(jobs))

    async def _close(self, interaction: AnyInteraction, answer: Answer, text: str) -> None:
        """Say the outcome where the question stood, or delete it where everybody sees it."""
        message = interaction.message
        try:
            if message is None or message.flags.ephemeral:
                await answer.tell(text)  # and the picture that was shown with it goes
            else:
                await answer.remove()
        except DeliveryError as exc:
            log.info("a question that was answered is still shown: %s", exc)
        self._wake.set()

    async def _clear_forever(self) -> None:
        while True:
            self._wake.clear()
            try:
                await self._bot.wait_until_ready()
                while await self._clear_some():
                    pass
            except StorageError as exc:
                log.warning("questions are not cleared away yet: %s", exc)
            except Exception:  # supervision: the next one must be cleared away
                log.exception("clearing questions away broke and is tried again")
            await sleep_or_wake(self._clock, self._wake, SWEEP_S)

    async def _clear_some(self) -> bool:
        """Clear some away; whether there may be more, and this helped."""
        found = await self._confirmations.ended()
        cleared = [await self._clear(asked) for asked in found]
        return len(found) == CLEARED_AT_ONCE and any(cleared)

    async def _clear(self, asked: Confirmation) -> bool:
        if asked.message_id is not None:
            channel = self._bot.get_partial_messageable(asked.place.channel_id)
            reached(FaultPoint.BEFORE_QUESTION_DELETED)
            try:
                with discord_errors_mapped():
                    await channel.get_partial_message(asked.message_id).delete()
            except DeliveryUnavailableError as exc:
                log.info("a question cannot be deleted yet: %s", exc)
                if self._clock.now() - asked.expires_at < GIVEN_UP_AFTER:
                    return False
            except DeliveryError as exc:
                log.info("a question cannot be deleted, or is gone already: %s", exc)
        reached(FaultPoint.AFTER_QUESTION_DELETED)
        await self._confirmations.forget(asked.confirmation_id)
        reached(FaultPoint.AFTER_QUESTION_FORGOTTEN)
        return True
