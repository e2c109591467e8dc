"""The sky: a gradient with lit clouds that drift, stars, and a sun or moon with its glow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from emulator.render.layers import Patch
from emulator.render.noise import Generator, clouds, resize, sample, smoothstep
from emulator.render.planes import Planes, components, to_bytes

if TYPE_CHECKING:
    from emulator.render.film import Film
    from emulator.render.palette import Light
    from emulator.render.planes import Floats

_OVERHEAD = 0.5  # share of the cloud ceiling's slope that is the same at every height


class Sky:
    """Everything above the horizon that is far away."""

    def __init__(
        self, rng: Generator, light: Light, film: Film, *, horizon: int, pace: float
    ) -> None:
        """Paint it once.

        Args:
            rng: Decides clouds, stars and where the sun stands.
            light: Colours.
            film: Measures.
            horizon: Rows of sky, even.
            pace: Of the clouds, see :meth:`Film.speed`.
        """
        width, height = film.width, film.height
        self._drift_px = film.speed(pace)
        self._horizon = horizon
        self.sun_x = int(width * (0.3 + 0.4 * rng.random())) // 2 * 2
        self.sun_y = int(horizon * (1 - light.sun_height)) // 2 * 2
        wide = film.strip_width(pace)
        self._strip = _paint_strip(rng, light, wide=wide, horizon=horizon, sun_x=self.sun_x)
        if light.stars:
            _add_stars(
                rng,
                self._strip,
                round(light.stars * wide * horizon / (1280 * 720)),
                max(1, height // 720),
            )
        self._glow = _glow(light, height=height, x=self.sun_x, y=self.sun_y)
        self._disc = _disc(light, height=height, x=self.sun_x, y=self.sun_y)

    def draw(self, picture: Planes, frame: int, *, sink_px: int) -> None:
        """Fill the rows above the horizon.

        Args:
            picture: What to paint on.
            frame: Its number.
            sink_px: How far the sun has moved down, even; negative is up.
        """
        for (target, divisor), (source, _) in zip(picture.all(), self._strip.all(), strict=True):
            left = int(frame * self._drift_px) // divisor
            target[: self._horizon // divisor] = source[:, left : left + target.shape[1]]
        self._glow.draw(picture, down_px=sink_px, clip_rows=self._horizon)
        if self._disc is not None:
            self._disc.draw(picture, down_px=sink_px, clip_rows=self._horizon)


def _paint_strip(rng: Generator, light: Light, *, wide: int, horizon: int, sun_x: int) -> Planes:
    """Gradient and clouds, painted at half size: a sky has no sharp edges."""
    rows, columns = horizon // 2, wide // 2
    height = np.linspace(0, 1, rows, dtype=np.float32)
    stops = np.array(light.sky, np.float32)
    places = np.linspace(0, 1, len(stops))
    gradient = np.stack(
        [np.interp(height, places, stops[:, channel]) for channel in range(3)], axis=1
    )
    rgb = np.broadcast_to(gradient[:, None, :].astype(np.float32), (rows, columns, 3)).copy()

    field, below = _clouds_in_perspective(rng, rows=rows, columns=columns)
    density = smoothstep(0.62 - 0.34 * light.cloudiness, 0.86 - 0.26 * light.cloudiness, field)
    density *= (smoothstep(1.0, 0.72, height) * 0.9 + 0.1)[:, None]
    density *= smoothstep(-0.15, 0.30, height)[:, None] * 0.6 + 0.4
    shape = smoothstep(-0.05, 0.07, field - below)
    nearness = np.exp(-(((np.arange(columns) - sun_x / 2) / (columns * 0.42)) ** 2)).astype(
        np.float32
    )
    lit = np.clip((1 - shape) * 0.75 + nearness[None, :] * 0.45 - 0.12, 0, 1)
    for channel in range(3):
        shade, bright = light.cloud_shade[channel], light.cloud_lit[channel]
        colour = shade + (bright - shade) * lit
        rgb[..., channel] += (colour - rgb[..., channel]) * density * np.float32(0.92)

    y, u, v = components(rgb)
    y = (
        resize(y, wide, horizon) + rng.random((horizon, wide), np.float32) - np.float32(0.5)
    )  # dither against bands
    return Planes(to_bytes(y), to_bytes(u), to_bytes(v))


def _clouds_in_perspective(rng: Generator, *, rows: int, columns: int) -> tuple[Floats, Floats]:
    """A cloud field, and the same a little further down, which tells lit from shaded sides.

    Clouds flatten toward the horizon, as a ceiling seen in perspective does.
    Overhead they keep a part of that slope: without it a few rows of noise would be drawn out over
    many rows of sky, and their edges would be plumb lines.
    """
    side, ends = rows // 2, rows // 8 + 1  # room for the wind
    ceiling = clouds(
        rng, width=columns + 2 * side, height=(rows + ends) * 2, cells=3.2, stretch=3.0
    )
    # The noise lies on a grid; wind that bends it hides the grid's straight lines.
    wind = clouds(rng, width=columns, height=rows, cells=3.5, stretch=1.4) * 2 - 1
    across = np.arange(columns, dtype=np.float32)[None, :] + side + wind * np.float32(side)
    lift = ends + wind[:, ::-1] * np.float32(ends)

    def seen(shift: int) -> Floats:
        near = np.clip(np.arange(rows, dtype=np.float32) + shift, 0, rows - 1) / (rows - 1)
        place = (_OVERHEAD * near + (1 - _OVERHEAD) * near**2.4) * (rows * 2 - 1)
        return sample(ceiling, place[:, None] + lift, across)

    return seen(0), seen(max(2, rows // 60))


def _add_stars(rng: Generator, sky: Planes, count: int, size: int) -> None:
    height, width = sky.y.shape
    rows = (rng.random(count) ** 1.4 * height * 0.9).astype(int)
    columns = (rng.random(count) * (width - size)).astype(int)
    brightness = 60 + 150 * rng.random(count) ** 3
    visible = np.clip(1.6 - sky.y[rows, columns] / 60, 0, 1)
    for dy in range(size):
        for dx in range(size):
            place = rows + dy, columns + dx
            sky.y[place] = np.clip(sky.y[place] + brightness * visible, 16, 235)


def _glow(light: Light, *, height: int, x: int, y: int) -> Patch:
    radius = int(light.glow_size * height) // 4 * 4
    down, across = np.mgrid[-radius:radius, -int(radius * 1.5) : int(radius * 1.5)].astype(
        np.float32
    )
    distance = np.hypot(down, across / np.float32(1.5)) / radius
    alpha = np.clip(1 - distance, 0, 1) ** 2.2 * 0.80
    return Patch(light.glow, alpha.astype(np.float32), left=x - int(radius * 1.5), top=y - radius)


def _disc(light: Light, *, height: int, x: int, y: int) -> Patch | None:
    if not light.sun_size:
        return None
    radius = light.sun_size * height
    side = int(radius + 4) // 2 * 2
    down, across = np.mgrid[-side:side, -side:side].astype(np.float32)
    alpha = np.clip(radius - np.hypot(down, across) + 0.5, 0, 1).astype(np.float32)
    return Patch(light.sun, alpha, left=x - side, top=y - side)
