"""The form of one shot: its words, an image, and what it starts from."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import discord

from bot.domain.job import Origin
from bot.domain.language import _
from bot.services.intake import Attachment
from cogs.answer import Answer
from cogs.asking import asker_of
from cogs.failures import told
from cogs.wish_modal import PROMPT_FIELD_MAX_CHARACTERS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.domain.storyboard import Shot
    from bot.services.drafts import Preview
    from cogs.services import AnyInteraction, Services

    Show = Callable[[AnyInteraction, Answer, Preview], Awaitable[None]]

MODAL_WAITS_S = 15 * 60
AS_GIVEN, WORDS_ALONE, FORMER_SHOT = "given", "words", "former"


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
        self._storyboard_id, self._shot, self._show = storyboard_id, shot, show
        self.prompt: discord.ui.TextInput[ShotForm] = discord.ui.TextInput(
            style=discord.TextStyle.paragraph,
            default=shot.prompt or None,
            required=False,  # with an image, some models need no words; the model's rule says so
            max_length=PROMPT_FIELD_MAX_CHARACTERS,
            custom_id="prompt",
        )
        self.add_item(
            discord.ui.Label(
                text=_("Prompt"),
                description=_(
                    "What happens in this shot alone. The other shots do not know of it."
                ),
                component=self.prompt,
            )
        )
        self.image: discord.ui.FileUpload[ShotForm] = discord.ui.FileUpload(
            custom_id="image", required=False, max_values=1
        )
        kept = _("Leave it empty to keep the image that it has.")
        self.add_item(
            discord.ui.Label(
                text=_("Image"),
                description=kept if shot.image_id else _("The first frame, if there is to be one."),
                component=self.image,
            )
        )
        options = _starts(shot)
        self.start: discord.ui.Select[ShotForm] | None = None
        if len(options) > 1:
            self.start = discord.ui.Select(custom_id="start", options=options)
            self.add_item(discord.ui.Label(text=_("Starts from"), component=self.start))

    async def on_submit(self, interaction: AnyInteraction) -> None:
        """Write it down, and show the draft anew."""
        answer = Answer(interaction)
        async with told(answer):
            await answer.begin_in_place()
            services: Services = interaction.client.services
            start = self.start.values[0] if self.start and self.start.values else AS_GIVEN
            shot = replace(self._shot, prompt=self.prompt.value, is_chained=start == FORMER_SHOT)
            if start != AS_GIVEN:
                shot = replace(shot, image_id=None)
            files = self.image.values
            attachment = (
                Attachment(option="image", url=files[0].url, size_bytes=files[0].size)
                if files
                else None
            )
            preview = await services.drafts.put_shot(
                self._storyboard_id,
                asker_of(interaction, answer, Origin.COMMAND),
                shot,
                attachment,
            )
            await self._show(interaction, answer, preview)


def _starts(shot: Shot) -> list[discord.SelectOption]:
    options = [
        discord.SelectOption(
            label=_("the words, and the image if there is one"),
            value=AS_GIVEN,
            default=not shot.is_chained,
        )
    ]
    if shot.image_id is not None:
        options.append(discord.SelectOption(label=_("the words alone"), value=WORDS_ALONE))
    if shot.position > 0:
        options.append(
            discord.SelectOption(
                label=_("the last frame of shot {number}").format(number=shot.position),
                value=FORMER_SHOT,
                default=shot.is_chained,
            )
        )
    return options
