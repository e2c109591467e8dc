"""A skyline: towers with lit windows, haze at their feet and masts on some."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from emulator.render.noise import Generator, ridge
from emulator.render.planes import Colour, Floats, mix
from emulator.render.terrain import Painted

if TYPE_CHECKING:
    from emulator.render.palette import Light

_PANE = 0.60  # share of a window that is glass
_DARK = 0.1  # below this share of lit windows it is day
_MAST_SHARE = 0.28  # about every fourth tower carries one


def city(rng: Generator, light: Light, *, width: int, rows: int, nearness: float) -> Painted:
    """A row of towers with lit windows, haze at their feet and masts on some."""
    rgb = np.zeros((rows, width, 3), np.float32)
    alpha = np.zeros((rows, width), np.float32)
    wall = mix(light.haze, light.ground, 0.38 + 0.55 * nearness)
    unit = rows / (36 + 26 * (1 - nearness))  # one window with its frame
    envelope = 0.30 + 0.70 * ridge(rng, width=width, wave_px=width / 5, roughness=0.4)
    left = 0
    while left < width:
        wide = round(unit * (7 + 11 * rng.random()))
        tall = min(rows * 0.97, rows * envelope[left] * (0.45 + 0.62 * rng.random()))
        _tower(rng, light, (rgb, alpha), place=(left, wide, int(tall)), wall=wall, unit=unit)
        left += round(wide * (0.80 + 0.35 * rng.random()))
    mist = (np.linspace(0, 1, rows, dtype=np.float32) ** 2.5 * (0.55 - 0.35 * nearness))[
        :, None, None
    ]
    rgb += (np.array(light.haze, np.float32) - rgb) * mist
    return Painted(np.clip(rgb, 0, 1), alpha)


_LAMPS = np.array(
    [(1.0, 0.84, 0.54), (1.0, 0.93, 0.76), (0.86, 0.92, 1.0), (1.0, 0.70, 0.40)], np.float32
)


def _tower(
    rng: Generator,
    light: Light,
    strip: tuple[Floats, Floats],
    *,
    place: tuple[int, int, int],
    wall: Colour,
    unit: float,
) -> None:
    rgb, alpha = strip
    left, wide, tall = place
    rows = len(rgb)
    box = rgb[rows - tall :, left : left + wide]
    shade = np.float32(0.86 + 0.28 * rng.random())
    box[...] = np.array(wall, np.float32) * shade
    box[:, : max(1, wide // 5)] *= np.float32(1.10)  # the side that faces the light
    alpha[rows - tall :, left : left + wide] = 1
    if rng.random() < _MAST_SHARE:
        middle, mast = (
            min(rgb.shape[1] - 2, left + wide // 2),
            int(min(rows - tall, unit * (3 + 6 * rng.random()))),
        )
        thick = max(1, round(unit / 6))
        rgb[rows - tall - mast : rows - tall, middle : middle + thick] = (
            np.array(wall, np.float32) * shade
        )
        alpha[rows - tall - mast : rows - tall, middle : middle + thick] = 1
    _windows(rng, light, box, unit)


def _windows(rng: Generator, light: Light, box: Floats, unit: float) -> None:
    tall, wide, _ = box.shape
    margin = int(unit)
    lines, columns = int((tall - 2 * margin) / unit), int((wide - margin) / unit)
    if lines < 1 or columns < 1:
        return
    lit = rng.random((lines, columns)) < light.lit_windows * (0.35 + 0.9 * rng.random())
    late = 0.06 if light.lit_windows > _DARK else 0.0  # floors that work late
    floors = rng.random(lines) < late
    lamps = _LAMPS[rng.integers(0, len(_LAMPS), (lines, columns))] * (
        0.55 + 0.45 * rng.random((lines, columns, 1), np.float32)
    )
    glass = np.where((lit | floors[:, None])[..., None], lamps, box[0, 0] * np.float32(0.82))
    down, across = _panes(tall, margin, unit, lines), _panes(wide, margin * 0.75, unit, columns)
    rows, cols = np.flatnonzero(down >= 0), np.flatnonzero(across >= 0)
    box[np.ix_(rows, cols)] = glass[np.ix_(down[rows], across[cols])]


def _panes(length: int, margin: float, unit: float, count: int) -> npt.NDArray[np.int_]:
    """For each pixel along a wall the number of its window, or -1 for the wall between."""
    place = (np.arange(length) - margin) / unit
    number = np.floor(place).astype(np.int_)
    number[(place - number > _PANE) | (number >= count)] = -1
    windows: npt.NDArray[np.int_] = np.maximum(number, -1)
    return windows
