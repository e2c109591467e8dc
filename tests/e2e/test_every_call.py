"""Each call of the bot meets each trouble of Discord's: nothing is lost, nothing is made twice."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.domain import polling
from bot.engine import deliver
from bot.services import command_sync
from cogs import put_off, status_board
from playground.knobs import Fault
from playground.person import button
from playground.rest import messages as playground_messages
from playground.world import interactions
from playground.world.events import InteractionStarted
from tests.e2e.house import WISH, WITHIN_S

if TYPE_CHECKING:
    from playground.world.interactions import Interaction
    from tests.e2e.house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")

CALLBACK = "POST /interactions/{interaction_id}/{interaction_token}/callback"
SHOW = "PATCH /webhooks/{webhook_id}/{webhook_token}/messages/@original"
EDIT = "PATCH /channels/{channel_id}/messages/{message_id}"
POST = "POST /channels/{channel_id}/messages"
FOLLOW_UP = "POST /webhooks/{webhook_id}/{webhook_token}"
SETUP_ENTRIES = "SELECT count(*) FROM audit_entry WHERE action = 'setting_changed'"
DELETE = "DELETE /channels/{channel_id}/messages/{message_id}"
HISTORY = "GET /channels/{channel_id}/messages"
THREAD = "POST /channels/{channel_id}/messages/{message_id}/threads"
DIRECT = "POST /users/@me/channels"
SYNC = "PUT /applications/{application_id}/commands"
TROUBLES = ["lost_answer", "status 502", "status 503", "rate_limit 0.1", "global_limit 0.1", "ban"]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The waits after trouble, a hundredth of what they are."""
    whole = polling.wait_after_error_s

    def hurried(*, errors: int, jitter: float) -> float:
        return whole(errors=errors, jitter=jitter) / 100

    monkeypatch.setattr(deliver, "wait_after_error_s", hurried)
    monkeypatch.setattr(put_off, "FIRST_WAIT_S", 0.02)
    monkeypatch.setattr(status_board, "RETRY_EVERY_S", 0.02)


def clips(house: House) -> list[str]:
    """Where every result was posted."""
    return [
        channel.id
        for channel in house.playground.world.channels.values()
        for message in channel.messages.values()
        if message.content.startswith("🎬")
    ]


async def done(house: House) -> None:
    async with asyncio.timeout(WITHIN_S):
        while await house.rows("SELECT state, shown_state FROM job") != [
            ("delivered", "delivered")
        ]:
            await house.people.alice.messages(house.lab)


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("route", [SHOW, EDIT, POST, THREAD])
async def test_a_video_is_shown_and_posted_once(house: House, route: str, trouble: str) -> None:
    await house.restart_bot()  # with the waits of this test
    house.playground.knobs.play(Fault(route=route, times=1, do=trouble))
    await house.people.alice.command(house.lab, "video create", **WISH)
    await done(house)
    assert len(clips(house)) == 1
    assert house.paid == 1
    status = [text for text in house.public() if "is done" in text]
    assert len(status) == 1


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("route", [DIRECT, POST])
async def test_a_clip_is_sent_directly_once(house: House, route: str, trouble: str) -> None:
    house.hold_renders()
    await house.reads(await house.ask(), "is rendering")
    await house.knobs(bot_permissions={house.lab: ["SEND_MESSAGES", "SEND_MESSAGES_IN_THREADS"]})
    house.playground.knobs.play(Fault(route=route, times=1, do=trouble))
    house.let_renders_end()
    await house.direct(house.people.alice, "Video #1")
    await done(house)
    assert len(clips(house)) == 1


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_a_search_for_an_earlier_post_that_fails_is_repeated_before_anything_is_posted(
    house: House, trouble: str
) -> None:
    house.playground.knobs.play(Fault(route=POST, times=1, do="hang"))
    await house.ask()
    async with asyncio.timeout(WITHIN_S):
        while not clips(house):
            await house.people.alice.messages(house.lab)
    await house.stop_bot()
    house.playground.knobs.release_hangs()
    house.playground.knobs.play(Fault(route=HISTORY, times=1, do=trouble))
    await house.start_bot()
    await done(house)
    assert len(clips(house)) == 1


