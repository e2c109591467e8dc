"""From the first image to the last: two moving cameras and a dissolve shaped like clouds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from emulator.render.camera import Camera, Path
from emulator.render.noise import clouds, generator
from emulator.render.planes import SOLID, Bytes, Planes

if TYPE_CHECKING:
    from emulator.render.job import RenderJob

_BEGIN, _END = 0.28, 0.76  # the dissolve, as shares of the clip
_SOFTNESS = 0.30  # width of the edge, as a share of the threshold's range


class Transition:
    """Begins exactly at the first image and ends exactly at the last."""

    def __init__(self, job: RenderJob) -> None:
        """Prepare both cameras and the order in which the picture changes."""
        rng = generator(job.seed)
        amount = 0.12 * job.film.movement
        self._first = Camera(job.stills[0], job, Path.push_in(rng, amount=amount))
        self._last = Camera(job.stills[1], job, Path.pull_out(rng, amount=amount))
        self._other = Planes.empty(job.height, job.width)
        self._frames = job.frame_count
        order = clouds(rng, width=job.width // 2, height=job.height // 2, cells=2.5, stretch=1.4)
        sweep = np.linspace(0, 1, job.width // 2, dtype=np.float32)[None, :]
        order = (order - order.min()) / (order.max() - order.min()) * np.float32(
            0.65
        ) + sweep * np.float32(0.35)
        order = (order - order.min()) / (order.max() - order.min())
        self._order = (order * 4 * SOLID).astype(
            np.int16
        )  # fine steps; chroma size, luma repeats each twice

    def draw(self, picture: Planes, frame: int) -> None:
        """Paint one frame."""
        progress = frame / (self._frames - 1)
        share = (progress - _BEGIN) / (_END - _BEGIN)
        if share <= 0:
            self._first.draw(picture, progress)
        elif share >= 1:
            self._last.draw(picture, progress)
        else:
            self._first.draw(picture, progress)
            self._last.draw(self._other, progress)
            self._dissolve(picture, share)

    def _dissolve(self, picture: Planes, share: float) -> None:
        reach = round(share * (1 + _SOFTNESS) * 4 * SOLID)
        half = ((reach - self._order) / np.float32(4 * _SOFTNESS)).clip(0, SOLID).astype(np.uint8)
        full = half.repeat(2, axis=0).repeat(2, axis=1)
        for (target, divisor), (other, _) in zip(picture.all(), self._other.all(), strict=True):
            _cross(target, other, full if divisor == 1 else half)


def _cross(target: Bytes, other: Bytes, opacity: npt.NDArray[np.uint8]) -> None:
    mixed = np.multiply(other, opacity, dtype=np.uint16)
    mixed += np.multiply(target, SOLID - opacity, dtype=np.uint16)
    mixed >>= 7
    target[...] = mixed
