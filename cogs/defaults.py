"""``/video defaults``: what a member's videos are like where they leave an option out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import app_commands

from bot.domain.capability import UNITS
from bot.domain.defaults import NO_DEFAULTS, Defaults
from bot.domain.language import _
from bot.domain.validation import normalised_size
from cogs.answer import Answer
from cogs.choice_fields import LABELS
from cogs.failures import told
from cogs.services import Interaction
from cogs.wish_options import wish_options

if TYPE_CHECKING:
    from bot.domain.catalogues import Catalogues


class DefaultsGroup(
    app_commands.Group,
    name="defaults",
    description="What you want where you leave an option out.",
):
    """Everything here is private."""

    @app_commands.command(description="What you want where you leave an option out.")
    async def show(self, interaction: Interaction) -> None:
        """List it."""
        answer = Answer(interaction)
        async with told(answer):
            services = interaction.client.services
            defaults = await services.defaults.of(interaction.user.id)
            await answer.say(_listed(defaults, services.catalogues))

    @app_commands.command(description="Choose what you want where you leave an option out.")
    @wish_options(model="Who renders it, where it takes what you attach.")
    async def set(  # noqa: PLR0913, PLR0917  # a slash command's options are its arguments
        self,
        interaction: Interaction,
        model: str | None = None,
        size: str | None = None,
        duration: int | None = None,
        quality: str | None = None,
        fps: int | None = None,
        audio: bool | None = None,  # noqa: FBT001  # Discord passes it by name
        aspect_ratio: str | None = None,
        style: str | None = None,
        movement: str | None = None,
    ) -> None:
        """Keep what was given; the rest stays as it was."""
        answer = Answer(interaction)
        async with told(answer):
            await answer.begin_in_private()
            services = interaction.client.services
            given = Defaults(
                model=model,
                size=None if size is None else normalised_size(size),
                duration_s=duration,
                quality=quality,
                fps=fps,
                with_audio=audio,
                aspect_ratio=aspect_ratio,
                style=style,
                movement=movement,
            )
            defaults = await services.defaults.change(
                interaction.user.id, given, guild_id=interaction.guild_id or 0
            )
            await answer.say(_listed(defaults, services.catalogues))

    @app_commands.command(description="Leave everything to the models again.")
    async def clear(self, interaction: Interaction) -> None:
        """Delete them."""
        answer = Answer(interaction)
        async with told(answer):
            await answer.begin_in_private()
            services = interaction.client.services
            cleared = await services.defaults.clear(interaction.user.id)
            await answer.say(
                _("Your defaults are deleted. What you leave out is the model's choice again.")
                if cleared
                else _("You have no defaults. Choose some with `/video defaults set`.")
            )


def _listed(defaults: Defaults, catalogues: Catalogues) -> str:
    if defaults == NO_DEFAULTS:
        return _("You have no defaults. Choose some with `/video defaults set`.")
    lines = [_("**Your defaults**, on every server, where you leave an option out:")]
    if defaults.model is not None:
        title = catalogues.title_of(defaults.model)
        lines.append(_("- Model: {title}").format(title=title))
    for choice, value in defaults.choices.items():
        if value is not None:
            label = _(LABELS[choice])
            lines.append(f"- {label}: {value}{UNITS.get(choice, '')}")
    if defaults.with_audio is not None:
        lines.append(_("- Sound: yes") if defaults.with_audio else _("- Sound: no"))
    said = _("What a model does not take is left out. `/video defaults clear` deletes them.")
    lines.append(f"-# {said}")
    return "\n".join(lines)
