"""Runs renders in child processes, a few at a time, and keeps clips until there are too many."""

from __future__ import annotations

import asyncio
import contextlib
import enum
import json
import logging
import os
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from emulator.errors import ApiError
from emulator.render.job import RenderJob, Still

if TYPE_CHECKING:
    from emulator.requests import CreateRequest

_log = logging.getLogger(__name__)
_ROOT = Path(__file__).resolve().parent.parent
_WAITING_LIMIT = 4096  # renders
_WAITING_BYTES_LIMIT = 256 * 1024 * 1024  # of images that wait with them
_ERROR_TAIL = 2000  # characters of a failed child's complaint that are logged

# The child gets nothing of this process's environment but what an interpreter needs: no secrets.
# glibc would map and unmap a frame-sized buffer for each drawing step: on the heap it costs less.
_ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_MMAP_THRESHOLD_": str(32 * 1024 * 1024),
    "MALLOC_TRIM_THRESHOLD_": str(1024 * 1024 * 1024),
    "MALLOC_TOP_PAD_": str(64 * 1024 * 1024),
} | {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}


class RenderState(enum.Enum):
    """How far a render is."""

    WAITING = enum.auto()
    DONE = enum.auto()
    FAILED = enum.auto()


@dataclass(slots=True, eq=False)
class Render:
    """One clip in the making; equal requests share it.

    Attributes:
        digest: Of the request; names the files.
        video: The MP4, once done; gone again when the cache has dropped it.
        cover: The JPEG of its first frame, likewise.
        state: Set by the renderer.
        finished: Set when ``state`` is final.
        size_bytes: Of both files.
    """

    digest: str
    video: Path
    cover: Path
    state: RenderState = RenderState.WAITING
    finished: asyncio.Event = field(default_factory=asyncio.Event)
    size_bytes: int = 0


class Renderer:
    """A bounded queue in front of a bounded number of child processes."""

    def __init__(self, folder: Path, *, at_once: int, limit_s: int, cache_bytes: int) -> None:
        """Prepare; nothing runs before :meth:`start`.

        Args:
            folder: For images and clips; owned by the caller.
            at_once: Child processes at a time.
            limit_s: Wall-clock seconds that one render may take.
            cache_bytes: Of finished clips; beyond it the oldest are dropped.
        """
        self._folder = folder
        self._at_once = at_once
        self._limit_s = limit_s
        self._cache_bytes = cache_bytes
        self._queue: asyncio.Queue[tuple[CreateRequest, Render]] = asyncio.Queue(_WAITING_LIMIT)
        self._waiting_bytes = 0
        self._renders: dict[str, Render] = {}  # by digest, oldest first
        self._workers: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Start the workers on the running loop."""
        self._workers = [asyncio.create_task(self._work()) for _ in range(self._at_once)]

    async def close(self) -> None:
        """Stop the workers; a render under way is killed."""
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)

    def submit(self, request: CreateRequest) -> Render:
        """Queue a render, or join an equal one.

        Raises:
            ApiError: 1305, overloaded: too much is waiting already.
        """
        if (known := self._renders.get(request.digest)) is not None:
            return known
        size = _image_bytes(request)
        if self._queue.full() or self._waiting_bytes + size > _WAITING_BYTES_LIMIT:
            raise ApiError("1305")
        name = self._folder / request.digest
        render = Render(request.digest, name.with_suffix(".mp4"), name.with_suffix(".jpeg"))
        self._renders[request.digest] = render
        self._waiting_bytes += size
        self._queue.put_nowait((request, render))
        return render

    async def _work(self) -> None:
        while True:
            request, render = await self._queue.get()
            try:
                await self._make(request, render)
                render.size_bytes = await asyncio.to_thread(_size, render)
                render.state = RenderState.DONE
            except (OSError, RenderFailedError) as error:
                _log.warning("render %s failed: %s", render.digest[:12], error)
                render.state = RenderState.FAILED
                self._renders.pop(render.digest, None)  # asked again, it is tried again
            finally:
                self._waiting_bytes -= _image_bytes(request)
                render.finished.set()
            await self._drop_oldest()

    async def _make(self, request: CreateRequest, render: Render) -> None:
        """Run one child to its end, or to its time limit; it is gone when this returns."""
        job = self._job(request, render)
        inputs = [Path(still.path) for still in job.stills if still.path]
        contents = [image.content for image in request.images if image.content is not None]
        await asyncio.to_thread(_write_all, inputs, contents)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "emulator.render",
            cwd=_ROOT, env=_ENVIRONMENT,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            async with asyncio.timeout(self._limit_s):
                _, complaint = await process.communicate(json.dumps(job.to_dict()).encode())
        except TimeoutError:
            raise RenderFailedError(f"took longer than {self._limit_s} s") from None
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            await asyncio.to_thread(_remove_all, inputs)
        if process.returncode != 0:
            raise RenderFailedError(
                f"exit {process.returncode}: {complaint.decode(errors='replace')[-_ERROR_TAIL:]}"
            )

    def _job(self, request: CreateRequest, render: Render) -> RenderJob:
        stills = tuple(
            Still(
                path=None
                if image.content is None
                else str(self._folder / f"{request.digest}-{number}"),
                seed=image.digest,
            )
            for number, image in enumerate(request.images)
        )
        return RenderJob(
            seed=request.digest,
            prompt=request.prompt,
            stills=stills,
            stills_are_references=request.images_are_references,
            **asdict(request.picture),
            video_path=str(render.video),
            cover_path=str(render.cover),
            limit_s=self._limit_s + 5,
        )

    async def _drop_oldest(self) -> None:
        done = [render for render in self._renders.values() if render.state is RenderState.DONE]
        total = sum(render.size_bytes for render in done)
        for render in done[:-1]:  # the newest stays, however large
            if total <= self._cache_bytes:
                break
            total -= render.size_bytes
            del self._renders[render.digest]
            await asyncio.to_thread(_remove_all, [render.video, render.cover])


class RenderFailedError(Exception):
    """A child ended without a clip; the message says how."""


def _image_bytes(request: CreateRequest) -> int:
    return sum(len(image.content or b"") for image in request.images)


def _size(render: Render) -> int:
    return render.video.stat().st_size + render.cover.stat().st_size


def _write_all(paths: list[Path], contents: list[bytes]) -> None:
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)


def _remove_all(paths: list[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
