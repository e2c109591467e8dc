"""A blocked member makes nothing, however they ask, until the block is over."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.domain.audit import AuditAction
from bot.domain.block import BlockedMemberError
from bot.domain.job import Origin
from storage import audit
from tests.services.world import ALICE, BOB, GUILD, asker, viewer

if TYPE_CHECKING:
    from tests.services.world import Process, World

MODERATOR = 9
DAY = timedelta(days=1)


async def actions(process: Process) -> list[tuple[AuditAction, int]]:
    """What is on record, newest first: what, and by whom."""
    entries = await process.database.read(lambda db: audit.entries_of_guild(db, GUILD, limit=20))
    return [(entry.act.action, entry.act.actor_id) for entry in entries]


async def test_a_block_stops_every_way_to_a_video_and_nobody_else(world: World) -> None:
    async with world.process() as process:
        job = await process.submit()
        await process.blocks.block(GUILD, ALICE, span=DAY, reason="rude", by=MODERATOR)
        with pytest.raises(BlockedMemberError):
            await process.submit()
        for origin in (Origin.AGAIN, Origin.EDIT, Origin.REACTION):
            with pytest.raises(BlockedMemberError):
                await process.submissions.take_again(
                    job.job_id, asker(origin=origin), viewer=viewer(), edits=None
                )
        await process.submit(user_id=BOB)
        await process.submit(guild_id=2)


async def test_the_refusal_says_until_when_and_why(world: World) -> None:
    async with world.process() as process:
        made = await process.blocks.block(
            GUILD, ALICE, span=DAY, reason=" two\n`ticks` ", by=MODERATOR
        )
        assert made.until is not None
        with pytest.raises(BlockedMemberError) as refused:
            await process.submit()
    assert str(refused.value) == (
        "The moderators of this server have blocked you from making videos here until "
        f"<t:{int(made.until.timestamp())}:f>. Their reason: `two 'ticks'`. "
        "Nothing was started. Ask one of them if this is a mistake."
    )


async def test_a_block_without_end_and_reason_claims_neither(world: World) -> None:
    async with world.process() as process:
        await process.blocks.block(GUILD, ALICE, span=None, reason=" ", by=MODERATOR)
        with pytest.raises(BlockedMemberError) as refused:
            await process.submit()
    assert str(refused.value) == (
        "The moderators of this server have blocked you from making videos here. "
        "Nothing was started. Ask one of them if this is a mistake."
    )


async def test_a_block_ends_by_itself_or_by_a_moderator(world: World) -> None:
    async with world.process() as process:
        await process.blocks.block(GUILD, ALICE, span=DAY, reason=None, by=MODERATOR)
        await process.blocks.block(GUILD, BOB, span=None, reason=None, by=MODERATOR)
        world.clock.advance(DAY.total_seconds())
        await process.submit()
        assert [block.user_id for block in await process.blocks.of_guild(GUILD)] == [BOB]
        assert await process.blocks.unblock(GUILD, BOB, by=MODERATOR)
        assert not await process.blocks.unblock(GUILD, ALICE, by=MODERATOR)
        await process.submit(user_id=BOB)


async def test_blocks_and_whom_they_refused_are_on_record(world: World) -> None:
    async with world.process() as process:
        await process.blocks.block(GUILD, ALICE, span=None, reason="rude", by=MODERATOR)
        with pytest.raises(BlockedMemberError):
            await process.submit()
        await process.blocks.unblock(GUILD, ALICE, by=MODERATOR)
        await process.blocks.unblock(GUILD, ALICE, by=MODERATOR)
        assert await actions(process) == [
            (AuditAction.MEMBER_UNBLOCKED, MODERATOR),
            (AuditAction.REFUSED_BLOCKED, ALICE),
            (AuditAction.MEMBER_BLOCKED, MODERATOR),
        ]
