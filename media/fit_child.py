"""The child that makes one clip fit, or joins several: what to do on stdin, and the end on stdout.

It bounds itself before it opens anything, and ends at once when its stdin closes: nobody would
take its result any more.
"""

from __future__ import annotations

import argparse
import dataclasses
import errno
import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from media.answers import Answer
from media.bounds import bound_this_process, private_stdout
from media.refusal import FileRefusedError

if TYPE_CHECKING:
    from typing import BinaryIO

    from media.answers import FittedFile

ALARM_GRACE_S = 5.0  # the parent's limit comes first: it can say what happened
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
ROOM_TO_TRY_BYTES = 64 * 1024 * 1024  # a first try may be larger than it may be in the end


def main() -> None:
    """Make one clip fit, or join several."""
    parser = argparse.ArgumentParser(prog="python -m media.fit_child")
    parser.add_argument("--memory-bytes", type=int, required=True)
    parser.add_argument("--processor-s", type=int, required=True)
    parser.add_argument("--request-s", type=float, required=True)
    options = parser.parse_args()
    signal.setitimer(signal.ITIMER_REAL, options.request_s + ALARM_GRACE_S)
    request: dict[str, Any] = json.loads(sys.stdin.buffer.readline())
    bound_this_process(
        options.memory_bytes,
        written_max_bytes=2 * int(request["max_bytes"]) + ROOM_TO_TRY_BYTES,
        processor_s=options.processor_s,
    )
    answers = private_stdout()
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    _say(answers, dataclasses.asdict(_answer(request, _Progress(answers))))


def _end_with_the_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(1)


class _Progress:
    """Says each further percent once."""

    def __init__(self, answers: BinaryIO) -> None:
        self._answers = answers
        self._said = -1

    def __call__(self, share: float) -> None:
        percent = int(share * 100)
        if percent != self._said:
            self._said = percent
            _say(self._answers, {"percent": percent})


def _answer(request: dict[str, Any], progress: _Progress) -> Answer:
    try:
        return Answer(fitted=_made(request, progress))
    except FileRefusedError as exc:
        return Answer(refused=exc.reason)
    except MemoryError:
        return Answer(refused="needs too much memory")
    except OSError as exc:
        what = exc.strerror or type(exc).__name__
        return Answer(disk=what) if exc.errno in NO_ROOM else Answer(failed=what)
    except Exception as exc:  # noqa: BLE001  # the child's boundary: the parent must hear of it
        return Answer(failed=type(exc).__name__)


def _made(request: dict[str, Any], progress: _Progress) -> FittedFile:
    destination = Path(request["destination"])
    if "sources" in request:
        from media.join import join  # noqa: PLC0415  # only once the process is bounded

        sources = [Path(source) for source in request["sources"]]
        return join(sources, destination, fade_s=request["fade_s"], told=progress)
    from media.fit import Picture, fit  # noqa: PLC0415  # likewise

    picture = request["picture"]
    return fit(
        Path(request["source"]),
        destination,
        max_bytes=request["max_bytes"],
        picture=None if picture is None else Picture(**picture),
        told=progress,
    )


def _say(answers: BinaryIO, line: dict[str, Any]) -> None:
    answers.write(json.dumps(line).encode() + b"\n")
    answers.flush()


if __name__ == "__main__":
    main()
