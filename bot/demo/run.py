"""Plays the demo: for a browser until Ctrl-C, with a tour to look on at, or once as a tour."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp

from bot.demo.captions import WatchedApi
from bot.demo.making import PROMPT, SIZE
from bot.demo.programs import (
    READY_WITHIN_S,
    bot_environment,
    further_accounts,
    program,
    stand_ins,
)
from bot.demo.stage import Stage, TourError, operator_channel
from bot.demo.tour import play
from bot.demo.visit import make_video
from bot.domain.errors import StartupError
from bot.stop_signals import on_stop_signal
from playground.person import LOOK_EVERY_S, PeopleApi, RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

PAGE_PORT = 8137
OUTPUT = Path("demo-output")


async def demo(*, once: bool, tour: bool, say: Callable[[str], None]) -> int:
    """Start everything, then the tour or the page.

    Args:
        once: Play the tour and end.
        tour: Play the tour for those who look on at the page.
        say: Prints a line.

    Returns:
        The exit code: 0, or 1 where a step of the tour did not do what it says.

    Raises:
        StartupError: A program did not start.
    """
    say("Starting a video API, a chat and the bot, all on this machine …")
    with tempfile.TemporaryDirectory(prefix="cogreel-demo-") as state_dir:
        port = 0 if once or not _is_free(PAGE_PORT) else PAGE_PORT
        async with (
            stand_ins(playground_port=port) as found,
            aiohttp.ClientSession() as session,
        ):
            api = (WatchedApi if tour else PeopleApi)(session, found.playground["people_api"])
            environment = bot_environment(found, Path(state_dir)) | further_accounts(found)
            environment["COGREEL_OPERATOR_CHANNEL_ID"] = await operator_channel(api)
            folder = Path(state_dir)
            async with program("bot", "run", environment=environment, folder=folder) as bot:
                await _connected(api, bot)
                stage = Stage(api, session, found, output=OUTPUT, say=say)
                if once:
                    return await _tour(stage, say)
                page = found.playground["page"]
                opening = _shown_tour(stage, page, say) if tour else _first_video(api, page, say)
                return await _stay(opening, bot, say)


async def _tour(stage: Stage, say: Callable[[str], None]) -> int:
    try:
        await play(stage)
    except (TourError, RefusedError, RuntimeError, TimeoutError, LookupError) as exc:
        say(f"\nThe tour stopped: {exc}")
        await stage.end(f"The tour stopped: {exc}")
        return 1
    await stage.end("Every step did what it says. All of this is yours now: go on as anybody.")
    say(f"\nEvery step did what it says. The clips are in {OUTPUT}/.")
    return 0


async def _shown_tour(stage: Stage, page: str, say: Callable[[str], None]) -> None:
    say(f"\n  {page}\n\nOpen it, and press “Watch the tour”. Ctrl-C stops everything.")
    await _tour(stage, say)


async def _first_video(api: PeopleApi, page: str, say: Callable[[str], None]) -> None:
    alice = await api.person("Alice")
    channel = await alice.channel("video-lab")
    await make_video(alice, channel, prompt=PROMPT, audio=True, size=SIZE)
    say(
        f"\n  {page}\n\n"
        "Open it, and type /video create in #video-lab. You are Alice, who has made a video\n"
        "already; choose at the left to be somebody else. Mara moderates.\n"
        "Nothing leaves this machine. Ctrl-C stops everything."
    )


async def _stay(
    opening: Coroutine[None, None, None],
    bot: asyncio.subprocess.Process,
    say: Callable[[str], None],
) -> int:
    """Open the demo, and stay until Ctrl-C; the exit code."""
    stop = asyncio.Event()
    opened = asyncio.create_task(opening)
    waiting = asyncio.create_task(stop.wait())
    ended = asyncio.create_task(bot.wait())
    with on_stop_signal(stop.set):
        await asyncio.wait({opened, waiting, ended}, return_when=asyncio.FIRST_COMPLETED)
        if opened.done() and opened.exception() is None:
            await asyncio.wait({waiting, ended}, return_when=asyncio.FIRST_COMPLETED)
    failed = not stop.is_set()
    for task in (opened, waiting, ended):
        task.cancel()
    await asyncio.gather(opened, waiting, ended, return_exceptions=True)
    say("The demo ended by itself." if failed else "\nStopped.")
    return 1 if failed else 0


async def _connected(api: PeopleApi, bot: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(READY_WITHIN_S):
            while bot.returncode is None:
                if await api.bot_is_connected():
                    return
                await asyncio.sleep(LOOK_EVERY_S)  # noqa: TID251  # a script that looks until it is so
    raise StartupError("the bot did not connect to the playground")


def _is_free(port: int) -> bool:
    with socket.socket() as probing:
        return probing.connect_ex(("127.0.0.1", port)) != 0
