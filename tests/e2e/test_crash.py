"""Killed with SIGKILL in every state and started again: one post, one paid create.

Two controls switch off what makes it safe; they must show two charges and two posts,
or the tests above them would prove nothing.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiohttp
import psutil
import pytest
import pytest_asyncio

from emulator.server import Emulator
from playground.knobs import Fault
from playground.person import PeopleApi, button
from tests.e2e.crash_house import PROMPT, SIZE, CrashHouse, crash_house, until
from tests.media.making import clip_maker

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

# One emulator for all: the same request is rendered once and then comes from its cache.
pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]

POST = "POST /channels/{channel_id}/messages"
THREAD = "POST /channels/{channel_id}/messages/{message_id}/threads"
CALLBACK = "POST /interactions/{interaction_id}/{interaction_token}/callback"
SHOW = "PATCH /webhooks/{webhook_id}/{webhook_token}/messages/@original"
EDIT = "PATCH /channels/{channel_id}/messages/{message_id}"
LASTING = 1_000  # faults that last until they are mended
RENDER_DELAY_S = 3600  # virtual: the emulator's clock is moved


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def emulator() -> AsyncGenerator[Emulator]:
    async with Emulator() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def house(emulator: Emulator, tmp_path: Path) -> AsyncGenerator[CrashHouse]:
    async with crash_house(emulator, tmp_path) as built:
        built.forks = True
        yield built


async def ask(house: CrashHouse) -> None:
    """Alice asks for a video; the bot may be dead before it has answered her."""
    async with aiohttp.ClientSession() as session:
        alice = await PeopleApi(session, house.playground.people_api).person("Alice")
        channel = await alice.channel("video-lab")
        await alice.command(channel, "video create", prompt=PROMPT, size=SIZE)


async def restarted_ends_well(house: CrashHouse) -> None:
    """Kill, mend the world, start again: delivered, paid once, posted once, settled."""
    await until(lambda: faults_were_met(house))
    await house.kill_bot()
    house.order()
    house.emulator.knobs.update({"render_delay_s": 0, "advance_s": RENDER_DELAY_S})
    house.emulator.release()
    house.playground.knobs.faults.clear()
    house.playground.knobs.release_hangs()
    await house.start_bot()
    await until(lambda: house.state() == "delivered")
    assert house.paid() == 1
    assert len(house.posts()) == 1
    assert house.reservation() == "settle"


async def test_killed_while_the_job_waits(house: CrashHouse) -> None:
    await house.start_bot()
    house.order({"on": "create", "do": "error 429 1302", "times": LASTING})
    await ask(house)
    await until(lambda: house.state() == "queued" and house.emulator.knobs.faults.to_list())
    await restarted_ends_well(house)


async def test_killed_before_the_create_is_accepted(house: CrashHouse) -> None:
    await house.start_bot()
    house.order({"on": "create", "do": "hang_before", "times": LASTING})
    await ask(house)
    await until(lambda: house.state() == "submitting" and house.emulator.held_count)
    await restarted_ends_well(house)


async def test_killed_after_the_create_is_accepted_and_before_its_answer(house: CrashHouse) -> None:
    await house.start_bot()
    house.order({"on": "create", "do": "hang_after", "times": 1})
    await ask(house)
    await until(lambda: house.paid() == 1)
    assert house.state() == "submitting"
    await restarted_ends_well(house)


async def test_killed_while_the_answer_to_the_create_is_lost_again_and_again(
    house: CrashHouse,
) -> None:
    await house.start_bot()
    house.order({"on": "create", "do": "lost_answer", "times": 1})
    await ask(house)
    await until(lambda: house.paid() == 1)
    await restarted_ends_well(house)


async def test_killed_while_it_renders(house: CrashHouse) -> None:
    await house.start_bot()
    house.emulator.knobs.update({"render_delay_s": RENDER_DELAY_S})
    await ask(house)
    await until(lambda: house.state() == "rendering")
    await restarted_ends_well(house)


async def test_killed_while_the_clip_is_downloaded(house: CrashHouse) -> None:
    await house.start_bot()
    house.order({"on": "file", "do": "hang_before", "times": LASTING})
    await ask(house)
    await until(lambda: house.emulator.held_count)
    assert house.state() == "rendering"
    await restarted_ends_well(house)
    left = [path.name for path in (house.state_dir / "files").iterdir()]
    assert len(left) == 1, f"the interrupted download left something: {left}"


async def test_killed_while_the_clip_is_made_to_fit(house: CrashHouse, tmp_path: Path) -> None:
    result = tmp_path / "result.mp4"
    await asyncio.to_thread(
        lambda: clip_maker(result)(codec="libx265", size=(1280, 720), frames=150)
    )
    house.emulator.knobs.update({"result_file": str(result)})
    files_dir = house.state_dir / "files"
    try:
        await house.start_bot()
        assert house.bot is not None
        bot = psutil.Process(house.bot.pid)
        await ask(house)
        await until(lambda: list(files_dir.glob(".fit-*")))
        children = bot.children(recursive=True)
        await restarted_ends_well(house)
    finally:
        house.emulator.knobs.update({"result_file": None})
    assert children
    await until(lambda: not any(child.is_running() for child in children))
    # The result as it came, and the one that was posted; nothing half-done.
    assert [path.suffix for path in files_dir.iterdir()] == [".mp4", ".mp4"]


async def test_killed_when_fetched_and_before_the_post(house: CrashHouse) -> None:
    await house.start_bot()
    house.playground.knobs.play(Fault(route=THREAD, times=LASTING, do="status 503"))
    await ask(house)
    await until(lambda: house.state() == "fetched")
    await restarted_ends_well(house)


async def test_killed_when_the_thread_is_made_and_its_answer_is_lost(house: CrashHouse) -> None:
    await house.start_bot()
    house.playground.knobs.play(Fault(route=THREAD, times=1, do="hang"))
    await ask(house)
    await until(lambda: len(threads(house)) == 1)
    assert house.state() == "fetched"
    await restarted_ends_well(house)
    assert len(threads(house)) == 1


async def test_killed_when_the_post_is_made_and_its_answer_is_lost(house: CrashHouse) -> None:
    await house.start_bot()
    house.playground.knobs.play(Fault(route=POST, times=1, do="hang"))
    await ask(house)
    await until(lambda: len(house.posts()) == 1)
    assert house.state() == "fetched"
    await restarted_ends_well(house)


async def test_the_post_is_found_again_also_when_discord_has_forgotten_its_nonce(
    house: CrashHouse,
) -> None:
    await house.start_bot()
    house.playground.knobs.play(Fault(route=POST, times=1, do="hang"))
    await ask(house)
    await until(lambda: len(house.posts()) == 1)
    house.clock.ahead_s += 3600
    await restarted_ends_well(house)


async def test_killed_when_delivered(house: CrashHouse) -> None:
    await house.start_bot()
    await ask(house)
    await until(lambda: house.state() == "delivered")
    await restarted_ends_well(house)


async def test_killed_when_delivered_and_before_the_status_says_so(house: CrashHouse) -> None:
    await house.start_bot()
    house.playground.knobs.play(Fault(route=EDIT, times=LASTING, do="hang"))
    await ask(house)
    await until(lambda: house.state() == "delivered")
    await restarted_ends_well(house)
    await until(lambda: any("is done" in content for content in house.contents()))


async def test_killed_before_the_answer_is_filled(house: CrashHouse) -> None:
    await house.start_bot()
    house.playground.knobs.play(Fault(route=SHOW, times=LASTING, do="hang"))
    await ask(house)
    await until(lambda: house.state() is not None)
    await restarted_ends_well(house)


async def test_killed_before_anything_was_written_starts_nothing(house: CrashHouse) -> None:
    await house.start_bot()
    house.playground.knobs.play(Fault(route=CALLBACK, times=LASTING, do="hang"))
    await ask(house)
    await until(lambda: faults_were_met(house))
    await house.kill_bot()
    house.playground.knobs.faults.clear()
    house.playground.knobs.release_hangs()
    await house.start_bot()
    assert house.state() is None
    assert house.paid() == 0


async def test_killed_in_each_state_one_after_the_other(house: CrashHouse) -> None:
    """The same job is killed as it waits to be paid, renders, downloads and is posted."""
    await house.start_bot()
    house.emulator.knobs.update({"render_delay_s": RENDER_DELAY_S})
    house.order({"on": "create", "do": "hang_after", "times": 1})
    await ask(house)
    await until(lambda: house.paid() == 1)
    await house.kill_bot()
    house.emulator.release()
    await house.start_bot()
    await until(lambda: house.state() == "rendering")
    await house.kill_bot()
    house.order({"on": "file", "do": "hang_before", "times": 1})
    house.emulator.knobs.update({"advance_s": RENDER_DELAY_S})
    await house.start_bot()
    await until(lambda: house.emulator.held_count)
    await house.kill_bot()
    house.emulator.release()
    house.playground.knobs.play(Fault(route=POST, times=1, do="hang"))
    await house.start_bot()
    await until(lambda: len(house.posts()) == 1)
    await restarted_ends_well(house)


# --- controls: without what makes it safe, the same crashes are seen to do harm ----------------


async def test_control_a_gateway_that_forgets_request_ids_charges_twice(house: CrashHouse) -> None:
    house.emulator.knobs.update({"duplicate_request_id": "accept", "in_flight_limit": 5})
    await house.start_bot()
    house.order({"on": "create", "do": "hang_after", "times": 1})
    await ask(house)
    await until(lambda: house.paid() == 1)
    await house.kill_bot()
    house.emulator.release()
    await house.start_bot()
    await until(lambda: house.state() == "delivered")
    assert house.paid() == 2


async def test_control_without_nonce_and_history_the_clip_is_posted_twice(
    house: CrashHouse,
) -> None:
    await house.start_bot()
    house.playground.knobs.play(Fault(route=POST, times=1, do="hang"))
    await ask(house)
    await until(lambda: len(house.posts()) == 1)
    await house.kill_bot()
    house.clock.ahead_s += 3600
    channels = [c.id for c in house.playground.world.channels.values() if not c.is_thread]
    house.playground.world.deny_bot({channel: ["READ_MESSAGE_HISTORY"] for channel in channels})
    house.playground.knobs.release_hangs()
    await house.start_bot()
    await until(lambda: house.state() == "delivered")
    assert len(house.posts()) == 2


def faults_were_met(house: CrashHouse) -> bool:
    """A crash before a fault that nothing met would prove nothing."""
    return all(fault.times not in {1, LASTING} for fault in house.playground.knobs.faults)


def threads(house: CrashHouse) -> list[str]:
    """The threads of all channels."""
    return [c.id for c in house.playground.world.channels.values() if c.is_thread]


async def test_a_kill_after_the_question_and_one_after_the_yes_end_in_one_video(
    house: CrashHouse,
) -> None:
    await house.start_bot()
    async with aiohttp.ClientSession() as session:
        people = PeopleApi(session, house.playground.people_api)
        alice, mara = await people.person("Alice"), await people.person("Mara")
        channel = await alice.channel("video-lab")
        panel = (await mara.command(channel, "cogreel setup"))["message"]
        panel = (await mara.click(panel, button(panel, "Models")))["message"]
        form = await mara.click(panel, button(panel, "Ask about the cost of a video …"))
        await mara.submit(form["modal"], amount="0")
        await ask(house)
        question = await alice.see(channel, lambda seen: "Make it?" in seen["content"])
        await house.kill_bot()
        assert (house.state(), house.paid()) == (None, 0)
        await house.start_bot()
        house.emulator.knobs.update({"render_delay_s": RENDER_DELAY_S})
        house.playground.knobs.play(Fault(route=SHOW, times=1, do="hang"))  # the question's end
        await alice.click(question, button(question, "Make it"))
    await until(lambda: house.state() == "rendering")
    await restarted_ends_well(house)
    await until(lambda: [text for text in house.contents() if "Video #1** is done" in text])
    assert len([text for text in house.contents() if "Video #1** is" in text]) == 1
