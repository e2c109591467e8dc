"""The selects of a form: what a model leaves to choose, filled with what was chosen before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord

from bot.domain.capability import UNITS, Choice, choices_of
from bot.domain.language import N_, _
from bot.services.options import Options, with_choices

if TYPE_CHECKING:
    from collections.abc import Collection

    from bot.domain.capability import Capability
    from bot.domain.request import VideoRequest

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
MODELS_CHOICE = "model"  # the select's value for "leave it to the model"


class ChoiceFields:
    """As many selects as a form has room for. What has none stays as it was."""

    def __init__(
        self,
        modal: discord.ui.Modal,
        filled: VideoRequest,
        row: Capability,
        *,
        among: Collection[Choice] = tuple(Choice),
    ) -> None:
        """Add them to a form, after what it has.

        Args:
            modal: The form.
            filled: What was chosen before.
            row: What its model accepts.
            among: What may be chosen.
        """
        self._filled = filled
        offered = [choice for choice in _with_a_field(filled, row) if choice in among]
        self._selects = {
            choice: _select(choice, row.values(choice, filled.mode), choices_of(filled)[choice])
            for choice in offered[: FIELDS_MAX - len(modal.children)]
        }
        for choice, select in self._selects.items():
            modal.add_item(discord.ui.Label(text=_(LABELS[choice]), component=select))

    def options(self, prompt: str) -> Options:
        """What was chosen, with these words."""
        filled, selects = self._filled, self._selects
        chosen: dict[Choice, str | int | None] = {
            choice: _chosen(selects[choice]) if choice in selects else given
            for choice, given in choices_of(filled).items()
        }
        options = Options(
            prompt=prompt,
            model=filled.model,
            from_references=bool(filled.references),
            with_audio=filled.with_audio,
        )
        return with_choices(options, chosen)


def _with_a_field(filled: VideoRequest, row: Capability) -> list[Choice]:
    """The options that leave something to choose, in this mode."""
    return [
        choice
        for choice in choices_of(filled)
        if choice is not Choice.FPS and len(row.values(choice, filled.mode)) > 1
    ]


def _select(
    choice: Choice, values: tuple[str, ...] | tuple[int, ...], chosen: str | int | None
) -> discord.ui.Select[Any]:
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


def _chosen(select: discord.ui.Select[Any]) -> str | None:
    value = select.values[0] if select.values else MODELS_CHOICE
    return None if value == MODELS_CHOICE else value
