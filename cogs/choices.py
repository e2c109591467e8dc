"""What Discord offers while somebody types: only what fits what they have chosen so far."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from discord import app_commands

from bot.domain.capability import Choice
from bot.domain.language import _
from bot.domain.request import MODE_BY_IMAGE_COUNT, Mode
from bot.domain.validation import normalised_size
from cogs import texts
from cogs.asking import visitor_of
from cogs.job_words import state_name
from cogs.services import catalogue_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.domain.capability import Capability
    from bot.domain.job import Job
    from cogs.services import Interaction

CHOICES_MAX = 25  # Discord's, for an autocomplete


async def models(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """The models that take what was chosen, each with its price; then those that need an image.

    Not those that the server keeps to age-restricted channels, where this is none.
    """
    catalogue = catalogue_for(interaction)
    mode, wishes = _mode(interaction), _wishes(interaction)
    fitting = catalogue.fitting(mode, wishes)
    names = {row.model: f"{row.title} · {row.price_text}" for row in fitting}
    if mode is Mode.TEXT:
        for frames in (Mode.FIRST_FRAME, Mode.FIRST_AND_LAST_FRAME):
            for row in catalogue.fitting(frames, wishes):
                names.setdefault(
                    row.model,
                    _("{title} · {price} · needs an image").format(
                        title=row.title, price=row.price_text
                    ),
                )
    return _models(interaction, names, typed)


async def models_from_a_frame(
    interaction: Interaction, typed: str
) -> list[app_commands.Choice[str]]:
    """The models that start from one picture, each with its price."""
    fitting = catalogue_for(interaction).fitting(Mode.FIRST_FRAME, {})
    return _models(
        interaction, {row.model: f"{row.title} · {row.price_text}" for row in fitting}, typed
    )


def _models(
    interaction: Interaction, names: dict[str, str], typed: str
) -> list[app_commands.Choice[str]]:
    wanted = typed.strip().lower()
    may_be_used = _usable_here(interaction)
    return [
        app_commands.Choice(name=name, value=model)
        for model, name in names.items()
        if may_be_used(model) and (wanted in model or wanted in name.lower())
    ][:CHOICES_MAX]


async def sizes(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Sizes that the model takes."""
    return _texts(interaction, Choice.SIZE, normalised_size(typed))


async def qualities(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Qualities that the model takes."""
    return _texts(interaction, Choice.QUALITY, typed)


async def aspect_ratios(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Ratios that the model takes."""
    return _texts(interaction, Choice.ASPECT_RATIO, typed)


async def styles(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Styles that the model has."""
    return _texts(interaction, Choice.STYLE, typed)


async def movements(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Amounts of movement that the model takes."""
    return _texts(interaction, Choice.MOVEMENT, typed)


async def durations(interaction: Interaction, typed: str) -> list[app_commands.Choice[int]]:
    """Lengths that the model takes."""
    return _numbers(interaction, Choice.DURATION, typed, "s")


async def rates(interaction: Interaction, typed: str) -> list[app_commands.Choice[int]]:
    """Frame rates that the model takes."""
    return _numbers(interaction, Choice.FPS, typed, "fps")


def jobs(found: list[Job], typed: str) -> list[app_commands.Choice[int]]:
    """Jobs by their number, with state and prompt."""
    return [
        app_commands.Choice(
            name=f"#{job.job_id} ({state_name(job.state)}) {texts.short_prompt(job, 60)}",
            value=job.job_id,
        )
        for job in found
        if str(job.job_id).startswith(str(typed))
    ][:CHOICES_MAX]


def _usable_here(interaction: Interaction) -> Callable[[str], bool]:
    """Whether a model's videos are made in this channel."""
    guild_id = interaction.guild_id or 0
    policy = interaction.client.services.policies.of(guild_id)
    visitor = visitor_of(interaction.user, interaction.channel, guild_id)
    return partial(policy.lets_use, in_age_restricted=visitor.in_age_restricted)


def _texts(interaction: Interaction, choice: Choice, typed: str) -> list[app_commands.Choice[str]]:
    return [
        app_commands.Choice(name=value, value=value)
        for value in map(str, _values(interaction, choice))
        if typed.strip().lower() in value
    ][:CHOICES_MAX]


def _numbers(
    interaction: Interaction, choice: Choice, typed: str, unit: str
) -> list[app_commands.Choice[int]]:
    return [
        app_commands.Choice(name=f"{value} {unit}", value=int(value))
        for value in _values(interaction, choice)
        if str(typed) in str(value)
    ][:CHOICES_MAX]


def _values(interaction: Interaction, choice: Choice) -> list[str | int]:
    """The values of the models that the wish may mean so far, each once."""
    mode = _mode(interaction)
    found = (value for row in _rows(interaction, mode) for value in row.values(choice, mode))
    return list(dict.fromkeys(found))


def _rows(interaction: Interaction, mode: Mode) -> tuple[Capability, ...]:
    """The named model's; the default where it takes the images; else all that do."""
    catalogue = catalogue_for(interaction)
    named = interaction.namespace.model
    fitting = catalogue.fitting(mode, {})
    if named:
        row = catalogue.named(str(named))
    else:
        row = next((row for row in fitting if row.model == catalogue.default.model), None)
        if row is None:
            return fitting
    offers = () if row is None else catalogue.offers(row.model)
    return tuple(row for _, row in offers)


def _mode(interaction: Interaction) -> Mode:
    if interaction.command is not None and interaction.command.name == "references":
        return Mode.REFERENCES
    given = interaction.namespace
    return MODE_BY_IMAGE_COUNT[sum(image is not None for image in (given.image, given.last_image))]


def _wishes(interaction: Interaction) -> dict[Choice, str | int | None]:
    """What was chosen of the options with lists; one that is still being typed is among them."""
    given = interaction.namespace
    # getattr: an option that was not given is None there.
    found: dict[Choice, str | int | None] = {choice: getattr(given, choice) for choice in Choice}
    size = found[Choice.SIZE]
    return found | {Choice.SIZE: normalised_size(size) if isinstance(size, str) else None}
