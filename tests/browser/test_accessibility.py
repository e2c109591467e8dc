"""Nobody is kept out of the page: axe-core finds nothing in any view, in either theme.

axe-core comes with axe-playwright-python, under the Mozilla Public License 2.0.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import aiohttp
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from playground.person import PeopleApi
from playground.world import seed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playground.server import Playground
    from tests.browser.echo_bot import EchoBot
    from tests.browser.visitor import Visit, Visitor

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.timeout(240),
]

LAB: Final = "video-lab"
DESKTOP: Final = {"viewport": {"width": 1280, "height": 800}}
PHONE: Final = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
SMALL: Final = {"viewport": {"width": 360, "height": 640}, "has_touch": True, "is_mobile": True}
TAGS: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


async def findings(visitor: Visitor) -> list[str]:
    """What axe has against the page as it stands."""
    options: Any = {
        "runOnly": TAGS,
        "resultTypes": ["violations"],
        "rules": {"target-size": {"enabled": True}},  # off unless asked for
    }
    axe: Any = Axe()  # ships no types
    results: Any = await axe.run(visitor.page, options=options)
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in results.response["violations"]
        for node in violation["nodes"]
    ]


async def picture(visitor: Visitor, view: str) -> bool:
    """Keep a picture of the view where ``PICTURES_DIR`` says so."""
    folder = os.environ.get("PICTURES_DIR")
    if folder:
        width = await visitor.page.evaluate("window.innerWidth")
        name = f"{width} {view}.png".replace(":", "").replace(" ", "-")
        await visitor.page.screenshot(path=str(Path(folder) / name))
    return True


async def views(alice: Visitor, playground: Playground) -> AsyncIterator[str]:
    """Go through every view of the page, staying at each until it has been looked at."""
    yield "an empty channel"
    await alice.say(f"good evening <@{seed.ALICE}> <@{seed.BOB}> `code` ||hidden||")
    await alice.run("panel")
    await alice.run("sheet")
    await expect(alice.message("A layout").locator(".gallery img")).to_have_count(3)
    await picture(alice, "a layout")
    await alice.run("clip")
    await expect(alice.page.locator("video")).to_be_visible()
    await alice.run("whisper")
    await alice.run("echo", text="with buttons")
    await alice.react(alice.message("good evening"), "⭐")
    yield "a channel"
    await alice.see("composer").fill("/")
    yield "the list of commands"
    await alice.see("composer").fill("")
    await alice.choose_command("echo")
    for option in ("image", "size", "loud"):
        await alice.see(f"add-option-{option}").click()
    await alice.see("option-size").focus()
    await expect(alice.see("command-form").get_by_role("option")).not_to_have_count(0)
    yield "a command's form"
    await alice.see("option-text").fill("x" * 61)
    await alice.see("run").click()
    await expect(alice.see("command-error")).to_be_visible()
    yield "a refused form"
    await alice.page.keyboard.press("Escape")
    await alice.see("button-note").last.click()
    await alice.see("modal-submit").click()
    await expect(alice.see("modal-error")).to_be_visible()
    yield "a modal"
    await alice.page.keyboard.press("Escape")
    message = alice.message("good evening")
    for label in ("React", "Commands for this message"):
        await message.hover()
        await message.get_by_role("button", name=label, exact=True).first.click()
        yield f"the popup: {label}"
        await alice.page.keyboard.press("Escape")
    async for view in elsewhere(alice, playground):
        yield view


async def elsewhere(alice: Visitor, playground: Playground) -> AsyncIterator[str]:
    """The views that are no channel."""
    await alice.run("talk")
    await alice.message("let us talk").get_by_role("button", name="A talk").click()
    await expect(alice.message("inside the thread")).to_be_visible()
    yield "a thread"
    await alice.see("toggle-log").click()
    await alice.see("log-list").locator("summary").first.click()
    yield "the log"
    await alice.see("close-log").click()
    if await alice.see("open-menu").is_visible():
        await alice.see("open-menu").click()
        yield "the drawer"
    await alice.see("direct").click()
    await expect(alice.see("place")).to_have_text("Cogreel")
    yield "a direct conversation"
    caption = {"title": "1. A step", "who": "Alice", "says": "says something " * 60}
    async with aiohttp.ClientSession() as session:
        await PeopleApi(session, playground.people_api).send("/caption", caption)
    await expect(alice.see("watch-tour")).to_be_visible()
    yield "a tour that is offered"
    await alice.see("watch-tour").click()
    await expect(alice.see("caption")).to_contain_text("says something")
    yield "a tour that is watched"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_every_view_can_be_used_by_everybody(
    playground: Playground, echo_bot: EchoBot, visit: Visit, theme: str, device: dict[str, object]
) -> None:
    assert echo_bot.is_ready()
    alice = await visit(playground.page_url, "Alice", LAB, color_scheme=theme, **device)
    found = {view: await findings(alice) async for view in views(alice, playground)}
    assert {view: faults for view, faults in found.items() if faults} == {}


async def test_every_view_fits_a_small_phone(
    playground: Playground, echo_bot: EchoBot, visit: Visit
) -> None:
    assert echo_bot.is_ready()
    still = {"reduced_motion": "reduce"}  # a drawer on its way is outside for a moment
    alice = await visit(playground.page_url, "Alice", LAB, **SMALL, **still)
    too_wide = "document.documentElement.scrollWidth > window.innerWidth"
    outside = """() => [...document.querySelectorAll("button, input, select, textarea, a[href]")]
        .filter((node) => node.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
        .filter((node) => !node.closest(".visually-hidden, .skip") && !node.inert)
        .map((node) => [node.getBoundingClientRect(), node.outerHTML])
        .filter(([box]) => box.width > 0 && (box.left < 0 || box.right > window.innerWidth))
        .map(([, html]) => html)"""
    found = {
        view: [await alice.page.evaluate(too_wide), await alice.page.evaluate(outside)]
        async for view in views(alice, playground)
        if await picture(alice, view)
    }
    assert {view: faults for view, faults in found.items() if faults != [False, []]} == {}


async def test_the_same_look_finds_what_keeps_people_out(
    playground: Playground, visit: Visit
) -> None:
    alice = await visit(playground.page_url, "Alice", LAB)
    await alice.page.evaluate(
        """() => {
            const pale = document.createElement("p");
            pale.textContent = "hardly to be read";
            pale.style.color = "#e8e8e8";
            pale.style.background = "#fff";
            document.querySelector("main").append(pale, document.createElement("button"));
        }"""
    )
    found = " ".join(await findings(alice))
    assert "color-contrast" in found
    assert "button-name" in found


async def test_what_others_write_is_said_to_those_who_do_not_see_it(
    playground: Playground, visit: Visit
) -> None:
    alice = await visit(playground.page_url, "Alice", LAB)
    bob = await visit(playground.page_url, "Bob", LAB)
    await bob.say("is **anybody** there?")
    told = alice.page.locator("#announcer[aria-live=polite]")
    await expect(told).to_have_text("Bob: is anybody there?")


async def test_an_answer_that_was_awaited_is_said_when_it_comes(
    playground: Playground, echo_bot: EchoBot, visit: Visit
) -> None:
    assert echo_bot.is_ready()
    alice = await visit(playground.page_url, "Alice", LAB)
    told = alice.page.locator("#announcer[aria-live=polite]")
    await alice.run("clip")  # deferred, and filled in after that
    await expect(told).to_have_text("Cogreel: a film, clip.mp4")
    await alice.run("sheet")
    await expect(told).to_have_text(re.compile("^Cogreel: A layout, A section.* notes.txt"))


async def test_nothing_moves_for_those_who_ask_for_that(
    playground: Playground, echo_bot: EchoBot, visit: Visit
) -> None:
    assert echo_bot.is_ready()
    alice = await visit(playground.page_url, "Alice", LAB, reduced_motion="reduce", **PHONE)
    await alice.run("echo", text="be silent")
    await alice.see("button-silence").click()
    await alice.see("open-menu").click()
    assert await alice.page.evaluate("document.getAnimations().length") == 0


async def test_the_keyboard_stays_in_the_drawer_while_it_is_open(
    playground: Playground, visit: Visit
) -> None:
    alice = await visit(playground.page_url, "Alice", LAB, **PHONE)
    await alice.see("open-menu").click()
    inside = "document.activeElement.closest('#sidebar') !== null"
    for _ in range(12):
        assert await alice.page.evaluate(f"{inside} || document.activeElement === document.body")
        await alice.page.keyboard.press("Tab")
    await alice.page.get_by_role("button", name="Close the menu").focus()
    await alice.page.keyboard.press("Escape")
    await expect(alice.see("open-menu")).to_be_focused()


async def test_the_focus_comes_back_to_a_control_that_was_refused(
    playground: Playground, echo_bot: EchoBot, visit: Visit
) -> None:
    assert echo_bot.is_ready()
    alice = await visit(playground.page_url, "Alice", LAB)
    await alice.choose_command("echo")
    await alice.see("run").press("Enter")
    await expect(alice.see("command-error")).to_be_visible()
    await expect(alice.see("run")).to_be_focused()
