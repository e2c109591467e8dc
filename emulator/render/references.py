"""Reference images: prints in white frames that float over a landscape of the prompt."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageFilter

from emulator.render.layers import Inset
from emulator.render.noise import Generator, generator
from emulator.render.scene import Scene
from emulator.render.stills import fitting

if TYPE_CHECKING:
    from emulator.render.job import RenderJob, Still
    from emulator.render.planes import Planes

# All but the angle as shares of the picture's shorter side.
_ROOM = 0.86  # of the picture, along which the prints stand in a row
_TALLEST = 0.60
_GAP = 0.09
_FRAME = 0.014
_SHADOW = 0.018
_FLOAT = 0.022
_TILT_DEG = 4.0
_CENTRE_Y = 0.47  # leaves the marks at the foot free


@dataclass(frozen=True, slots=True)
class _Print:
    """One framed image: where its middle rests, and when its float begins."""

    inset: Inset
    left: int
    top: int
    phase: float


class References:
    """A landscape, and before it one to three prints, each afloat in its own time."""

    def __init__(self, job: RenderJob) -> None:
        """Paint the landscape and mount the prints once."""
        self._scene = Scene(job.prompt, job.seed, job.film, style=job.style)
        self._frames = job.frame_count
        self._reach_px = _FLOAT * min(job.width, job.height) * job.film.movement
        rng = generator(job.seed)
        self._prints = [_mounted(still, place, job, rng) for place, still in enumerate(job.stills)]

    def draw(self, picture: Planes, frame: int) -> None:
        """Paint one frame."""
        self._scene.draw(picture, frame)
        for one in self._prints:
            turn = 2 * math.pi * (frame / self._frames + one.phase)
            left = one.left + round(self._reach_px * 0.6 * math.cos(turn))
            top = one.top + round(self._reach_px * math.sin(turn))
            one.inset.draw(picture, left=left, top=top)


def _mounted(still: Still, place: int, job: RenderJob, rng: Generator) -> _Print:
    """Scale, frame and tilt one image, and find its place in the row, or in the column."""
    short, long = sorted((job.width, job.height))
    count = len(job.stills)
    along = long * _ROOM / count - short * _GAP
    across = short * _TALLEST
    upright = job.height > job.width
    box = (across, along) if upright else (along, across)
    card = _card(fitting(still, round(box[0]), round(box[1])), short, rng)
    step = (place + 0.5) / count - 0.5
    x = job.width * (0.5 if upright else 0.5 + step * _ROOM)
    y = job.height * (_CENTRE_Y + step * _ROOM if upright else _CENTRE_Y)
    pixels = np.asarray(card, np.float32) / np.float32(255)
    return _Print(
        Inset(pixels[..., :3], pixels[..., 3]),
        left=round(x - card.width / 2),
        top=round(y - card.height / 2),
        phase=place / count + float(rng.random()) * 0.2,
    )


def _card(image: Image.Image, short: int, rng: Generator) -> Image.Image:
    """A print with its frame and its shadow, tilted a little, RGBA, both sides even."""
    frame, blur = max(2, round(short * _FRAME)), max(2, round(short * _SHADOW))
    framed = Image.new("RGBA", (image.width + 2 * frame, image.height + 2 * frame), "white")
    framed.paste(image, (frame, frame))
    margin = 3 * blur  # beyond it nothing of the shadow is seen
    sheet = Image.new("RGBA", (framed.width + 2 * margin, framed.height + 2 * margin))
    sheet.paste(framed, (margin, margin))
    tilt = _TILT_DEG * (2 * float(rng.random()) - 1)
    sheet = sheet.rotate(tilt, Image.Resampling.BICUBIC, expand=True)
    shade = sheet.getchannel("A").filter(ImageFilter.GaussianBlur(blur)).point(_dimmed)
    shadow = Image.new("RGBA", sheet.size)
    shadow.putalpha(shade)
    card = Image.alpha_composite(shadow, sheet)
    even = (0, 0, card.width + card.width % 2, card.height + card.height % 2)
    return card.crop(even)


def _dimmed(value: float) -> float:
    return value * 0.55
