"""The form of a wish: a prompt, settings and pictures, filled with those that there were."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from bot.domain.errors import MemberError
from bot.domain.language import _
from bot.services.intake import Attachment
from cogs.answer import Answer
from cogs.choice_fields import ChoiceFields
from cogs.failures import told

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.domain.capability import Capability
    from bot.domain.request import VideoRequest
    from bot.services.options import Options
    from cogs.services import AnyInteraction

    Sent = Callable[["AnyInteraction", Answer, Options, tuple[Attachment, ...]], Awaitable[None]]

TITLE_MAX_CHARACTERS = 45  # Discord's
PROMPT_FIELD_MAX_CHARACTERS = 4000  # Discord's; the model's own limit is checked after, in words
FORM_S = 15 * 60
# What refusals call the images: as the commands do.
FRAME_OPTIONS: tuple[str, ...] = ("image", "last_image")
REFERENCE_OPTIONS: tuple[str, ...] = ("image", "image2", "image3")


class FormSentError(MemberError):
    """Each form makes one video; Discord's clients close it with the first Submit."""

    def __init__(self) -> None:
        super().__init__(
            _("This form was sent before. Use the button or command again to make another video.")
        )


class WishModal(discord.ui.Modal):
    """One video's wishes, to change. Its values come back with the press of Submit.

    The modal lives in memory until then: after a restart Discord says that the app did not
    respond, and the person opens it again. Nothing was started.
    """

    def __init__(
        self,
        title: str,
        filled: VideoRequest,
        row: Capability,
        sent: Sent,
        *,
        new_images: int = 0,
        pictures: tuple[tuple[str, Attachment], ...] = (),
    ) -> None:
        """Fill it in.

        Args:
            title: Of the form.
            filled: What stands in it; its model, images and what has no field stay as they are.
            row: What that model accepts.
            sent: Makes the video.
            new_images: How many images may be attached in place of those that there are.
            pictures: What it may begin with, each with a name; one of them is chosen.
        """
        super().__init__(title=title[:TITLE_MAX_CHARACTERS], timeout=FORM_S)
        self._filled, self._sent, self._is_sent = filled, sent, False
        self.prompt: discord.ui.TextInput[WishModal] = discord.ui.TextInput(
            style=discord.TextStyle.paragraph,
            default=filled.prompt,
            required=not filled.inputs or filled.mode in row.needs_words,
            max_length=PROMPT_FIELD_MAX_CHARACTERS,
            custom_id="prompt",
        )
        self.add_item(discord.ui.Label(text=_("Prompt"), component=self.prompt))
        self._pictures = pictures
        self.picture: discord.ui.Select[WishModal] | None = None
        if len(pictures) > 1:
            options = [
                discord.SelectOption(label=name, value=str(number), default=number == 0)
                for number, (name, _picture) in enumerate(pictures)
            ]
            self.picture = discord.ui.Select(custom_id="picture", options=options)
            self.add_item(discord.ui.Label(text=_("Picture"), component=self.picture))
        self.images: discord.ui.FileUpload[WishModal] | None = None
        if new_images:
            self.images = discord.ui.FileUpload(
                custom_id="images", required=False, min_values=0, max_values=new_images
            )
            label = _("New image (leave empty to keep the old one)")
            self.add_item(discord.ui.Label(text=label, component=self.images))
        self._choices = ChoiceFields(self, filled, row)

    async def on_submit(self, interaction: AnyInteraction) -> None:
        """Make the video under the person's own quota."""
        answer = Answer(interaction)
        async with told(answer):
            if self._is_sent:
                raise FormSentError
            self._is_sent = True
            options = self._choices.options(self.prompt.value)
            await self._sent(interaction, answer, options, self._attachments())

    def _attachments(self) -> tuple[Attachment, ...]:
        if self._pictures:
            by_value = {str(number): each for number, (_, each) in enumerate(self._pictures)}
            chosen = self.picture.values if self.picture is not None else []
            return (by_value.get(chosen[0] if chosen else "0", by_value["0"]),)
        given = () if self.images is None else self.images.values
        names = REFERENCE_OPTIONS if self._filled.references else FRAME_OPTIONS
        return tuple(
            Attachment(option=option, url=attached.url, size_bytes=attached.size)
            for option, attached in zip(names, given, strict=False)
        )
