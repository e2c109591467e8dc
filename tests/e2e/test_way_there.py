"""A result that cannot go where it was asked for goes a step back, says so, and is never lost."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bot.engine import scheduler
from playground.knobs import Fault
from playground.person import words
from playground.rest import messages as playground_messages
from playground.world import places, threads
from playground.world.events import ChannelChanged
from playground.world.model import Channel, ChannelKind, Overwrite, OverwriteKind
from playground.world.permissions import Permission
from tests.e2e.house import WISH, WITHIN_S, labels, words_in

if TYPE_CHECKING:
    from playground.person import Json
    from playground.world.model import Guild, Message
    from tests.e2e.house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")

POST = "POST /channels/{channel_id}/messages"
THREAD = "POST /channels/{channel_id}/messages/{message_id}/threads"
DIRECT = "POST /users/@me/channels"


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is due is found soon, without an event."""
    monkeypatch.setattr(scheduler, "SWEEP_S", 0.05)


async def asked(house: House, channel: str | None = None) -> Json:
    """Alice's video, which renders until `House.let_renders_end`."""
    house.hold_renders()
    answer = await house.people.alice.command(channel or house.lab, "video create", **WISH)
    message: Json = answer["message"]
    return await house.reads(message, "is rendering")


async def until_row(house: House, columns: str, *wanted: object, job: int = 1) -> None:
    """Wait until a job's row says this."""
    query = f"SELECT {columns} FROM job WHERE job_id = {job}"  # noqa: S608  # ours
    async with asyncio.timeout(WITHIN_S):
        while await house.rows(query) != [wanted]:
            await house.people.alice.messages(house.lab)


async def until_parked(house: House, *, job: int = 1) -> None:
    await until_row(house, "state, parked_at_ms IS NOT NULL", "fetched", 1, job=job)


def clips(house: House) -> list[Message]:
    """Every result that was posted, wherever."""
    return [
        message
        for channel in house.playground.world.channels.values()
        for message in channel.messages.values()
        if words_in(message).startswith("🎬")
    ]


def guild_of(house: House) -> Guild:
    guild = house.playground.world.guild_of(house.playground.world.channels[house.lab])
    assert guild is not None
    return guild


def own_thread(house: House, *, private: bool = False) -> Channel:
    """Alice's thread in #video-lab, which the bot sees."""
    world = house.playground.world
    kind = ChannelKind.PRIVATE_THREAD if private else ChannelKind.PUBLIC_THREAD
    thread = threads.open_thread(
        world, world.channels[house.lab], house.people.alice.id, "Boats", kind=kind
    )
    threads.join(world, thread, house.playground.application_id)
    return thread


async def nothing_takes_it(house: House) -> None:
    """The bot may write in no place, and Alice takes no direct messages."""
    await house.knobs(
        bot_permissions={house.lab: ["SEND_MESSAGES", "SEND_MESSAGES_IN_THREADS"]},
        closed_dms=[house.people.alice.id],
    )


async def audit_of(house: House) -> list[tuple[str, str]]:
    return await house.rows("SELECT action, detail FROM audit_entry ORDER BY seq")


async def test_an_archived_thread_is_woken_by_its_video(house: House) -> None:
    thread = own_thread(house)
    await asked(house, thread.id)
    threads.set_archived(house.playground.world, thread, archived=True)
    house.let_renders_end()
    await until_row(house, "state", "delivered")
    (clip,) = clips(house)
    assert clip.channel_id == thread.id
    assert thread.thread is not None
    assert not thread.thread.archived
    assert "This is here because" not in words_in(clip)


async def test_where_no_more_threads_fit_the_channel_gets_it_and_says_why(house: House) -> None:
    house.playground.knobs.play(Fault(route=THREAD, times=1, do="error 400 160006"))
    await house.reads(await house.ask(), "is done")
    (clip,) = clips(house)
    assert clip.channel_id == house.lab
    assert "because this server has as many open threads as Discord allows" in words_in(clip)


