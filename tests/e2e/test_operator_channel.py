"""The operator is told in their channel, once each, whatever happens in between."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from contextlib import asynccontextmanager, closing
from typing import TYPE_CHECKING, TypeVar

import pytest
import pytest_asyncio

from bot.clock import SystemClock
from bot.services.notices import Notices
from cogs import operator_channel
from cogs.operator_channel import OperatorChannel
from playground.knobs import Fault
from playground.rest import messages as playground_messages
from storage.database import Database
from storage.notices import add_notice
from tests.e2e.crash_house import crash_house, until
from tests.services.fake_clock import FakeClock

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterator
    from pathlib import Path

    from bot.domain.notice import Notice
    from cogs.once_poster import OncePost
    from emulator.server import Emulator
    from playground.server import Playground
    from tests.e2e.house import House

T = TypeVar("T")

pytestmark = pytest.mark.asyncio(loop_scope="session")

POST = "POST /channels/{channel_id}/messages"
UNSENT = "SELECT count(*) FROM notice WHERE sent_at_ms IS NULL"
NO_SUCH_CHANNEL = 1_234
REFUSED = "The gateway refuses the key. Put a new one into COGREEL_API_KEY and restart the bot."
MENDED = "The gateway takes the key again."


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("POST_EVERY_S", "SWEEP_S", "FIRST_WAIT_S", "UNUSABLE_WAIT_S"):
        monkeypatch.setattr(operator_channel, name, 0.02)


@pytest_asyncio.fixture(loop_scope="session")
async def channel(empty_house: House) -> str:
    """The operator's: #general, of which nobody else makes use here."""
    return await empty_house.people.alice.channel("general")


async def add(state_dir: Path, *texts: str) -> None:
    """Write notices as the bot does, from outside; the text is the occasion too."""

    def added(db: sqlite3.Connection) -> None:
        for text in texts:
            assert add_notice(db, key=text, text=text, at=SystemClock().now())

    await from_outside(state_dir, added)


async def lose_the_record(state_dir: Path) -> None:
    """As if the bot had been killed after the post and before it was written down."""
    statement = "UPDATE notice SET sent_at_ms = NULL, message_id = NULL"
    await from_outside(state_dir, lambda db: db.execute(statement))


async def unsent_count(state_dir: Path) -> int:
    return await from_outside(state_dir, lambda db: int(db.execute(UNSENT).fetchone()[0]))


async def from_outside(state_dir: Path, function: Callable[[sqlite3.Connection], T]) -> T:
    def run() -> T:
        with closing(sqlite3.connect(state_dir / "cogreel.sqlite3")) as db, db:
            return function(db)

    return await asyncio.to_thread(run)


def told(playground: Playground, channel: str) -> list[str]:
    """What stands in the channel, oldest first, without the line that numbers it."""
    messages = playground.world.channels[channel].messages.values()
    return [message.content.rpartition("\n")[0] for message in messages]


async def all_told(house: House, *, but: int = 0) -> None:
    async def so() -> bool:
        return await unsent_count(house.state_dir) == but

    await until(so)


async def test_a_notice_is_posted_once_and_not_again_after_a_restart(
    empty_house: House, channel: str
) -> None:
    await empty_house.start_bot(operator_channel_id=int(channel))
    await add(empty_house.state_dir, REFUSED)
    await all_told(empty_house)
    await empty_house.restart_bot(operator_channel_id=int(channel))
    await add(empty_house.state_dir, MENDED)
    await all_told(empty_house)
    assert told(empty_house.playground, channel) == [REFUSED, MENDED]


async def test_a_notice_says_its_number_and_when_it_became_so(
    empty_house: House, channel: str
) -> None:
    await empty_house.start_bot(operator_channel_id=int(channel))
    await add(empty_house.state_dir, REFUSED)
    message = await empty_house.says(channel, REFUSED)
    ((added_at_ms,),) = await empty_house.rows("SELECT added_at_ms FROM notice")
    assert message["content"] == f"{REFUSED}\n-# Notice 1 · <t:{added_at_ms // 1000}:f>"


async def test_without_a_channel_nothing_is_posted_and_one_that_is_named_later_is_told(
    empty_house: House, channel: str
) -> None:
    await empty_house.start_bot()
    await add(empty_house.state_dir, REFUSED)
    await empty_house.video()
    assert await unsent_count(empty_house.state_dir) == 1
    assert told(empty_house.playground, channel) == []
    await empty_house.restart_bot(operator_channel_id=int(channel))
    await all_told(empty_house)
    assert told(empty_house.playground, channel) == [REFUSED]


