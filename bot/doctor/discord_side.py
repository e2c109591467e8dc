"""Discord, asked by plain reads with the bot's own token; nobody is told anything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import aiohttp
import discord

from bot.doctor.finding import Finding, fault, note, ok
from cogs.permissions import INVITE, NAMES, missing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Iterator

    from bot.clock import Clock
    from bot.settings import Settings

API = "https://discord.com/api/v10"
ANSWER_WITHIN_S = 15.0
GUILDS_MAX = 200  # one page; what is wrong with many is wrong with some of them
CLOCK_OFF_MAX = timedelta(seconds=60)
FEW_STARTS = 20
PORTAL = "https://discord.com/developers/applications"
PART = "Discord"


@dataclass(frozen=True, slots=True)
class Said:
    """An answer of Discord's: its status, its JSON, and what time it is there."""

    status: int
    body: Any
    date: str | None


class Asker:
    """Reads from Discord's API in the bot's name."""

    def __init__(self, session: aiohttp.ClientSession, settings: Settings) -> None:
        self._session = session
        self._base = settings.discord_api_url or API
        self._token = settings.discord_token

    async def get(self, path: str) -> Said:
        """One read.

        Raises:
            aiohttp.ClientError: Discord cannot be reached.
            OSError: Likewise.
        """
        headers = {
            "Authorization": f"Bot {self._token.get_secret_value()}",
            "User-Agent": "DiscordBot (https://example.invalid/cogreel, 0.1)",
        }
        async with self._session.get(
            self._base + path, headers=headers, allow_redirects=False
        ) as answer:
            is_json = answer.content_type == "application/json"
            body = await answer.json() if is_json else None
            return Said(answer.status, body, answer.headers.get("Date"))


async def discord_side(
    settings: Settings, clock: Clock, commands: Collection[str]
) -> AsyncIterator[Finding]:
    """Token, clock, gateway, servers, permissions, scopes, commands, and the operator's channel."""
    limits = aiohttp.ClientTimeout(total=ANSWER_WITHIN_S)
    async with aiohttp.ClientSession(timeout=limits, trust_env=False) as session:
        asker = Asker(session, settings)
        try:
            async for found in _asked(asker, settings, clock, commands):
                yield found
        except (aiohttp.ClientError, OSError, ValueError, KeyError, TypeError) as exc:
            # Only the kind: a message may hold an address with a token in it.
            yield fault(
                PART,
                f"it cannot be reached, or answers nonsense ({type(exc).__name__})",
                "Look at this machine's network, its DNS and its firewall; https://discordstatus"
                ".com says whether it is Discord's trouble.",
            )


async def _asked(
    asker: Asker, settings: Settings, clock: Clock, commands: Collection[str]
) -> AsyncIterator[Finding]:
    me = await asker.get("/applications/@me")
    found = [*clock_found(me.date, clock)]
    if me.status != HTTPStatus.OK:
        for each in (*found, _not_let_in(me.status)):
            yield each
        return
    found += [*application_found(me.body)]
    found += [*gateway_found((await asker.get("/gateway/bot")).body)]
    for each in found:
        yield each
    application_id = str(me.body["id"])
    for more in (
        _servers(asker, application_id),
        _commands(asker, application_id, commands),
        _operator_channel(asker, settings),
    ):
        async for each in more:
            yield each


def clock_found(date: str | None, clock: Clock) -> Iterator[Finding]:
    """This machine's clock, held against the answer's."""
    if date is None:
        return
    off = clock.now() - parsedate_to_datetime(date)
    if abs(off) > CLOCK_OFF_MAX:
        yield fault(
            "clock",
            f"it is {abs(off).total_seconds():.0f} s {'ahead' if off > timedelta() else 'behind'}",
            "Let NTP set it (`timedatectl set-ntp true`): times are shown wrong, tokens for the "
            "gateway are refused, and a post that was made is not found again.",
        )
    else:
        yield ok("clock", "it agrees with Discord's")


def application_found(body: dict[str, Any]) -> Iterator[Finding]:
    """The application behind the token."""
    yield ok(PART, f"takes the token of {body['name']}")
    if body.get("interactions_endpoint_url"):
        yield fault(
            PART,
            "commands are sent to an Interactions Endpoint URL, so the bot never hears of them",
            f"{PORTAL} → your application → General Information: empty that field.",
        )


