"""What is looked at before anything is opened."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot.domain.errors import StartupError
from bot.fault_points import arm
from media.addresses import AddressPolicy

if TYPE_CHECKING:
    from pathlib import Path

    from bot.settings import Settings

DISCORD_CDN_HOSTS = frozenset({"cdn.discordapp.com", "media.discordapp.net"})


def arm_fault_point(settings: Settings) -> None:
    """Have this process kill itself where a test wants that; never one that serves people.

    Raises:
        StartupError: It is no such point, or the bot would serve people.
    """
    if settings.fault_point is None:
        return
    if settings.discord_api_url is None:
        raise StartupError(
            "COGREEL_FAULT_POINT: is for tests with a playground. Leave it out with a real token."
        )
    try:
        arm(settings.fault_point)
    except ValueError as exc:
        raise StartupError(f"COGREEL_FAULT_POINT: {exc}.") from exc


async def files_dir_of(settings: Settings) -> Path:
    """Where images and clips lie; made where it is not there.

    Raises:
        StartupError: It cannot be made.
    """
    files_dir = settings.state_dir / "files"
    try:
        await asyncio.to_thread(files_dir.mkdir, parents=True, exist_ok=True)
    except OSError as exc:
        raise StartupError(
            f"COGREEL_STATE_DIR: {settings.state_dir} cannot be used: {exc.strerror}."
        ) from exc
    return files_dir


def attachments_policy_of(settings: Settings) -> AddressPolicy:
    """Attachments come from Discord's own hosts, or from the playground that stands in for it."""
    if settings.discord_api_url is None:
        return AddressPolicy(hosts=DISCORD_CDN_HOSTS)
    host = urlsplit(settings.discord_api_url).hostname or ""
    return AddressPolicy(hosts=frozenset({host}), loopback=True)
