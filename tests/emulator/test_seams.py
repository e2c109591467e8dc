"""Skies and reflections have no straight edge: not in the clouds, not where a layer ends."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from emulator.render.film import Film
from emulator.render.noise import generator
from emulator.render.palette import LIGHTS, Light
from emulator.render.planes import Planes
from emulator.render.sky import Sky
from emulator.render.water import Water

Luma = npt.NDArray[np.floating[Any]]

FILM = Film(width=1280, height=720, fps=30, frames=150)
HORIZON = 432
SEEDS = ("1", "2", "3")
FRAMES = (0, 60, FILM.frames - 1)
BAND_ROWS = 48

every_light = pytest.mark.parametrize("name", LIGHTS)


def grey() -> Planes:
    picture = Planes.empty(FILM.height, FILM.width)
    for plane, _ in picture.all():
        plane[...] = 128
    return picture


def clouds(light: Light, seed: str, frame: int) -> Luma:
    """The luma of a sky without stars and disc, whose edges may be sharp."""
    bare = replace(light, stars=0, sun_size=0)
    sky = Sky(generator(seed), bare, FILM, horizon=HORIZON, pace=0.5)
    picture = grey()
    sky.draw(picture, frame, sink_px=0)
    return picture.y[:HORIZON].astype(np.float32)


def water(light: Light, seed: str, frame: int) -> Luma:
    """The luma of water under an even grey sky."""
    picture = grey()
    Water(generator(seed), light, FILM, horizon=HORIZON, sun_x=640).draw(picture, frame)
    return picture.y[HORIZON:].astype(np.float32)


def longest_seam(luma: Luma) -> float:
    """Share of a band's rows, 0..1, in which one column stands out the same way.

    A step stands out where it is more than a grey level above or below the steps around it, which
    a slope is not, however steep.
    """
    step = np.diff(luma, axis=1)
    around = (step[:, :-4] + step[:, 1:-3] + step[:, 3:-1] + step[:, 4:]) / 4
    stands_out = step[:, 2:-2] - around
    return max(
        float((sign * stands_out[top : top + BAND_ROWS] > 1).mean(axis=0).max())
        for top in range(0, len(luma) - BAND_ROWS + 1, BAND_ROWS // 2)
        for sign in (-1, 1)
    )


def plumbness(luma: Luma) -> float:
    """How much the picture changes sideways, as a multiple of how much it changes downward."""
    rows, columns = (side // 8 for side in luma.shape)
    calm = luma.reshape(rows, 8, columns, 8).mean(axis=(1, 3))  # without the dither
    calm -= calm.mean(axis=1, keepdims=True)  # without the sky's own gradient
    return float(np.abs(np.diff(calm, axis=1)).mean() / np.abs(np.diff(calm, axis=0)).mean())


def test_a_seam_is_told_from_a_steep_noisy_slope() -> None:
    slope = np.random.default_rng(1).random((96, 200)) + np.linspace(0, 1000, 200)
    assert longest_seam(slope) < 0.5
    slope[40:, 90:] += 3
    assert longest_seam(slope) > 0.9


@every_light
def test_no_column_of_any_sky_is_a_seam(name: str) -> None:
    for frame in FRAMES:
        assert longest_seam(clouds(LIGHTS[name], SEEDS[0], frame)) < 0.5


def test_clouds_overhead_lie_and_do_not_hang() -> None:
    found = [plumbness(clouds(light, seed, 0)[:32]) for light in LIGHTS.values() for seed in SEEDS]
    assert np.mean(found) < 0.75


@pytest.mark.parametrize("name", [name for name, light in LIGHTS.items() if light.sun_size])
def test_the_path_of_the_sun_ends_before_its_mask_does(name: str) -> None:
    light = LIGHTS[name]
    for frame in FRAMES:
        without = water(replace(light, sun_size=0), SEEDS[0], frame)
        path = np.abs(water(light, SEEDS[0], frame) - without).max(axis=0)
        drawn = np.flatnonzero(path)
        assert len(drawn) > FILM.width / 5
        assert max(path[drawn[0]], path[drawn[-1]]) <= 2
