"""A layout of components v2 on the page."""

import pytest
from playwright.async_api import expect

from playground.server import Playground
from tests.browser.echo_bot import EchoBot
from tests.browser.visitor import Visit

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

LAB = "video-lab"


async def test_a_layout_shows_its_sections_gallery_and_files_and_no_others(
    playground: Playground, echo_bot: EchoBot, visit: Visit
) -> None:
    assert echo_bot.is_ready()
    alice = await visit(playground.page_url, "Alice", LAB)
    await alice.run("sheet")
    layout = alice.message("A layout")
    section = layout.locator(".component-section").first
    await expect(section.get_by_role("img", name="The first frame")).to_be_visible()
    await expect(layout.locator(".gallery img")).to_have_count(3)
    await expect(layout.get_by_role("link", name="notes.txt 13 B")).to_be_visible()
    await expect(layout.get_by_text("loose.png")).to_have_count(0)
    await expect(layout.locator("img[alt='loose.png']")).to_have_count(0)
    covers = layout.get_by_role("button", name="Show the spoiler")
    await expect(covers).to_have_count(2)
    await covers.last.click()
    await expect(layout.get_by_text("hidden at first")).to_be_visible()
    await alice.see("button-more").click()
    await expect(layout.get_by_role("alert")).to_have_text("The application did not respond")
