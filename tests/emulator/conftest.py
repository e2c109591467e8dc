"""A running emulator, in process and as a program, and the few words that tests speak to it."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import signal
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import av
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from emulator.server import Emulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping

Json = Any  # whatever JSON can say
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]  # their names in any case
    content: bytes

    @property
    def json(self) -> Json:
        return json.loads(self.content)

    @property
    def code(self) -> str:
        error: dict[str, str] = self.json["error"]
        return error["code"]

    @property
    def message(self) -> str:
        error: dict[str, str] = self.json["error"]
        return error["message"]


class Caller:
    """Calls an emulator over HTTP as any client would."""

    def __init__(
        self, session: aiohttp.ClientSession, *, url: str, api_base: str, key: str
    ) -> None:
        self.session = session
        self.url = url
        self.api_base = api_base
        self.key = key

    async def call(self, method: str, address: str, **options: Json) -> Answer:
        options.setdefault("headers", {"Authorization": f"Bearer {self.key}"})
        if "json" in options:
            options["data"] = json.dumps(options.pop("json")).encode()
        if "data" in options:
            options["data"] = io.BytesIO(options["data"])  # aiohttp warns of large plain bytes
        async with self.session.request(method, address, **options) as response:
            return Answer(response.status, response.headers, await response.read())

    async def create(self, **fields: Json) -> Answer:
        body = {"model": "cogvideox-3", "prompt": "a calm sea", "size": "1280x720", **fields}
        return await self.call("POST", f"{self.api_base}/videos/generations", json=body)

    async def poll(self, task_id: str) -> Answer:
        return await self.call("GET", f"{self.api_base}/async-result/{task_id}")

    async def finished(self, task_id: str) -> dict[str, Any]:
        """The result, however it ends."""
        async with asyncio.timeout(50):
            while True:
                result: dict[str, Any] = (await self.poll(task_id)).json
                if result["task_status"] != "PROCESSING":
                    return result
                await _beat()

    async def turn(self, **knobs: Json) -> dict[str, Any]:
        answer = await self.call("POST", f"{self.url}/emulator/knobs", json=knobs)
        assert answer.status == 200, answer.content
        values: dict[str, Any] = answer.json
        return values

    async def ledger(self) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = (
            await self.call("GET", f"{self.url}/emulator/ledger")
        ).json["entries"]
        return entries


async def _beat() -> None:
    """Give the render a moment between two polls: the API has no way to wait but asking again."""
    try:
        async with asyncio.timeout(0.05):
            await asyncio.Event().wait()
    except TimeoutError:
        return


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator(in_flight_limit=100) as running:
        yield running


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    timeout = aiohttp.ClientTimeout(total=50)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        yield session


@pytest.fixture
async def caller(emulator: Emulator, session: aiohttp.ClientSession) -> Caller:
    return Caller(session, url=emulator.url, api_base=emulator.api_base, key=emulator.api_key)


@pytest.fixture(scope="session")
def served() -> Iterator[dict[str, str]]:
    """``python -m emulator``, one for all tests that need clips: equal requests render once."""
    command = [sys.executable, "-m", "emulator", "--in-flight", "100"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        printed: Json = json.loads(process.stdout.readline())
        bases, keys = printed.pop("bases"), printed.pop("keys")
        yield {
            **printed,
            **{f"{gateway}_base": base for gateway, base in bases.items()},
            **{f"{gateway}_key": key for gateway, key in keys.items()},
        }
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


@pytest.fixture
async def shared(served: dict[str, str], session: aiohttp.ClientSession) -> AsyncIterator[Caller]:
    """A caller of the shared emulator, whose knobs are turned back afterwards."""
    caller = Caller(session, url=served["url"], api_base=served["api_base"], key=served["api_key"])
    yield caller
    await caller.turn(
        faults=[],
        render_delay_s=0,
        link_lifetime_s=86400,
        renew_links=False,
        file_ranges="answer",
        in_flight_limit=100,
    )


def picture(
    *, width: int = 640, height: int = 360, colour: str = "teal", kind: str = "PNG"
) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(file, kind)
    return file.getvalue()


def data_uri(content: bytes, kind: str = "png") -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


@pytest.fixture(scope="session")
def make_picture() -> Callable[..., bytes]:
    return picture


@pytest.fixture(scope="session")
def as_data_uri() -> Callable[..., str]:
    return data_uri


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What a player would find out about a clip."""

    codec: str
    profile: str
    pix_fmt: str
    size: tuple[int, int]
    fps: float
    frames: int
    duration_s: float
    index_first: bool
    audio_codec: str | None
    loudness: float  # root mean square, 0..1


def probe_clip(content: bytes) -> Probe:
    """Decode the whole clip."""
    with av.open(io.BytesIO(content), "r") as container:
        video = container.streams.video[0]
        frames = 0
        for _ in container.decode(video):
            frames += 1  # counting is all that is wanted
        audio = container.streams.audio[0] if container.streams.audio else None
        found = Probe(
            codec=video.codec_context.name,
            profile=video.profile or "",
            pix_fmt=video.codec_context.pix_fmt or "",
            size=(video.width, video.height),
            fps=float(video.average_rate or 0),
            frames=frames,
            duration_s=float((video.duration or 0) * (video.time_base or 0)),
            index_first=content.index(b"moov") < content.index(b"mdat"),
            audio_codec=audio.codec_context.name if audio else None,
            loudness=0.0,
        )
    return found if audio is None else replace(found, loudness=_loudness(content))


def _loudness(content: bytes) -> float:
    with av.open(io.BytesIO(content), "r") as container:
        sound = np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1)
    return float(np.sqrt(np.mean(sound**2)))


def frame_of(content: bytes, number: int) -> npt.NDArray[np.uint8]:
    """One decoded frame, RGB."""
    with av.open(io.BytesIO(content), "r") as container:
        for index, frame in enumerate(container.decode(video=0)):
            if index == number:
                pixels: npt.NDArray[np.uint8] = frame.to_ndarray(format="rgb24").astype(np.uint8)
                return pixels
    raise IndexError(number)


@pytest.fixture(scope="session")
def probe() -> Callable[[bytes], Probe]:
    return probe_clip


@pytest.fixture(scope="session")
def frame() -> Callable[[bytes, int], npt.NDArray[np.uint8]]:
    return frame_of