async def test_a_long_notice_is_cut_and_pings_nobody(empty_house: House, channel: str) -> None:
    await empty_house.start_bot(operator_channel_id=int(channel))
    await add(empty_house.state_dir, "@everyone " * 300)
    message = await empty_house.says(channel, "@everyone")
    assert len(message["content"]) == 2000
    assert "…\n-# Notice 1 · " in message["content"]
    assert empty_house.pings() == []


@pytest.mark.parametrize("trouble", ["lost_answer", "status 503", "rate_limit 0.1"])
async def test_a_notice_is_posted_once_through_any_trouble(
    empty_house: House, channel: str, trouble: str
) -> None:
    await empty_house.start_bot(operator_channel_id=int(channel))
    empty_house.playground.knobs.play(Fault(route=POST, times=1, do=trouble))
    await add(empty_house.state_dir, REFUSED, MENDED)
    await all_told(empty_house)
    assert told(empty_house.playground, channel) == [REFUSED, MENDED]


@pytest.mark.parametrize("forgets", [True, False])
async def test_a_post_that_was_not_recorded_is_found_again(
    empty_house: House, channel: str, forgets: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    await empty_house.start_bot(operator_channel_id=int(channel))
    await add(empty_house.state_dir, REFUSED)
    await all_told(empty_house)
    posted = await empty_house.rows("SELECT message_id FROM notice")
    await empty_house.stop_bot()
    await lose_the_record(empty_house.state_dir)
    if forgets:
        monkeypatch.setattr(playground_messages, "NONCE_REMEMBERED_S", 0.0)
    else:  # nothing but the nonce is left to know it by
        await empty_house.knobs(bot_permissions={channel: ["READ_MESSAGE_HISTORY"]})
    await empty_house.start_bot(operator_channel_id=int(channel))
    await all_told(empty_house)
    assert told(empty_house.playground, channel) == [REFUSED]
    assert await empty_house.rows("SELECT message_id FROM notice") == posted


async def test_somebody_elses_words_are_taken_for_no_notice(
    empty_house: House, channel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await empty_house.start_bot(operator_channel_id=int(channel))
    await add(empty_house.state_dir, REFUSED)
    await all_told(empty_house)
    await empty_house.stop_bot()
    await lose_the_record(empty_house.state_dir)
    monkeypatch.setattr(playground_messages, "NONCE_REMEMBERED_S", 0.0)
    for message in empty_house.playground.world.channels[channel].messages.values():
        message.author_id = empty_house.people.bob.id
    await empty_house.start_bot(operator_channel_id=int(channel))
    await all_told(empty_house)
    assert told(empty_house.playground, channel) == [REFUSED, REFUSED]


@pytest.mark.parametrize("may_read_history", [True, False])
async def test_killed_between_the_post_and_its_record(
    shared_emulator: Emulator, tmp_path: Path, may_read_history: bool
) -> None:
    """Without the history it must show two posts, or finding it there would prove nothing."""
    async with crash_house(shared_emulator, tmp_path) as house:
        world = house.playground.world
        channel = next(c.id for c in world.channels.values() if c.name == "general")
        house.playground.knobs.play(Fault(route=POST, times=1, do="hang"))
        await (await Database.open(tmp_path / "cogreel.sqlite3")).close()
        await add(tmp_path, REFUSED)
        await house.start_bot(operator_channel_id=channel)
        await until(lambda: told(house.playground, channel))
        await house.kill_bot()
        assert await unsent_count(tmp_path) == 1
        house.clock.ahead_s += 3600
        if not may_read_history:
            world.deny_bot({channel: ["READ_MESSAGE_HISTORY"]})
        house.playground.knobs.release_hangs()
        await house.start_bot(operator_channel_id=channel)

        async def recorded() -> bool:
            return await unsent_count(tmp_path) == 0

        await until(recorded)
        expected = [REFUSED] if may_read_history else [REFUSED, REFUSED]
        assert told(house.playground, channel) == expected


async def test_a_channel_that_is_not_there_is_said_once_and_keeps_nothing_else(
    empty_house: House, caplog: pytest.LogCaptureFixture
) -> None:
    await empty_house.start_bot(operator_channel_id=NO_SUCH_CHANNEL)
    await add(empty_house.state_dir, REFUSED)
    await empty_house.video()
    assert caplog.text.count("1234 cannot be used: the bot is on no server with this channel") == 1
    assert "Name a text channel in which the bot has View Channel and Send Messages" in caplog.text
    assert await unsent_count(empty_house.state_dir) == 1


async def test_a_thread_is_not_taken_for_a_text_channel(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    thread = (await house.video()).message["channel_id"]
    await house.restart_bot(operator_channel_id=int(thread))
    await until(lambda: "this is not a text channel" in caplog.text)


async def test_a_channel_that_is_opened_to_the_bot_gets_what_waited(
    empty_house: House, channel: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await empty_house.knobs(bot_permissions={channel: ["SEND_MESSAGES"]})
    await empty_house.start_bot(operator_channel_id=int(channel))
    await add(empty_house.state_dir, REFUSED)
    await until(lambda: "cannot be used: missing Send Messages." in caplog.text)
    await empty_house.knobs(bot_permissions={})
    await all_told(empty_house)
    assert told(empty_house.playground, channel) == [REFUSED]
    assert "the operator's channel can be used again" in caplog.text


async def test_what_discord_says_of_the_channel_is_said_once_too(
    empty_house: House, channel: str, caplog: pytest.LogCaptureFixture
) -> None:
    await empty_house.start_bot(operator_channel_id=int(channel))
    empty_house.playground.knobs.play(Fault(route=POST, times=4, do="status 403"))
    await add(empty_house.state_dir, REFUSED)
    await all_told(empty_house)
    assert told(empty_house.playground, channel) == [REFUSED]
    assert caplog.text.count("cannot be used") == 1


async def test_a_notice_that_discord_refuses_is_in_the_log_and_keeps_no_other(
    empty_house: House, channel: str, caplog: pytest.LogCaptureFixture
) -> None:
    await empty_house.start_bot(operator_channel_id=int(channel))
    empty_house.playground.knobs.play(Fault(route=POST, times=1, do="status 400"))
    await add(empty_house.state_dir, REFUSED, MENDED)
    await all_told(empty_house, but=1)
    assert told(empty_house.playground, channel) == [MENDED]
    assert f"It says: {REFUSED}" in caplog.text
    await empty_house.restart_bot(operator_channel_id=int(channel))
    await all_told(empty_house)
    assert told(empty_house.playground, channel) == [MENDED, REFUSED]


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


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The waits of the real program, on a clock that jumps."""
    with monkeypatch.context() as changes:
        changes.setattr(operator_channel, "POST_EVERY_S", 6.0)
        changes.setattr(operator_channel, "SWEEP_S", 30.0)
        changes.setattr(operator_channel, "FIRST_WAIT_S", 5.0)
        changes.setattr(operator_channel, "UNUSABLE_WAIT_S", 300.0)
        yield


@pytest.mark.usefixtures("patient")
async def test_in_an_outage_the_waits_grow_up_to_the_longest(house: House, channel: str) -> None:
    clock = FakeClock(jumps=True)
    house.playground.knobs.play(Fault(route=POST, times=8, do="status 503"))
    async with teller(house, clock, channel) as discord:
        await discord.add(REFUSED)
        await discord.sender.start()
        await discord.told_all()
    assert clock.slept_s[:8] == [5, 10, 20, 40, 80, 160, 300, 300]
    assert told(house.playground, channel) == [REFUSED]


@pytest.mark.usefixtures("patient")
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


@pytest.mark.usefixtures("patient")
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


@pytest.mark.usefixtures("patient")
async def test_an_unusable_channel_is_tried_again_slowly(house: House, channel: str) -> None:
    clock = FakeClock(jumps=True)
    house.playground.knobs.play(Fault(route=POST, times=2, do="status 404"))
    async with teller(house, clock, channel) as discord:
        await discord.add(REFUSED)
        await discord.sender.start()
        await discord.told_all()
    assert clock.slept_s[:2] == [300, 300]


@pytest.mark.usefixtures("patient")
async def test_a_channel_on_a_server_in_an_outage_is_not_called_missing(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    clock = FakeClock()
    async with teller(house, clock, str(NO_SUCH_CHANNEL)) as discord:
        discord.bot.guilds[0].unavailable = True
        await discord.sender.start()
        await until(lambda: "a server is in an outage of Discord's" in caplog.text)
    assert "cannot be used" not in caplog.text


@pytest.mark.usefixtures("patient")
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
