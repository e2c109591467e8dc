"""A script tells what people do, and those at the page look on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import expect

from bot.demo.captions import WatchedApi
from playground.world import seed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playground.server import Playground
    from tests.browser.visitor import Visit

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

LAB = "video-lab"


@pytest_asyncio.fixture(loop_scope="session")
async def watched(playground: Playground) -> AsyncIterator[WatchedApi]:
    async with aiohttp.ClientSession() as session:
        yield WatchedApi(session, playground.people_api)


async def show(api: WatchedApi) -> None:
    """A short tour: Alice and Mara each say something, as they are told to."""
    for person, says in ((seed.ALICE, "good morning"), (seed.MARA, "good evening")):
        caption = {"title": "1. Greetings", "who": "Somebody", "says": f"says {says}"}
        api.tell(caption | {"as": person, "channel": seed.VIDEO_LAB})
        await api.send("/message", {"as": person, "channel": seed.VIDEO_LAB, "content": says})
    api.tell({"title": "The end", "says": "That was all.", "end": True})
    await api.flush()


@pytest_asyncio.fixture(loop_scope="session")
async def showing(watched: WatchedApi) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(show(watched))
    yield task
    task.cancel()


async def test_nobody_acts_before_it_was_read_who_does_what(
    playground: Playground, showing: asyncio.Task[None], visit: Visit
) -> None:
    bob = await visit(playground.page_url, "Bob", "general")
    await expect(bob.see("tour")).to_contain_text("Watch the tour")
    assert playground.world.channels[seed.VIDEO_LAB].messages == {}
    await bob.see("watch-tour").click()
    await bob.see("pause-tour").click()
    await expect(bob.see("caption")).to_have_text("Somebodysays good morning")
    await expect(bob.message("good morning")).to_be_visible()
    await expect(bob.page.get_by_role("radio", name="Alice")).to_be_checked()
    await expect(bob.message("good evening")).to_have_count(0)
    await bob.see("next-caption").click()
    await expect(bob.message("good evening")).to_be_visible()
    await expect(bob.page.get_by_role("radio", name="Mara")).to_be_checked()
    await bob.see("next-caption").click()
    await expect(bob.see("caption")).to_have_text("That was all.")
    await showing
    await bob.see("close-tour").click()
    await expect(bob.see("tour")).to_be_hidden()


async def test_it_goes_on_by_itself_after_the_time_that_reading_takes(
    playground: Playground, showing: asyncio.Task[None], visit: Visit
) -> None:
    bob = await visit(playground.page_url, "Bob", LAB)
    await bob.see("watch-tour").click()
    await expect(bob.see("caption")).to_have_text("That was all.", timeout=20_000)
    await showing
    said = [each.content for each in playground.world.channels[seed.VIDEO_LAB].messages.values()]
    assert said == ["good morning", "good evening"]
