"""What stands on the horizon: mountains, forests and dunes, each painted once as a wide strip."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from emulator.render.noise import Generator, clouds, ridge, smoothstep
from emulator.render.planes import Colour, Floats, mix

if TYPE_CHECKING:
    from emulator.render.palette import Light

_Line = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Painted:
    """A strip before it becomes planes: RGB (height, width, 3) and opacity (height, width)."""

    rgb: Floats
    alpha: Floats


def below(line: _Line, rows: int) -> Floats:
    """Opacity of all that is under a line, in rows from the top, with a one-pixel soft edge."""
    return np.clip(np.arange(rows)[:, None] - line[None, :] + 0.5, 0, 1).astype(np.float32)


def fade(top: Colour, bottom: Colour, rows: int, width: int) -> Floats:
    """A picture that goes from one colour to another, top to bottom."""
    share = np.linspace(0, 1, rows, dtype=np.float32)[:, None]
    column = (
        np.array(top, np.float32)
        + (np.array(bottom, np.float32) - np.array(top, np.float32)) * share
    )
    return np.broadcast_to(column[:, None, :], (rows, width, 3)).astype(np.float32)


def _peaks(rng: Generator, *, width: int, wave_px: float) -> _Line:
    """A height line folded at its middle, which turns hills into summits, 0..1."""
    folded = (
        1 - np.abs(2 * ridge(rng, width=width, wave_px=wave_px * 1.6, roughness=0.38) - 1) * 1.7
    )
    crags = ridge(rng, width=width, wave_px=wave_px / 4, roughness=0.52)
    line = np.clip(0.80 * folded + 0.30 * crags - 0.08, 0.04, 1)
    return np.asarray(line, np.float64)


def mountains(
    rng: Generator, light: Light, *, width: int, rows: int, nearness: float, snow: bool
) -> Painted:
    """A range with lit and shaded flanks, fog in the valleys and snow on the tops.

    Args:
        rng: Decides the shape.
        light: Colours.
        width: Pixels of the strip.
        rows: Pixels from the highest peak to the foot.
        nearness: 0 far and pale, 1 close and dark.
        snow: Whether the tops are white.
    """
    line = (1 - _peaks(rng, width=width, wave_px=rows * (1.7 - 0.5 * nearness))) * rows * 0.92
    body = mix(light.haze, light.ground, 0.30 + 0.62 * nearness)
    rgb = fade(body, mix(body, light.haze, 0.75 - 0.45 * nearness), rows, width)
    depth = np.arange(rows, dtype=np.float32)[:, None] - line[None, :].astype(np.float32)
    rock = clouds(rng, width=width, height=rows, cells=7, stretch=1.1)
    slope = np.gradient(np.convolve(np.pad(line, 16, mode="edge"), np.ones(33) / 33, "valid"))
    flank = smoothstep(
        -0.35,
        0.35,
        (_spread(rng, slope, rows) * 0.5).astype(np.float32) + (rock - 0.5) * np.float32(1.7),
    )
    strength = (0.10 + 0.10 * nearness) * np.exp(-np.maximum(depth, 0) / (rows * 0.45))
    rgb += ((flank - 0.45) * strength)[..., None] * np.array(light.sun, np.float32)
    if snow:
        cover = smoothstep(
            0.16,
            -0.10,
            depth / rows
            + (rock - 0.5) * np.float32(0.85)
            + (line / rows - 0.42).astype(np.float32)[None, :] * 0.7,
        )
        white = mix(
            mix((0.97, 0.98, 1.0), light.haze, 0.30), light.ground, 0.20 if light.stars else 0.0
        )
        shadow = mix(white, body, 0.55)
        colour = (
            np.array(shadow, np.float32)
            + (np.array(white, np.float32) - np.array(shadow, np.float32)) * flank[..., None]
        )
        rgb += (colour - rgb) * (cover * np.float32(0.92))[..., None]
    return Painted(np.clip(rgb, 0, 1), below(line, rows))


def _spread(rng: Generator, slope: _Line, rows: int) -> Floats:
    """Each column's slope all the way down, along a line that wanders: no gully is plumb."""
    wander = (ridge(rng, width=rows, wave_px=rows / 2.5, roughness=0.45) - 0.5) * rows * 0.7
    columns = np.arange(len(slope))[None, :] + (wander - wander[0])[:, None].astype(int)
    spread: Floats = slope[np.clip(columns, 0, len(slope) - 1)].astype(np.float32)
    return spread


def forest(rng: Generator, light: Light, *, width: int, rows: int) -> Painted:
    """Dark conifers on a gentle slope, in front of everything."""
    line = rows * (0.62 + 0.25 * (1 - ridge(rng, width=width, wave_px=rows * 3.0, roughness=0.35)))
    foot = line.copy()
    columns = np.arange(width, dtype=np.float64)
    place = 0.0
    while place < width:
        tall = rows * (0.22 + 0.36 * rng.random() ** 1.5)
        half = tall * (0.17 + 0.06 * rng.random())
        left, right = max(0, int(place - half)), min(width, int(place + half) + 1)
        away = np.minimum(1, np.abs(columns[left:right] - place) / half)
        tiers = 0.10 * ((away * (4 + 3 * rng.random())) % 1.0)  # branches in steps
        top = foot[min(width - 1, int(place))] - tall * (1 - away - tiers)
        line[left:right] = np.minimum(line[left:right], top)
        place += half * (0.35 + 1.3 * rng.random())
    dark = mix(light.ground, light.haze, 0.05)
    return Painted(
        fade(mix(dark, light.haze, 0.10), mix(dark, (0, 0, 0), 0.35), rows, width),
        below(np.clip(line, 0, rows), rows),
    )


def _crests(rng: Generator, *, width: int, wave_px: float) -> _Line:
    """Rounded backs that meet in sharp crests, 0..1."""
    line = 1 - np.abs(2 * ridge(rng, width=width, wave_px=wave_px, roughness=0.22) - 1) * 1.3
    return np.asarray(np.clip(line, 0, 1), np.float64)


def dunes(rng: Generator, light: Light, *, width: int, rows: int, nearness: float) -> Painted:
    """Long smooth waves of sand, bright on the windward side."""
    line = (1 - _crests(rng, width=width, wave_px=rows * (3.4 - nearness))) * rows * 0.62
    sand = mix(mix((0.96, 0.66, 0.38), light.glow, 0.40), light.ground, 0.06 + 0.30 * nearness)
    if light.stars:
        sand = mix(sand, light.ground, 0.70)
    rgb = fade(
        mix(sand, light.haze, 0.45 * (1 - nearness)), mix(sand, light.ground, 0.55), rows, width
    )
    slope = np.gradient(line)
    side = smoothstep(-0.16, 0.16, _spread(rng, slope, rows))
    depth = np.maximum(
        np.arange(rows, dtype=np.float32)[:, None] - line[None, :].astype(np.float32), 0
    )
    rgb += ((side - 0.6) * (0.46 - 0.3 * bool(light.stars)) * np.exp(-depth / (rows * 0.7)))[
        ..., None
    ].astype(np.float32) * np.array(light.sun, np.float32)
    ripple = np.sin(
        depth * np.float32(0.55) + 9 * clouds(rng, width=width, height=rows, cells=3, stretch=3)
    )
    rgb += (ripple * np.float32(0.012 * nearness))[..., None]
    return Painted(np.clip(rgb, 0, 1), below(line, rows))
