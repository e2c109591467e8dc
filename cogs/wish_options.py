"""The options of a slash command that say what a video is to be like, words and images apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from discord import app_commands

from cogs import choices

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def wish_options(*, model: str) -> Callable[[T], T]:
    """Describe them all and suggest their values; the command takes each of them by its name.

    Args:
        model: What the option `model` means in this command.
    """

    def decorated(command: T) -> T:
        described = app_commands.describe(
            model=model,
            size="Width x height in pixels.",
            duration="Length in seconds.",
            quality="Faster, or better.",
            fps="Frames per second.",
            audio="Whether the model adds sound.",
            aspect_ratio="Width to height, where the model takes it.",
            style="The look, where the model has several.",
            movement="How much moves, where the model takes it.",
        )
        of_words = app_commands.autocomplete(
            model=choices.models,
            size=choices.sizes,
            quality=choices.qualities,
            aspect_ratio=choices.aspect_ratios,
            style=choices.styles,
            movement=choices.movements,
        )
        of_numbers = app_commands.autocomplete(duration=choices.durations, fps=choices.rates)
        return described(of_words(of_numbers(command)))

    return decorated
