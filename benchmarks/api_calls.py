"""The calls that are measured: the same ones through ours, a bare client and the vendor's.

Prints what each round cost as one line of JSON.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
import time
from itertools import permutations
from typing import TYPE_CHECKING, Any, Protocol

import aiohttp
import zai
from pydantic import SecretStr

from benchmarks.client_overhead import CALLS, POLLED, ROUNDS
from bot.clock import SystemClock
from bot.domain.request import VideoRequest
from providers.capabilities import capability_for
from providers.credentials import Credentials
from providers.transport import ZhipuTransport
from providers.zhipu_create import Dialect, create_body
from providers.zhipu_wire import Rendering

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

USER_ID = "0123456789abcdef0123456789abcdef"
REQUEST = VideoRequest(
    model="cogvideox-3",
    prompt=(
        "A paper boat sails over a quiet lake at sunset; the camera follows it slowly from behind, "
        "gulls cross the sky, and the lights of a village begin to glimmer on the far shore."
    ),
    size="1280x720",
    duration_s=5,
    quality="quality",
    fps=30,
    with_audio=True,
)
ROW = capability_for("zai", REQUEST.model)
DIALECT = Dialect()


class Client(Protocol):
    """A way to make the calls, one after the other; what it returns costs as it is awaited."""

    def create(self, request_ids: Sequence[str]) -> Awaitable[Sequence[Any]]:
        """A create for each of these; the answers."""
        ...

    def poll(self, task_ids: Sequence[str]) -> Awaitable[Sequence[Any]]:
        """A poll of each of these; the answers."""
        ...

    def is_rendering(self, answer: Any) -> bool:  # noqa: ANN401  # each client has its own
        """Whether a poll was answered with that."""
        ...


class Ours:
    """What the product does: a body is made and sent, its answer bounded, cleaned and read."""

    def __init__(self, session: aiohttp.ClientSession, base_url: str, key: str) -> None:
        credentials = Credentials(SecretStr(key), kind="raw", clock=SystemClock())
        self._transport = ZhipuTransport(session, base_url=base_url, credentials=credentials)

    async def create(self, request_ids: Sequence[str]) -> list[Any]:
        """See `Client`."""
        return [await self._transport.create(body_of(each)) for each in request_ids]

    async def poll(self, task_ids: Sequence[str]) -> list[Any]:
        """See `Client`."""
        return [await self._transport.poll(each) for each in task_ids]

    def is_rendering(self, answer: Any) -> bool:  # noqa: ANN401  # see Client
        """See `Client`."""
        return isinstance(answer, Rendering)


class Bare:
    """aiohttp alone: bodies are ready, the answer is read into memory, and nobody looks at it."""

    def __init__(self, session: aiohttp.ClientSession, base_url: str, key: str) -> None:
        self._session = session
        self._base_url = base_url
        self._poll_headers = {
            "Authorization": f"Bearer {key}",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
        }
        self._create_headers = self._poll_headers | {"Content-Type": "application/json"}

    def create(self, request_ids: Sequence[str]) -> Awaitable[list[Any]]:
        """See `Client`."""
        return self._send([body_of(each) for each in request_ids])

    async def _send(self, bodies: Sequence[bytes]) -> list[Any]:
        url, headers = f"{self._base_url}/videos/generations", self._create_headers
        answers: list[Any] = []
        for body in bodies:
            async with self._session.request("POST", url, data=body, headers=headers) as response:
                answers.append(await response.read())
        return answers

    async def poll(self, task_ids: Sequence[str]) -> list[Any]:
        """See `Client`."""
        answers: list[Any] = []
        for each in task_ids:
            url = f"{self._base_url}/async-result/{each}"
            async with self._session.request("GET", url, headers=self._poll_headers) as response:
                answers.append(await response.read())
        return answers

    def is_rendering(self, answer: Any) -> bool:  # noqa: ANN401  # see Client
        """See `Client`."""
        return bool(json.loads(answer)["task_status"] == "PROCESSING")


class Vendor:
    """zai-sdk, which blocks: in a thread, as a program with a loop has to use it."""

    def __init__(self, base_url: str, key: str) -> None:
        self._client: Any = zai.ZaiClient(api_key=key, base_url=base_url, max_retries=0)

    def create(self, request_ids: Sequence[str]) -> Awaitable[list[Any]]:
        """See `Client`."""
        return asyncio.to_thread(self._create, request_ids)

    def _create(self, request_ids: Sequence[str]) -> list[Any]:
        return [
            self._client.videos.generations(
                model=REQUEST.model,
                prompt=REQUEST.prompt,
                size=REQUEST.size,
                duration=REQUEST.duration_s,
                quality=REQUEST.quality,
                fps=REQUEST.fps,
                with_audio=REQUEST.with_audio,
                request_id=each,
                user_id=USER_ID,
            )
            for each in request_ids
        ]

    def poll(self, task_ids: Sequence[str]) -> Awaitable[list[Any]]:
        """See `Client`."""
        return asyncio.to_thread(self._poll, task_ids)

    def _poll(self, task_ids: Sequence[str]) -> list[Any]:
        return [self._client.videos.retrieve_videos_result(id=each) for each in task_ids]

    def is_rendering(self, answer: Any) -> bool:  # noqa: ANN401  # see Client
        """See `Client`."""
        return bool(answer.task_status == "PROCESSING")


def body_of(request_id: str) -> bytes:
    """The same create but for its id."""
    return create_body(
        REQUEST,
        image_data_uris=(),
        request_id=request_id,
        user_id=USER_ID,
        capability=ROW,
        dialect=DIALECT,
    )


async def measure(base_url: str, key: str) -> None:
    """One round to warm up, and those that are printed."""
    async with _session() as session, _session() as bare_session:
        ours = Ours(session, base_url, key)
        clients: dict[str, Client] = {
            "ours": ours,
            "bare": Bare(bare_session, base_url, key),
            "vendor": Vendor(base_url, key),
        }
        task_ids = [task.task_id for task in await ours.create(_ids("polled", POLLED))]
        gc.collect()
        gc.freeze()  # what was imported is on nobody's bill, what a call leaves behind is
        orders = list(permutations(clients))  # each comes after each other one equally often
        for number in range(ROUNDS + 1):
            cost: dict[str, dict[str, float]] = {"create": {}, "poll": {}}
            for name in orders[number % len(orders)]:
                client = clients[name]
                cost["create"][name], _ = await _cpu_s(
                    client.create(_ids(f"{name}-{number}", CALLS))
                )
                cost["poll"][name], answers = await _cpu_s(client.poll(task_ids))
                if not all(map(client.is_rendering, answers)):
                    sys.exit(f"{name}: a poll found something else than a task that renders")
            if number:
                print(json.dumps(cost), flush=True)


def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())  # as `bot.app` makes it


def _ids(of: str, count: int) -> list[str]:
    return [f"cogreel-{of}-{number}" for number in range(count)]


async def _cpu_s(calls: Awaitable[Sequence[Any]]) -> tuple[float, Sequence[Any]]:
    """Processor seconds of this process per call, user and system, all threads; the answers."""
    before_s = time.process_time()
    answers = await calls
    return (time.process_time() - before_s) / len(answers), answers


if __name__ == "__main__":
    asyncio.run(measure(os.environ["COGREEL_GATEWAY_URL"], os.environ["COGREEL_API_KEY"]))
