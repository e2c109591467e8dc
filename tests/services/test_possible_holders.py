"""Who is known to have nothing is not looked up; nobody is known so who has something."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.domain.block import BlockedMemberError
from bot.domain.defaults import NO_DEFAULTS, Defaults
from bot.domain.errors import StorageError
from bot.services.blocks import Blocks
from bot.services.defaults import MemberDefaults
from bot.services.possible_holders import PossibleHolders
from storage import departures, erasure
from storage.database import Database
from tests.services.fake_clock import FakeClock
from tests.services.world import ALICE, BOB, GUILD

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Coroutine

    from tests.services.world import World

CHEN, DAVE, MODERATOR, ELSEWHERE = 91, 92, 9, 2
ROOT = Path(__file__).parents[2]
WIDE = Defaults(size="1280x720")


async def test_everybody_who_has_it_is_among_them_and_the_database_is_asked_once(
    tmp_path: Path,
) -> None:
    asked: list[int] = []

    def holders(db: sqlite3.Connection) -> list[int]:
        asked.append(db.execute("SELECT count(*) FROM job").fetchone()[0])
        return [3]

    async with await Database.open(tmp_path / "cogreel.sqlite3") as database:
        possible = PossibleHolders(database, holders)
        possible.add(5)  # before it was first asked
        assert [key for key in range(9) if await possible.may_include(key)] == [3, 5]
        possible.add(7)
        assert [key for key in range(9) if await possible.may_include(key)] == [3, 5, 7]
    assert asked == [0]


async def test_nobody_passes_while_it_cannot_be_read_who_has_it(tmp_path: Path) -> None:
    async with await Database.open(tmp_path / "cogreel.sqlite3") as database:
        blocks = Blocks(database=database, clock=FakeClock())
    with pytest.raises(StorageError):
        await blocks.check(GUILD, ALICE)


async def is_blocked(blocks: Blocks, user_id: int, guild_id: int = GUILD) -> bool:
    try:
        await blocks.check(guild_id, user_id)
    except BlockedMemberError:
        return True
    return False


@pytest.mark.parametrize("is_first", [True, False])
async def test_who_is_blocked_while_others_ask_is_stopped_from_then_on(
    tmp_path: Path, *, is_first: bool
) -> None:
    async with await Database.open(tmp_path / "cogreel.sqlite3") as database:
        blocks = Blocks(database=database, clock=FakeClock())
        everybody = (ALICE, BOB, CHEN, DAVE)
        blocking: list[Coroutine[None, None, object]] = [
            blocks.block(GUILD, user_id, span=None, reason=None, by=MODERATOR)
            for user_id in (BOB, DAVE)
        ]
        asking: list[Coroutine[None, None, object]] = [
            is_blocked(blocks, user_id) for user_id in everybody
        ]
        # Who has a block is read by the first who asks: before, or after, these are written.
        await asyncio.gather(*(blocking + asking if is_first else asking + blocking))
        assert [user_id for user_id in everybody if await is_blocked(blocks, user_id)] == [
            BOB,
            DAVE,
        ]
        assert not await is_blocked(blocks, BOB, ELSEWHERE)


async def test_a_block_holds_also_where_the_bot_stops_waiting_for_it(tmp_path: Path) -> None:
    async with await Database.open(tmp_path / "cogreel.sqlite3") as database:
        blocks = Blocks(database=database, clock=FakeClock())
        assert not await is_blocked(blocks, BOB)
        moderating = asyncio.create_task(
            blocks.block(GUILD, BOB, span=None, reason=None, by=MODERATOR)
        )
        await asyncio.wait([moderating], timeout=0)
        moderating.cancel()
        await asyncio.wait([moderating])
        await database.write(lambda db: db.execute("DELETE FROM job"))
        assert await is_blocked(blocks, BOB) == bool(await blocks.of_guild(GUILD))


async def test_blocks_hold_over_restarts_and_end_with_their_time_or_their_server(
    tmp_path: Path,
) -> None:
    clock, path = FakeClock(), tmp_path / "cogreel.sqlite3"
    day = timedelta(days=1)
    async with await Database.open(path) as database:
        blocks = Blocks(database=database, clock=clock)
        for guild_id in (GUILD, ELSEWHERE):
            await blocks.block(guild_id, ALICE, span=None, reason=None, by=MODERATOR)
            await blocks.block(guild_id, BOB, span=day, reason=None, by=MODERATOR)
    async with await Database.open(path) as database:
        blocks = Blocks(database=database, clock=clock)
        assert await is_blocked(blocks, ALICE)
        assert await is_blocked(blocks, BOB)
        assert not await is_blocked(blocks, CHEN)
        await database.write(lambda db: departures.forget(db, GUILD))
        assert not await is_blocked(blocks, ALICE)
        assert await is_blocked(blocks, ALICE, ELSEWHERE)
        await blocks.block(GUILD, ALICE, span=day, reason=None, by=MODERATOR)
        assert await is_blocked(blocks, ALICE)
        clock.advance(day.total_seconds())
        assert not await is_blocked(blocks, ALICE)
        assert not await is_blocked(blocks, BOB, ELSEWHERE)
        await blocks.unblock(ELSEWHERE, ALICE, by=MODERATOR)
        assert not await is_blocked(blocks, ALICE, ELSEWHERE)


async def test_defaults_hold_over_restarts_and_end_with_what_else_is_kept_of_their_member(
    world: World,
) -> None:
    async with world.process() as process:
        mine = MemberDefaults(
            database=process.database, clock=world.clock, catalogues=process.catalogues
        )
        await mine.change(ALICE, WIDE, guild_id=GUILD)
    async with world.process() as process:
        database = process.database
        mine = MemberDefaults(database=database, clock=world.clock, catalogues=process.catalogues)
        assert [await mine.of(each) for each in (ALICE, BOB)] == [WIDE, NO_DEFAULTS]
        at = world.clock.now()
        await database.write(lambda db: erasure.withdraw(db, ALICE, at=at, limit=1))
        assert await mine.of(ALICE) == NO_DEFAULTS
        await asyncio.gather(*(mine.change(each, WIDE, guild_id=GUILD) for each in (ALICE, BOB)))
        assert [await mine.of(each) for each in (ALICE, BOB)] == [WIDE, WIDE]
        await mine.clear(BOB)
        assert [await mine.of(each) for each in (ALICE, BOB)] == [WIDE, NO_DEFAULTS]


@pytest.mark.parametrize(
    ("table", "written", "by"),
    [
        ("member_block", "storage/blocks.py", "bot/services/blocks.py"),
        ("member_default", "storage/member_defaults.py", "bot/services/defaults.py"),
    ],
)
def test_nothing_else_writes_them(table: str, written: str, by: str) -> None:
    sources = {
        str(path.relative_to(ROOT)): path.read_text()
        for package in ("bot", "cogs", "storage")
        for path in (ROOT / package).rglob("*.py")
    }
    assert [name for name, text in sources.items() if f"INTO {table} (" in text] == [written]
    module = Path(written).stem
    adding = re.compile(rf"\b{module}\.(put|keep)\(")
    assert [name for name, text in sources.items() if adding.search(text)] == [by]
