"""What is painted over a picture each frame: wide strips that glide, and patches that stay."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from emulator.render.planes import SOLID, Bytes, Colour, Floats, Planes, from_rgb, shrink, yuv

_Words = npt.NDArray[np.uint16]


def _paint(target: Bytes, paint: _Words, keep: Bytes) -> None:
    """``target = (target * keep + paint) / SOLID``; ``paint`` contains its opacity."""
    mixed = np.multiply(target, keep, dtype=np.uint16)
    mixed += paint
    mixed >>= 7
    target[...] = mixed


def _opacity(alpha: Floats) -> tuple[Bytes, Bytes]:
    """Alpha 0..1 for luma and for chroma, as 0..SOLID."""
    full = (alpha * SOLID + 0.5).astype(np.uint8)
    return full, (shrink(alpha) * SOLID + 0.5).astype(np.uint8)


class Strip:
    """A wide picture with soft edges that moves left by whole pixels per frame.

    Whole pixels keep the film free of shimmer, and let a frame be a slice instead of a resampling.
    """

    def __init__(self, rgb: Floats, alpha: Floats, *, top: int, speed_px: float) -> None:
        """Prepare the strip once.

        Args:
            rgb: Shape (height, width, 3), 0..1; even sides.
            alpha: Shape (height, width), 0..1.
            top: Row of the picture where the strip begins, even.
            speed_px: Pixels per frame; a frame's offset is rounded down to a whole pixel.
        """
        self._top = top
        self._speed_px = speed_px
        see_through = np.flatnonzero((alpha < 1).any(axis=1))
        soft_rows = int(see_through[-1]) + 1 if len(see_through) else 0
        self._soft_rows = soft_rows + soft_rows % 2  # below them a plain copy does
        self._solid = from_rgb(rgb)
        full, half = _opacity(alpha[: self._soft_rows])
        self._soft = [
            (
                np.multiply(plane[: len(opacity)], opacity, dtype=np.uint16),
                (SOLID - opacity).astype(np.uint8),
            )
            for plane, opacity in zip(
                (self._solid.y, self._solid.u, self._solid.v), (full, half, half), strict=True
            )
        ]

    def draw(self, picture: Planes, frame: int) -> None:
        """Paint frame number ``frame`` of the strip."""
        offset = int(frame * self._speed_px)
        solids = (self._solid.y, self._solid.u, self._solid.v)
        for (target, divisor), solid, (paint, keep) in zip(
            picture.all(), solids, self._soft, strict=True
        ):
            top = self._top // divisor
            columns = slice(offset // divisor, offset // divisor + target.shape[1])
            soft_end = min(len(paint), target.shape[0] - top)
            _paint(
                target[top : top + soft_end], paint[:soft_end, columns], keep[:soft_end, columns]
            )
            solid_end = min(len(solid), target.shape[0] - top)
            target[top + soft_end : top + solid_end] = solid[soft_end:solid_end, columns]


class _Overlay:
    """Three planes of paint and what they let through; the part outside the picture is cut off."""

    def __init__(self, layers: list[tuple[_Words, Bytes]]) -> None:
        self._layers = layers

    def _draw_at(self, picture: Planes, *, left: int, top: int, clip_rows: int | None) -> None:
        """Paint with the upper left corner there, above row ``clip_rows`` only."""
        for (target, divisor), (paint, keep) in zip(picture.all(), self._layers, strict=True):
            first, column = top // divisor, left // divisor
            bottom = target.shape[0] if clip_rows is None else clip_rows // divisor
            rows = slice(max(0, -first), max(0, min(len(paint), bottom - first)))
            columns = slice(max(0, -column), max(0, min(paint.shape[1], target.shape[1] - column)))
            if rows.start >= rows.stop or columns.start >= columns.stop:
                continue
            window = target[
                first + rows.start : first + rows.stop,
                column + columns.start : column + columns.stop,
            ]
            _paint(window, paint[rows, columns], keep[rows, columns])


class Patch(_Overlay):
    """One colour laid over the picture through a mask."""

    def __init__(self, colour: Colour, alpha: Floats, *, left: int, top: int) -> None:
        """Prepare the patch once.

        Args:
            colour: RGB, 0..1.
            alpha: Shape (height, width), 0..1; even sides.
            left: Column of its left edge, even; may be negative.
            top: Row of its upper edge, even; may be negative.
        """
        self._left = left
        self._top = top
        full, half = _opacity(alpha)
        super().__init__(
            [
                (np.multiply(opacity, value, dtype=np.uint16), (SOLID - opacity).astype(np.uint8))
                for value, opacity in zip(yuv(colour), (full, half, half), strict=True)
            ]
        )

    def draw(self, picture: Planes, *, down_px: int = 0, clip_rows: int | None = None) -> None:
        """Paint it, moved down by ``down_px`` (even), above row ``clip_rows`` only."""
        self._draw_at(picture, left=self._left, top=self._top + down_px, clip_rows=clip_rows)


class Inset(_Overlay):
    """A small picture with soft edges that is laid over another, anywhere."""

    def __init__(self, rgb: Floats, alpha: Floats) -> None:
        """Prepare it once.

        Args:
            rgb: Shape (height, width, 3), 0..1; even sides.
            alpha: Shape (height, width), 0..1.
        """
        full, half = _opacity(alpha)
        planes = from_rgb(rgb)
        super().__init__(
            [
                (np.multiply(plane, opacity, dtype=np.uint16), (SOLID - opacity).astype(np.uint8))
                for plane, opacity in zip(
                    (planes.y, planes.u, planes.v), (full, half, half), strict=True
                )
            ]
        )

    def draw(self, picture: Planes, *, left: int, top: int) -> None:
        """Paint it with its upper left corner there."""
        self._draw_at(picture, left=left, top=top, clip_rows=None)
