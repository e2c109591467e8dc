"""Storyboards as tests write them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.domain.storyboard import Shot
from tests.services.world import GUILD, OPTIONS, asker

if TYPE_CHECKING:
    from bot.domain.storyboard import Storyboard
    from tests.services.world import Process

MODERATOR = 9
COMMON = replace(OPTIONS, prompt="")


async def drafted(process: Process, *chained: bool) -> Storyboard:
    """Alice's draft with a shot for each: whether it starts from the end of the one before."""
    common = process.drafts.check_common(COMMON, guild_id=GUILD)
    preview = await process.drafts.open(asker(), common, cross_fades=None, is_chosen=True)
    for position, is_chained in enumerate(chained):
        shot = Shot(position=position, prompt=OPTIONS.prompt, is_chained=is_chained)
        preview = await process.drafts.put_shot(preview.board.storyboard_id, asker(), shot, None)
    return preview.board


async def rows(process: Process, query: str) -> list[tuple[object, ...]]:
    return await process.database.read(lambda db: db.execute(query).fetchall())
