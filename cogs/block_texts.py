"""Blocks of members in sentences, for moderators."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.block import Block


def blocked(block: Block) -> str:
    """What the moderator is told who has just blocked somebody."""
    until = "" if block.until is None else f" until {_when(block.until)}"
    why = "" if block.reason is None else f", and your reason: `{block.reason}`"
    return (
        f"<@{block.user_id}> can make no videos here any more{until}. They are told so when they "
        f"try{why}. What they have waiting is made; `/video cancel` takes it away."
    )


def block_line(block: Block) -> str:
    """One block in a listing, on one line."""
    until = "for ever" if block.until is None else f"until {_when(block.until)}"
    why = "" if block.reason is None else f": `{block.reason}`"
    return f"- <@{block.user_id}> {until}, by <@{block.blocked_by}>{why}"


def _when(at: datetime) -> str:
    return f"<t:{int(at.timestamp())}:f>"
