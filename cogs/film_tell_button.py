"""Tell me, and Do not tell me: the buttons under a storyboard whose film is still to come."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from bot.domain.job import TellBy
from bot.domain.language import _
from cogs.answer import Answer
from cogs.buttons import TellButton, TellNotButton
from cogs.failures import told
from cogs.storyboard_control import StoryboardControl
from cogs.tell_texts import AGREED_OF_FILM, TAKEN_BACK_OF_FILM

if TYPE_CHECKING:
    from bot.domain.storyboard import Storyboard
    from cogs.services import AnyInteraction, Services


class FilmTellControl(
    StoryboardControl,
    template=r"cogreel:(?P<verb>film-tell|film-tell-not):(?P<storyboard_id>[0-9]{1,18})",
):
    """Two buttons, of which one is shown: of one that toggles, a double click would undo it."""

    async def callback(self, interaction: AnyInteraction) -> None:
        """Remember it or forget it, and say so privately; the status changes by itself."""
        answer = Answer(interaction)
        async with told(answer):
            await answer.begin_in_place()
            services: Services = interaction.client.services
            is_wanted = self._verb == "film-tell"
            course = await services.tellings.wish_of_film(
                self._storyboard_id,
                TellBy.MENTION if is_wanted else None,
                user_id=interaction.user.id,
                guild_id=interaction.guild_id or 0,
            )
            services.board.job_changed(course.newest_take_id)
            await answer.say(_(AGREED_OF_FILM if is_wanted else TAKEN_BACK_OF_FILM))


def film_tell_button(board: Storyboard) -> FilmTellControl:
    """Whether its member is told of the film, to be changed."""
    like = TellButton if board.tell_by is None else TellNotButton
    return FilmTellControl(
        discord.ui.Button(
            label=_(like.label),
            emoji=like.emoji,
            style=like.style,
            custom_id=f"cogreel:film-{like.verb}:{board.storyboard_id}",
        )
    )
