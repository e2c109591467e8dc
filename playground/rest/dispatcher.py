"""Around every REST handler: authorisation, rate limits, faults, body, errors, log, observer."""

import asyncio
import hmac
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import orjson
from aiohttp import web

from playground.files import Files
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

    ``route`` is Discord's path template; ``files`` are (part name, file name, bytes).
    """

    method: str
    route: str
    path_params: dict[str, str]
    query: list[tuple[str, str]]
    body: object
    files: tuple[tuple[str, str, int], ...]
    status: int
    answer: object


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
        routes = [
            web.route(each.method, PREFIX + each.path, self._wrap(each)) for each in endpoints
        ]
        nothing = Endpoint("*", "/{rest:.*}", _nothing, by_token=True)
        return [*routes, web.route("*", PREFIX + nothing.path, self._wrap(nothing))]

    def _wrap(
        self, endpoint: Endpoint
    ) -> Callable[[web.Request], "asyncio.Future[web.StreamResponse]"]:
        async def handle(request: web.Request) -> web.StreamResponse:
            return await self._handle(request, endpoint)

        return handle  # type: ignore[return-value]

    async def _handle(self, request: web.Request, endpoint: Endpoint) -> web.StreamResponse:
        route = f"{request.method} {endpoint.path}"
        fault = self._world.knobs.take_fault(route)
        headers: dict[str, str] = {}
        body: object = None
        uploads: tuple[Upload, ...] = ()
        try:
            self._authorise(request, endpoint)
            headers = self._limit(route, request)
            if fault is not None and fault.kind == "status":
                raise ApiError(int(fault.amount), {"message": "Internal", "code": 0})  # noqa: TRY301
            if fault is not None and fault.kind == "rate_limit":
                raise too_many(fault.amount)
            body, uploads = await read_body(
                request,
                self._files,
                file_limit_bytes=self._world.knobs.attachment_limit_bytes,
            )
            call = Call(request.match_info, request.query, body, uploads)
            status, answer = await endpoint.handler(call)
        except ApiError as error:
            status, answer = error.status, error.body
        except BadBodyError:
            status, answer = _given(refuse(Refusal.BAD_JSON))
        except TooLargeError:
            status, answer = _given(refuse(Refusal.TOO_LARGE))
        finally:
            await self._files.discard_unused(upload.path for upload in uploads)
        self._tell(request, endpoint, body, uploads, (status, answer))
        if fault is not None and fault.kind == "hang":
            await self._world.knobs.hangs.wait()
        if fault is not None and fault.kind == "lost_answer" and request.transport:
            request.transport.abort()
        if status == 429:  # noqa: PLR2004  # Too Many Requests
            # Without Via, discord.py takes a 429 for a ban and does not wait.
            headers = {**headers, "Via": "1.1 playground", "X-RateLimit-Scope": "user"}
        if answer is None:
            return web.Response(status=status, headers=headers)
        # `body=` with this type keeps aiohttp from adding a charset, which discord.py trips over.
        return web.Response(
            status=status,
            body=orjson.dumps(answer),
            content_type="application/json",
            headers=headers,
        )

    def _authorise(self, request: web.Request, endpoint: Endpoint) -> None:
        if endpoint.by_token:
            return
        given = request.headers.get("Authorization", "")
        expected = f"Bot {self._world.bot_token}"
        if not hmac.compare_digest(given.encode(), expected.encode()):
            raise refuse(Refusal.UNAUTHORIZED)

    def _limit(self, route: str, request: web.Request) -> dict[str, str]:
        if not self._world.knobs.rate_limits or route == f"POST {_CALLBACK}":
            return {}
        if not route.split(" ", 1)[1].startswith("/webhooks/"):
            wait_s = self._limits.take_global()
            if wait_s:
                raise too_many(wait_s, is_global=True)
        may_go, bucket = self._limits.take(route, request.match_info)
        headers = self._limits.headers(bucket)
        if not may_go:
            raise too_many(float(headers["X-RateLimit-Reset-After"]))
        return headers

    def _tell(
        self,
        request: web.Request,
        endpoint: Endpoint,
        body: object,
        uploads: tuple[Upload, ...],
        answer: Answer,
    ) -> None:
        params = dict(request.match_info)
        shown = endpoint.path
        for name, value in params.items():
            if not name.endswith("_token"):
                shown = shown.replace(f"{{{name}}}", value)
        status, answered = answer
        self._log.rest(f"{request.method} {shown}", status, {"request": body, "answer": answered})
        if self._observer is not None:
            self._observer(
                RestRecord(
                    method=request.method,
                    route=endpoint.path,
                    path_params=params,
                    query=list(request.query.items()),
                    body=body,
                    files=tuple((each.part, each.filename, each.size) for each in uploads),
                    status=status,
                    answer=answered,
                )
            )


def _given(error: ApiError) -> Answer:
    return error.status, error.body


async def _nothing(_call: Call) -> Answer:
    raise refuse(Refusal.NOT_FOUND)
