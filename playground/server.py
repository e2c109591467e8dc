"""The playground as a whole: one loopback server for gateway, REST, CDN, page and people."""

import asyncio
import socket
from types import TracebackType
from typing import Self

from aiohttp import web

from playground.cdn import Cdn
from playground.clock import Clock
from playground.files import Files
from playground.gateway.connection import Connection
from playground.gateway.hub import Hub
from playground.knobs import Knobs
from playground.log import Log
from playground.page_files import PageFiles
from playground.people.api import PeopleApi
from playground.people.guard import guard
from playground.rest.accounts import Accounts
from playground.rest.callbacks import Callbacks
from playground.rest.channels import Channels
from playground.rest.commands import Commands
from playground.rest.dispatcher import Dispatcher, Observer
from playground.rest.guilds import Guilds
from playground.rest.messages import Messages
from playground.rest.reactions import Reactions
from playground.rest.webhooks import Webhooks
from playground.world.seed import seed
from playground.world.world import World

HOST = "127.0.0.1"
_SHUTDOWN_S = 1.0
# Who connects past aiohttp's 128 at one moment would be heard after one second, or after three: as
# late as an interaction may be answered at all.
_NOT_YET_ACCEPTED_MAX = 1024


class Playground:
    """A running stand-in for Discord; use it as ``async with Playground() as playground``.

    Args:
        port: Where to listen; 0 takes any free port.
        observer: Called with every REST request of the bot and its answer.
        rate_limits: Whether buckets count; the same as the knob.
        log: Whether what the bot sends and receives is kept for the people API.
        clock: The time; a test may bring its own.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        observer: Observer | None = None,
        rate_limits: bool = True,
        log: bool = True,
        clock: Clock | None = None,
    ) -> None:
        self.knobs = Knobs(rate_limits=rate_limits)
        self.world = World(clock or Clock(), self.knobs)
        seed(self.world)
        self._port = port
        self._observer = observer
        self._log = Log(self.world.clock, kept=None if log else 0)
        self._runner: web.AppRunner | None = None
        self._files: Files | None = None

    @property
    def app(self) -> web.Application:
        """The application, for whoever wants to know its routes."""
        assert self._runner is not None  # noqa: S101  # only while it runs
        return self._runner.app

    @property
    def origin(self) -> str:
        """The server's own address, without a slash."""
        return self.world.origin

    @property
    def page_url(self) -> str:
        """Where the page is."""
        return f"{self.origin}/"

    @property
    def people_api(self) -> str:
        """Where the people API is."""
        return f"{self.origin}/playground"

    @property
    def discord_api(self) -> str:
        """What ``discord.http.Route.BASE`` is to be."""
        return f"{self.origin}/api/v10"

    @property
    def gateway_url(self) -> str:
        """What ``discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY`` is to be."""
        return f"{self.origin.replace('http', 'ws', 1)}/gateway"

    @property
    def bot_token(self) -> str:
        """The bot's token, new at every start."""
        return self.world.bot_token

    @property
    def application_id(self) -> str:
        """The bot's application, and its user."""
        return self.world.bot.id

    async def __aenter__(self) -> Self:
        listening = _listening_socket(self._port)
        self.world.origin = f"http://{HOST}:{listening.getsockname()[1]}"
        self._files = files = await asyncio.to_thread(Files, self.world)
        app = await asyncio.to_thread(self._app, files)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN_S)
        await self._runner.setup()
        await web.SockSite(self._runner, listening, backlog=_NOT_YET_ACCEPTED_MAX).start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.knobs.release_hangs()
        if self._runner is not None:
            await self._runner.cleanup()
        if self._files is not None:
            await self._files.close()

    def _app(self, files: Files) -> web.Application:
        world, log = self.world, self._log
        hub = Hub(world, log, self.gateway_url)
        people = PeopleApi(world, files, log, hub)
        dispatcher = Dispatcher(world, files, log, self._observer)
        resources = (
            Accounts(world, self.gateway_url),
            Guilds(world),
            Channels(world),
            Messages(world, files),
            Reactions(world),
            Commands(world),
            Callbacks(world, files),
            Webhooks(world, files),
        )

        async def gateway(request: web.Request) -> web.WebSocketResponse:
            return await Connection(world, hub, log).serve(request)

        async def close_streams(_app: web.Application) -> None:
            hub.drop(1001)
            people.close()

        app = web.Application(middlewares=[guard(self.origin)])
        app.on_shutdown.append(close_streams)
        app.add_routes(
            [
                web.get("/gateway", gateway),
                web.get("/gateway/", gateway),
                *dispatcher.routes(each for resource in resources for each in resource.endpoints()),
                *Cdn(files).routes(),
                *people.routes(),
                *PageFiles(self.origin).routes(),
            ]
        )
        return app


def _listening_socket(port: int) -> socket.socket:
    """Bind before anything is built: the application must know its own address."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((HOST, port))
    except OSError:
        listening.close()
        raise
    return listening
