"""The parent's side of the decoding child: hostile files are opened over there only."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from bot.domain.errors import (
    ClipUnusableError,
    MediaWorkerError,
    StorageFullError,
    UnusableImageError,
)
from media.answers import Answer, ClipFacts, NormalisedImage
from media.child import kill, pipes, reap, start_child
from media.refusal_texts import in_words

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bot.domain.chart import Chart

__all__ = ["ClipFacts", "MediaWorker", "NormalisedImage"]

REQUEST_S = 20.0  # a 50-megapixel PNG takes 2 s of one core; the rest is for a busy machine
PROCESSOR_S = 20  # of one request: a decoder that runs on several threads ends sooner
IDLE_S = 60.0  # then its memory is given back
MEMORY_BYTES = 1536 * 1024 * 1024  # address space; 50 megapixels peaked at 1.04 GiB
REQUESTS_MAX = 500  # then a fresh child, whatever the last one leaked
LEAVE_S = 5.0  # from a closed stdin to the end
REASON_MAX_CHARACTERS = 200
_ANSWER = TypeAdapter(Answer)


class MediaWorker:
    """One child process, started when first needed, one request at a time.

    A child that hangs, crashes or answers nonsense is killed, and the next request gets a new one.
    A cancelled request kills it too: its answer would otherwise be taken for the next one's.
    """

    def __init__(
        self,
        *,
        request_s: float = REQUEST_S,
        idle_s: float = IDLE_S,
        memory_bytes: int = MEMORY_BYTES,
        requests_max: int = REQUESTS_MAX,
        processor_s: int = PROCESSOR_S,
    ) -> None:
        """Start nothing yet.

        Args:
            request_s: Wall limit of one request, in seconds; includes starting the child.
            idle_s: Seconds without a request after which the child ends.
            memory_bytes: Its address space.
            requests_max: Requests to one child.
            processor_s: Processor time of one request, in seconds.
        """
        self._request_s = request_s
        self._idle_s = idle_s
        self._memory_bytes = memory_bytes
        self._requests_max = requests_max
        self._processor_s = processor_s
        self._one_request = asyncio.Lock()
        self._child: asyncio.subprocess.Process | None = None
        self._answered = 0
        self._idle_timer: asyncio.TimerHandle | None = None
        self._farewells: set[asyncio.Task[None]] = set()

    @property
    def pid(self) -> int | None:
        """The child's process id, or None while there is none."""
        return None if self._child is None else self._child.pid

    async def normalise_image(
        self, source: Path, destination: Path, *, max_bytes: int, option: str
    ) -> NormalisedImage:
        """Write a member's picture as one plain JPEG; whole or not at all.

        Args:
            source: The file as it came.
            destination: Where the JPEG goes; its folder must exist.
            max_bytes: Its largest size.
            option: The command's option that the picture came with, for the message.

        Raises:
            UnusableImageError: It is no picture that we take; says why and what to do.
            MediaWorkerError: The child crashed or hung over it.
            StorageFullError: The result could not be written.
        """
        part = destination.with_name(f".{destination.name}.part")
        try:
            answer = await self._ask(
                {
                    "work": "image",
                    "source": str(source),
                    "destination": str(part),
                    "max_bytes": max_bytes,
                }
            )
            if answer.refused is not None:
                raise UnusableImageError(
                    option=option,
                    reason=in_words(answer.refused[:REASON_MAX_CHARACTERS]),
                    next_step=in_words((answer.next_step or "")[:REASON_MAX_CHARACTERS]),
                )
            if answer.image is None:
                raise defect(answer)
            await asyncio.to_thread(part.replace, destination)
            return answer.image
        finally:
            await asyncio.shield(asyncio.to_thread(part.unlink, missing_ok=True))

    async def inspect_clip(self, source: Path) -> ClipFacts:
        """What a fetched clip is.

        Raises:
            ClipUnusableError: It is no playable MP4, or it is cut off.
            MediaWorkerError: The child crashed or hung over it.
        """
        answer = await self._ask({"work": "clip", "source": str(source)})
        if answer.refused is not None:
            raise ClipUnusableError(f"the clip {answer.refused[:REASON_MAX_CHARACTERS]}")
        if answer.clip is None:
            raise defect(answer)
        return answer.clip

    async def write_poster(self, source: Path, destination: Path) -> None:
        """Write pictures of a clip on one sheet, a small JPEG; its folder must exist.

        Raises:
            ClipUnusableError: It has none that can be decoded.
            MediaWorkerError: The child crashed or hung over it.
            StorageFullError: The result could not be written.
        """
        await self._write("poster", source, destination)

    async def write_last_frame(self, source: Path, destination: Path) -> None:
        """Write a clip's last picture as a JPEG of its own size; as `write_poster`."""
        await self._write("last_frame", source, destination)

    async def draw_chart(self, chart: Chart, destination: Path) -> bool:
        """Draw a chart as a PNG; whether there was a letter for each of its words.

        Raises:
            MediaWorkerError: The child crashed or hung over it.
            StorageFullError: The result could not be written.
        """
        answer = await self._ask(
            {"work": "chart", "chart": asdict(chart), "destination": str(destination)}
        )
        if not answer.drawn and answer.refused is None:
            raise defect(answer)
        return answer.drawn

    async def close(self) -> None:
        """End the child. A request under way is finished first; safe to call twice."""
        async with self._one_request:
            self._dismiss()
        await asyncio.gather(*self._farewells)

    async def _write(self, work: str, source: Path, destination: Path) -> None:
        answer = await self._ask(
            {"work": work, "source": str(source), "destination": str(destination)}
        )
        if answer.refused is not None:
            raise ClipUnusableError(f"the clip {answer.refused[:REASON_MAX_CHARACTERS]}")
        if not (answer.poster or answer.last_frame):
            raise defect(answer)

    # --- the child ----------------------------------------------------------------------------

    async def _ask(self, request: Mapping[str, object]) -> Answer:
        async with self._one_request:
            self._stop_idle_timer()
            try:
                async with asyncio.timeout(self._request_s):
                    answer = await self._exchange(json.dumps(request).encode() + b"\n")
            except TimeoutError:
                raise await self._killed(f"no answer in {self._request_s:g} s") from None
            except (OSError, ValueError) as exc:  # a broken pipe, or an answer that is none
                raise await self._killed(type(exc).__name__) from None
            except BaseException:  # a child left in the middle answers the wrong question next
                await self._killed("cancelled")
                raise
            self._answered += 1
            if self._answered >= self._requests_max:
                self._dismiss()
            else:
                loop = asyncio.get_running_loop()
                self._idle_timer = loop.call_later(self._idle_s, self._dismiss)
            return answer

    async def _exchange(self, line: bytes) -> Answer:
        if self._child is None or self._child.returncode is not None:
            self._child, self._answered = await self._start(), 0
        stdin, stdout = pipes(self._child)
        stdin.write(line)
        await stdin.drain()
        answer = await stdout.readline()
        if not answer.endswith(b"\n"):
            raise ConnectionResetError
        return _ANSWER.validate_json(answer)

    async def _start(self) -> asyncio.subprocess.Process:
        return await start_child(
            "media",
            f"--memory-bytes={self._memory_bytes}",
            f"--processor-s={self._processor_s}",
            f"--request-s={self._request_s}",
        )

    async def _killed(self, why: str) -> MediaWorkerError:
        child, self._child = self._child, None
        if child is None:  # it could not even be started
            return MediaWorkerError(why)
        exit_code = child.returncode
        await asyncio.shield(kill(child))
        return MediaWorkerError(why if exit_code is None else f"{why}, exit code {exit_code}")

    def _stop_idle_timer(self) -> None:
        if self._idle_timer is not None:
            self._idle_timer.cancel()
            self._idle_timer = None

    def _dismiss(self) -> None:
        """Let the child go. Only between requests: while the lock is held, or from the timer."""
        self._stop_idle_timer()
        child, self._child = self._child, None
        if child is not None:
            farewell = asyncio.create_task(_let_go(child), name="media worker leaving")
            self._farewells.add(farewell)
            farewell.add_done_callback(self._farewells.discard)


async def _let_go(child: asyncio.subprocess.Process) -> None:
    pipes(child)[0].close()
    try:
        async with asyncio.timeout(LEAVE_S):
            await child.wait()
    except TimeoutError:
        await kill(child)
    else:
        await reap(child)


def defect(answer: Answer) -> MediaWorkerError | StorageFullError:
    """The error of an answer that has no result."""
    if answer.disk is not None:
        return StorageFullError(f"the media worker could not read or write: {answer.disk}")
    return MediaWorkerError(answer.failed or "an empty answer")
