"""The operator is told in their channel, once each, whatever happens in between."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from cogs import operator_channel
from playground.knobs import Fault
from playground.rest import messages as playground_messages
from storage.database import Database
from tests.e2e.crash_house import crash_house, until
from tests.e2e.notices import (
    MENDED,
    NO_SUCH_CHANNEL,
    POST,
    REFUSED,
    add,
    lose_the_record,
    told,
    unsent_count,
)

if TYPE_CHECKING:
    from pathlib import Path

    from emulator.server import Emulator
    from tests.e2e.house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("POST_EVERY_S", "SWEEP_S", "FIRST_WAIT_S", "UNUSABLE_WAIT_S"):
        monkeypatch.setattr(operator_channel, name, 0.02)


@pytest_asyncio.fixture(loop_scope="session")
async def channel(empty_house: House) -> str:
    """The operator's: #general, of which nobody else makes use here."""
    return await empty_house.people.alice.channel("general")


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
