"""A server's log channel shows its audit in order, each entry once, whatever happens between."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from cogs import log_channels
from playground.knobs import Fault
from playground.person import RefusedError, button
from playground.rest import messages as playground_messages
from tests.e2e.crash_house import until
from tests.e2e.test_health import ClockAhead

if TYPE_CHECKING:
    from playground.person import Json
    from tests.e2e.house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")

POST = "POST /channels/{channel_id}/messages"
CURSOR = "SELECT posted_seq FROM log_cursor ORDER BY guild_id"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOOK_EVERY_S", "FIRST_WAIT_S", "LONGEST_WAIT_S"):
        monkeypatch.setattr(log_channels, name, 0.02)


async def log_into(house: House, channel: str | None, *, at: str | None = None) -> None:
    """Mara chooses the log channel; by default of the server of the lab."""
    mara = house.people.mara
    panel: Json = (await mara.command(at or house.lab, "cogreel setup"))["message"]
    panel = (await mara.click(panel, button(panel, "Results and log")))["message"]
    values = [] if channel is None else [channel]
    interaction = await mara.pick(panel, "cogreel:setup:log", *values)
    assert interaction["answer"] == "deferred_update", interaction


async def block(house: House, *words: str) -> None:
    """One entry each."""
    for word in words:
        await house.people.mara.command(house.lab, "moderate words add", text=word)


async def all_posted(house: House, seq: int) -> None:
    async def so() -> bool:
        return await house.rows(CURSOR) == [(seq,)]

    await until(so)


async def forget_the_last_post(
    house: House, seq: int, *, posted: int, ahead: timedelta = timedelta()
) -> None:
    """As if the bot had been killed after the post and before it was written down.

    Its clock may have been ahead then.
    """

    def run() -> None:
        with closing(sqlite3.connect(house.state_dir / "cogreel.sqlite3")) as db, db:
            (at_ms,) = db.execute("SELECT max(at_ms) FROM audit_entry").fetchone()
            statement = "UPDATE log_cursor SET posted_seq = ?, tried_seq = ?, tried_at_ms = ?"
            ahead_ms = int(ahead.total_seconds() * 1000)
            db.execute(statement, (posted, seq, at_ms + ahead_ms))

    await asyncio.to_thread(run)


def shown(house: House, channel: str) -> list[str]:
    """What was posted, entry by entry, oldest first: without number and instant."""
    return [
        line.split("> ", 1)[1]
        for message in house.playground.world.channels[channel].messages.values()
        for line in message.content.splitlines()
        if line.startswith("`")
    ]


async def test_acts_and_refusals_are_shown_in_order_from_the_choice_of_the_channel_on(
    house: House,
) -> None:
    alice, mara = house.people.alice, house.people.mara
    general = await mara.channel("general")
    await block(house, "earlier")
    await log_into(house, general)
    await block(house, "boat", "@everyone")
    await alice.command(house.lab, "video create", prompt="A boat")
    await house.told(alice, "do not allow: `boat`")
    await all_posted(house, 5)
    assert shown(house, general) == [
        f"<@{mara.id}> changed the log channel: <#{general}>.",
        f"<@{mara.id}> blocked the word boat in prompts.",
        f"<@{mara.id}> blocked the word everyone in prompts.",
        f"<@{alice.id}> was refused a video: the word boat is blocked in prompts.",
    ]
    assert house.pings() == []


async def test_each_entry_is_shown_once_through_restarts(house: House) -> None:
    general = await house.people.mara.channel("general")
    await log_into(house, general)
    await all_posted(house, 1)
    await house.restart_bot()
    await block(house, "boat")
    await all_posted(house, 2)
    assert len(shown(house, general)) == 2


@pytest.mark.parametrize("trouble", ["lost_answer", "status 503", "rate_limit 0.1"])
async def test_each_entry_is_shown_once_through_any_trouble(house: House, trouble: str) -> None:
    general = await house.people.mara.channel("general")
    house.playground.knobs.play(Fault(route=POST, times=1, do=trouble))
    await log_into(house, general)
    await block(house, "boat")
    await all_posted(house, 2)
    assert len(shown(house, general)) == 2


@pytest.mark.parametrize("ahead", [timedelta(), timedelta(hours=5)])
async def test_a_post_that_was_not_recorded_is_found_again(
    house: House, monkeypatch: pytest.MonkeyPatch, ahead: timedelta
) -> None:
    general = await house.people.mara.channel("general")
    await log_into(house, general)
    await all_posted(house, 1)
    await block(house, "boat")
    await all_posted(house, 2)
    await house.stop_bot()
    await forget_the_last_post(house, 2, posted=1, ahead=ahead)
    monkeypatch.setattr(playground_messages, "NONCE_REMEMBERED_S", 0.0)
    await house.start_bot()
    await block(house, "ship")
    await all_posted(house, 3)
    assert [line.split(" in ")[0].split()[-1] for line in shown(house, general)[1:]] == [
        "boat",
        "ship",
    ]


async def test_a_clock_that_is_set_back_keeps_no_log_waiting(empty_house: House) -> None:
    empty_house.clock = clock = ClockAhead()
    await empty_house.start_bot()
    general = await empty_house.people.mara.channel("general")
    clock.ahead = timedelta(days=1)
    empty_house.playground.knobs.play(Fault(route=POST, times=1, do="status 503"))
    await log_into(empty_house, general)
    await until(lambda: not empty_house.playground.knobs.faults)
    clock.ahead = timedelta()
    await block(empty_house, "boat")
    await all_posted(empty_house, 2)


async def test_a_channel_that_was_closed_to_the_bot_gets_what_waited_in_few_posts(
    house: House,
) -> None:
    general = await house.people.mara.channel("general")
    await log_into(house, general)
    await all_posted(house, 1)
    await house.knobs(bot_permissions={general: ["SEND_MESSAGES"]})
    await block(house, *(f"word{number:02}" for number in range(25)))
    await house.knobs(bot_permissions={})
    await all_posted(house, 26)
    lines = shown(house, general)[1:]
    assert [line.split()[4] for line in lines] == [f"word{number:02}" for number in range(25)]
    assert 1 < len(house.playground.world.channels[general].messages) < 26


async def test_what_discord_refuses_keeps_nothing_later(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    general = await house.people.mara.channel("general")
    await log_into(house, general)
    await all_posted(house, 1)
    house.playground.knobs.play(Fault(route=POST, times=1, do="status 400"))
    await block(house, "boat")
    await all_posted(house, 2)
    await block(house, "ship")
    await all_posted(house, 3)
    assert [line.split()[4] for line in shown(house, general)[1:]] == ["ship"]
    assert "Discord refuses the log of server" in caplog.text


async def test_a_server_sees_its_own_entries_only_and_another_ones_trouble_is_not_its_own(
    house: House,
) -> None:
    mara = house.people.mara
    general, lobby = await mara.channel("general"), await mara.channel("lobby")
    await log_into(house, general)
    await log_into(house, lobby, at=lobby)
    await house.knobs(bot_permissions={lobby: ["SEND_MESSAGES"]})
    await mara.command(lobby, "moderate words add", text="theirs")
    await block(house, "ours")
    await until(lambda: any("ours" in line for line in shown(house, general)))
    await house.knobs(bot_permissions={})
    await until(lambda: any("theirs" in line for line in shown(house, lobby)))
    assert not any("theirs" in line for line in shown(house, general))
    assert not any("ours" in line for line in shown(house, lobby))


async def test_a_log_that_was_turned_off_shows_nothing_and_begins_anew(house: House) -> None:
    general = await house.people.mara.channel("general")
    await log_into(house, general)
    await all_posted(house, 1)
    await log_into(house, None)
    await block(house, "boat")
    await log_into(house, general)
    await all_posted(house, 4)
    assert ["blocked the word" in line for line in shown(house, general)] == [False, False]


async def test_moderators_read_the_log_page_by_page(house: House) -> None:
    mara = house.people.mara

    async def page(**options: object) -> list[str]:
        message: Json = (await mara.command(house.lab, "moderate log", **options))["message"]
        assert message["ephemeral"]
        return str(message["content"]).splitlines()

    assert await page() == ["Nothing is on record here yet."]
    await block(house, *(f"word{number:02}" for number in range(23)))
    first = await page()
    assert [line.split("`")[1] for line in first[:-1]] == [str(seq) for seq in range(23, 3, -1)]
    assert first[-1] == "-# `/moderate log before:4` shows what came before."
    second = await page(before=4)
    assert [line.split("`")[1] for line in second] == ["3", "2", "1"]
    assert await page(before=1) == ["Nothing is on record here before that."]


async def test_members_do_not_have_the_command(house: House) -> None:
    with pytest.raises(RefusedError) as refused:
        await house.people.alice.command(house.lab, "moderate log")
    assert refused.value.code == "unknown_command"
