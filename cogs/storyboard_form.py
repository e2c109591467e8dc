"""The form of one shot of a draft."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from bot.domain.job import Origin
from bot.domain.language import _
from cogs.answer import Answer
from cogs.asking import asker_of
from cogs.failures import told
from cogs.shot_fields import ShotFields

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.domain.storyboard import Shot
    from bot.services.drafts import Preview
    from cogs.services import AnyInteraction, Services

    Show = Callable[[AnyInteraction, Answer, Preview], Awaitable[None]]

MODAL_WAITS_S = 15 * 60


class ShotForm(discord.ui.Modal):
    """One shot, new or filled in. It lives in memory until Submit; the draft does not."""

    def __init__(self, storyboard_id: int, shot: Shot, *, show: Show) -> None:
        """Begin with what the shot is.

        Args:
            storyboard_id: Which draft.
            shot: As it is; a new one has the next position.
            show: Shows the panel anew afterwards.
        """
        title = _("Shot {number}").format(number=shot.number)
        super().__init__(title=title, timeout=MODAL_WAITS_S)
        self._storyboard_id, self._show = storyboard_id, show
        hint = _("What happens in this shot alone. The other shots do not know of it.")
        self._fields = ShotFields(self, shot, hint=hint)

    async def on_submit(self, interaction: AnyInteraction) -> None:
        """Write it down, and show the draft anew."""
        answer = Answer(interaction)
        async with told(answer):
            await answer.begin_in_place()
            services: Services = interaction.client.services
            preview = await services.drafts.put_shot(
                self._storyboard_id,
                asker_of(interaction, answer, Origin.COMMAND),
                self._fields.shot,
                self._fields.attachment,
            )
            await self._show(interaction, answer, preview)
