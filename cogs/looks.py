"""``/video looks``: a form that is filled with a pattern, and says what belongs into a prompt."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import discord
from discord import app_commands

from bot.domain.language import N_, _
from bot.domain.looks import FIELD_MAX_CHARACTERS, Look, prompt_of
from bot.services.options import Options
from cogs.answer import Answer
from cogs.asking import create
from cogs.choices import CHOICES_MAX
from cogs.failures import told
from cogs.listing import fitting_lines
from cogs.typed import shown_plainly

if TYPE_CHECKING:
    from bot.domain.job import TellBy
    from cogs.services import AnyInteraction, Interaction, Services

MODAL_WAITS_S = 15 * 60
MORE_LOOKS = N_("\n-# … and more. Type a name in `/video looks look:` to find them.")
# What a form asks for, at most five: the field's name in `Look`, its label, and how it is used.
FIELDS = (
    ("subject", N_("Subject"), N_("Who or what is seen. One thing, with two or three details.")),
    ("action", N_("Action"), N_("What it does. One movement: a clip lasts a few seconds.")),
    ("setting", N_("Setting"), N_("Where and when it happens.")),
    (
        "camera",
        N_("Camera"),
        N_("How it is looked at: still, push in, orbit, from above; how near."),
    ),
    ("light", N_("Light and mood"), N_("Where the light comes from, and how it should feel.")),
)


def listing(looks: list[Look]) -> str:
    """Every look, with the words that it gives, as many as fit into a message."""
    lines = [_("**Looks** are patterns for prompts. `/video looks look:` opens one to fill in.")]
    for look in looks:
        title = _(look.title)
        lines.append(f"**{title}** (`{look.name}`)\n> {shown_plainly(prompt_of(look))}")
    return fitting_lines(lines, _(MORE_LOOKS))


async def suggested(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """The looks whose name has what was typed."""
    wanted = typed.strip().lower()
    looks = await interaction.client.services.guild_looks.of(interaction.guild_id or 0)
    return [
        app_commands.Choice(name=_(look.title), value=look.name)
        for look in looks
        if wanted in look.name or wanted in _(look.title).lower()
    ][:CHOICES_MAX]


class LookForm(discord.ui.Modal):
    """A look to change and send. It lives in memory until Submit; nothing was started by then."""

    def __init__(self, look: Look, model: str | None, tell_by: TellBy | None) -> None:
        super().__init__(title=_(look.title), timeout=MODAL_WAITS_S)
        self._look, self._model, self._tell_by = look, model, tell_by
        self.inputs: dict[str, discord.ui.TextInput[LookForm]] = {}
        for name, label, hint in FIELDS:
            field: discord.ui.TextInput[LookForm] = discord.ui.TextInput(
                custom_id=name,
                default=getattr(look, name),
                required=name == "subject",
                max_length=FIELD_MAX_CHARACTERS,
            )
            self.inputs[name] = field
            self.add_item(discord.ui.Label(text=_(label), description=_(hint), component=field))

    async def on_submit(self, interaction: AnyInteraction) -> None:
        """Make a video of the words, as `/video create` does."""
        answer = Answer(interaction)
        async with told(answer):
            typed = {name: field.value for name, field in self.inputs.items()}
            prompt = prompt_of(replace(self._look, **typed))
            options = Options(prompt=prompt, model=self._model)
            await create(interaction, answer, options, tell_by=self._tell_by)


class OwnLookForm(discord.ui.Modal):
    """A look of a server's own, as a moderator writes it."""

    def __init__(self, name: str) -> None:
        super().__init__(title=_("A look for this server"), timeout=MODAL_WAITS_S)
        self._name = name
        self.inputs: dict[str, discord.ui.TextInput[OwnLookForm]] = {}
        style = ("style", N_("Style"), N_("How every prompt of this look begins."))
        for field_name, label, hint in (style, *FIELDS[:-1]):
            field: discord.ui.TextInput[OwnLookForm] = discord.ui.TextInput(
                custom_id=field_name,
                required=field_name == "style",
                max_length=FIELD_MAX_CHARACTERS,
            )
            self.inputs[field_name] = field
            self.add_item(discord.ui.Label(text=_(label), description=_(hint), component=field))

    async def on_submit(self, interaction: AnyInteraction) -> None:
        """Keep it."""
        answer = Answer(interaction)
        async with told(answer):
            await answer.begin_in_private()
            services: Services = interaction.client.services
            typed = {name: field.value for name, field in self.inputs.items()}
            look = Look(name=self._name, title=self._name, light="", **typed)
            kept = await services.guild_looks.add(
                interaction.guild_id or 0, look, by=interaction.user.id
            )
            await answer.say(
                _("Members find the look `{name}` in `/video looks` now.").format(name=kept.name)
            )
