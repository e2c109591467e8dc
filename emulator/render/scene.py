"""A prompt as a moving landscape: it shows the prompt's place, light and weather, never its subject."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from emulator.render import terrain
from emulator.render.layers import Strip
from emulator.render.noise import generator
from emulator.render.palette import read_prompt
from emulator.render.sky import Sky
from emulator.render.water import Water
from emulator.render.weather import KINDS, Weather

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.render.palette import Light, Mood
    from emulator.render.planes import Planes
    from emulator.render.terrain import Painted

_HORIZON = {"water": 0.60, "city": 0.70, "mountains": 0.72, "dunes": 0.62}
_CLOUD_PACE = 0.5  # paces are pixels per frame at 1280x720 and 30 fps


class Scene:
    """Layers at different depths, gliding past at different speeds."""

    def __init__(
        self, prompt: str, seed: str, *, width: int, height: int, fps: int, frames: int
    ) -> None:
        """Paint all layers once; a frame then is slices and a few blends."""
        self._rng = generator(seed)
        mood = read_prompt(prompt, self._rng)
        self._width, self._height, self._fps, self._frames = width, height, fps, frames
        self._horizon = int(height * _HORIZON[mood.place]) // 2 * 2
        travel = int(self._speed(_CLOUD_PACE) * frames)
        self._sky = Sky(
            self._rng,
            mood.light,
            width=width,
            height=height,
            horizon=self._horizon,
            travel_px=travel,
        )
        self._back: list[Strip] = []
        self._front: list[Strip] = []
        self._water: Water | None = None
        self._compose(mood)
        kind = KINDS.get(mood.weather)
        self._weather = (
            Weather(self._rng, kind, width=width, height=height, fps=fps) if kind else None
        )
        self._rises = 1 if mood.light.sun_height > 0.18 else -1  # noqa: PLR2004  # low suns rise, others sink

    def draw(self, picture: Planes, frame: int) -> None:
        """Paint one frame over the whole of ``picture``."""
        sink = round(0.05 * self._height * frame / self._frames) // 2 * 2 * self._rises
        self._sky.draw(picture, drift_px=int(frame * self._speed(_CLOUD_PACE)), sink_px=sink)
        for strip in self._back:
            strip.draw(picture, frame)
        if self._water is not None:
            self._water.draw(picture, frame)
        for strip in self._front:
            strip.draw(picture, frame)
        if self._weather is not None:
            self._weather.draw(picture, frame)

    def _compose(self, mood: Mood) -> None:
        light, rng = mood.light, self._rng
        snow = mood.weather == "snow" or bool(rng.random() < 0.6)  # noqa: PLR2004  # most high tops are white
        match mood.place:
            case "water":
                self._add(
                    self._back,
                    0.16,
                    0.5,
                    lambda width, rows: terrain.mountains(
                        rng, light, width=width, rows=rows, nearness=0.15, snow=False
                    ),
                )
                self._add(
                    self._back,
                    0.085,
                    1,
                    lambda width, rows: terrain.mountains(
                        rng, light, width=width, rows=rows, nearness=0.55, snow=False
                    ),
                )
                self._add_water(light)
            case "city":
                for share, pace, nearness in ((0.44, 0.5, 0.10), (0.40, 1, 0.45), (0.30, 2, 0.92)):
                    self._add(
                        self._back,
                        share,
                        pace,
                        lambda width, rows, near=nearness: terrain.city(
                            rng, light, width=width, rows=rows, nearness=near
                        ),
                    )
                self._add_water(light)
            case "dunes":
                for base, share, pace, nearness in (
                    (0.66, 0.14, 0.5, 0.1),
                    (0.80, 0.24, 1, 0.45),
                    (1.0, 0.34, 3, 0.9),
                ):
                    self._add(
                        self._front,
                        share,
                        pace,
                        lambda width, rows, near=nearness: terrain.dunes(
                            rng, light, width=width, rows=rows, nearness=near
                        ),
                        base=base,
                    )
            case _:
                for base, share, pace, nearness in ((0.74, 0.46, 0.5, 0.05), (0.84, 0.36, 1, 0.40)):
                    self._add(
                        self._front,
                        share,
                        pace,
                        lambda width, rows, near=nearness: terrain.mountains(
                            rng, light, width=width, rows=rows, nearness=near, snow=snow
                        ),
                        base=base,
                    )
                self._add(
                    self._front,
                    0.26,
                    2,
                    lambda width, rows: terrain.mountains(
                        rng, light, width=width, rows=rows, nearness=0.75, snow=False
                    ),
                    base=0.97,
                )
                self._add(
                    self._front,
                    0.30,
                    4,
                    lambda width, rows: terrain.forest(rng, light, width=width, rows=rows),
                    base=1.0,
                )

    def _add(
        self,
        layers: list[Strip],
        share: float,
        pace: float,
        paint: Callable[[int, int], Painted],
        *,
        base: float | None = None,
    ) -> None:
        """Paint a strip ``share`` of the height tall, standing on the horizon or at ``base`` of the height."""
        speed = self._speed(pace)
        width = (self._width + int(speed * self._frames) + 4) // 2 * 2
        rows = int(share * self._height) // 2 * 2
        foot = self._horizon if base is None else int(base * self._height) // 2 * 2
        painted = paint(width, rows)
        below = 0 if base is None else self._height - foot
        rgb = np.pad(
            painted.rgb, ((0, below), (0, 0), (0, 0)), mode="edge"
        )  # nothing shows under its foot
        alpha = np.pad(painted.alpha, ((0, below), (0, 0)), constant_values=1)
        layers.append(Strip(rgb, alpha, top=foot - rows, speed_px=speed))

    def _add_water(self, light: Light) -> None:
        self._water = Water(
            self._rng,
            light,
            size=(self._width, self._height),
            horizon=self._horizon,
            frames=self._frames,
            fps=self._fps,
            sun_x=self._sky.sun_x,
        )

    def _speed(self, pace: float) -> float:
        """Pixels per frame, in halves: an even rhythm of whole steps does not shimmer."""
        return max(1, round(pace * self._width / 1280 * 60 / self._fps)) / 2
