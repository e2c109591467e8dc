"""A person at the page, in the words of what people do there."""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final, Self, TypeAlias
from urllib.parse import urlencode, urlsplit

import aiohttp
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Locator,
    Page,
    Request,
    expect,
)

_PATIENCE_MS: Final = 20_000  # Playwright's own 5 s are little on a busy machine
expect.set_options(timeout=_PATIENCE_MS)
# A refusal by the API is a 4xx that the page shows; the browser notes it on its console as well.
_EXPECTED_ON_CONSOLE: Final = re.compile(r"Failed to load resource: the server responded with")


async def _place(page_url: str, person: str, channel: str | None) -> dict[str, str]:
    """Find the ids behind the names, as a script would: through the people API."""
    api = page_url.rstrip("/") + "/playground"
    async with aiohttp.ClientSession(raise_for_status=True) as session:
        async with session.get(f"{api}/state") as response:
            state: dict[str, Any] = await response.json()
        who = next(each for each in state["people"] if each["name"] == person)
        place: dict[str, str] = {"as": who["id"]}
        for guild in who["guilds"] if channel else ():
            async with session.get(f"{api}/channels", params={**place, "guild": guild}) as response:
                channels: list[dict[str, Any]] = (await response.json())["channels"]
            found = [each["id"] for each in channels if each["name"] == channel]
            if found:
                return {**place, "guild": guild, "channel": found[0]}
    return place


class Visitor:
    """One browser profile with the page open."""

    def __init__(self, context: BrowserContext, page: Page) -> None:
        self._context = context
        self.page = page
        self.complaints: list[str] = []

    @classmethod
    async def arrive(
        cls,
        browser: Browser,
        page_url: str,
        person: str,
        channel: str | None,
        profile: dict[str, Any],
    ) -> Self:
        """Open the page as a person, in a channel that is named, and wait until it can be used."""
        place = await _place(page_url, person, channel)
        profile = {"viewport": {"width": 1280, "height": 800}, **profile}
        context = await browser.new_context(**profile)
        context.set_default_timeout(_PATIENCE_MS)
        visitor = cls(context, await context.new_page())
        visitor._watch(page_url)
        await visitor.page.goto(f"{page_url}#{urlencode(place)}")
        await visitor.ready()
        return visitor

    def _watch(self, page_url: str) -> None:
        home = urlsplit(page_url).netloc

        def note_console(message: ConsoleMessage) -> None:
            if message.type == "error" and not _EXPECTED_ON_CONSOLE.match(message.text):
                self.complaints.append(f"console: {message.text}")

        def note_error(error: Error) -> None:
            self.complaints.append(f"error: {error}")

        def note_request(request: Request) -> None:
            address = urlsplit(request.url)
            if address.scheme in {"http", "https"} and address.netloc != home:
                self.complaints.append(f"asked another host: {request.url}")

        self.page.on("console", note_console)
        self.page.on("pageerror", note_error)
        self.page.on("request", note_request)

    async def ready(self) -> None:
        """Wait until a channel is open and read."""
        await expect(self.page.get_by_test_id("composer")).to_be_enabled()
        await expect(self.page.get_by_text("Reading…")).to_have_count(0)

    async def leave(self) -> None:
        await self._context.close()

    def see(self, test_id: str) -> Locator:
        """Whatever carries this stable hook."""
        return self.page.get_by_test_id(test_id)

    def message(self, text: str) -> Locator:
        """The messages with this text."""
        return self.see("messages").get_by_role("listitem").filter(has_text=text)

    async def say(self, text: str) -> None:
        await self.see("composer").fill(text)
        await self.see("composer").press("Enter")

    async def choose_command(self, name: str) -> None:
        """Type the command and take it from the list, which opens its form."""
        await self.see("composer").fill(f"/{name}")
        await self.see(f"command-{name}").click()

    async def fill_option(self, name: str, value: str | Path) -> None:
        """Fill in an option of the open form; an optional one is added first."""
        addition = self.see(f"add-option-{name}")
        if await addition.count():
            await addition.click()
        field = self.see(f"option-{name}")
        if isinstance(value, Path):
            await field.set_input_files(value)
        elif await field.evaluate("node => node.tagName") == "SELECT":
            await field.select_option(label=value)
        else:
            await field.fill(value)

    async def run(self, command: str, /, **options: str | Path) -> None:
        """Run a slash command, and wait until the bot has answered it."""
        await self.choose_command(command)
        for name, value in options.items():
            await self.fill_option(name, value)
        await self.see("run").click()
        await expect(self.see("command-form")).to_have_count(0)

    async def react(self, message: Locator, emoji: str) -> None:
        """Take a reaction from a message's picker."""
        await message.hover()
        await message.get_by_label("React", exact=True).first.click()
        await message.get_by_test_id(f"pick-{emoji}").click()


# visit(page_url, person, channel=None, **what playwright's new_context takes)
Visit: TypeAlias = Callable[..., Awaitable[Visitor]]
