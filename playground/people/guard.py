"""Lets only this machine's own pages and scripts in: Host must be loopback, Origin our own."""

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import orjson
from aiohttp import web
from aiohttp.typedefs import Middleware

_NAMES = ("127.0.0.1", "localhost", "[::1]")


def guard(origin: str) -> Middleware:
    """Make the middleware for a server at ``origin``.

    A page of another site reaches a loopback port too: by its own name resolved to 127.0.0.1
    (then Host is wrong) or across origins (then Origin is).
    """
    port = urlsplit(origin).port
    hosts = {f"{name}:{port}" for name in _NAMES}
    origins = {f"http://{host}" for host in hosts}

    @web.middleware
    async def middleware(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        given = request.headers.get("Origin")
        if request.headers.get("Host") not in hosts or (given is not None and given not in origins):
            body = {"error": "forbidden", "message": "Only pages and scripts of this machine."}
            return web.Response(
                status=403, body=orjson.dumps(body), content_type="application/json"
            )
        return await handler(request)

    return middleware
