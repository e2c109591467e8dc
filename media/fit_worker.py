"""The parent's side of the child that makes a clip fit: a fresh one each time."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from bot.domain.delivery import ClipNotFittedError
from bot.domain.errors import MediaWorkerError
from media.answers import Answer, FittedFile
from media.child import kill, pipes, start_child
from media.worker import REASON_MAX_CHARACTERS, defect

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from bot.domain.delivery import Encode

PROCESSOR_S = 900  # 10 s of 1080p take some 22
MEMORY_BYTES = 3 * 1024 * 1024 * 1024  # address space; 4K peaks at 430 MB in memory
_ANSWER = TypeAdapter(Answer)


class FitWorker:
    """Encodes and repackages clips, each in a child of its own.

    A child that hangs, crashes or uses too much is killed; so is that of a cancelled call.
    """

    def __init__(
        self,
        *,
        processor_s: int = PROCESSOR_S,
        memory_bytes: int = MEMORY_BYTES,
    ) -> None:
        """Start nothing yet.

        Args:
            processor_s: Of one clip, in seconds.
            memory_bytes: Its address space.
        """
        self._processor_s = processor_s
        self._memory_bytes = memory_bytes
        self._child: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """The child's process id, or None while there is none."""
        return None if self._child is None else self._child.pid

    async def fit(  # one clip, and what becomes of it
        self,
        source: Path,
        destination: Path,
        *,
        max_bytes: int,
        encode: Encode | None,
        within_s: float,
        told: Callable[[int], None],
    ) -> FittedFile:
        """Write a clip so that it plays in Discord's clients and is no larger than ``max_bytes``.

        One call at a time; whoever called removes what is left at ``destination``.

        Args:
            source: The clip.
            destination: The new file, synced; half of one where this raises.
            max_bytes: Its largest size.
            encode: How the picture is encoded; None copies it.
            within_s: Seconds after which it is killed; includes starting the child.
            told: Called with the percent that is done.

        Raises:
            ClipNotFittedError: It cannot be made to fit; another try would end the same.
            MediaWorkerError: The child crashed, hung or was killed over it.
            StorageFullError: The disk is full.
        """
        request = {
            "source": str(source),
            "destination": str(destination),
            "max_bytes": max_bytes,
            "picture": None if encode is None else dataclasses.asdict(encode),
        }
        answer = await self._ask(json.dumps(request).encode() + b"\n", within_s, told)
        if answer.refused is not None:
            raise ClipNotFittedError(f"the clip {answer.refused[:REASON_MAX_CHARACTERS]}")
        if answer.fitted is None:
            raise defect(answer)
        return answer.fitted

    async def join(
        self,
        sources: Sequence[Path],
        destination: Path,
        *,
        fade_s: float,
        max_bytes: int,
        within_s: float,
    ) -> FittedFile:
        """Write clips one after the other into one file that plays in Discord's clients.

        One call at a time; whoever called removes what is left at ``destination``.

        Args:
            sources: The clips, in their order.
            destination: The new file, synced; half of one where this raises.
            fade_s: How long one fades into the next; 0 for cuts.
            max_bytes: Its largest size.
            within_s: Seconds after which it is killed; includes starting the child.

        Raises:
            ClipNotFittedError: They cannot be joined; another try would end the same.
            MediaWorkerError: The child crashed, hung or was killed over it.
            StorageFullError: The disk is full.
        """
        request = {
            "sources": [str(source) for source in sources],
            "destination": str(destination),
            "max_bytes": max_bytes,
            "fade_s": fade_s,
        }
        answer = await self._ask(json.dumps(request).encode() + b"\n", within_s, lambda _: None)
        if answer.refused is not None:
            raise ClipNotFittedError(f"the clips: one {answer.refused[:REASON_MAX_CHARACTERS]}")
        if answer.fitted is None:
            raise defect(answer)
        return answer.fitted

    async def _ask(self, line: bytes, within_s: float, told: Callable[[int], None]) -> Answer:
        try:
            self._child = await start_child(
                "media.fit_child",
                f"--memory-bytes={self._memory_bytes}",
                f"--processor-s={self._processor_s}",
                f"--request-s={within_s}",
            )
            async with asyncio.timeout(within_s):
                stdin, stdout = pipes(self._child)
                stdin.write(line)
                await stdin.drain()
                while (said := await stdout.readline()).startswith(b'{"percent":'):
                    told(int(json.loads(said)["percent"]))
                return _ANSWER.validate_json(said)
        except TimeoutError:
            raise MediaWorkerError(f"no answer in {within_s:g} s") from None
        except (OSError, ValueError) as exc:  # it could not start, or an answer that is none
            raise MediaWorkerError(self._ended(exc)) from None
        finally:
            child, self._child = self._child, None
            if child is not None:
                await asyncio.shield(kill(child))

    def _ended(self, exc: Exception) -> str:
        exit_code = None if self._child is None else self._child.returncode
        what = type(exc).__name__
        return what if exit_code is None else f"{what}, exit code {exit_code}"
