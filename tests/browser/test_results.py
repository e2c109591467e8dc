"""Results and the board on the page: at desktop and phone width, light and dark."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import expect

from bot.domain.language import Language
from playground.person import button, words
from tests.e2e.house import SIZE, link_of

if TYPE_CHECKING:
    from tests.browser.visitor import Visit, Visitor
    from tests.e2e.house import House

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.timeout(120),
]

DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
    "color_scheme": "dark",
}
PROMPT = "A paper boat sails over a quiet lake at sunset, past reeds and a heron that waits"


LINES = "row => new Set([...row.children].map(each => each.getBoundingClientRect().top)).size"


async def keep_picture(visitor: Visitor, name: str) -> None:
    folder = os.environ.get("PICTURES_DIR")
    if folder:
        await visitor.page.screenshot(path=str(Path(folder) / name))


async def board_and_results(house: House) -> None:
    """In one channel: the board, a result with its clip, and one with a link."""
    mara = house.people.mara
    panel = (await mara.command(house.lab, "cogreel setup"))["message"]
    panel = (await mara.click(panel, button(panel, "Results and log")))["message"]
    panel = (await mara.click(panel, button(panel, "Post results into the channel itself")))[
        "message"
    ]
    panel = (await mara.click(panel, button(panel, "Turns and time")))["message"]
    await mara.pick(panel, "cogreel:setup:board", house.lab)
    await house.says(house.lab, "The videos of this server")
    await house.reads(await house.ask(prompt=PROMPT, size=SIZE), "is done")
    await house.knobs(bot_permissions={house.lab: ["ATTACH_FILES"]})
    await house.reads(await house.ask(prompt=PROMPT, size=SIZE), "is done")


async def test_results_and_the_board_fit_a_desktop_and_a_phone(house: House, visit: Visit) -> None:
    await board_and_results(house)
    seen = await house.people.alice.messages(house.lab)
    linked = next(each for each in seen if words(each).startswith("🎬 **Video #2**"))
    for name, device in (("desktop", DESKTOP), ("phone", PHONE)):
        alice = await visit(house.playground.page_url, "Alice", "video-lab", **device)
        result = alice.message("Video #1 for").filter(has=alice.page.locator("video"))
        clip = result.locator("video")
        await expect(clip).to_be_visible()
        box = await result.locator(".container").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= device["viewport"]["width"]
        wide = await alice.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= device["viewport"]["width"]
        await expect(result.get_by_role("button", name="Again")).to_be_visible()
        leads = alice.message("Video #2").get_by_role("link", name="Watch or download")
        await expect(leads).to_have_attribute("href", link_of(linked))
        await expect(alice.message("The videos of this server")).to_contain_text("Z.AI works.")
        await leads.scroll_into_view_if_needed()
        await keep_picture(alice, f"results-{name}-link.png")
        await clip.scroll_into_view_if_needed()
        await keep_picture(alice, f"results-{name}-clip.png")
        await alice.message("The videos of this server").scroll_into_view_if_needed()
        await keep_picture(alice, f"results-{name}-board.png")


async def test_the_two_rows_under_a_result_take_a_line_each_on_a_phone_in_every_language(
    house: House, visit: Visit
) -> None:
    await house.video()
    alice = await visit(house.playground.page_url, "Alice", "video-lab", **PHONE)
    shown = alice.see("messages").get_by_role("listitem").filter(has=alice.page.locator("video"))
    guild_id = int(house.playground.world.channels[house.lab].guild_id or 0)
    assert house.bot is not None
    for count, language in enumerate(Language, 1):
        await house.bot.services.policies.choose_language(guild_id, language, by=1)
        await house.people.alice.command(house.lab, "video show", job=1)
        await expect(shown).to_have_count(count)
        rows = shown.last.locator(".row")
        await expect(rows).to_have_count(2)
        await expect(rows.get_by_role("button")).to_have_count(7)
        for row in await rows.all():
            assert await row.evaluate(LINES) == 1, (language, await row.inner_text())
    wide = await alice.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= PHONE["viewport"]["width"]
