"""What stands in a message of ours, laid out or not: those of earlier versions are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def words_in(message: discord.Message) -> str:
    """Everything that is written in it, top to bottom."""
    found = _walk(message.components)
    shown = (each.content for each in found if isinstance(each, discord.TextDisplay))
    return "\n".join(filter(None, (message.content, *shown)))


def custom_ids_in(message: discord.Message) -> set[str | None]:
    """What its buttons are known by."""
    found = _walk(message.components)
    return {each.custom_id for each in found if isinstance(each, discord.Button)}


def _walk(components: Sequence[discord.Component]) -> Iterator[discord.Component]:
    for component in components:
        yield component
        yield from _walk(getattr(component, "children", ()))
