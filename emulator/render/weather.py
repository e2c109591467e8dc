"""Snow, rain and embers: small bright marks that fall or rise in front of everything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from emulator.render.planes import yuv

if TYPE_CHECKING:
    from emulator.render.film import Film
    from emulator.render.noise import Generator
    from emulator.render.planes import Colour, Planes


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """How one weather looks.

    Attributes:
        count: Marks per picture.
        colour: RGB, 0..1.
        down: Fall per second as a share of the picture's height; negative rises.
        sway: Sideways swing as a share of the width.
        shape: Widest and tallest mark in pixels at 720 rows.
        opacity: 0..1, of the nearest marks.
    """

    count: int
    colour: Colour
    down: float
    sway: float
    shape: tuple[int, int]
    opacity: float


KINDS = {
    "snow": Kind(count=520, colour=(1, 1, 1), down=0.16, sway=0.012, shape=(4, 4), opacity=0.85),
    "rain": Kind(
        count=420, colour=(0.85, 0.90, 0.95), down=1.5, sway=0.0, shape=(1, 22), opacity=0.26
    ),
    "fire": Kind(
        count=170, colour=(1.0, 0.72, 0.30), down=-0.14, sway=0.020, shape=(3, 3), opacity=0.90
    ),
}


class Weather:
    """One kind of falling marks over the whole picture."""

    def __init__(self, rng: Generator, kind: Kind, film: Film) -> None:
        """Scatter the marks once; frames move them."""
        self._kind, self._film = kind, film
        self._x, self._y, self._near, self._phase = rng.random((4, kind.count))
        self._near = self._near**2  # few are close
        self._luma = yuv(kind.colour)

    def draw(self, picture: Planes, frame: int) -> None:
        """Paint the marks of one frame."""
        kind, time_s = self._kind, frame / self._film.fps
        down = (self._y + kind.down * (0.35 + 0.65 * self._near) * time_s) % 1.0
        across = (
            self._x + kind.sway * np.sin(self._phase * 6.3 + time_s * 1.7) - 0.012 * time_s
        ) % 1.0
        scale = self._film.height / 720
        wide, tall = (max(1, round(side * scale)) for side in kind.shape)
        for size in (1, 2, 3):  # far, middle, near: three sizes are enough for depth
            chosen = np.minimum(2, (self._near * 3).astype(int)) == size - 1
            w, h = max(1, wide * size // 3), max(1, tall * size // 3)
            left = (across[chosen] * (self._film.width - w)).astype(np.intp)
            top = (down[chosen] * (self._film.height - h)).astype(np.intp)
            opacity = kind.opacity * (0.35 + 0.65 * size / 3)
            _stamp(picture.y, left, top, (w, h), self._luma[0], opacity)
            for plane, value in ((picture.u, self._luma[1]), (picture.v, self._luma[2])):
                _stamp(plane, left // 2, top // 2, (max(1, w // 2), max(1, h // 2)), value, opacity)


def _stamp(
    plane: npt.NDArray[np.uint8],
    left: npt.NDArray[np.intp],
    top: npt.NDArray[np.intp],
    size: tuple[int, int],
    value: int,
    opacity: float,
) -> None:
    wide, tall = size
    round_off = wide == tall and wide > 2  # noqa: PLR2004  # a 2x2 dot has no corners to lose
    for dy in range(tall):
        for dx in range(wide):
            corner = round_off and dy in (0, tall - 1) and dx in (0, wide - 1)
            place = (top + dy, left + dx)
            old = plane[place].astype(np.int16)
            plane[place] = old + ((value - old) * (opacity * (0.35 if corner else 1.0))).astype(
                np.int16
            )
