"""The discord.py client: two intents, closed mentions, commands synced only when they changed."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
import yarl
from discord import app_commands
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.buckets import take_turns
from bot.languages import speak
from cogs.about import about_this
from cogs.animate import animate_this
from cogs.answer import ARRIVED_AT_S, Answer
from cogs.budget import Budget
from cogs.buttons import BUTTONS
from cogs.cogreel import Cogreel
from cogs.command_words import CommandWords
from cogs.confirm_buttons import CONFIRM_BUTTONS
from cogs.departure import Departure
from cogs.discord_errors import CONNECTION_ERRORS, TEMPORARY
from cogs.draft_control import DraftControl
from cogs.failures import text_for
from cogs.film_tell_button import FilmTellControl
from cogs.history import PAGE_BUTTONS
from cogs.jobs import Jobs, RetryButton
from cogs.keep_buttons import KEEP_BUTTONS
from cogs.lineage import LookButton
from cogs.moderate import Moderate
from cogs.privacy import Privacy, WithdrawButton
from cogs.quota import Quota
from cogs.reactions import Reactions
from cogs.retake_button import RetakeControl
from cogs.services import Interaction, ServiceBot
from cogs.setup_panel import SetupControl
from cogs.spoken import language_of_person
from cogs.takedown import take_this_down
from cogs.usage import Usage
from cogs.video import Video

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.services.command_sync import CommandSync
    from bot.settings import Settings

log = logging.getLogger(__name__)

INTENTS = discord.Intents(guilds=True, guild_reactions=True)
# aiohttp's 15 s would cost a new TLS handshake, two or three round trips, at each quiet answer.
KEEP_ALIVE_S = 300.0
STAND_IN_READY_TIMEOUT_S = 0.1  # a playground sends all its guilds at once; Discord needs the 2 s


def point_at_stand_in(settings: Settings) -> None:
    """Let discord.py talk to a playground on this machine, where the settings name one.

    Process-wide: these two class attributes are all that discord.py has for it.
    """
    if settings.discord_api_url is not None:
        Route.BASE = settings.discord_api_url
    if settings.discord_gateway_url is not None:
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(settings.discord_gateway_url)


class SpokenTree(app_commands.CommandTree["CogreelBot"]):
    """Commands and their suggestions, in the language of the person."""

    async def interaction_check(self, interaction: Interaction, /) -> bool:
        """Let everybody in. From here on everything is said in their language; see `told` too."""
        speak(language_of_person(interaction))
        return True


class CogreelBot(ServiceBot):
    """Connects the cogs to Discord. The services are put in by the composition root."""

    def __init__(self, *, command_sync: CommandSync, stand_in: bool) -> None:
        more: dict[str, Any] = {"guild_ready_timeout": STAND_IN_READY_TIMEOUT_S} if stand_in else {}
        super().__init__(
            tree_cls=SpokenTree,
            command_prefix=commands.when_mentioned,  # there are none; messages are not asked for
            help_command=None,
            intents=INTENTS,
            allowed_mentions=discord.AllowedMentions.none(),
            allowed_contexts=app_commands.AppCommandContext(guild=True),
            allowed_installs=app_commands.AppInstallationType(guild=True),
            max_messages=None,  # nothing is read from a message cache: the database knows the jobs
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_ALIVE_S),
            **more,
        )
        take_turns(self.http)
        self._command_sync = command_sync
        self._is_connected = False
        self._syncing: asyncio.Task[None] | None = None
        self._when_logged_in: list[Callable[[], Awaitable[None]]] = []
        self.tree.error(_tell_failure)

    def when_logged_in(self, start: Callable[[], Awaitable[None]]) -> None:
        """Await ``start`` once Discord has accepted the token."""
        self._when_logged_in.append(start)

    async def setup_hook(self) -> None:
        """Register everything, sync the commands where they changed, then start the engine."""
        self.add_dynamic_items(
            *BUTTONS,
            *KEEP_BUTTONS,
            *CONFIRM_BUTTONS,
            *PAGE_BUTTONS,
            LookButton,
            SetupControl,
            WithdrawButton,
            RetryButton,
            DraftControl,
            RetakeControl,
            FilmTellControl,
        )
        await self.tree.set_translator(CommandWords())
        await add_commands(self)
        await self.add_cog(Reactions(self))
        await self.add_cog(Departure(self))
        await self._sync_if_changed()
        for start in self._when_logged_in:
            await start()

    async def _sync_if_changed(self) -> None:
        """Discord allows 200 command creates a day: a restart must cost none."""
        application_id = self.application_id or 0
        digest = await command_digest(self.tree)
        if await self._command_sync.is_current(application_id, digest):
            log.info("the commands are unchanged, not synced")
            return
        if await self._synced():
            await self._command_sync.record(application_id, digest)
        else:
            self._syncing = asyncio.create_task(self._sync_later(application_id, digest))

    async def _sync_later(self, application_id: int, digest: str) -> None:
        """Videos go on meanwhile, with the commands that Discord has."""
        while True:
            await self._command_sync.wait_before_retry()
            if await self._synced():
                await self._command_sync.record(application_id, digest)
                return

    async def _synced(self) -> bool:
        """Whether Discord took the commands; False where it is in trouble."""
        try:
            await self.tree.sync()
        except CONNECTION_ERRORS as exc:
            log.warning("the commands are not synced yet: %s", type(exc).__name__)
            return False
        except discord.HTTPException as exc:
            if exc.status < HTTPStatus.INTERNAL_SERVER_ERROR and exc.status not in TEMPORARY:
                raise
            log.warning("the commands are not synced yet: %s", exc)
            return False
        log.info("the commands were synced")
        return True

    async def close(self) -> None:
        """Close the connection."""
        if self._syncing is not None:
            self._syncing.cancel()
            await asyncio.gather(self._syncing, return_exceptions=True)
        await super().close()

    def dispatch(self, event_name: str, /, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  # as discord.py has it
        """Tell the listeners; of an interaction, remember first when it arrived."""
        if event_name == "interaction":
            args[0].extras[ARRIVED_AT_S] = self.loop.time()
        super().dispatch(event_name, *args, **kwargs)

    @property
    def is_connected(self) -> bool:
        """Whether the connection to Discord is up."""
        return self._is_connected and not self.is_closed()

    @property
    def server_count(self) -> int:
        """How many servers it is on."""
        return len(self.guilds)

    async def on_disconnect(self) -> None:
        """The connection broke, or was closed; discord.py makes a new one."""
        self._is_connected = False

    async def on_resumed(self) -> None:
        """It was taken up where it broke."""
        self._is_connected = True

    async def on_ready(self) -> None:
        """Say so once per connection that was made anew."""
        self._is_connected = True
        log.info("connected as %s, on %d servers", self.user, len(self.guilds))


async def add_commands(bot: ServiceBot) -> None:
    """Give a bot every command that there is."""
    await bot.add_cog(Video(bot))
    await bot.add_cog(Quota(bot))
    await bot.add_cog(Budget(bot))
    await bot.add_cog(Moderate(bot))
    await bot.add_cog(Cogreel(bot))
    await bot.add_cog(Jobs(bot))
    await bot.add_cog(Privacy(bot))
    await bot.add_cog(Usage(bot))
    for menu in (animate_this, about_this, take_this_down):
        bot.tree.add_command(menu)


async def command_digest(tree: app_commands.CommandTree[Any]) -> str:
    """A digest of what Discord would be sent, translations too: equal definitions, equal digest."""
    translator = tree.translator or CommandWords()
    definitions = [
        await command.get_translated_payload(tree, translator) for command in tree.get_commands()
    ]
    definitions.sort(key=lambda definition: str(definition["name"]))
    return hashlib.sha256(json.dumps(definitions, sort_keys=True).encode()).hexdigest()


async def _tell_failure(interaction: Interaction, error: app_commands.AppCommandError) -> None:
    """Tell what no cog could see: a refusal of discord.py's own, before a command was called."""
    await Answer(interaction).refuse(text_for(error))
