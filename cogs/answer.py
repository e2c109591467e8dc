"""The first answer to an interaction: at once, and taken back where it turns into a refusal."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import discord
from structlog.contextvars import bind_contextvars

from bot.domain.errors import DeliveryError
from bot.fault_points import FaultPoint, reached
from bot.metrics import ANSWER_S
from cogs.discord_errors import (
    ALREADY_ACKNOWLEDGED,
    CONNECTION_ERRORS,
    connection_errors_mapped,
    discord_errors_mapped,
)
from cogs.spoken import language_of_person

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.domain.language import Language
    from cogs.services import Interaction

    Begun = discord.InteractionCallbackResponse[discord.Client]

log = logging.getLogger(__name__)

ARRIVED_AT_S = "arrived_at_s"
"""Among an interaction's extras: when it arrived, by the loop's time."""


class Answer:
    """One interaction, answered once: in public, in private at once, or in private after a wait.

    Refusals are private also after the public answer was begun: that one is deleted first,
    because Discord decides whether an answer is private when it is begun, and for good.
    """

    def __init__(self, interaction: Interaction) -> None:
        self._interaction = interaction
        # In the context of this act's own task: every line logged from here on says whose it is.
        bind_contextvars(interaction=interaction.id, guild=interaction.guild_id)
        self._begun_in_public = self._begun_in_private = self._begun_in_place = False
        self._is_answered = False
        self.message_id: int | None = None
        """The public answer's message, once begun."""
        self.picture: Callable[[], discord.File] | None = None
        """Opens what is shown with a question, where the answer turns into one; may be gone."""

    async def begin(self) -> None:
        """Show that the bot has heard, within Discord's three seconds.

        Raises:
            DeliveryUnavailableError: The connection broke, twice.
        """
        reached(FaultPoint.BEFORE_ANSWER)
        # Without "thinking" a button or a modal would turn its own message into the answer.
        begun = await self._begin(thinking=True)
        self._begun_in_public = True  # from here on a refusal takes it back first
        if begun is None:
            with connection_errors_mapped():
                self.message_id = (await self._interaction.original_response()).id
        else:
            self.message_id = begun.message_id
        reached(FaultPoint.AFTER_ANSWER)

    async def _begin(self, *, thinking: bool, ephemeral: bool = False) -> Begun | None:
        """Say that the bot has heard; None where the receipt of that was lost, and it is said."""
        try:
            begun = await self._defer(thinking=thinking, ephemeral=ephemeral)
        except CONNECTION_ERRORS as exc:
            # discord.py does not say it again by itself. If it had arrived, Discord tells.
            log.info("the answer's receipt was lost, saying it again: %s", type(exc).__name__)
            with connection_errors_mapped():
                begun = await self._defer(thinking=thinking, ephemeral=ephemeral)
        self._answered()
        return begun

    async def _defer(self, *, thinking: bool, ephemeral: bool) -> Begun | None:
        try:
            return await self._interaction.response.defer(thinking=thinking, ephemeral=ephemeral)
        except discord.HTTPException as exc:
            if exc.code != ALREADY_ACKNOWLEDGED:
                raise
            return None

    async def show(self, content: str, view: discord.ui.View | None) -> None:
        """Fill the public answer, or fill it anew; or, begun in place, change that message.

        Raises:
            DeliveryError: Discord did not take it.
        """
        with discord_errors_mapped():
            await self._interaction.edit_original_response(
                content=content,
                view=view,
                allowed_mentions=discord.AllowedMentions.none(),
            )

    async def lay_out(self, layout: discord.ui.LayoutView, file: discord.File | None) -> int:
        """Fill the public answer with what is laid out; its message.

        Raises:
            DeliveryError: Discord did not take it.
        """
        with discord_errors_mapped():
            message = await self._interaction.edit_original_response(
                attachments=[] if file is None else [file],
                view=layout,
                allowed_mentions=discord.AllowedMentions.none(),
            )
        return message.id

    async def attach(self, file: discord.File) -> None:
        """Show a file with the answer that was begun; what it says stays.

        Raises:
            DeliveryError: Discord did not take it.
        """
        with discord_errors_mapped():
            await self._interaction.edit_original_response(attachments=[file])

    async def say(self, content: str, view: discord.ui.View | None = None) -> None:
        """Answer privately, or fill the private answer that was begun.

        Raises:
            DeliveryError: Discord did not take it.
        """
        if self._begun_in_private:
            await self.tell(content, view=view)
            return
        if self._begun_in_place:
            await self.say_more(content, view)
            return
        with connection_errors_mapped():
            await self._interaction.response.send_message(
                content,
                view=view or discord.utils.MISSING,
                ephemeral=True,
                allowed_mentions=discord.AllowedMentions.none(),
                suppress_embeds=True,
            )
        self._answered()

    async def say_more(self, content: str, view: discord.ui.View | None = None) -> None:
        """Another private message, after `say` or `begin_in_place`.

        Raises:
            DeliveryError: Discord did not take it.
        """
        with discord_errors_mapped():
            await self._interaction.followup.send(
                content,
                view=view or discord.utils.MISSING,
                ephemeral=True,
                allowed_mentions=discord.AllowedMentions.none(),
                suppress_embeds=True,
            )

    async def begin_in_private(self) -> None:
        """Show the person alone that the bot has heard; `tell` them, or `refuse`, afterwards.

        Raises:
            DeliveryUnavailableError: The connection broke, twice.
        """
        await self._begin(thinking=True, ephemeral=True)
        self._begun_in_private = True

    async def begin_in_place(self) -> None:
        """Let the message stand whose component was used; `show` or `remove` it afterwards.

        Raises:
            DeliveryUnavailableError: The connection broke, twice.
        """
        await self._begin(thinking=False)
        self._begun_in_place = True

    async def remove(self) -> None:
        """Delete the message whose component was used, after `begin_in_place`.

        Raises:
            DeliveryError: Discord did not do it.
        """
        with discord_errors_mapped():
            await self._interaction.delete_original_response()

    async def tell(
        self,
        content: str,
        file: discord.File | None = None,
        view: discord.ui.View | None = None,
    ) -> None:
        """Fill the private answer that was begun.

        Raises:
            DeliveryError: Discord did not take it.
        """
        with discord_errors_mapped():
            await self._interaction.edit_original_response(
                content=content,
                attachments=[] if file is None else [file],
                view=view,
                allowed_mentions=discord.AllowedMentions.none(),
            )

    async def change(self, content: str, view: discord.ui.View) -> None:
        """Change the private message whose component was used, instead of answering anew.

        Raises:
            DeliveryError: Discord did not take it.
        """
        if self._begun_in_place:
            await self.show(content, view)
            return
        with connection_errors_mapped():
            await self._interaction.response.edit_message(
                content=content, view=view, allowed_mentions=discord.AllowedMentions.none()
            )
        self._answered()

    async def turn(self, content: str, view: discord.ui.View) -> None:
        """Change the message whose component was used, as `change` does, if nobody else sees it.

        Raises:
            DeliveryUnavailableError: The connection broke.
        """
        message = self._interaction.message
        if message is not None and message.flags.ephemeral:
            await self.change(content, view)
        else:  # a changed client may press what is not there
            await self.say(content, view)

    async def open(self, modal: discord.ui.Modal) -> None:
        """Answer with a modal.

        Raises:
            DeliveryUnavailableError: The connection broke.
        """
        with connection_errors_mapped():
            await self._interaction.response.send_modal(modal)
        self._answered()

    @property
    def language(self) -> Language:
        """What the person reads."""
        return language_of_person(self._interaction)

    @property
    def has_no_listener(self) -> bool:
        """Whether this process is stopping, and its connection to Discord is closed."""
        return self._interaction.client.is_closed()

    async def refuse(self, text: str, view: discord.ui.View | None = None) -> None:
        """Say no, privately; where there is nobody left to hear it, log that.

        Args:
            text: Why.
            view: Where it is a question instead: the answers to it. It takes the place of the
                question whose button was pressed.
        """
        try:
            if not self._is_answered and not self._interaction.response.is_done():
                with discord_errors_mapped():
                    await self.say(text, view)
                return
            if self._begun_in_place and view is not None:
                await self.show(text, view)
                return
            if self._begun_in_public:
                await self._take_back()
            if view is None or not await self._ask_with_picture(text, view):
                await self._refuse(text, view)
        except DeliveryError as exc:
            log.warning("a refusal could not be told: %s", exc)

    async def _refuse(
        self, text: str, view: discord.ui.View | None, file: discord.File | None = None
    ) -> None:
        if self._begun_in_private:
            await self.tell(text, file, view)
            return
        with discord_errors_mapped():
            await self._interaction.followup.send(
                text,
                file=file or discord.utils.MISSING,
                view=view or discord.utils.MISSING,
                ephemeral=True,
                allowed_mentions=discord.AllowedMentions.none(),
            )

    async def _ask_with_picture(self, text: str, view: discord.ui.View) -> bool:
        """Ask so where there is a picture; False where the question must be asked without it."""
        if self.picture is None:
            return False
        try:
            await self._refuse(text, view, await asyncio.to_thread(self.picture))
        except (DeliveryError, OSError) as exc:
            log.info("a question is asked without its picture: %s", exc)
            return False
        return True

    def _answered(self) -> None:
        """Discord took the first answer: how long that was since the interaction arrived."""
        arrived_s = self._interaction.extras.get(ARRIVED_AT_S)
        if arrived_s is not None and not self._is_answered:
            ANSWER_S.observe(asyncio.get_running_loop().time() - arrived_s)
        self._is_answered = True

    async def _take_back(self) -> None:
        """Delete the public answer; where that fails, the refusal must be heard all the same."""
        try:
            with discord_errors_mapped():
                await self._interaction.delete_original_response()
        except DeliveryError as exc:
            log.warning("an answer that became a refusal could not be deleted: %s", exc)
