"""The window around the conversation: connection, log, phone, theme, names."""

import asyncio
import re

import pytest
from playwright.async_api import Route, expect

from playground.server import Playground
from tests.browser.echo_bot import EchoBot
from tests.browser.visitor import Visit

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

LAB = "video-lab"


async def test_a_lost_connection_is_shown_and_what_was_missed_is_read_after_it(
    playground: Playground, visit: Visit
) -> None:
    alice = await visit(playground.page_url, "Alice", LAB)
    bob = await visit(playground.page_url, "Bob", LAB)

    async def cut(route: Route) -> None:
        await route.abort()

    await bob.page.route("**/playground/events*", cut)
    await bob.page.reload()
    await bob.ready()
    await expect(bob.see("connection")).to_contain_text("Connection lost")
    await alice.say("did you miss this?")
    await expect(alice.message("did you miss this?")).to_be_visible()
    await bob.page.unroute("**/playground/events*", cut)
    await expect(bob.message("did you miss this?")).to_be_visible(timeout=10_000)
    await expect(bob.see("connection")).to_be_hidden()
    bob.complaints.clear()  # the cut itself is on the console


async def test_what_is_written_while_a_page_still_opens_is_news_there(
    playground: Playground, visit: Visit
) -> None:
    alice = await visit(playground.page_url, "Alice", LAB)
    chen = await visit(playground.page_url, "Chen", "general")
    asked, may_listen = asyncio.Event(), asyncio.Event()

    async def hold(route: Route) -> None:
        asked.set()
        await may_listen.wait()
        await route.continue_()

    await chen.page.route("**/playground/events*", hold)
    await chen.page.reload()
    await asked.wait()
    await expect(chen.see("composer")).to_be_disabled()  # whoever can write here also listens
    may_listen.set()
    await chen.ready()
    await alice.say("the red lamp is on")
    await expect(chen.page.get_by_role("button", name=f"{LAB} unread")).to_be_visible()


async def test_the_log_shows_the_wire_and_never_the_token(
    playground: Playground, echo_bot: EchoBot, visit: Visit
) -> None:
    assert echo_bot.is_ready()
    alice = await visit(playground.page_url, "Alice", LAB)
    await alice.see("toggle-log").click()
    await alice.run("echo", text="over the wire")
    log = alice.see("log-list")
    await expect(log).to_contain_text("INTERACTION_CREATE")
    await expect(log).to_contain_text("/callback")
    for entry in await log.locator("summary").all():
        await entry.click()
    await expect(log).to_contain_text("over the wire")
    assert playground.bot_token not in (await log.text_content() or "")


async def test_the_log_is_filtered_by_kind_and_by_words(
    playground: Playground, echo_bot: EchoBot, visit: Visit
) -> None:
    assert echo_bot.is_ready()
    alice = await visit(playground.page_url, "Alice", LAB)
    await alice.run("echo", text="a needle")
    await alice.run("echo", text="hay")
    await alice.see("toggle-log").click()
    shown = alice.see("log-list").locator("li:visible")
    await expect(shown.filter(has_text="Alice: command echo")).to_have_count(2)
    await alice.see("log-kind").select_option("Interactions")
    await expect(shown.filter(has_text="commands")).to_have_count(0)
    callbacks = shown.filter(has_text="/callback")
    await expect(callbacks).to_have_count(2)
    await expect(callbacks.first).to_contain_text(re.compile(r"200.*a needle.*REST · .* \d+ ms"))
    await alice.see("log-words").fill("NEEDLE")
    await expect(shown).to_have_count(2)
    await alice.see("log-words").fill("")
    await alice.see("log-kind").select_option("Failures")
    await expect(alice.see("log")).to_contain_text("Nothing of this kind.")


async def test_the_log_is_read_and_closed_by_the_keyboard_alone(
    playground: Playground, echo_bot: EchoBot, visit: Visit
) -> None:
    assert echo_bot.is_ready()
    alice = await visit(playground.page_url, "Alice", LAB)
    keys = alice.page.keyboard
    await alice.see("toggle-log").focus()
    await keys.press("Enter")
    await expect(alice.see("log-words")).to_be_focused()
    await expect(alice.see("log-list")).to_contain_text("READY")
    for _ in range(3):  # the kinds, the list, its first line
        await keys.press("Tab")
    await keys.press("Enter")
    await expect(alice.see("log-list").locator("details[open] pre")).to_contain_text('{\n  "')
    await keys.press("Escape")
    await expect(alice.see("log")).to_be_hidden()
    await expect(alice.see("toggle-log")).to_be_focused()


async def test_on_a_phone_the_sidebar_is_a_drawer_and_nothing_overflows(
    playground: Playground, echo_bot: EchoBot, visit: Visit
) -> None:
    assert echo_bot.is_ready()
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    alice = await visit(playground.page_url, "Alice", LAB, **phone)
    await expect(alice.page.get_by_role("radio", name="Bob")).not_to_be_visible()
    await alice.run("panel")
    await alice.run("echo", text="w" * 60)
    too_wide = "document.documentElement.scrollWidth > window.innerWidth"
    assert await alice.page.evaluate(too_wide) is False
    await alice.see("open-menu").click()
    await alice.page.get_by_role("button", name="general").click()
    await expect(alice.see("place")).to_have_text("general")
    await expect(alice.page.get_by_role("button", name="Close the menu")).not_to_be_visible()


async def test_the_theme_follows_the_system_until_one_chooses(
    playground: Playground, visit: Visit
) -> None:
    alice = await visit(playground.page_url, "Alice", LAB, color_scheme="light")
    scheme = "getComputedStyle(document.documentElement).backgroundColor"
    by_day = await alice.page.evaluate(scheme)
    await alice.see("toggle-theme").click()
    by_night = await alice.page.evaluate(scheme)
    assert by_day != by_night
    await alice.page.reload()
    assert await alice.page.evaluate(scheme) == by_night


async def test_every_control_has_a_name_for_those_who_do_not_see_it(
    playground: Playground, echo_bot: EchoBot, visit: Visit
) -> None:
    assert echo_bot.is_ready()
    alice = await visit(playground.page_url, "Alice", LAB)
    await alice.run("echo", text="named")
    await alice.choose_command("echo")
    for option in ("image", "size", "loud"):
        await alice.see(f"add-option-{option}").click()
    nameless = await alice.page.evaluate(
        """() => [...document.querySelectorAll("button, input, select, textarea, a[href]")]
            .filter((node) => {
                const labels = [...(node.labels ?? [])].map((label) => label.textContent).join("");
                const name = node.getAttribute("aria-label") ?? (labels + node.textContent);
                return name.trim() === "";
            })
            .map((node) => node.outerHTML)"""
    )
    assert nameless == []
