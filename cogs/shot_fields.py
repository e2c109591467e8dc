"""What a form asks of one shot: its words, an image, and what it starts from."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import discord

from bot.domain.language import _
from bot.services.intake import Attachment
from cogs.wish_modal import PROMPT_FIELD_MAX_CHARACTERS

if TYPE_CHECKING:
    from bot.domain.storyboard import Shot

AS_GIVEN, WORDS_ALONE, FORMER_SHOT = "given", "words", "former"


class ShotFields:
    """Filled in with what the shot is."""

    def __init__(self, modal: discord.ui.Modal, shot: Shot, *, hint: str) -> None:
        """Add them to a form, after what it has.

        Args:
            modal: The form.
            shot: As it is.
            hint: Stands under the label of the prompt; at most 100 characters.
        """
        self._shot = shot
        self._prompt: discord.ui.TextInput[Any] = discord.ui.TextInput(
            style=discord.TextStyle.paragraph,
            default=shot.prompt or None,
            required=False,  # with an image, some models need no words; the model's rule says so
            max_length=PROMPT_FIELD_MAX_CHARACTERS,
            custom_id="prompt",
        )
        modal.add_item(discord.ui.Label(text=_("Prompt"), description=hint, component=self._prompt))
        self._image: discord.ui.FileUpload[Any] = discord.ui.FileUpload(
            custom_id="image", required=False, max_values=1
        )
        kept = _("Leave it empty to keep the image that it has.")
        modal.add_item(
            discord.ui.Label(
                text=_("Image"),
                description=kept if shot.image_id else _("The first frame, if there is to be one."),
                component=self._image,
            )
        )
        options = _starts(shot)
        self._start: discord.ui.Select[Any] | None = None
        if len(options) > 1:
            self._start = discord.ui.Select(custom_id="start", options=options)
            modal.add_item(discord.ui.Label(text=_("Starts from"), component=self._start))

    @property
    def shot(self) -> Shot:
        """As it is wanted; a new image comes besides."""
        start = self._start.values[0] if self._start and self._start.values else AS_GIVEN
        shot = replace(self._shot, prompt=self._prompt.value, is_chained=start == FORMER_SHOT)
        return shot if start == AS_GIVEN else replace(shot, image_id=None)

    @property
    def attachment(self) -> Attachment | None:
        """The new image, if there is one."""
        files = self._image.values
        if not files:
            return None
        return Attachment(option="image", url=files[0].url, size_bytes=files[0].size)


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
