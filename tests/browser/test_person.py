"""What a person has at the page: servers, the direct conversation, a language, any emoji."""

import pytest
from playwright.async_api import expect

from playground.server import Playground
from tests.browser.echo_bot import EchoBot
from tests.browser.visitor import Visit
from tests.e2e.house import House

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

LAB = "video-lab"


async def test_the_direct_conversation_with_the_bot_is_opened_and_used(
    playground: Playground, echo_bot: EchoBot, visit: Visit
) -> None:
    assert echo_bot.is_ready()
    alice = await visit(playground.page_url, "Alice", LAB)
    await alice.see("direct").click()
    await expect(alice.see("place")).to_have_text("Cogreel")
    await alice.run("echo", text="just us")
    await expect(alice.message("just us")).to_contain_text("Alice used /echo")
    await alice.page.reload()
    await alice.ready()
    await expect(alice.see("direct")).to_have_attribute("aria-current", "page")
    await expect(alice.message("just us")).to_be_visible()


async def test_any_emoji_is_a_reaction(playground: Playground, visit: Visit) -> None:
    alice = await visit(playground.page_url, "Alice", LAB)
    await alice.say("what do you think?")
    said = alice.message("what do you think?")
    for word, seen in (("🧿", "reaction-🧿"), ("no emoji", None)):
        await said.hover()
        await said.get_by_role("button", name="React", exact=True).first.click()
        await alice.see("pick-any").fill(word)
        await alice.see("pick-any").press("Enter")
        if seen:
            await expect(alice.see(seen)).to_have_attribute("aria-pressed", "true")
    await expect(said.get_by_role("alert")).to_be_visible()


async def test_one_server_is_left_for_another(playground: Playground, visit: Visit) -> None:
    bob = await visit(playground.page_url, "Bob", LAB)
    servers = bob.page.get_by_role("region", name="Servers")
    await expect(servers.get_by_role("button", name="The Darkroom")).to_have_attribute(
        "aria-current", "true"
    )
    await servers.get_by_role("button", name="Back Room").click()
    await expect(bob.see("place")).to_have_text("lobby")
    alice = await visit(playground.page_url, "Alice", LAB)
    await expect(alice.page.get_by_role("button", name="Back Room")).to_have_count(0)


async def test_a_person_switches_the_language_of_their_discord(
    playground: Playground, echo_bot: EchoBot, visit: Visit
) -> None:
    assert echo_bot.is_ready()
    alice = await visit(playground.page_url, "Alice", LAB)
    await alice.see("locale").select_option("ja")
    await alice.ready()
    await alice.say("since <t:1700000000:D>")
    await expect(alice.message("since")).to_contain_text("2023年11月")
    await alice.see("composer").fill("/tongue")
    await expect(alice.see("palette")).to_have_attribute("lang", "ja")
    await alice.see("command-tongue").click()
    await expect(alice.see("command-form")).to_contain_text("何語で答えるか")
    await alice.see("run").click()
    await expect(alice.message("you speak ja")).to_be_visible()


async def test_what_is_kept_is_asked_for_in_the_direct_conversation(
    house: House, visit: Visit
) -> None:
    alice = await visit(house.playground.page_url, "Alice", LAB)
    await alice.see("direct").click()
    await alice.see("composer").fill("/")
    offered = alice.see("palette").locator(".palette-name")
    await expect(offered.filter(has_text="/privacy show")).to_be_visible()
    await expect(offered.filter(has_text="/video create")).to_have_count(0)
    await alice.see("composer").fill("")
    await alice.run("privacy show")
    await expect(alice.message("What I keep about you")).to_be_visible()