async def test_a_clip_that_was_posted_while_the_clock_was_ahead_is_found_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(playground_messages, "NONCE_REMEMBERED_S", 0.0)
    house.playground.knobs.play(Fault(route=POST, times=1, do="hang"))
    await house.ask()
    async with asyncio.timeout(WITHIN_S):
        while not clips(house):
            await house.people.alice.messages(house.lab)
    await house.stop_bot()
    house.playground.knobs.release_hangs()
    await house.rows_written("UPDATE job SET state_at_ms = state_at_ms + 18000000")
    await house.start_bot()
    await done(house)
    assert len(clips(house)) == 1


async def test_a_refusal_whose_receipt_is_lost_is_told_once(house: House) -> None:
    await house.people.mara.command(house.lab, "moderate words add", text="boat")
    house.playground.knobs.play(Fault(route=FOLLOW_UP, times=1, do="lost_answer"))
    async with house.nothing_happens():
        await house.people.alice.command(house.lab, "video create", **WISH)
        await house.told(house.people.alice, "do not allow")
    await house.people.alice.command(house.lab, "video models")  # what it had to say is said
    await house.told(house.people.alice, "CogVideoX")
    seen = await house.people.alice.messages(house.lab)
    assert len([each for each in seen if "do not allow" in each["content"]]) == 1


