"""Edit: another take with a changed prompt or settings, in a modal filled with the old ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from bot.domain.job import Job, Origin
from bot.services.submissions import Options
from cogs.answer import Answer
from cogs.asking import asker_of, submit_in_public
from cogs.failures import told
from cogs.sight import viewer_of

if TYPE_CHECKING:
    from bot.domain.capability import Capability
    from cogs.services import AnyInteraction

MODELS_CHOICE = "model"  # the select's value for "leave it to the model"
PROMPT_FIELD_MAX_CHARACTERS = 4000  # Discord's; the model's own limit is checked after, in words


class EditModal(discord.ui.Modal):
    """One take's wishes, to change. Its values come back with the press of Submit.

    The modal lives in memory until then: after a restart Discord says that the app did not
    respond, and the person presses Edit again. Nothing was started.
    """

    def __init__(self, job: Job, capability: Capability) -> None:
        super().__init__(title=f"Edit video #{job.job_id}", timeout=15 * 60)
        self._job = job
        request = job.request
        self.prompt: discord.ui.TextInput[EditModal] = discord.ui.TextInput(
            style=discord.TextStyle.paragraph,
            default=request.prompt,
            required=not request.images,
            max_length=PROMPT_FIELD_MAX_CHARACTERS,
            custom_id="prompt",
        )
        self.size = _select("size", capability.sizes, request.size)
        self.duration = _select("duration", capability.durations_s, request.duration_s, " s")
        self.quality = _select("quality", capability.qualities_for(request.mode), request.quality)
        self.add_item(discord.ui.Label(text="Prompt", component=self.prompt))
        self.add_item(discord.ui.Label(text="Size", component=self.size))
        self.add_item(discord.ui.Label(text="Duration", component=self.duration))
        self.add_item(discord.ui.Label(text="Quality", component=self.quality))

    async def on_submit(self, interaction: AnyInteraction) -> None:
        """Enqueue the edited take under the person's own quota."""
        answer = Answer(interaction)
        async with told(answer):
            services = interaction.client.services
            duration = _chosen(self.duration)
            edits = Options(
                prompt=self.prompt.value,
                size=_chosen(self.size),
                duration_s=None if duration is None else int(duration),
                quality=_chosen(self.quality),
                fps=self._job.request.fps,
                with_audio=self._job.request.with_audio,
            )
            services.submissions.check_edits(self._job, edits)
            await submit_in_public(
                interaction,
                answer,
                lambda: services.submissions.take_again(
                    self._job.job_id,
                    asker_of(interaction, answer, Origin.EDIT),
                    viewer=viewer_of(interaction),
                    edits=edits,
                ),
            )


def _select(
    name: str,
    values: tuple[str, ...] | tuple[int, ...],
    chosen: str | int | None,
    unit: str = "",
) -> discord.ui.Select[EditModal]:
    options = [
        discord.SelectOption(
            label="the model's choice", value=MODELS_CHOICE, default=chosen is None
        )
    ]
    options += [
        discord.SelectOption(label=f"{value}{unit}", value=str(value), default=value == chosen)
        for value in values
    ]
    return discord.ui.Select(custom_id=name, options=options)


def _chosen(select: discord.ui.Select[EditModal]) -> str | None:
    value = select.values[0] if select.values else MODELS_CHOICE
    return None if value == MODELS_CHOICE else value
