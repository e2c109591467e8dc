"""Random shapes that look grown, cloud fields and ridge lines: the same for the same seed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PIL import Image

if TYPE_CHECKING:
    from emulator.render.planes import Floats

Generator = np.random.Generator


def generator(seed: str) -> Generator:
    """A generator for a hex digest."""
    return np.random.Generator(np.random.PCG64(int(seed, 16)))


def resize(plane: Floats, width: int, height: int) -> Floats:
    """Smoothly scale one float plane."""
    picture = Image.fromarray(plane)
    return np.asarray(picture.resize((width, height), Image.Resampling.BICUBIC), np.float32)


def clouds(rng: Generator, *, width: int, height: int, cells: float, stretch: float) -> Floats:
    """Fractal noise, 0..1, mean about a half.

    Args:
        rng: Decides the field.
        width: Pixels.
        height: Pixels.
        cells: Largest blobs per height.
        stretch: How much wider than high the blobs are.
    """
    field = np.zeros((height, width), np.float32)
    weight, total = 1.0, 0.0
    while cells < height / 3 and weight > 0.04:  # noqa: PLR2004  # below 4 % an octave cannot be seen
        rows = max(2, round(cells) + 2)
        columns = max(2, round(cells * width / height / stretch) + 2)
        field += np.float32(weight) * resize(rng.random((rows, columns), np.float32), width, height)
        total += weight
        weight *= 0.52
        cells *= 2.05
    return field / np.float32(total)


def sample(plane: Floats, rows: Floats, columns: Floats) -> Floats:
    """Values between the pixels of a plane, bilinear.

    Args:
        plane: Shape (height, width).
        rows: Where to look, any shape; outside the plane the nearest pixel counts.
        columns: Like ``rows``.
    """
    height, width = plane.shape
    rows, columns = np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1)
    top = np.minimum(rows.astype(np.intp), height - 2)
    left = np.minimum(columns.astype(np.intp), width - 2)
    down, right = (rows - top).astype(np.float32), (columns - left).astype(np.float32)
    upper = plane[top, left] * (1 - right) + plane[top, left + 1] * right
    lower = plane[top + 1, left] * (1 - right) + plane[top + 1, left + 1] * right
    between: Floats = upper * (1 - down) + lower * down
    return between


def smoothstep(low: float, high: float, values: Floats) -> Floats:
    """0 below ``low``, 1 above ``high``, an S-curve between."""
    share = np.clip((values - low) / (high - low), 0, 1).astype(np.float32)
    curve: Floats = share * share * (3 - 2 * share)
    return curve


def ridge(
    rng: Generator, *, width: int, wave_px: float, roughness: float
) -> npt.NDArray[np.float64]:
    """A height line over ``width`` columns, 0..1.

    Args:
        rng: Decides the line.
        width: Columns.
        wave_px: Width of the largest hill.
        roughness: Amplitude of each next octave, 0.3 (dunes) to 0.6 (crags).
    """
    columns = np.arange(width, dtype=np.float64)
    line = np.zeros(width)
    weight, total = 1.0, 0.0
    while wave_px > 3 and weight > 0.01:  # noqa: PLR2004  # finer than 3 px is noise, not shape
        knots = rng.random(int(width / wave_px) + 3)
        place = columns / wave_px
        left = place.astype(int)
        share = place - left
        if roughness < 0.45:  # noqa: PLR2004  # gentle lines are rounded, crags keep their corners
            share = share * share * (3 - 2 * share)
        line += weight * (knots[left] * (1 - share) + knots[left + 1] * share)
        total += weight
        weight *= roughness
        wave_px /= 2.1
    return line / total
