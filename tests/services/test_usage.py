"""What moderators look at: read from the ledger and the jobs, and drawn where that goes."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from bot.domain.chart import Bar, Chart, Panel, Tick
from bot.domain.language import Language, _
from bot.domain.quota import Terms
from bot.domain.usage import UsageOf
from bot.languages import speaking
from bot.services.usage import DRAWN_AT_ONCE, UsageReports
from media.worker import MediaWorker
from storage.database import Database
from tests.services.fake_clock import FakeClock

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    import pytest

    from tests.services.world import World

GUILD = 1
PNG = b"\x89PNG\r\n"
TIBETAN = "\u0f40"  # no font of the list has it


@asynccontextmanager
async def reports(folder: Path, *, request_s: float = 20.0) -> AsyncGenerator[UsageReports]:
    async with await Database.open(folder / "cogreel.sqlite3") as database:
        media = MediaWorker(request_s=request_s)
        yield UsageReports(
            database=database, clock=FakeClock(jumps=True), terms=Terms(), media=media
        )
        await media.close()


def chart(title: str = "Videos per day") -> Chart:
    bar = Bar(label="Oct 1", value=1, text="1")
    ticks = (Tick(value=0, text="0"), Tick(value=1, text="1"))
    panel = Panel(heading="", bars=(bar,), ticks=ticks, upright=True)
    return Chart(title=title, subtitle="All", total="1", panels=(panel,))


async def test_a_chart_is_there_while_it_is_sent_and_gone_afterwards(tmp_path: Path) -> None:
    async with reports(tmp_path) as usage:
        async with usage.drawn(chart) as path:
            assert path is not None
            assert (await asyncio.to_thread(path.read_bytes)).startswith(PNG)
        assert not await asyncio.to_thread(path.parent.exists)


async def test_words_without_letters_are_drawn_in_english(tmp_path: Path) -> None:
    said: list[str] = []

    def make() -> Chart:
        said.append(_("Videos per day"))
        return chart(said[-1] + (TIBETAN if len(said) == 1 else ""))

    with speaking(Language.JAPANESE):
        async with reports(tmp_path) as usage, usage.drawn(make) as path:
            assert path is not None
    assert said == ["日別の動画数", "Videos per day"]


async def test_words_that_english_has_no_letters_for_either_are_not_drawn(tmp_path: Path) -> None:
    async with reports(tmp_path) as usage, usage.drawn(lambda: chart(TIBETAN)) as path:
        assert path is None


async def test_a_child_that_hangs_costs_the_picture_and_nothing_else(tmp_path: Path) -> None:
    async with reports(tmp_path, request_s=0.0) as usage, usage.drawn(chart) as path:
        assert path is None


async def test_a_disk_without_room_costs_the_picture_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    async with reports(tmp_path) as usage, usage.drawn(chart) as path:
        assert path is None


async def test_who_looks_too_often_reads_the_text_alone(tmp_path: Path) -> None:
    async with reports(tmp_path) as usage, AsyncExitStack() as stack:
        drawn = await asyncio.gather(
            *(stack.enter_async_context(usage.drawn(chart)) for _number in range(DRAWN_AT_ONCE + 3))
        )
        assert sum(path is None for path in drawn) == 3


async def test_days_are_those_of_the_server(world: World) -> None:
    async with world.process() as process:
        await process.quotas.set_time_zone(GUILD, "Pacific/Kiritimati", set_by=9)
        usage = UsageReports(
            database=process.database, clock=world.clock, terms=Terms(), media=world.media
        )
        found = await usage.by_day(GUILD, UsageOf.VIDEOS, days=7)
        assert (len(found.made), found.days.time_zone) == (7, "Pacific/Kiritimati")
        assert (await usage.by_member(GUILD, UsageOf.WAITING, days=7)).made == {}