async def test_a_deleted_thread_gives_way_to_the_channel_above_it(house: House) -> None:
    thread = own_thread(house)
    await asked(house, thread.id)
    places.delete_channel(house.playground.world, thread)
    house.let_renders_end()
    await until_row(house, "state", "delivered")
    (clip,) = clips(house)
    assert clip.channel_id == house.lab
    assert "because the thread is gone" in words_in(clip)


@pytest.mark.parametrize("change", ["deleted", "locked"])
async def test_what_was_asked_for_in_a_private_thread_never_shows_in_the_channel_above(
    house: House, change: str
) -> None:
    thread = own_thread(house, private=True)
    await asked(house, thread.id)
    if change == "deleted":
        places.delete_channel(house.playground.world, thread)
    else:
        threads.set_archived(house.playground.world, thread, locked=True)
    house.let_renders_end()
    direct = await house.direct(house.people.alice, "Video #1")
    assert direct["attachments"]
    assert len(clips(house)) == 1
    assert labels(direct) == []


async def test_where_nothing_on_the_server_takes_it_the_member_gets_it_directly(
    house: House,
) -> None:
    await asked(house)
    await house.knobs(bot_permissions={house.lab: ["SEND_MESSAGES", "SEND_MESSAGES_IN_THREADS"]})
    house.let_renders_end()
    direct = await house.direct(house.people.alice, "Video #1")
    assert direct["attachments"]
    assert f"It was asked for in <#{house.lab}>. It is here because" in words(direct)
    assert "**Send Messages in Threads** is missing" in words(direct)
    await until_row(house, "state", "delivered")
    general = await house.people.alice.channel("general")
    told = await house.people.alice.command(general, "video status")
    assert "is done in the direct messages of" in told["message"]["content"]
    assert await house.rows("SELECT count(*) FROM ledger WHERE kind = 'settle'") == [(1,)]
    log = await house.people.mara.command(general, "moderate log")
    assert "went to the member's direct messages, because" in log["message"]["content"]
    assert len(await audit_of(house)) == 1


async def test_moderators_read_each_step_back_once(house: House) -> None:
    await asked(house)
    await nothing_takes_it(house)
    house.let_renders_end()
    await until_parked(house)
    for _ in range(3):  # tried again: it is no news
        await house.rows_written("UPDATE job SET post_again_at_ms = 0")
        await until_row(house, "post_again_at_ms > 0", 1)
    ((action, detail),) = await audit_of(house)
    assert action == "result_waits"
    assert "Send Messages in Threads" in detail
    await house.knobs(bot_permissions={}, closed_dms=[])
    await until_row(house, "state", "delivered")
    assert len(await audit_of(house)) == 1
    assert "because" not in words_in(clips(house)[0])


async def test_a_deleted_channel_parks_it_until_it_is_claimed(house: House) -> None:
    general = await house.people.alice.channel("general")
    await asked(house, general)
    await house.knobs(closed_dms=[house.people.alice.id])
    world = house.playground.world
    places.delete_channel(world, world.channels[general])
    house.let_renders_end()
    await until_parked(house)
    # Who could see the channel, nobody can tell: it does not go where others see it.
    refused = await house.people.alice.command(house.lab, "video claim")
    said = await house.told(house.people.alice, "can be posted nowhere")
    assert refused["message"]["ephemeral"]
    assert "because the channel is gone; direct messages from me are not taken" in said["content"]
    await house.knobs(closed_dms=[])
    await house.people.alice.command(house.lab, "video claim")
    await house.told(house.people.alice, "is in your direct messages")
    assert len(clips(house)) == 1


