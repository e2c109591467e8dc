"""At what pace the operator is told, and when a try that failed is made again.

The waits are those of the real program, on a clock that jumps.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from bot.clock import SystemClock
from bot.services.notices import Notices
from cogs import operator_channel
from cogs.operator_channel import OperatorChannel
from playground.knobs import Fault
from storage.database import Database
from storage.notices import add_notice
from tests.e2e.crash_house import until
from tests.e2e.notices import NO_SUCH_CHANNEL, POST, REFUSED, told
from tests.services.fake_clock import FakeClock

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from bot.domain.notice import Notice
    from cogs.once_poster import OncePost
    from tests.e2e.house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def channel(house: House) -> str:
    """The operator's: #general, of which nobody else makes use here."""
    return await house.people.alice.channel("general")


class Teller:
    """The product's own sender on a database and a clock of the test's, beside a connected bot."""

    def __init__(self, house: House, database: Database, clock: FakeClock, channel: str) -> None:
        assert house.bot is not None
        self.bot = house.bot
        self.database = database
        self.notices = Notices(database=database, clock=clock)
        self.sender = OperatorChannel(
            bot=self.bot, notices=self.notices, clock=clock, channel_id=int(channel)
        )

    async def add(self, text: str) -> None:
        at = SystemClock().now()
        await self.database.write(lambda db: add_notice(db, key=text, text=text, at=at))

    async def told_all(self) -> None:
        async def so() -> bool:
            return await self.notices.unsent(1) == []

        await until(so)


@asynccontextmanager
async def teller(house: House, clock: FakeClock, channel: str) -> AsyncGenerator[Teller]:
    async with await Database.open(house.state_dir / "beside.sqlite3") as database:
        teller = Teller(house, database, clock, channel)
        try:
            yield teller
        finally:
            await teller.sender.stop()


async def test_in_an_outage_the_waits_grow_up_to_the_longest(house: House, channel: str) -> None:
    clock = FakeClock(jumps=True)
    house.playground.knobs.play(Fault(route=POST, times=8, do="status 503"))
    async with teller(house, clock, channel) as discord:
        await discord.add(REFUSED)
        await discord.sender.start()
        await discord.told_all()
    assert clock.slept_s[:8] == [5, 10, 20, 40, 80, 160, 300, 300]
    assert told(house.playground, channel) == [REFUSED]


async def test_a_flood_is_posted_ten_a_minute(house: House, channel: str) -> None:
    clock = FakeClock(jumps=True)
    texts = [f"Mend {number}." for number in range(25)]
    async with teller(house, clock, channel) as discord:
        for text in texts:
            await discord.add(text)
        await discord.sender.start()
        await discord.told_all()
    assert told(house.playground, channel) == texts
    assert clock.slept_s[: len(texts) - 1] == [6.0] * (len(texts) - 1)


async def test_a_notice_that_comes_is_posted_without_waiting_for_the_sweep(
    house: House, channel: str
) -> None:
    clock = FakeClock()  # nobody moves it
    async with teller(house, clock, channel) as discord:
        await discord.sender.start()
        await until(lambda: clock.slept_s == [30.0])
        await discord.add(REFUSED)
        discord.sender.notice_added()
        await discord.told_all()
    assert told(house.playground, channel) == [REFUSED]


async def test_an_unusable_channel_is_tried_again_slowly(house: House, channel: str) -> None:
    clock = FakeClock(jumps=True)
    house.playground.knobs.play(Fault(route=POST, times=2, do="status 404"))
    async with teller(house, clock, channel) as discord:
        await discord.add(REFUSED)
        await discord.sender.start()
        await discord.told_all()
    assert clock.slept_s[:2] == [300, 300]


async def test_a_channel_on_a_server_in_an_outage_is_not_called_missing(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    clock = FakeClock()
    async with teller(house, clock, str(NO_SUCH_CHANNEL)) as discord:
        discord.bot.guilds[0].unavailable = True
        await discord.sender.start()
        await until(lambda: "a server is in an outage of Discord's" in caplog.text)
    assert "cannot be used" not in caplog.text


async def test_a_defect_ends_no_telling(
    house: House, channel: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = FakeClock(jumps=True)
    whole, broken = operator_channel.post_of, iter(range(2))

    def breaks_at_first(notice: Notice) -> OncePost:
        if next(broken, None) is not None:
            raise ZeroDivisionError
        return whole(notice)

    monkeypatch.setattr(operator_channel, "post_of", breaks_at_first)
    async with teller(house, clock, channel) as discord:
        await discord.add(REFUSED)
        await discord.sender.start()
        await discord.told_all()
    assert told(house.playground, channel) == [REFUSED]
    assert caplog.text.count("telling the operator broke and is tried again") == 2
    assert clock.slept_s[:2] == [5, 10]
