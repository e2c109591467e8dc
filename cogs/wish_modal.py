"""The form of a wish: a prompt, settings and pictures, filled with those that there were."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from bot.domain.capability import UNITS, Choice, choices_of
from bot.domain.errors import MemberError
from bot.domain.language import N_, _
from bot.services.intake import Attachment
from bot.services.options import Options, with_choices
from cogs.answer import Answer
from cogs.failures import told

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.domain.capability import Capability
    from bot.domain.request import VideoRequest
    from cogs.services import AnyInteraction

    Sent = Callable[["AnyInteraction", Answer, Options, tuple[Attachment, ...]], Awaitable[None]]

LABELS = {
    Choice.SIZE: N_("Size"),
    Choice.DURATION: N_("Duration"),
    Choice.QUALITY: N_("Quality"),
    Choice.FPS: N_("Fps"),
    Choice.ASPECT_RATIO: N_("Aspect ratio"),
    Choice.STYLE: N_("Style"),
    Choice.MOVEMENT: N_("Movement"),
}
FIELDS_MAX = 5  # Discord's, for a modal
TITLE_MAX_CHARACTERS = 45  # Discord's
MODELS_CHOICE = "model"  # the select's value for "leave it to the model"
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
        self.selects = {
            choice: _select(choice, row.values(choice, filled.mode), choices_of(filled)[choice])
            for choice in _with_a_field(filled, row)[: FIELDS_MAX - len(self.children)]
        }
        for choice, select in self.selects.items():
            self.add_item(discord.ui.Label(text=_(LABELS[choice]), component=select))

    async def on_submit(self, interaction: AnyInteraction) -> None:
        """Make the video under the person's own quota."""
        answer = Answer(interaction)
        async with told(answer):
            if self._is_sent:
                raise FormSentError
            self._is_sent = True
            await self._sent(interaction, answer, self._options(), self._attachments())

    def _options(self) -> Options:
        filled = self._filled
        chosen: dict[Choice, str | int | None] = {
            choice: _chosen(self.selects[choice]) if choice in self.selects else given
            for choice, given in choices_of(filled).items()
        }
        options = Options(
            prompt=self.prompt.value,
            model=filled.model,
            from_references=bool(filled.references),
            with_audio=filled.with_audio,
        )
        return with_choices(options, chosen)

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


def _with_a_field(filled: VideoRequest, row: Capability) -> list[Choice]:
    """The options that leave something to choose, in this mode."""
    return [
        choice
        for choice in choices_of(filled)
        if choice is not Choice.FPS and len(row.values(choice, filled.mode)) > 1
    ]


def _select(
    choice: Choice, values: tuple[str, ...] | tuple[int, ...], chosen: str | int | None
) -> discord.ui.Select[WishModal]:
    unit = UNITS.get(choice, "")
    options = [
        discord.SelectOption(
            label=_("the model's choice"), value=MODELS_CHOICE, default=chosen is None
        )
    ]
    options += [
        discord.SelectOption(label=f"{value}{unit}", value=str(value), default=value == chosen)
        for value in values
    ]
    return discord.ui.Select(custom_id=choice.value, options=options)


def _chosen(select: discord.ui.Select[WishModal]) -> str | None:
    value = select.values[0] if select.values else MODELS_CHOICE
    return None if value == MODELS_CHOICE else value
