"""What the controls of storyboards share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import discord

if TYPE_CHECKING:
    import re

    from cogs.services import AnyInteraction


class StoryboardControl(
    discord.ui.DynamicItem[discord.ui.Item[Any]],
    template=r"cogreel:never:(?P<verb>[a-z]+):(?P<storyboard_id>[0-9]{1,18})",
):
    """One button or select. The number may be forged: services check whose storyboard it is."""

    def __init__(self, item: discord.ui.Item[Any], verb: str = "", storyboard_id: int = 0) -> None:
        super().__init__(item)
        self._verb, self._storyboard_id = verb, storyboard_id

    @classmethod
    async def from_custom_id(
        cls, interaction: AnyInteraction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """The control that was used."""
        del interaction
        return cls(item, match["verb"], int(match["storyboard_id"]))
