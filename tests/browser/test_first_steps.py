"""What somebody meets who has never seen the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from tests.browser.echo_bot import EchoBot

if TYPE_CHECKING:
    from pathlib import Path

    from playground.server import Playground
    from tests.browser.visitor import Visit, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

LAB = "video-lab"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


async def open_anew(visitor: Visitor, playground: Playground) -> None:
    """As somebody does who was given no more than the page's address."""
    await visitor.page.goto("about:blank")
    await visitor.page.goto(playground.page_url)
    await visitor.ready()


async def test_the_page_opens_as_a_member_where_one_press_begins_the_first_command(
    playground: Playground, echo_bot: EchoBot, visit: Visit
) -> None:
    assert echo_bot.is_ready()
    newcomer = await visit(playground.page_url, "Mara", "general")
    await open_anew(newcomer, playground)
    await expect(newcomer.page.get_by_role("radio", name="Alice")).to_be_checked()
    await expect(newcomer.see("place")).to_have_text(LAB)
    await expect(newcomer.see("empty")).to_contain_text("/video create")
    await newcomer.see("first-command").click()
    await expect(newcomer.see("command-form")).to_contain_text("/echo")


async def test_commands_stand_in_the_order_in_which_the_bot_has_them(
    playground: Playground, echo_bot: EchoBot, visit: Visit
) -> None:
    first = [command.name for command in echo_bot.tree.get_commands()][:3]
    alice = await visit(playground.page_url, "Alice", LAB)
    await alice.see("composer").fill("/")
    for place, name in enumerate(first):
        await expect(alice.see("palette").get_by_role("option").nth(place)).to_contain_text(name)
    assert first != sorted(first)


async def test_an_empty_channel_says_that_the_bot_is_away_until_it_comes(
    playground: Playground, visit: Visit, tmp_path: Path
) -> None:
    alice = await visit(playground.page_url, "Alice", LAB)
    await expect(alice.see("empty")).to_contain_text("The bot is not connected")
    await expect(alice.see("first-command")).to_have_count(0)
    async with EchoBot(tmp_path) as bot:
        await bot.arrive(playground.bot_token)
        await expect(alice.see("first-command")).to_be_visible()


async def test_on_a_phone_a_command_says_all_that_it_does(
    playground: Playground, echo_bot: EchoBot, visit: Visit
) -> None:
    assert echo_bot.is_ready()
    alice = await visit(playground.page_url, "Alice", LAB, **PHONE)
    await alice.see("composer").fill("/")
    cut = await alice.page.evaluate(
        """() => [...document.querySelectorAll(".palette-description")]
            .filter((node) => node.scrollWidth > node.clientWidth + 1)
            .map((node) => node.textContent)"""
    )
    assert cut == []