async def test_a_claim_posts_here_what_could_be_posted_nowhere(house: House) -> None:
    await asked(house)
    await nothing_takes_it(house)
    house.let_renders_end()
    await until_parked(house)
    await house.restart_bot()  # it waits through a restart
    await until_parked(house)
    general = await house.people.alice.channel("general")
    status = await house.people.alice.command(general, "video status")
    assert "gets it with `/video claim`" in status["message"]["content"]
    others = await house.people.bob.command(general, "video claim")
    assert others["message"] is not None
    await house.told(house.people.bob, "No finished video of yours waits", general)
    await house.people.alice.command(general, "video claim")
    said = await house.told(house.people.alice, "Video #1 is posted", general)
    (clip,) = clips(house)
    assert clip.channel_id == general
    assert said["content"].endswith(f"/{general}/{clip.id}")
    again = await house.people.alice.command(general, "video claim")
    assert again["message"]["ephemeral"]
    await house.told(house.people.alice, "No finished video of yours waits", general)
    assert len(clips(house)) == 1


async def test_a_claim_is_heard_while_the_clip_is_tried_elsewhere_once_more(house: House) -> None:
    await asked(house)
    await nothing_takes_it(house)
    house.let_renders_end()
    await until_parked(house)
    house.playground.knobs.play(Fault(route="POST /users/@me/channels", times=1, do="hang"))
    await house.restart_bot()  # which tries again, and waits for an answer
    general = await house.people.alice.channel("general")
    claim = asyncio.create_task(house.people.alice.command(general, "video claim"))
    await until_row(house, "claimed_into", int(general))
    await house.knobs(release_hangs=True)
    await claim
    await house.told(house.people.alice, "Video #1 is posted", general)
    (clip,) = clips(house)
    assert clip.channel_id == general


async def test_a_claim_shows_a_private_channels_video_to_nobody_new(house: House) -> None:
    world = house.playground.world
    general = await house.people.alice.channel("general")
    channel = world.channels[general]
    sight = int(Permission.VIEW_CHANNEL)
    who = (house.people.alice.id, house.playground.application_id)
    channel.overwrites = [
        Overwrite(channel.guild_id or "", OverwriteKind.ROLE, 0, sight),
        *(Overwrite(member, OverwriteKind.MEMBER, sight, 0) for member in who),
    ]
    world.publish(ChannelChanged(channel))
    await asked(house, general)
    speech = ["SEND_MESSAGES", "SEND_MESSAGES_IN_THREADS"]
    await house.knobs(bot_permissions={general: speech}, closed_dms=[house.people.alice.id])
    house.let_renders_end()
    await until_parked(house)
    await house.people.alice.command(house.lab, "video claim")
    await house.told(house.people.alice, "can be posted nowhere")
    assert clips(house) == []


async def test_a_claim_shows_a_private_threads_video_to_nobody_new(house: House) -> None:
    thread = own_thread(house, private=True)
    await asked(house, thread.id)
    threads.set_archived(house.playground.world, thread, locked=True)
    await house.knobs(closed_dms=[house.people.alice.id])
    house.let_renders_end()
    await until_parked(house)
    await house.people.alice.command(house.lab, "video claim")
    await house.told(house.people.alice, "because the thread is locked; direct messages")
    assert clips(house) == []
    threads.set_archived(house.playground.world, thread, locked=False)  # by itself from here on
    await until_row(house, "state", "delivered")
    (clip,) = clips(house)
    assert clip.channel_id == thread.id


async def test_an_adults_channels_video_is_claimed_in_no_other_kind(house: House) -> None:
    world = house.playground.world
    general = await house.people.alice.channel("general")
    world.channels[general].nsfw = True
    world.publish(ChannelChanged(world.channels[general]))
    await asked(house, general)
    speech = ["SEND_MESSAGES", "SEND_MESSAGES_IN_THREADS"]
    await house.knobs(bot_permissions={general: speech}, closed_dms=[house.people.alice.id])
    house.let_renders_end()
    await until_parked(house)
    await house.people.alice.command(house.lab, "video claim")
    await house.told(house.people.alice, "can be posted nowhere")
    assert clips(house) == []


