"""Water: the scene above mirrored with ripples, tinted, and with the sun's path on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from emulator.render.layers import Patch, Strip
from emulator.render.noise import Generator, clouds, smoothstep
from emulator.render.planes import Planes, mix

if TYPE_CHECKING:
    from emulator.render.film import Film
    from emulator.render.palette import Light

_PACE = 1
_CYCLE = 24  # drawings of the sun's path that repeat


class Water:
    """Everything below the horizon of a scene by the sea."""

    def __init__(
        self, rng: Generator, light: Light, film: Film, *, horizon: int, sun_x: int
    ) -> None:
        """Paint what does not depend on the frame.

        Args:
            rng: Decides the waves.
            light: Colours.
            film: Measures.
            horizon: First row of water, even.
            sun_x: Column under which the path lies.
        """
        self._horizon = horizon
        self._rows = film.height - horizon
        self._fps = film.fps
        self._scale = film.height / 720
        depth = np.arange(self._rows, dtype=np.float32)
        self._depth = depth
        wide = film.strip_width(_PACE)
        streaks = clouds(rng, width=wide, height=self._rows, cells=16, stretch=7)
        share = (depth / self._rows)[:, None]
        alpha = 0.10 + 0.48 * share + smoothstep(0.45, 0.75, streaks) * (0.10 + 0.25 * share)
        colour = mix(mix(light.ground, light.sky[1], 0.42), light.haze, 0.10)
        rgb = np.broadcast_to(np.array(colour, np.float32), (self._rows, wide, 3)).astype(
            np.float32
        )
        self._tint = Strip(
            rgb, np.clip(alpha, 0, 0.95).astype(np.float32), top=horizon, speed_px=film.speed(_PACE)
        )
        self._path = (
            self._paint_path(rng, light, width=film.width, sun_x=sun_x) if light.sun_size else []
        )

    def _paint_path(self, rng: Generator, light: Light, *, width: int, sun_x: int) -> list[Patch]:
        half = int(width * 0.22) // 2 * 2
        across = np.arange(-half, half, dtype=np.float32)[None, :] / half
        share = (self._depth / self._rows)[:, None]
        spread = 0.16 + 0.62 * share
        envelope = np.exp(-((across / spread) ** 2)) * (1 - 0.55 * share)
        envelope *= smoothstep(1.0, 0.5, np.abs(across))  # nothing is left where the mask ends
        # Dashes: wide flat noise, finer toward the horizon, each twinkling at its own phase.
        field = clouds(rng, width=2 * half, height=self._rows * 2, cells=46, stretch=6)
        rows = (np.sqrt(np.linspace(0, 1, self._rows)) * (self._rows * 2 - 1)).astype(int)
        field = field[rows]
        phase = clouds(rng, width=2 * half, height=self._rows, cells=30, stretch=4)[
            :, :
        ] * np.float32(40)
        low = self._horizon
        patches: list[Patch] = []
        strength = np.float32(0.85 if light.sun_height < 0.5 else 0.55)  # noqa: PLR2004  # a high sun leaves a fainter path
        for step in range(_CYCLE):
            twinkle = np.sin(phase + np.float32(2 * np.pi * step / _CYCLE)) * np.float32(0.11)
            dashes = smoothstep(0.50, 0.60, field + twinkle)
            alpha = (dashes * 0.9 + 0.10) * envelope * strength
            patches.append(
                Patch(
                    mix(light.sun, light.glow, 0.35),
                    alpha.astype(np.float32),
                    left=sun_x - half,
                    top=low,
                )
            )
        return patches

    def draw(self, picture: Planes, frame: int) -> None:
        """Fill the rows below the horizon from those above it."""
        rows = self._mirror(frame)
        horizon = self._horizon
        np.take(picture.y[:horizon], rows, axis=0, out=picture.y[horizon:])
        for plane in (picture.u, picture.v):
            np.take(plane[: horizon // 2], rows[::2] // 2, axis=0, out=plane[horizon // 2 :])
        self._tint.draw(picture, frame)
        if self._path:
            self._path[frame * 30 // self._fps % _CYCLE].draw(picture)

    def _mirror(self, frame: int) -> npt.NDArray[np.intp]:
        """Which row above the horizon each row of water shows."""
        time_s = frame / self._fps
        near = self._depth / self._rows
        wave = np.sin(22 * np.sqrt(near + 0.01) * 2.2 - time_s * 2.4) + 0.6 * np.sin(
            97 * np.sqrt(near + 0.02) - time_s * 3.7
        )
        shift = wave * (0.6 + 9 * near) * self._scale
        rows = self._horizon - 1 - (self._depth * 1.35 + shift)
        return np.clip(rows, 0, self._horizon - 1).astype(np.intp)
