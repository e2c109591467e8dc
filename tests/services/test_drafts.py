"""A draft of a storyboard says what is wrong, survives a restart, and is deleted in time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.domain.block import BlockedMemberError
from bot.domain.money import Money
from bot.domain.storyboard import (
    DRAFT_KEPT,
    SHOTS_MAX,
    NoSuchShotError,
    Shot,
    ShotStartsTwiceError,
    StoryboardGoneError,
    TooFewShotsError,
    TooManyShotsError,
)
from bot.domain.words import WordKind, WordRule
from bot.services.words import BlockedWordsError
from storage.backup import needed_files
from tests.services.attachments import picture
from tests.services.keeping import retention
from tests.services.storyboarding import MODERATOR, drafted, rows
from tests.services.world import ALICE, BOB, GUILD, asker

if TYPE_CHECKING:
    from tests.services.attachments import Attach
    from tests.services.world import World


async def test_a_draft_says_what_is_wrong_with_a_shot_and_keeps_what_it_has(
    world: World, attach: Attach
) -> None:
    async with world.process() as process:
        board = await drafted(process, False)
        number, who = board.storyboard_id, asker()
        with pytest.raises(TooFewShotsError):
            await process.storyboards.start(number, who, is_agreed=False)
        with pytest.raises(NoSuchShotError):
            await process.drafts.put_shot(number, who, Shot(position=2, prompt="Late"), None)
        shot = Shot(position=1, prompt="A kite", is_chained=True)
        with pytest.raises(ShotStartsTwiceError):
            await process.drafts.put_shot(number, who, shot, attach("image", picture()))
        for stranger in (asker(user_id=BOB), asker(guild_id=2)):
            with pytest.raises(StoryboardGoneError):
                await process.drafts.put_shot(number, stranger, shot, None)
        rule = WordRule(kind=WordKind.WORD, text="glitter")
        await process.words.add(GUILD, rule, added_by=MODERATOR)
        with pytest.raises(BlockedWordsError):
            await process.drafts.put_shot(number, who, replace(shot, prompt="G1itter"), None)
        plain = replace(shot, is_chained=False)
        preview = await process.drafts.put_shot(number, who, plain, attach("image", picture()))
        image_id, now = preview.board.shots[1].image_id, world.clock.now()
        needed = await process.database.read(lambda db: needed_files(db, at=now))
        assert needed == [f"{image_id}.jpg"]
        assert preview.price == Money(micros=400_000, currency="USD")
        for position in range(2, SHOTS_MAX):
            one_more = Shot(position=position, prompt="More")
            await process.drafts.put_shot(number, who, one_more, None)
        with pytest.raises(TooManyShotsError):
            await process.drafts.put_shot(
                number, who, Shot(position=SHOTS_MAX, prompt="More"), None
            )
        await process.blocks.block(GUILD, ALICE, span=None, reason=None, by=MODERATOR)
        with pytest.raises(BlockedMemberError):
            await process.storyboards.start(number, who, is_agreed=False)


async def test_a_draft_survives_a_restart_and_goes_with_its_member_or_after_a_week(
    world: World,
) -> None:
    async with world.process() as process:
        board = await drafted(process, False, True)
    async with world.process() as process:
        preview = await process.drafts.draft(board.storyboard_id, asker())
        assert preview.board == board
        await process.drafts.discard(board.storyboard_id, asker())
        with pytest.raises(StoryboardGoneError):
            await process.drafts.draft(board.storyboard_id, asker())
        await drafted(process, False)
        world.clock.advance((DRAFT_KEPT + timedelta(hours=1)).total_seconds())
        await retention(process).sweep()
        assert await rows(process, "SELECT 1 FROM storyboard UNION ALL SELECT 1 FROM shot") == []
        await drafted(process, False)
        await process.privacy.withdraw(ALICE)
        assert await rows(process, "SELECT 1 FROM storyboard UNION ALL SELECT 1 FROM shot") == []