def gateway_found(body: dict[str, Any]) -> Iterator[Finding]:
    """How often the bot may connect, and whether one connection is enough."""
    left = int(body["session_start_limit"]["remaining"])
    if left == 0:
        hours = int(body["session_start_limit"]["reset_after"]) / 3_600_000
        yield fault(
            PART,
            "no connection is left of today's",
            f"Something starts the bot again and again: stop it, and look at its log. There are "
            f"new ones in {hours:.1f} hours.",
        )
    elif left < FEW_STARTS:
        yield note(PART, f"{left} connections are left of today's", "Do not restart it often.")
    if int(body["shards"]) > 1:
        yield note(
            PART,
            f"it recommends {body['shards']} shards, and this bot has one",
            "One connection carries 2,500 servers; beyond that Discord refuses it.",
        )


def _not_let_in(status: int) -> Finding:
    if status == HTTPStatus.UNAUTHORIZED:
        return fault(
            PART,
            "it refuses the token",
            f"COGREEL_DISCORD_TOKEN: copy it again from {PORTAL} → your application → Bot → "
            "Reset Token. The old one stops working then.",
        )
    return fault(
        PART,
        f"it answers with HTTP {status}",
        "With 429 wait some minutes: this address asked too much. With 5xx look at "
        "https://discordstatus.com.",
    )


async def _servers(asker: Asker, application_id: str) -> AsyncIterator[Finding]:
    said = await asker.get(f"/users/@me/guilds?limit={GUILDS_MAX}")
    if not said.body:
        yield fault(
            "servers",
            "the bot is on none",
            "Invite it: https://discord.com/oauth2/authorize"
            f"?client_id={application_id}&scope=bot+applications.commands"
            f"&permissions={INVITE.value}",
        )
        return
    sound = 0
    for guild in said.body:
        name = f"{guild['name']!a} ({guild['id']})"
        lacks = missing(discord.Permissions(int(guild["permissions"])), *NAMES)
        if lacks:
            yield fault(
                "permissions",
                f"on {name} the bot lacks {', '.join(NAMES[each] for each in lacks)}",
                "Server Settings → Roles → the bot's role; a channel's own settings may take them "
                "away again.",
            )
        path = f"/applications/{application_id}/guilds/{guild['id']}/commands"
        scope = await asker.get(path)
        if scope.status == HTTPStatus.FORBIDDEN:
            yield fault(
                "scopes",
                f"on {name} the bot has no slash commands: the scope applications.commands is not "
                "granted",
                "Invite it again with both scopes, without removing it: "
                f"https://discord.com/oauth2/authorize?client_id={application_id}"
                f"&scope=bot+applications.commands&guild_id={guild['id']}",
            )
        sound += not lacks and scope.status != HTTPStatus.FORBIDDEN
    yield ok("servers", f"{sound} of {len(said.body)} grant all that the bot needs")


async def _commands(
    asker: Asker, application_id: str, commands: Collection[str]
) -> AsyncIterator[Finding]:
    said = await asker.get(f"/applications/{application_id}/commands")
    if said.status != HTTPStatus.OK:
        yield fault("commands", f"Discord answers with HTTP {said.status}", "Try again later.")
        return
    absent = sorted(set(commands) - {str(each["name"]) for each in said.body})
    if absent:
        yield fault(
            "commands",
            f"Discord does not have {', '.join(absent)}",
            "Start the bot: it sends them when they changed. If they stay away, another program "
            "uses the same application: give each its own.",
        )
    else:
        yield ok("commands", f"Discord has all {len(commands)}")


async def _operator_channel(asker: Asker, settings: Settings) -> AsyncIterator[Finding]:
    channel_id = settings.operator_channel_id
    if channel_id is None:
        yield note(
            "operator's channel",
            "none is set",
            "COGREEL_OPERATOR_CHANNEL_ID lets the bot tell you what only you can mend.",
        )
        return
    said = await asker.get(f"/channels/{channel_id}")
    if said.status == HTTPStatus.OK and said.body.get("type") == discord.ChannelType.text.value:
        yield ok("operator's channel", f"{channel_id} is there")
    else:
        yield fault(
            "operator's channel",
            f"{channel_id} is no text channel that the bot sees (HTTP {said.status})",
            "COGREEL_OPERATOR_CHANNEL_ID: name a text channel on a server where the bot is, and "
            "give it View Channel and Send Messages there.",
        )
