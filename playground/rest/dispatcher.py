"""Around every REST handler: authorisation, rate limits, faults, body, errors, log, observer."""

import hmac
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from http import HTTPStatus

import orjson
from aiohttp import web

from playground.files import Files
from playground.form import is_object
from playground.knobs import Fault
from playground.log import Log
from playground.rest.bodies import BadBodyError, TooLargeError, read_body
from playground.rest.call import Answer, Call, Endpoint, Upload
from playground.rest.errors import ApiError, Refusal, refuse, too_many
from playground.rest.limits import Limits
from playground.world.world import World

PREFIX = "/api/v10"
_CALLBACK = "/interactions/{interaction_id}/{interaction_token}/callback"


@dataclass(frozen=True, slots=True)
class RestRecord:
    """One request of the bot and its answer, for whoever checks them.

    ``route`` is Discord's path template; ``files`` are (part name, file name, bytes);
    ``arrived_s`` is when the request reached its handler, on the clock's steady time.
    """

    method: str
    route: str
    path_params: dict[str, str]
    query: list[tuple[str, str]]
    body: object
    files: tuple[tuple[str, str, int], ...]
    status: int
    answer: object
    arrived_s: float


Observer = Callable[[RestRecord], None]


class Dispatcher:
    """Turns endpoints into aiohttp routes."""

    def __init__(
        self, world: World, files: Files, log: Log, observer: Observer | None = None
    ) -> None:
        self._world = world
        self._files = files
        self._log = log
        self._observer = observer
        self._limits = Limits(world.clock)

    def routes(self, endpoints: Iterable[Endpoint]) -> list[web.RouteDef]:
        """Make the routes under /api/v10, and the 404 of everything else there."""
        served = tuple(endpoints)
        self._world.knobs.routes = frozenset(f"{each.method} {each.path}" for each in served)
        routes = [web.route(each.method, PREFIX + each.path, self._wrap(each)) for each in served]
        nothing = Endpoint("*", "/{rest:.*}", _nothing, by_token=True)
        return [*routes, web.route("*", PREFIX + nothing.path, self._wrap(nothing))]

    def _wrap(self, endpoint: Endpoint) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            return await self._handle(request, endpoint)

        return handle

    async def _handle(self, request: web.Request, endpoint: Endpoint) -> web.StreamResponse:
        exchange = _Exchange(request, endpoint, self._world.clock.steady_s())
        fault = self._world.knobs.take_fault(f"{request.method} {endpoint.path}")
        try:
            status, answer = await self._answer(exchange, fault)
        except ApiError as error:
            status, answer = error.status, error.body
        finally:
            await self._files.discard_unused(upload.path for upload in exchange.uploads)
        if request.transport is not None or exchange.body is not None:
            # Else the bot went away in the middle of its request: there was none to speak of.
            self._tell(exchange, status, answer)
        if fault is not None:
            await self._disturb(request, fault)
        return _response(status, answer, exchange.headers)

    async def _answer(self, exchange: "_Exchange", fault: Fault | None) -> Answer:
        request, endpoint = exchange.request, exchange.endpoint
        if not endpoint.by_token:
            self._authorise(request)
        try:
            exchange.body, exchange.uploads = await read_body(
                request,
                self._files,
                file_limit_bytes=self._world.knobs.attachment_limit_bytes,
            )
        except BadBodyError:
            raise refuse(Refusal.BAD_JSON) from None
        except TooLargeError:
            raise refuse(Refusal.TOO_LARGE) from None
        self._limit(exchange)
        if fault is not None and fault.kind in {"status", "error"}:
            body = {"message": "A fault was asked for.", "code": fault.code}
            raise ApiError(int(fault.amount), body)
        if fault is not None and fault.kind in {"rate_limit", "global_limit"}:
            raise too_many(fault.amount, is_global=fault.kind == "global_limit")
        if fault is not None and fault.kind == "ban":
            raise ApiError(429, None)
        call = Call(request.match_info, request.query, exchange.body, exchange.uploads)
        return await endpoint.handler(call)

    async def _disturb(self, request: web.Request, fault: Fault) -> None:
        """Withhold an answer whose effect has been taken."""
        if fault.kind == "hang":
            await self._world.knobs.hangs.wait()
        elif fault.kind == "lost_answer" and request.transport is not None:
            request.transport.abort()

    def _authorise(self, request: web.Request) -> None:
        given = request.headers.get("Authorization", "")
        expected = f"Bot {self._world.bot_token}"
        if not hmac.compare_digest(given.encode(), expected.encode()):
            raise refuse(Refusal.UNAUTHORIZED)

    def _limit(self, exchange: "_Exchange") -> None:
        path = exchange.endpoint.path
        # A callback can be sent once only, so a bucket for it would never fill.
        if not self._world.knobs.rate_limits or path == _CALLBACK:
            return
        if not path.startswith("/webhooks/") and (wait_s := self._limits.take_global()):
            raise too_many(wait_s, is_global=True)
        route = f"{exchange.request.method} {path}"
        may_go, bucket = self._limits.take(route, exchange.request.match_info)
        exchange.headers = self._limits.headers(bucket)
        if not may_go:
            raise too_many(float(exchange.headers["X-RateLimit-Reset-After"]))

    def _tell(self, exchange: "_Exchange", status: int, answer: object) -> None:
        request, endpoint = exchange.request, exchange.endpoint
        params = dict(request.match_info)
        shown = endpoint.path
        for name, value in params.items():
            if not name.endswith("_token"):
                shown = shown.replace(f"{{{name}}}", value)
        both = {"request": exchange.body, "answer": answer}
        self._log.rest(f"{request.method} {shown}", status, both)
        if self._observer is not None:
            self._observer(
                RestRecord(
                    method=request.method,
                    route=endpoint.path,
                    path_params=params,
                    query=list(request.query.items()),
                    body=exchange.body,
                    files=tuple((each.part, each.filename, each.size) for each in exchange.uploads),
                    status=status,
                    answer=answer,
                    arrived_s=exchange.arrived_s,
                )
            )


@dataclass(slots=True)
class _Exchange:
    """One request on its way through."""

    request: web.Request
    endpoint: Endpoint
    arrived_s: float
    headers: dict[str, str] = field(default_factory=dict[str, str])
    body: object = None
    uploads: tuple[Upload, ...] = ()


def _response(status: int, answer: object, headers: dict[str, str]) -> web.Response:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        # Without Via, discord.py takes a 429 for a ban and does not wait.
        if answer is None:
            return web.Response(status=status, text="error code: 1015", content_type="text/html")
        headers = {**headers, "Via": "1.1 playground", "X-RateLimit-Scope": "user"}
        if is_object(answer) and answer.get("global"):
            headers |= {"X-RateLimit-Global": "true", "X-RateLimit-Scope": "global"}
    if answer is None:
        return web.Response(status=status, headers=headers)
    # `body=` with this type keeps aiohttp from adding a charset, which discord.py trips over.
    return web.Response(
        status=status,
        body=orjson.dumps(answer),
        content_type="application/json",
        headers=headers,
    )


async def _nothing(_call: Call) -> Answer:
    raise refuse(Refusal.NOT_FOUND)
