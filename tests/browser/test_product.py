"""The whole product in a browser: what a member and a moderator do on the page, end to end."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from bot.demo.visit import picture

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Locator

    from tests.browser.visitor import Visit, Visitor
    from tests.e2e.house import House

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.timeout(120),
]

LAB = "video-lab"
PROMPT = "A paper boat sails over a quiet lake at sunset"
SIZE = "1280x720"
PATIENCE_MS = 30_000  # a render takes seconds


async def open_thread(visitor: Visitor, name: str) -> None:
    await visitor.message(name).get_by_role("button", name="Open the thread").first.click()


async def playing(clip: Locator) -> dict[str, float]:
    """Play a clip and say what the browser makes of it."""
    facts: dict[str, float] = await clip.evaluate(
        """async (video) => {
            video.muted = true;
            await video.play();
            while (video.currentTime < 0.3) await new Promise(requestAnimationFrame);
            return {width: video.videoWidth, height: video.videoHeight, duration: video.duration};
        }"""
    )
    return facts


async def test_a_member_makes_a_video_from_an_image_and_it_plays_in_the_thread(
    house: House, visit: Visit, tmp_path: Path
) -> None:
    dawn = tmp_path / "dawn.png"
    dawn.write_bytes(picture("dawn"))
    alice = await visit(house.playground.page_url, "Alice", LAB)
    await alice.run("video create", prompt=PROMPT, image=dawn, size=SIZE)

    status = alice.message("Video #1")
    await expect(status).to_contain_text(re.compile("waiting|handed|rendering"))
    await expect(status).to_contain_text("is done", timeout=PATIENCE_MS)

    await open_thread(alice, "Video #1")
    clip = alice.page.locator("video").first
    await expect(clip).to_be_visible()
    assert await playing(clip) == {
        "width": 1280,
        "height": 720,
        "duration": pytest.approx(5, abs=0.1),
    }


async def test_again_and_a_reaction_each_make_another_take(house: House, visit: Visit) -> None:
    alice = await visit(house.playground.page_url, "Alice", LAB, color_scheme="light")
    await alice.run("video create", prompt=PROMPT, size=SIZE)
    await expect(alice.message("Video #1")).to_contain_text("is done", timeout=PATIENCE_MS)
    await open_thread(alice, "Video #1")
    result = alice.message("Video #1").filter(has=alice.page.locator("video"))
    await playing(result.locator("video"))

    await result.get_by_role("button", name="Again").click()
    take = alice.message("Video #2").filter(has=alice.page.locator("video"))
    await expect(take).to_contain_text("another take of #1", timeout=PATIENCE_MS)

    await alice.react(result, "🔁")
    second = alice.message("Video #3").filter(has=alice.page.locator("video"))
    await expect(second).to_contain_text("another take of #1", timeout=PATIENCE_MS)
    assert house.paid == 3


async def test_edit_opens_a_form_with_the_old_words_and_makes_a_take_of_the_new(
    house: House, visit: Visit
) -> None:
    alice = await visit(house.playground.page_url, "Alice", LAB)
    await alice.run("video create", prompt=PROMPT, size=SIZE)
    await expect(alice.message("Video #1")).to_contain_text("is done", timeout=PATIENCE_MS)
    await open_thread(alice, "Video #1")
    result = alice.message("Video #1").filter(has=alice.page.locator("video"))
    await result.get_by_role("button", name="Edit").click()
    words = alice.see("modal").get_by_label("Prompt")
    await expect(words).to_have_value(PROMPT)
    await words.fill("A paper boat sails through rain")
    await alice.see("modal-submit").click()
    take = alice.message("Video #2").filter(has=alice.page.locator("video"))
    await expect(take).to_contain_text("sails through rain", timeout=PATIENCE_MS)


async def test_a_moderator_sets_a_quota_and_the_member_is_refused_privately(
    house: House, visit: Visit
) -> None:
    mara = await visit(house.playground.page_url, "Mara", LAB)
    alice = await visit(house.playground.page_url, "Alice", LAB)
    await mara.run("quota set", videos="0", per="day", member="@Alice")
    await expect(mara.message("From now on")).to_contain_text("0 videos per day")

    await alice.run("video create", prompt=PROMPT, size=SIZE)
    refusal = alice.message("used up")
    await expect(refusal).to_contain_text("Only you can see this")
    await expect(refusal).to_contain_text("Your limit of 0 videos per day")
    await expect(mara.message("used up")).to_have_count(0)
    # The public answer that was begun is taken back, for everybody.
    await expect(alice.message("is thinking")).to_have_count(0)
    await expect(mara.message("is thinking")).to_have_count(0)
    assert house.paid == 0


async def test_a_member_confirms_what_costs_more_than_moderators_let_pass(
    house: House, visit: Visit
) -> None:
    mara = await visit(house.playground.page_url, "Mara", LAB)
    await mara.run("cogreel setup")
    await mara.page.get_by_role("button", name="Models").click()
    await mara.page.get_by_role("button", name="Ask about the cost").click()
    form = mara.page.get_by_role("dialog")
    await form.get_by_role("textbox").fill("0.10 USD")
    await form.get_by_role("button", name="Submit").click()
    said = "Members confirm: every video that may cost more than USD 0.10"
    await expect(mara.message(said)).to_be_visible()

    alice = await visit(house.playground.page_url, "Alice", LAB)
    await alice.run("video create", prompt=PROMPT, size=SIZE)
    question = alice.message("This video will cost up to USD 0.20. Make it?")
    await expect(question).to_contain_text("Only you can see this")
    await question.get_by_role("button", name="Make it").click()
    await expect(alice.message("Video #1 is asked for.")).to_be_visible()
    await expect(question).to_have_count(0)
    await expect(alice.message("cost USD 0.20")).to_contain_text("is done", timeout=PATIENCE_MS)
