"""The measures of a clip, which every layer needs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """Size, rate and length.

    Attributes:
        width: Pixels, even.
        height: Pixels, even.
        fps: Frames per second.
        frames: Length.
        movement: How far everything moves; 1 is the usual way.
    """

    width: int
    height: int
    fps: int
    frames: int
    movement: float = 1.0

    def speed(self, pace: float) -> float:
        """Pixels per frame, in halves: an even rhythm of whole steps does not shimmer.

        Args:
            pace: Pixels per frame at 1280x720 and 30 fps.
        """
        return max(1, round(pace * self.movement * self.width / 1280 * 60 / self.fps)) / 2

    def strip_width(self, pace: float) -> int:
        """Pixels, even, that a strip needs to reach the last frame."""
        return (self.width + int(self.speed(pace) * self.frames) + 4) // 2 * 2
