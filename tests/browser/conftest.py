"""A real Chromium, a real playground and a real discord.py bot, in one loop.

Other browser tests build on `browser` and `visit`: both know nothing of the bot behind the page.
Every fixture lives in the session's loop, as the one browser does; so must every test
(`pytestmark = pytest.mark.asyncio(loop_scope="session")`).
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Final

import aiohttp
import discord.gateway
import discord.http
import pytest
import pytest_asyncio
import yarl
from playwright.async_api import Browser, async_playwright

from emulator.server import Emulator
from playground.person import PeopleApi
from playground.server import Playground
from tests.browser.chromium import QUIET, chromium
from tests.browser.echo_bot import EchoBot
from tests.browser.visitor import Visit, Visitor
from tests.e2e.house import House, People

if TYPE_CHECKING:
    from pathlib import Path

_MISSING: Final = (
    "no Chromium: the page was NOT tested. Install Debian's `chromium`, or name one in $CHROMIUM"
)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """A skipped browser must not look like a tested page: say it after the results."""
    skipped = [str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])]
    if any(_MISSING in reason for reason in skipped):
        terminalreporter.write_line(f"WARNING: {_MISSING}", yellow=True, bold=True)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One Chromium for all tests: starting it costs more than most of them."""
    executable = chromium()
    if executable is None:
        pytest.skip(_MISSING)
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=executable, args=QUIET)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def visit(browser: Browser) -> AsyncIterator[Visit]:
    """Open the page as someone: `alice = await visit(page_url, "Alice", "video-lab")`.

    Every visitor has a browser profile of its own. At the end none may have seen an error of the
    page, nor have asked anything of another host.
    """
    visitors: list[Visitor] = []
    async with AsyncExitStack() as stack:

        async def open_page(
            page_url: str, person: str, channel: str | None = None, **profile: object
        ) -> Visitor:
            visitor = await Visitor.arrive(browser, page_url, person, channel, profile)
            stack.push_async_callback(visitor.leave)
            visitors.append(visitor)
            return visitor

        yield open_page
        assert [complaint for visitor in visitors for complaint in visitor.complaints] == []


@pytest_asyncio.fixture(loop_scope="session")
async def playground(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Playground]:
    """A fresh playground, to which this process's discord.py is pointed."""
    async with Playground() as server:
        monkeypatch.setattr(discord.http.Route, "BASE", server.discord_api)
        monkeypatch.setattr(
            discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(server.gateway_url)
        )
        yield server


@pytest_asyncio.fixture(loop_scope="session")
async def echo_bot(playground: Playground, tmp_path: "Path") -> AsyncIterator[EchoBot]:
    """A connected bot with a command of every kind that the page must be able to run."""
    async with EchoBot(tmp_path) as bot:
        await bot.arrive(playground.bot_token)
        yield bot


@pytest_asyncio.fixture(loop_scope="session")
async def house(playground: Playground, tmp_path: "Path") -> AsyncIterator[House]:
    """The whole product behind the page: a bot with an emulator, and the people on its servers."""
    async with (
        Emulator(in_flight_limit=4, render_delay_s=1.0) as emulator,
        aiohttp.ClientSession() as session,
    ):
        api = PeopleApi(session, playground.people_api)
        names = ("Alice", "Bob", "Chen", "Mara", "Echo")
        people = People(**{name.lower(): await api.person(name) for name in names})
        house = House(
            emulator=emulator,
            playground=playground,
            api=api,
            session=session,
            people=people,
            lab=await people.alice.channel("video-lab"),
            state_dir=tmp_path / "state",
        )
        try:
            await house.start_bot()
            yield house
        finally:
            await house.stop_bot()
