"""Renders one clip: a job as JSON on standard input becomes the files it names.

A process of its own: it can be killed at any moment, and its memory goes back to the system.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import TYPE_CHECKING

from emulator.render.audio import ambience
from emulator.render.camera import camera_move
from emulator.render.encode import SAMPLE_RATE, write_clip
from emulator.render.job import RenderJob
from emulator.render.mark import SIMULATED, VENDORS, Mark
from emulator.render.references import References
from emulator.render.scene import Scene
from emulator.render.transition import Transition

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.render.planes import Planes


def _painter(job: RenderJob) -> Callable[[Planes, int], None]:
    if job.stills_are_references:
        return References(job).draw
    match len(job.stills):
        case 0:
            return Scene(job.prompt, job.seed, job.film, style=job.style).draw
        case 1:
            camera = camera_move(job)
            return lambda picture, frame: camera.draw(picture, frame / (job.frame_count - 1))
        case _:
            return Transition(job).draw


def render(job: RenderJob) -> None:
    """Draw and encode one clip."""
    paint = _painter(job)
    marks = [Mark(SIMULATED, width=job.width, height=job.height)]
    if job.watermark:
        marks.append(Mark(VENDORS, width=job.width, height=job.height, on_the_left=True))

    def draw(picture: Planes, frame: int) -> None:
        paint(picture, frame)
        for mark in marks:
            mark.draw(picture)

    sound = (
        ambience(job.seed, duration_s=job.duration_s, rate=SAMPLE_RATE) if job.with_audio else None
    )
    write_clip(job, draw, sound)


def main() -> None:
    """Entry point of the child process."""
    job = RenderJob.from_dict(json.load(sys.stdin))
    if hasattr(signal, "alarm"):
        signal.alarm(job.limit_s)  # should the server die first, nothing is left running
    if hasattr(os, "nice"):
        os.nice(5)  # the servers beside it answer first
    render(job)
    used = os.times()
    print(json.dumps({"cpu_s": round(used.user + used.system, 3), "frames": job.frame_count}))


if __name__ == "__main__":
    main()
