"""Pictures as three YUV 4:2:0 planes, BT.709 limited range: what the encoder takes as it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.floating[Any]]
Colour = tuple[float, float, float]  # RGB, each 0..1

SOLID = 128  # full opacity: 235 * 128 still fits a signed 16-bit word

_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)  # ITU-R BT.709-6, item 3.2
_BAND_ROWS = 128  # colour conversion works in bands, so that 4K needs no full-size float copies


@dataclass(frozen=True, slots=True)
class Planes:
    """A picture: luma at full size, both chroma planes at half.

    Attributes:
        y: Shape (height, width), 16..235.
        u: Shape (height / 2, width / 2), 16..240.
        v: Like ``u``.
    """

    y: Bytes
    u: Bytes
    v: Bytes

    @classmethod
    def empty(cls, height: int, width: int) -> Planes:
        """Uninitialised planes; both sides must be even."""
        half = (height // 2, width // 2)
        return cls(
            np.empty((height, width), np.uint8), np.empty(half, np.uint8), np.empty(half, np.uint8)
        )

    def all(self) -> tuple[tuple[Bytes, int], ...]:
        """Each plane with the divisor of its coordinates."""
        return (self.y, 1), (self.u, 2), (self.v, 2)


def yuv(colour: Colour) -> tuple[int, int, int]:
    """One RGB colour (0..1) as limited-range BT.709."""
    red, green, blue = colour
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return (
        round(16 + 219 * luma),
        round(128 + 224 * (blue - luma) / 1.8556),
        round(128 + 224 * (red - luma) / 1.5748),
    )


def components(rgb: Floats) -> tuple[Floats, Floats, Floats]:
    """Y, U and V of an RGB picture (height, width, 3), 0..1, at full size, to be truncated."""
    luma = rgb @ _LUMA
    half = np.float32(0.5)
    return (
        16 + half + 219 * luma,
        128 + half + np.float32(224 / 1.8556) * (rgb[..., 2] - luma),
        128 + half + np.float32(224 / 1.5748) * (rgb[..., 0] - luma),
    )


def from_rgb(rgb: Floats) -> Planes:
    """Convert an RGB picture (height, width, 3), 0..1, both sides even."""
    height, width, _ = rgb.shape
    planes = Planes.empty(height, width)
    for top in range(0, height, _BAND_ROWS):
        y, u, v = components(rgb[top : top + _BAND_ROWS])
        half = slice(top // 2, top // 2 + len(y) // 2)
        planes.y[top : top + _BAND_ROWS] = to_bytes(y)
        planes.u[half] = to_bytes(shrink(u))
        planes.v[half] = to_bytes(shrink(v))
    return planes


def half_size(picture: Planes) -> Image.Image:
    """The picture at half size, which is where chroma already is, as full-range YCbCr."""
    luma = np.asarray(picture.y[::2, ::2], np.float32)
    channels = [(luma - 16) * (255 / 219)]
    channels += [
        (np.asarray(plane, np.float32) - 128) * (255 / 224) + 128
        for plane in (picture.u, picture.v)
    ]
    pixels = np.stack([np.clip(channel, 0, 255).astype(np.uint8) for channel in channels], axis=2)
    return Image.fromarray(pixels, "YCbCr")


def shrink(plane: Floats) -> Floats:
    """Mean of each 2x2 block."""
    rows = plane[0::2] + plane[1::2]
    quarter: Floats = (rows[:, 0::2] + rows[:, 1::2]) * np.float32(0.25)
    return quarter


def to_bytes(plane: Floats) -> Bytes:
    """Clip to the video range and drop the fraction."""
    return np.clip(plane, 16, 240).astype(np.uint8)


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """``first`` at share 0, ``second`` at share 1."""
    red, green, blue = (a + (b - a) * share for a, b in zip(first, second, strict=True))
    return red, green, blue
