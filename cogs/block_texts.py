"""Blocks of members in sentences, for moderators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.language import _

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.block import Block


def blocked(block: Block) -> str:
    """What the moderator is told who has just blocked somebody."""
    said = [
        _("<@{member}> can make no videos here any more.").format(member=block.user_id)
        if block.until is None
        else _("<@{member}> can make no videos here any more until {when}.").format(
            member=block.user_id, when=_when(block.until)
        ),
        _("They are told so when they try.")
        if block.reason is None
        else _("They are told so when they try, and your reason: `{reason}`.").format(
            reason=block.reason
        ),
        _("What they have waiting is made; `/video cancel` takes it away."),
    ]
    return " ".join(said)


def block_line(block: Block) -> str:
    """One block in a listing, on one line."""
    line = (
        _("- <@{member}> for ever, by <@{moderator}>")
        if block.until is None
        else _("- <@{member}> until {when}, by <@{moderator}>")
    )
    until = "" if block.until is None else _when(block.until)
    why = "" if block.reason is None else f": `{block.reason}`"
    return line.format(member=block.user_id, moderator=block.blocked_by, when=until) + why


def _when(at: datetime) -> str:
    return f"<t:{int(at.timestamp())}:f>"
