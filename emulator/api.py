"""The two calls of the video API: create and async-result."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from aiohttp import web

from emulator.answers import Held, cut, gateway_error, html, instead, spoiled
from emulator.errors import ApiError, ResellerError
from emulator.requests import parse_create

if TYPE_CHECKING:
    from emulator.auth import KeyRing
    from emulator.clock import Clock
    from emulator.faults import Fault
    from emulator.files import ResultFiles
    from emulator.gateways import Gateway
    from emulator.knobs import Knobs
    from emulator.tasks import Task, TaskBook

_BODY_LIMIT_S = 120


class VideoApi:
    """Handlers of one gateway's paths."""

    def __init__(  # noqa: PLR0913  # the parts of the emulator, each by name
        self,
        *,
        gateway: Gateway,
        keys: KeyRing,
        clock: Clock,
        knobs: Knobs,
        tasks: TaskBook,
        files: ResultFiles,
        held: Held,
        bodies: asyncio.Semaphore,
    ) -> None:
        """Wire the parts; ``bodies`` bounds how many bodies are read and decoded at a time."""
        self._gateway = gateway
        self._keys = keys
        self._clock = clock
        self._knobs = knobs
        self._tasks = tasks
        self._files = files
        self._held = held
        self._bodies = bodies

    async def create(self, request: web.Request) -> web.StreamResponse:
        """``POST /videos/generations``: accept, charge and start, or refuse."""
        key = self._authenticate(request)
        if (fault := self._knobs.faults.take_before("create", self._gateway)) is not None:
            return await instead(fault, request, held=self._held, clock=self._clock)
        try:
            async with self._bodies, asyncio.timeout(_BODY_LIMIT_S):
                body = await request.read()
                # JSON of that size and images take longer to read than the loop may stand still.
                asked = await asyncio.to_thread(
                    parse_create, body, self._knobs.rules, self._gateway
                )
        except TimeoutError:
            return html(408)
        task = self._tasks.accept(asked, key)
        fault = self._knobs.faults.take_after("create", self._gateway)
        if fault is not None and fault.kind == "fail":
            task.doomed = True
        answer = {
            "model": task.model.name,
            "id": task.number if _wants_number(fault) else task.id,
            "request_id": task.request_id,
            "task_status": "PROCESSING",
        }
        return await spoiled(fault, request, answer, held=self._held, clock=self._clock)

    async def result(self, request: web.Request) -> web.StreamResponse:
        """``GET /async-result/{id}``: how far a task is."""
        key = self._authenticate(request)
        if (fault := self._knobs.faults.take_before("poll", self._gateway)) is not None:
            return await instead(fault, request, held=self._held, clock=self._clock)
        task = self._tasks.find(request.match_info["id"], gateway=self._gateway, key=key)
        fault = self._knobs.faults.take_after("poll", self._gateway)
        if fault is not None and fault.kind == "fail":
            task.doomed = True
            task.ready_at = min(task.ready_at, self._clock.now_s())
        answer = self._answer(task)
        if fault is not None and fault.kind == "unknown_status":
            answer = {
                **self._progress(task),
                "task_status": fault.arguments[0] if fault.arguments else "SUBMITTED",
            }
        elif fault is not None and fault.kind == "no_link":
            answer = {**self._answer(task), "task_status": "SUCCESS", "video_result": None}
        elif _wants_number(fault):
            answer = {**answer, "id": task.number}
        return await spoiled(fault, request, answer, held=self._held, clock=self._clock)

    async def elsewhere(self, request: web.Request) -> web.StreamResponse:
        """Any other path: the gateway asks for the key first, then knows nothing."""
        self._authenticate(request)
        return gateway_error(request.path, self._clock.now_s())

    def _authenticate(self, request: web.Request) -> str:
        try:
            return self._keys.authenticate(
                request.headers.get("Authorization"), now_s=self._clock.real_s()
            )
        except ApiError:
            if self._gateway.reseller:
                raise ResellerError("-10001") from None
            raise

    def _progress(self, task: Task) -> dict[str, Any]:
        return {"model": task.model.name, "id": task.id, "request_id": task.request_id}

    def _answer(self, task: Task) -> dict[str, Any]:
        status = task.status(self._clock.now_s())
        if status != "SUCCESS":
            return {**self._progress(task), "task_status": status}
        return {
            **self._progress(task),
            "model": task.model.canonical_name,
            "task_status": status,
            "video_result": [self._files.links(task)],
            "usage": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},
        }


def _wants_number(fault: Fault | None) -> bool:
    return fault is not None and fault.kind == "number_id"


@web.middleware
async def refusals(request: web.Request, handler: Any) -> web.StreamResponse:  # noqa: ANN401  # aiohttp's own handler type is private
    """Turn refusals into their envelope."""
    try:
        response: web.StreamResponse = await handler(request)
    except ApiError as error:
        return web.json_response(error.body(), status=error.status)
    except web.HTTPRequestEntityTooLarge:
        return html(413)
    except (web.HTTPBadRequest, web.RequestPayloadError):
        return html(400)
    except ConnectionResetError:  # the caller has hung up, as from a file without end
        return cut(request)
    return response
