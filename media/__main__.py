"""The decoding child: one request per line on stdin, one answer per line on stdout.

It bounds itself before it opens anything: memory, written bytes, priority, and per request
processor time and a wall limit that holds even when its parent is gone. It ends when stdin closes.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import signal
import sys
from pathlib import Path
from typing import Any

from media.answers import Answer
from media.bounds import allow_processor_s, bound_this_process, private_stdout
from media.refusal import FileRefusedError

WRITTEN_MAX_BYTES = 64 * 1024 * 1024  # per file; an image has a few megabytes
ALARM_GRACE_S = 5.0  # the parent's limit comes first: it can say what happened


def main() -> None:
    """Answer requests until stdin closes."""
    parser = argparse.ArgumentParser(prog="python -m media")
    parser.add_argument("--memory-bytes", type=int, required=True)
    parser.add_argument("--processor-s", type=int, required=True)
    parser.add_argument("--request-s", type=float, required=True)
    options = parser.parse_args()
    bound_this_process(options.memory_bytes, written_max_bytes=WRITTEN_MAX_BYTES)
    answers = private_stdout()
    for line in sys.stdin.buffer:
        signal.setitimer(signal.ITIMER_REAL, options.request_s + ALARM_GRACE_S)
        allow_processor_s(options.processor_s)
        answer = json.dumps(dataclasses.asdict(_answer(json.loads(line))))
        signal.setitimer(signal.ITIMER_REAL, 0)
        answers.write(answer.encode() + b"\n")
        answers.flush()


def _answer(request: dict[str, Any]) -> Answer:
    try:
        return _work(request)
    except FileRefusedError as exc:
        return Answer(refused=exc.reason, next_step=exc.next_step)
    except MemoryError:
        if request["work"] != "image":  # a clip is paid for, and may fit another time
            return Answer(failed="MemoryError")
        return Answer(refused="needs too much memory to open", next_step="Make it smaller.")
    except OSError as exc:
        return Answer(disk=exc.strerror or type(exc).__name__)
    except Exception as exc:  # noqa: BLE001  # the child's boundary: the parent must hear of it
        return Answer(failed=type(exc).__name__)


def _work(request: dict[str, Any]) -> Answer:
    # Each decoder is imported by the first request that needs it: half of the memory, mostly.
    if request["work"] == "chart":
        from media import chart  # noqa: PLC0415  # see above

        chart.draw_chart(chart.from_json(request["chart"]), Path(request["destination"]))
        return Answer(drawn=True)
    source = Path(str(request["source"]))
    if request["work"] == "image":
        from media import images  # noqa: PLC0415  # see above

        destination = Path(str(request["destination"]))
        max_bytes = int(request["max_bytes"])
        return Answer(image=images.normalise(source, destination, max_bytes=max_bytes))
    if request["work"] == "poster":
        from media import poster  # noqa: PLC0415  # see above

        poster.write_poster(source, Path(str(request["destination"])))
        return Answer(poster=True)
    if request["work"] == "last_frame":
        from media import last_frame  # noqa: PLC0415  # see above

        last_frame.write_last_frame(source, Path(str(request["destination"])))
        return Answer(last_frame=True)
    from media import clips  # noqa: PLC0415  # see above

    return Answer(clip=clips.inspect(source))


if __name__ == "__main__":
    main()
