"""``/emulator/...``: the ledger, the knobs and the tasks, for tests and for the demo."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from aiohttp import web
from yarl import URL

from emulator.answers import envelope
from emulator.errors import ApiError
from emulator.knobs import KnobError

if TYPE_CHECKING:
    from emulator.answers import Held
    from emulator.knobs import Knobs
    from emulator.ledger import Ledger
    from emulator.tasks import TaskBook

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class Control:
    """Handlers that need no key: they are open to this machine only."""

    def __init__(self, *, ledger: Ledger, knobs: Knobs, tasks: TaskBook, held: Held) -> None:
        self._ledger = ledger
        self._knobs = knobs
        self._tasks = tasks
        self._held = held

    def routes(self) -> list[web.RouteDef]:
        """All of them."""
        return [
            web.get("/emulator/ledger", self._show_ledger),
            web.get("/emulator/tasks", self._show_tasks),
            web.get("/emulator/knobs", self._show_knobs),
            web.post("/emulator/knobs", self._turn_knobs),
            web.post("/emulator/release", self._release),
        ]

    async def _show_ledger(self, request: web.Request) -> web.Response:
        after = request.query.get("after", "0")
        if not (after.isascii() and after.isdigit() and len(after) < 10):  # noqa: PLR2004  # seq has fewer digits
            return envelope(ApiError("1214", "after: a sequence number"))
        return web.json_response({"entries": self._ledger.to_list(after=int(after))})

    async def _show_tasks(self, _request: web.Request) -> web.Response:
        return web.json_response({"tasks": self._tasks.to_list()})

    async def _show_knobs(self, _request: web.Request) -> web.Response:
        return web.json_response(self._knobs.to_dict())

    async def _turn_knobs(self, request: web.Request) -> web.Response:
        try:
            changes: Any = json.loads(await request.read())
        except (ValueError, RecursionError):
            return envelope(ApiError("1210", "The body is not valid JSON"))
        if not isinstance(changes, dict):
            return envelope(ApiError("1210", "The body must be a JSON object"))
        try:
            self._knobs.update(cast("dict[str, Any]", changes))
        except KnobError as error:
            return envelope(ApiError("1214", str(error)))
        return web.json_response(self._knobs.to_dict())

    async def _release(self, _request: web.Request) -> web.Response:
        return web.json_response({"released": self._held.release()})


@web.middleware
async def loopback_only(request: web.Request, handler: Any) -> web.StreamResponse:  # noqa: ANN401  # aiohttp's own handler type is private
    """Refuse control calls that a web page made through someone's browser."""
    if request.path.startswith("/emulator/"):
        host = _host(f"//{request.headers.get('Host', '')}")
        origin = request.headers.get("Origin")
        if host not in _LOOPBACK or (origin is not None and _host(origin) not in _LOOPBACK):
            return envelope(ApiError("1220"))
    response: web.StreamResponse = await handler(request)
    return response


def _host(address: str) -> str | None:
    try:
        return URL(address).host
    except ValueError:
        return None