async def test_what_is_taken_down_while_it_waits_is_settled_and_never_posted(house: House) -> None:
    await asked(house)
    await nothing_takes_it(house)
    house.let_renders_end()
    await until_parked(house)
    general = await house.people.mara.channel("general")
    await house.people.mara.command(general, "moderate takedown", video="#1")
    await until_row(house, "state, reason", "failed", "taken_down")
    await house.people.alice.command(general, "video claim")
    await house.told(house.people.alice, "No finished video of yours waits", general)
    assert clips(house) == []


@pytest.mark.parametrize("nonce_is_forgotten", [False, True])
@pytest.mark.parametrize("place", ["thread", "channel", "direct"])
async def test_a_lost_answer_makes_no_second_post_when_the_place_closes_after_it(
    house: House, place: str, nonce_is_forgotten: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if nonce_is_forgotten:
        monkeypatch.setattr(playground_messages, "NONCE_REMEMBERED_S", 0.0)
    thread = own_thread(house)
    await asked(house, thread.id)
    world = house.playground.world
    if place != "thread":
        threads.set_archived(world, thread, locked=True)
    if place == "direct":
        await house.knobs(bot_permissions={house.lab: ["SEND_MESSAGES"]})
    house.playground.knobs.play(Fault(route=POST, times=1, do="hang"))
    house.let_renders_end()
    async with asyncio.timeout(WITHIN_S):
        while not clips(house):
            await house.people.alice.messages(house.lab)
    await house.stop_bot()
    # Whatever was tried, it is refused from now on.
    threads.set_archived(world, thread, locked=True)
    await nothing_takes_it(house)
    house.playground.knobs.release_hangs()
    await house.start_bot()
    await until_row(house, "state", "delivered")
    assert len(clips(house)) == 1
    assert house.paid == 1


async def test_what_comes_late_says_so(house: House) -> None:
    await house.restart_bot(poll_pace=0.001)  # late after 1.8 s
    status = await asked(house)
    await house.reads(status, "is late: started")
    queue = await house.people.bob.command(house.lab, "video queue")
    assert "is late" in queue["message"]["content"]
    await house.people.alice.command(house.lab, "video claim")
    await house.told(house.people.alice, "Video #1 is late. It is paid for")
    house.let_renders_end()
    await until_row(house, "state", "delivered")
    (clip,) = clips(house)
    assert "This comes late" in words_in(clip)


async def test_direct_messages_that_discord_does_not_open_are_no_end(house: House) -> None:
    await asked(house)
    await house.knobs(bot_permissions={house.lab: ["SEND_MESSAGES", "SEND_MESSAGES_IN_THREADS"]})
    house.playground.knobs.play(Fault(route=DIRECT, times=1, do="error 403 50007"))
    house.let_renders_end()
    await until_parked(house)


async def test_a_removed_bot_ends_what_waits_free_and_settles_what_renders(house: House) -> None:
    await asked(house)
    house.emulator.knobs.update({"faults": [{"on": "create", "do": "error 429 1302", "times": 90}]})
    await house.ask(house.people.bob)
    await until_row(house, "state", "queued", job=2)
    places.remove_bot(house.playground.world, guild_of(house))
    await until_row(house, "state, reason", "failed", "server_left", job=2)
    house.emulator.knobs.update({"faults": []})
    house.let_renders_end()
    await until_row(house, "state, reason", "failed", "server_left")
    assert clips(house) == []
    ends = "SELECT job_id, kind FROM ledger WHERE kind <> 'reserve' ORDER BY entry_id"
    assert await house.rows(ends) == [(2, "release"), (1, "release"), (1, "settle")]
    assert house.paid == 1


@pytest.mark.parametrize("restarted", [False, True])
async def test_an_outage_of_the_server_is_no_removal(house: House, restarted: bool) -> None:
    await asked(house)
    places.begin_outage(house.playground.world, guild_of(house))
    if restarted:
        await house.restart_bot()
    house.let_renders_end()
    await until_row(house, "state", "fetched")
    places.end_outage(house.playground.world, guild_of(house))
    await until_row(house, "state", "delivered")
    assert len(clips(house)) == 1
