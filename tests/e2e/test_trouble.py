"""Discord in trouble while it is answered: nothing is lost, nothing is made twice."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from bot.demo.visit import result_of
from cogs import look_back, put_off, status_board, texts
from playground.knobs import Fault
from playground.person import words
from playground.rest import messages as playground_messages
from playground.world import posting, threads
from playground.world.model import Message
from tests.e2e.crash_house import until
from tests.e2e.house import WISH, WITHIN_S, words_in

if TYPE_CHECKING:
    from tests.e2e.house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")

CALLBACK = "POST /interactions/{interaction_id}/{interaction_token}/callback"
SHOW = "PATCH /webhooks/{webhook_id}/{webhook_token}/messages/@original"
EDIT = "PATCH /channels/{channel_id}/messages/{message_id}"
POST = "POST /channels/{channel_id}/messages"
TAKE_BACK = "DELETE /webhooks/{webhook_id}/{webhook_token}/messages/@original"
THREAD = "POST /channels/{channel_id}/messages/{message_id}/threads"


async def test_a_first_showing_that_fails_is_made_up_for(house: House) -> None:
    house.playground.knobs.play(Fault(route=SHOW, times=1, do="status 400"))
    alice = house.people.alice
    await alice.command(house.lab, "video create", **WISH)
    status = await alice.see(house.lab, lambda message: "is done" in message["content"])
    await result_of(alice, house.lab, status["id"])
    assert house.paid == 1


async def test_a_first_answer_whose_receipt_is_lost_counts_as_given(house: House) -> None:
    house.playground.knobs.play(Fault(route=CALLBACK, times=1, do="lost_answer"))
    alice = house.people.alice
    await alice.command(house.lab, "video create", **WISH)
    status = await alice.see(house.lab, lambda message: "is done" in message["content"])
    await result_of(alice, house.lab, status["id"])
    assert house.paid == 1


@pytest.mark.parametrize("route", [POST, THREAD, EDIT])
@pytest.mark.parametrize("trouble", ["lost_answer", "status 500", "rate_limit 0.1"])
async def test_the_clip_is_posted_once_through_any_trouble(
    house: House, route: str, trouble: str
) -> None:
    house.playground.knobs.play(Fault(route=route, times=1, do=trouble))
    alice = house.people.alice
    await alice.command(house.lab, "video create", **WISH)
    status = await alice.see(house.lab, lambda message: "is done" in message["content"])
    await result_of(alice, house.lab, status["id"])
    clips = [m for m in await alice.messages(status["thread"]["id"]) if m["attachments"]]
    assert len(clips) == 1
    assert house.paid == 1


@pytest.mark.parametrize("deed", ["drop", "reconnect", "invalidate"])
async def test_a_lost_gateway_connection_loses_no_job(house: House, deed: str) -> None:
    """Also where the session is gone for good, and the bot has to identify anew."""
    house.hold_renders()
    alice = house.people.alice
    await alice.command(house.lab, "video create", **WISH)
    await alice.see(house.lab, lambda message: "is rendering" in message["content"])
    await house.knobs(gateway=deed)
    house.let_renders_end()
    status = await alice.see(house.lab, lambda message: "is done" in message["content"])
    await result_of(alice, house.lab, status["id"])
    await until(house.api.bot_is_connected)
    await house.video(prompt="A second boat")  # and commands arrive, once each
    assert house.paid == 2
    assert await house.rows("SELECT state FROM job") == [("delivered",)] * 2


async def test_a_thread_that_is_refused_for_certain_is_done_without(house: House) -> None:
    house.playground.knobs.play(Fault(route=THREAD, times=1, do="status 400"))
    status = await house.reads(await house.ask(), "is done")
    assert status["thread"] is None
    result = await house.people.alice.see(house.lab, lambda seen: bool(seen["attachments"]))
    assert "because the thread could not be used" in words(result)


async def test_a_post_that_is_refused_for_certain_goes_to_the_channel_above(house: House) -> None:
    house.playground.knobs.play(Fault(route=POST, times=1, do="status 400"))
    await house.reads(await house.ask(), "is done")
    result = await house.people.alice.see(house.lab, lambda seen: bool(seen["attachments"]))
    assert result["channel_id"] == house.lab


@pytest.mark.parametrize("archived", [False, True])
async def test_a_thread_that_is_locked_meanwhile_gets_its_video_in_the_channel_above(
    house: House, archived: bool
) -> None:
    thread = (await house.video()).message["channel_id"]
    house.hold_renders()
    wish = WISH | {"prompt": "A second boat"}
    answer = await house.people.alice.command(thread, "video create", **wish)
    await house.reads(answer["message"], "is rendering")
    world = house.playground.world
    threads.set_archived(world, world.channels[thread], archived=archived, locked=True)
    house.let_renders_end()
    result = await house.people.alice.see(
        house.lab, lambda seen: seen["attachments"] and "Video #2" in words(seen)
    )
    assert "because the thread is locked" in words(result)
    while await house.rows("SELECT state FROM job") != [("delivered",), ("delivered",)]:
        pass  # the post is there a moment before its record


async def becomes(house: House, column: str, wanted: str) -> None:
    """Wait until the only job has this in its row."""
    async with asyncio.timeout(WITHIN_S):
        while await house.rows(f"SELECT {column} FROM job") != [(wanted,)]:  # noqa: S608  # ours
            await house.people.alice.messages(house.lab)


async def test_the_last_word_is_said_after_a_restart_that_came_before_it(house: House) -> None:
    house.hold_renders()
    status = await house.reads(await house.ask(), "is rendering")
    house.playground.knobs.play(Fault(route=EDIT, times=1, do="status 503"))
    house.emulator.knobs.update({"faults": [{"on": "poll", "do": "fail", "times": 1}]})
    await becomes(house, "state", "failed")
    async with asyncio.timeout(WITHIN_S):
        while house.playground.knobs.faults:
            await house.people.alice.messages(house.lab)
    await house.restart_bot()
    await house.reads(status, "could not be made")
    await becomes(house, "shown_state", "failed")


async def test_the_last_word_is_said_after_an_outage(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(put_off, "FIRST_WAIT_S", 0.02)
    monkeypatch.setattr(status_board, "RETRY_EVERY_S", 0.02)
    await house.restart_bot()
    house.hold_renders()
    status = await house.reads(await house.ask(), "is rendering")
    house.playground.knobs.play(Fault(route=EDIT, times=5, do="status 503"))
    house.emulator.knobs.update({"faults": [{"on": "poll", "do": "fail", "times": 1}]})
    await house.reads(status, "could not be made")
    await becomes(house, "shown_state", "failed")


async def test_a_defect_while_one_status_is_shown_ends_no_editor(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(put_off, "FIRST_WAIT_S", 0.02)
    monkeypatch.setattr(status_board, "RETRY_EVERY_S", 0.02)
    await house.restart_bot()
    house.hold_renders()
    status = await house.reads(await house.ask(), "is rendering")
    whole = texts.status
    broken = iter(range(2 * status_board.EDITORS))

    def breaks_at_first(*given: Any) -> str:  # noqa: ANN401  # passes on what it was given
        if next(broken, None) is not None:
            raise ZeroDivisionError
        return whole(*given)

    monkeypatch.setattr(texts, "status", breaks_at_first)
    house.let_renders_end()
    await house.reads(status, "is done")
    assert next(broken, None) is None


@pytest.mark.parametrize("trouble", ["status 404", "status 503"])
async def test_a_refusal_is_told_also_where_the_public_answer_cannot_be_deleted(
    house: House, trouble: str
) -> None:
    await house.people.mara.command(house.lab, "quota set", videos=0, per="day")
    house.playground.knobs.play(Fault(route=TAKE_BACK, times=1, do=trouble))
    await house.people.alice.command(house.lab, "video create", **WISH)
    # Discord lets it fill the answer that is still there: then everybody reads it.
    await house.people.alice.see(house.lab, lambda seen: "is used up" in seen["content"])


async def test_an_earlier_post_is_found_behind_hundreds_of_messages(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    thread = (await house.video()).message["channel_id"]
    house.hold_renders()
    wish = WISH | {"prompt": "A second boat"}
    answer = await house.people.alice.command(thread, "video create", **wish)
    await house.reads(answer["message"], "is rendering")
    house.playground.knobs.play(Fault(route=POST, times=1, do="status 503"))
    house.let_renders_end()
    await until_fetched_and_refused(house)
    await house.stop_bot()
    talk(house, thread, look_back.LOOK_BACK_MESSAGES + 5)
    # The second try is posted, but the bot never hears so; and Discord has forgotten the nonce.
    monkeypatch.setattr(playground_messages, "NONCE_REMEMBERED_S", 0.0)
    house.playground.knobs.play(Fault(route=POST, times=1, do="lost_answer"))
    await house.start_bot()
    async with asyncio.timeout(WITHIN_S):
        while ("fetched",) in await house.rows("SELECT state FROM job"):
            await house.people.alice.messages(house.lab)
    clips = [
        message
        for channel in house.playground.world.channels.values()
        for message in channel.messages.values()
        if "**Video #2** for" in words_in(message)
    ]
    assert len(clips) == 1


async def test_a_post_of_an_earlier_version_which_laid_out_nothing_is_found(house: House) -> None:
    thread = (await house.video()).message["channel_id"]
    house.hold_renders()
    wish = WISH | {"prompt": "A second boat"}
    answer = await house.people.alice.command(thread, "video create", **wish)
    await house.reads(answer["message"], "is rendering")
    house.playground.knobs.play(Fault(route=POST, times=1, do="status 503"))
    house.let_renders_end()
    await until_fetched_and_refused(house)
    await house.stop_bot()
    bot_id = house.playground.application_id
    old = f"🎬 **Video #2** for <@{house.people.alice.id}>\n> A second boat"
    known = say(house, thread, old, by=bot_id)
    await house.start_bot()
    await house.reads(answer["message"], "is done")
    found = await house.rows("SELECT result_message_id FROM job WHERE job_id = 2")
    assert found == [(int(known),)]


async def until_fetched_and_refused(house: House) -> None:
    async with asyncio.timeout(WITHIN_S):
        while house.playground.knobs.faults:
            await house.people.alice.messages(house.lab)


def talk(house: House, channel: str, messages: int) -> None:
    """Let Bob say much."""
    for number in range(messages):
        say(house, channel, f"chat {number}", by=house.people.bob.id)


def say(house: House, channel: str, text: str, *, by: str) -> str:
    """Let somebody say something in words alone; the message's id."""
    world = house.playground.world
    said = Message(
        id=world.ids.next(),
        channel_id=channel,
        author_id=by,
        created_ms=world.now_ms(),
        content=text,
    )
    posting.post(world, said)
    return said.id
