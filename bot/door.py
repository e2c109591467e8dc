"""What stands between aiohttp's web server and whoever connects: so many, and none that is silent.

A connection that has asked for nothing in time is closed; aiohttp itself bounds a request's
headers, and the time between two requests.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from aiohttp.typedefs import Handler

CONNECTIONS_MAX = 100
REQUEST_WITHIN_S = 10.0  # a connection that asks for nothing by then is closed
KEEP_ALIVE_S = 30.0
SHUTDOWN_S = 1.0  # answers under way end with the bot


@asynccontextmanager
async def listening(
    app: web.Application,
    address: str,
    port: int,
    *,
    connections_max: int = CONNECTIONS_MAX,
    request_within_s: float = REQUEST_WITHIN_S,
    keep_alive_s: float = KEEP_ALIVE_S,
) -> AsyncGenerator[tuple[str, int]]:
    """Serve until the block ends; the address and the port, which is a free one where 0 was given.

    What was asked for is written down nowhere.

    Raises:
        OSError: The address cannot be listened on.
    """
    # Connections that asked for nothing so far, and when they are closed for that.
    silent: dict[object, asyncio.TimerHandle] = {}

    @web.middleware
    async def note(request: web.Request, handler: Handler) -> web.StreamResponse:
        closing = silent.pop(request.protocol, None)
        if closing is not None:
            closing.cancel()
        return await handler(request)

    app.middlewares.append(note)
    runner = web.AppRunner(
        app, access_log=None, keepalive_timeout=keep_alive_s, shutdown_timeout=SHUTDOWN_S
    )
    await runner.setup()
    try:
        door = _Door(runner, silent, connections_max, request_within_s)
        server = await asyncio.get_running_loop().create_server(door, address, port)
        try:
            host, chosen = server.sockets[0].getsockname()[:2]
            yield str(host), int(chosen)
        finally:
            server.close()
    finally:
        await runner.cleanup()


class _Door:
    """Makes the protocol of each connection; the ones too many, and silent ones, are closed."""

    def __init__(
        self,
        runner: web.AppRunner,
        silent: dict[object, asyncio.TimerHandle],
        most: int,
        within_s: float,
    ) -> None:
        if runner.server is None:
            raise ValueError("the runner is not set up")
        self._server = runner.server
        self._silent = silent
        self._most = most
        self._within_s = within_s

    def __call__(self) -> asyncio.Protocol:
        if len(self._server.connections) >= self._most:
            return _Closed()
        connection = self._server()
        loop = asyncio.get_running_loop()
        self._silent[connection] = loop.call_later(self._within_s, self._close, connection)
        return connection

    def _close(self, connection: web.RequestHandler) -> None:
        self._silent.pop(connection, None)
        connection.force_close()


class _Closed(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            transport.abort()
