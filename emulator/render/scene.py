"""A prompt as a moving landscape: its place, light and weather, never its subject."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from emulator.render.anime import anime
from emulator.render.city import city
from emulator.render.layers import Strip
from emulator.render.noise import generator
from emulator.render.palette import read_prompt
from emulator.render.sky import Sky
from emulator.render.terrain import dunes, forest, mountains
from emulator.render.water import Water
from emulator.render.weather import KINDS, Weather

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.render.film import Film
    from emulator.render.palette import Mood
    from emulator.render.planes import Planes
    from emulator.render.terrain import Painted

_HORIZON = {"water": 0.60, "city": 0.70, "mountains": 0.72, "dunes": 0.62}
_BY_THE_WATER = {"water", "city"}
_CLOUD_PACE = 0.5
_SUN_TRAVEL = 0.05  # of the height, over the clip
_LOW_SUN = 0.18  # a sun below this rises, one above it sinks
_WHITE_TOPS = 0.6  # of mountains where the prompt does not say


class Scene:
    """Layers at different depths, gliding past at different speeds."""

    def __init__(self, prompt: str, seed: str, film: Film, *, style: str = "general") -> None:
        """Paint all layers once; a frame then is slices and a few blends."""
        rng = generator(seed)
        mood = read_prompt(prompt, rng)
        if style == "anime":
            mood = replace(mood, light=anime(mood.light))
        horizon = int(film.height * _HORIZON[mood.place]) // 2 * 2
        self._film = film
        self._sky = Sky(rng, mood.light, film, horizon=horizon, pace=_CLOUD_PACE)
        with_snow = mood.weather == "snow" or bool(rng.random() < _WHITE_TOPS)
        self._strips = [_strip(plan, film, horizon) for plan in _plans(mood, rng, snow=with_snow)]
        self._water: Water | None = None
        if mood.place in _BY_THE_WATER:
            self._water = Water(rng, mood.light, film, horizon=horizon, sun_x=self._sky.sun_x)
        kind = KINDS.get(mood.weather)
        self._weather = Weather(rng, kind, film) if kind else None
        self._sun_px = _SUN_TRAVEL * film.height * (1 if mood.light.sun_height > _LOW_SUN else -1)

    def draw(self, picture: Planes, frame: int) -> None:
        """Paint one frame over the whole of ``picture``."""
        self._sky.draw(
            picture, frame, sink_px=int(self._sun_px * frame / self._film.frames / 2) * 2
        )
        for strip in self._strips:
            strip.draw(picture, frame)
        if self._water is not None:
            self._water.draw(picture, frame)
        if self._weather is not None:
            self._weather.draw(picture, frame)


@dataclass(frozen=True, slots=True)
class _Plan:
    """One strip to paint.

    Attributes:
        paint: Takes ``width`` and ``rows``.
        share: Its height as a share of the picture's.
        pace: See :meth:`Film.speed`; nearer is faster.
        foot: Where it ends, as a share of the height; None for the water line.
    """

    paint: Callable[..., Painted]
    share: float
    pace: float
    foot: float | None = None


def _plans(mood: Mood, rng: np.random.Generator, *, snow: bool) -> list[_Plan]:
    """The strips of a place, far to near."""
    range_ = partial(mountains, rng, mood.light)
    match mood.place:
        case "water":
            return [
                _Plan(partial(range_, nearness=0.15, snow=False), 0.16, 0.5),
                _Plan(partial(range_, nearness=0.55, snow=False), 0.085, 1),
            ]
        case "city":
            towers = partial(city, rng, mood.light)
            return [
                _Plan(partial(towers, nearness=0.10), 0.44, 0.5),
                _Plan(partial(towers, nearness=0.45), 0.40, 1),
                _Plan(partial(towers, nearness=0.92), 0.30, 2),
            ]
        case "dunes":
            sand = partial(dunes, rng, mood.light)
            return [
                _Plan(partial(sand, nearness=0.10), 0.14, 0.5, 0.66),
                _Plan(partial(sand, nearness=0.45), 0.24, 1, 0.80),
                _Plan(partial(sand, nearness=0.90), 0.34, 3, 1.0),
            ]
        case _:
            return [
                _Plan(partial(range_, nearness=0.05, snow=snow), 0.46, 0.5, 0.74),
                _Plan(partial(range_, nearness=0.40, snow=snow), 0.36, 1, 0.84),
                _Plan(partial(range_, nearness=0.75, snow=False), 0.26, 2, 0.97),
                _Plan(partial(forest, rng, mood.light), 0.30, 4, 1.0),
            ]


def _strip(plan: _Plan, film: Film, horizon: int) -> Strip:
    rows = int(plan.share * film.height) // 2 * 2
    foot = horizon if plan.foot is None else int(plan.foot * film.height) // 2 * 2
    painted = plan.paint(width=film.strip_width(plan.pace), rows=rows)
    below = 0 if plan.foot is None else film.height - foot
    rgb = np.pad(painted.rgb, ((0, below), (0, 0), (0, 0)), mode="edge")  # no gap under its foot
    alpha = np.pad(painted.alpha, ((0, below), (0, 0)), constant_values=1)
    return Strip(rgb, alpha, top=foot - rows, speed_px=film.speed(plan.pace))
