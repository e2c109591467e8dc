"""Edit: another take with a changed prompt or settings, in a modal filled with the old ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from bot.domain.capability import UNITS, Choice, choices_of
from bot.domain.errors import MemberError
from bot.domain.job import Job, Origin
from bot.domain.language import N_, _
from bot.services.options import Options
from cogs.answer import Answer
from cogs.asking import submit_in_public
from cogs.failures import told
from cogs.sight import viewer_of

if TYPE_CHECKING:
    from bot.domain.capability import Capability
    from cogs.services import AnyInteraction

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
PROMPT_FIELD_MAX_CHARACTERS = 4000  # Discord's; the model's own limit is checked after, in words


class FormSentError(MemberError):
    """Each form makes one take; Discord's clients close it with the first Submit."""

    def __init__(self) -> None:
        super().__init__(_("This form was sent before. Use Edit again to make another take."))


class EditModal(discord.ui.Modal):
    """One take's wishes, to change. Its values come back with the press of Submit.

    The modal lives in memory until then: after a restart Discord says that the app did not
    respond, and the person presses Edit again. Nothing was started.
    """

    def __init__(self, job: Job, capability: Capability) -> None:
        super().__init__(title=_("Edit video #{number}").format(number=job.job_id), timeout=15 * 60)
        self._job = job
        self._is_sent = False
        request = job.request
        self.prompt: discord.ui.TextInput[EditModal] = discord.ui.TextInput(
            style=discord.TextStyle.paragraph,
            default=request.prompt,
            required=not request.inputs or request.mode in capability.needs_words,
            max_length=PROMPT_FIELD_MAX_CHARACTERS,
            custom_id="prompt",
        )
        self.add_item(discord.ui.Label(text=_("Prompt"), component=self.prompt))
        choices = [
            choice
            for choice in choices_of(request)
            if choice is not Choice.FPS and len(capability.values(choice, request.mode)) > 1
        ][: FIELDS_MAX - 1]
        self.selects = {
            choice: _select(
                choice, capability.values(choice, request.mode), choices_of(request)[choice]
            )
            for choice in choices
        }
        for choice, select in self.selects.items():
            self.add_item(discord.ui.Label(text=_(LABELS[choice]), component=select))

    async def on_submit(self, interaction: AnyInteraction) -> None:
        """Enqueue the edited take under the person's own quota."""
        answer = Answer(interaction)
        async with told(answer):
            if self._is_sent:
                raise FormSentError
            self._is_sent = True
            services = interaction.client.services
            edits = self._edits()
            request = services.submissions.check_edits(self._job, edits)
            await submit_in_public(
                interaction,
                answer,
                Origin.EDIT,
                request,
                lambda asker: services.submissions.take_again(
                    self._job.job_id, asker, viewer=viewer_of(interaction), edits=edits
                ),
            )

    def _edits(self) -> Options:
        request = self._job.request
        chosen: dict[Choice, str | int | None] = {
            choice: _chosen(self.selects[choice]) if choice in self.selects else given
            for choice, given in choices_of(request).items()
        }
        duration = chosen[Choice.DURATION]
        return Options(
            prompt=self.prompt.value,
            model=request.model,
            size=_text(chosen[Choice.SIZE]),
            duration_s=None if duration is None else int(duration),
            quality=_text(chosen[Choice.QUALITY]),
            fps=request.fps,
            with_audio=request.with_audio,
            aspect_ratio=_text(chosen[Choice.ASPECT_RATIO]),
            style=_text(chosen[Choice.STYLE]),
            movement=_text(chosen[Choice.MOVEMENT]),
        )


def _text(value: str | int | None) -> str | None:
    return None if value is None else str(value)


def _select(
    choice: Choice, values: tuple[str, ...] | tuple[int, ...], chosen: str | int | None
) -> discord.ui.Select[EditModal]:
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


def _chosen(select: discord.ui.Select[EditModal]) -> str | None:
    value = select.values[0] if select.values else MODELS_CHOICE
    return None if value == MODELS_CHOICE else value