async def test_a_form_whose_receipt_is_lost_is_taken_once(house: House) -> None:
    mara, lab = house.people.mara, house.lab
    await house.knobs(answer_within_s=0.5)
    panel = (await mara.command(lab, "cogreel setup"))["message"]
    panel = (await mara.click(panel, button(panel, "Models")))["message"]
    for lost in ("when it is opened", "when it is sent"):
        if lost == "when it is opened":
            house.playground.knobs.play(Fault(route=CALLBACK, times=1, do="lost_answer"))
        form = await mara.click(panel, button(panel, "Ask about the cost of a video …"))
        if lost == "when it is sent":
            house.playground.knobs.play(Fault(route=CALLBACK, times=1, do="lost_answer"))
        sent = await mara.submit(form["modal"], amount="3")
        if lost == "when it is opened":  # it is taken for none, and Discord says so
            assert sent["error"] == "The application did not respond"
    async with asyncio.timeout(WITHIN_S):
        while not (found := await house.rows(SETUP_ENTRIES))[0][0]:
            await mara.messages(lab)
    assert found == [(1,)]


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_what_was_taken_down_is_deleted_in_the_end(
    house: House, trouble: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cogs.clearing.SWEEP_S", 0.05)
    await house.restart_bot()
    await house.video()
    house.playground.knobs.play(Fault(route=DELETE, times=1, do=trouble))
    await house.people.mara.command(house.lab, "moderate takedown", video="#1")
    async with asyncio.timeout(WITHIN_S):
        while await house.rows("SELECT takedown_done_at_ms IS NULL FROM job") != [(0,)]:
            await house.people.alice.messages(house.lab)
    assert clips(house) == []


@pytest.mark.parametrize("trouble", ["status 503", "ban", "error 404 10062", "status 400"])
async def test_a_command_whose_first_answer_is_refused_starts_nothing(
    house: House, trouble: str
) -> None:
    await house.knobs(answer_within_s=0.5)
    house.playground.knobs.play(Fault(route=CALLBACK, times=8, do=trouble))
    async with house.nothing_happens():
        answer = await house.people.alice.command(house.lab, "video create", **WISH)
        assert answer["error"] == "The application did not respond"
        house.playground.knobs.faults.clear()


async def test_a_private_answer_whose_receipt_is_lost_is_given_once(house: House) -> None:
    house.playground.knobs.play(Fault(route=CALLBACK, times=1, do="lost_answer"))
    await house.people.alice.command(house.lab, "video models")
    await house.told(house.people.alice, "CogVideoX")
    await house.video()  # whatever it still had to say is said by now
    seen = await house.people.alice.messages(house.lab)
    assert len([each for each in seen if each["ephemeral"]]) == 1


async def test_a_command_that_arrives_twice_makes_one_video(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    add = interactions.InteractionBook.add
    seen: list[Interaction] = []

    def noted(book: interactions.InteractionBook, interaction: Interaction) -> None:
        seen.append(interaction)
        add(book, interaction)

    monkeypatch.setattr(interactions.InteractionBook, "add", noted)
    await house.people.alice.command(house.lab, "video create", **WISH)
    house.playground.world.publish(InteractionStarted(seen[0]))
    await done(house)
    assert len(clips(house)) == 1
    assert house.paid == 1


async def test_a_command_that_is_answered_too_late_starts_nothing(house: House) -> None:
    await house.knobs(answer_within_s=0)
    async with house.nothing_happens():
        answer = await house.people.alice.command(house.lab, "video create", **WISH)
        assert answer["error"] == "The application did not respond"
        async with asyncio.timeout(WITHIN_S):
            while not [entry for entry in await house.log() if entry["status"] == 404]:
                await house.people.alice.messages(house.lab)


async def test_a_reaction_while_the_connection_is_lost_is_made_up_for(house: House) -> None:
    first = await house.video()
    await house.knobs(gateway="drop")
    await house.people.alice.react(first.message, "🔁")
    async with asyncio.timeout(WITHIN_S):
        while len(await house.rows("SELECT job_id FROM job")) < 2:  # with its take
            await house.people.alice.messages(house.lab)


@pytest.mark.parametrize("trouble", ["lost_answer", "status 503", "ban"])
async def test_commands_that_discord_does_not_take_at_the_start_are_synced_later(
    empty_house: House, trouble: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command_sync, "RETRY_S", 0.05)
    empty_house.playground.knobs.play(Fault(route=SYNC, times=1, do=trouble))
    await empty_house.start_bot()
    async with asyncio.timeout(WITHIN_S):
        while not await empty_house.rows("SELECT digest FROM command_sync"):
            await empty_house.people.alice.messages(empty_house.lab)
    await empty_house.video()


@pytest.mark.parametrize("old", ["another option", "another command"])
async def test_a_command_of_an_older_definition_is_told_to_be_loaded_anew(
    house: House, old: str
) -> None:
    [video] = [
        command
        for command in house.playground.world.commands.all(None)
        if command["name"] == "video"
    ]
    [models] = [option for option in video["options"] if option["name"] == "models"]
    [sooner] = [option for option in video["options"] if option["name"] == "sooner"]
    if old == "another option":
        sooner["options"][0]["name"] = "number"
    else:
        models["name"] = "prices"
    async with house.nothing_happens():
        if old == "another option":
            await house.people.alice.command(house.lab, "video sooner", number=1)
        else:
            await house.people.alice.command(house.lab, "video prices")
        await house.told(house.people.alice, "This command has changed since your Discord")


async def test_a_status_older_than_an_hour_is_told_anew_and_edited_no_more(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(status_board, "OLD_AFTER", timedelta(seconds=-60))
    await house.knobs(old_edit_after_s=0)
    status = await house.ask()
    first_words = (await house.reads(status, "Video #1"))["content"]
    told = await house.says(house.lab, "is done")
    assert told["id"] != status["id"]
    seen = await house.people.alice.message(house.lab, status["id"])
    assert seen is not None
    assert seen["content"] == first_words
    await done(house)
    assert not [entry for entry in await house.log() if entry["status"] == 429]
    assert len(clips(house)) == 1
