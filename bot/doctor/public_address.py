"""Whether people reach the bot's own web server, where the operator set its address."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import aiohttp

from bot.doctor.finding import Finding, fault, note, ok
from bot.domain.clip_links import PATH
from bot.link_server import NOT_FOUND

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.settings import Settings

PART = "public address"
WITHIN_S = 10.0
NOBODYS = f"{PATH}/1/1/doctor.mp4"  # signed by nobody: answered by the bot, and with no clip
ANSWER_MAX_BYTES = 1000


async def public_address(settings: Settings, *, bot_runs: bool) -> AsyncIterator[Finding]:
    """Ask for a link that there is not: only the bot itself refuses it in these words."""
    if settings.public_url is None:
        return
    url = settings.public_url
    if urlsplit(url).scheme != "https":
        yield note(
            PART,
            f"{url} is not https: who is on the way sees links and clips",
            "Put a web server with TLS in front, and set COGREEL_PUBLIC_URL to its address.",
        )
    try:
        limits = aiohttp.ClientTimeout(total=WITHIN_S)
        async with (
            aiohttp.ClientSession(timeout=limits) as session,
            session.get(url + NOBODYS, allow_redirects=False) as answer,
        ):
            said = await answer.content.read(ANSWER_MAX_BYTES)
    except (aiohttp.ClientError, OSError) as exc:
        yield fault(
            PART,
            f"{url} cannot be reached from here ({type(exc).__name__})",
            "Look at its name in the DNS, its certificate, its firewall, and the web server in "
            "front. Where this machine alone cannot reach it, ask from another one.",
        )
        return
    if said.strip() == NOT_FOUND.encode():
        yield ok(PART, f"{url} leads to the bot")
    elif not bot_runs:
        yield ok(PART, f"{url} can be reached; whether it leads to the bot shows while that runs")
    else:
        yield fault(
            PART,
            f"{url} answers HTTP {answer.status}, and that is not the bot",
            f"The web server in front must hand {PATH}/ on, as it is, to COGREEL_LINK_ADDRESS "
            f"port {settings.link_port}; see docs/operating.md.",
        )
