"""Looks at everything in turn, and prints what was found."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
from discord.ext import commands

from bot.client import INTENTS, add_commands
from bot.doctor.database import database
from bot.doctor.discord_side import discord_side
from bot.doctor.finding import Finding, Level, fault, note, ok
from bot.doctor.gateways import gateways
from bot.doctor.place import encoder, env_file, folders, health_port, running_bot
from bot.doctor.public_address import public_address
from bot.doctor.setup import setup, unreadable
from bot.domain.errors import StartupError
from bot.settings import load_settings
from cogs.services import ServiceBot
from providers.redaction import without_secrets

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from bot.clock import Clock
    from bot.settings import Settings

HEALTH_WITHIN_S = 10.0


def examine(*, offline: bool, clock: Clock, say: Callable[[str], None]) -> int:
    """Look at an installation without changing it, also while its bot runs.

    Args:
        offline: Whether to ask neither Discord nor the gateways.
        clock: What this machine takes the time to be.
        say: Takes each line.

    Returns:
        The exit code: 1 where there is a fault.
    """
    faults = 0
    for found in findings(offline=offline, clock=clock):
        faults += found.level is Level.FAULT
        say(f"{found.level.value:<6} {found.part}: {without_secrets(found.said)}")
        if found.mend:
            say(f"       → {found.mend}")
    say("" if not faults else f"\n{faults} fault{'' if faults == 1 else 's'}.")
    return 1 if faults else 0


def findings(*, offline: bool, clock: Clock) -> Iterator[Finding]:
    """Everything that is found, in the order in which one would mend it."""
    yield from env_file(Path(".env"))
    try:
        settings = load_settings()
    except StartupError as exc:
        yield from unreadable(exc)
        yield note("the rest", "was not looked at", "Mend the settings first, then ask again.")
        return
    yield from setup(settings, clock)
    yield from folders(settings)
    pid = running_bot(settings)
    said = "does not run" if pid is None else f"runs as process {pid}" if pid else "runs"
    yield ok("bot", f"it {said} on {settings.state_dir}")
    yield from health_port(settings, bot_runs=pid is not None)
    yield from database(settings, at=clock.now())
    yield from encoder()
    if pid is not None and settings.health:
        yield from asyncio.run(_all(_health(settings)))
    if not offline:
        yield from asyncio.run(_all(_online(settings, clock, bot_runs=pid is not None)))


async def _online(settings: Settings, clock: Clock, *, bot_runs: bool) -> AsyncIterator[Finding]:
    """What others say."""
    names = await command_names()
    async for found in discord_side(settings, clock, names):
        yield found
    async for found in gateways(settings, clock):
        yield found
    async for found in public_address(settings, bot_runs=bot_runs):
        yield found


async def command_names() -> set[str]:
    """The commands that this program has."""
    async with ServiceBot(command_prefix=commands.when_mentioned, intents=INTENTS) as bot:
        await add_commands(bot)
        return {command.name for command in bot.tree.get_commands()}


async def _health(settings: Settings) -> AsyncIterator[Finding]:
    limits = aiohttp.ClientTimeout(total=HEALTH_WITHIN_S)
    host = "127.0.0.1" if settings.health_host == "0.0.0.0" else settings.health_host  # noqa: S104  # read, not bound
    url = f"http://{host}:{settings.health_port}/healthz"
    try:
        async with aiohttp.ClientSession(timeout=limits) as session, session.get(url) as answer:
            parts: dict[str, str] = (await answer.json())["parts"]
    except (aiohttp.ClientError, OSError, ValueError, KeyError, TypeError) as exc:
        yield fault(
            "health",
            f"the bot runs, and {url} does not answer ({type(exc).__name__})",
            "Its log says why. Were COGREEL_HEALTH_HOST or _PORT changed since its start?",
        )
        return
    ill = {part: said for part, said in parts.items() if said != "ok"}
    for part, said in ill.items():
        yield fault("health", f"{part}: {said}", "The bot's log says more; docs/operating.md too.")
    if not ill:
        yield ok("health", "the running bot is well in every part")


async def _all(found: AsyncIterator[Finding]) -> list[Finding]:
    return [each async for each in found]
