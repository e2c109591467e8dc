"""A quiet chord over wind or waves: sound that is audible and never the same for two requests."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from emulator.render.noise import generator

Samples = npt.NDArray[np.floating[Any]]

_CHORDS = (
    (0, 7, 12, 16),
    (0, 7, 12, 15),
    (0, 5, 12, 17),
    (0, 7, 14, 19),
)  # semitones over the root


def ambience(seed: str, *, duration_s: int, rate: int) -> Samples:
    """Stereo samples, shape (2, duration * rate), at most 0.7 in amplitude."""
    rng = generator(seed)
    time_s = np.arange(duration_s * rate, dtype=np.float32) / np.float32(rate)
    root = 110 * 2 ** (int(rng.integers(0, 8)) / 12)
    chord = _CHORDS[int(rng.integers(0, len(_CHORDS)))]
    sides: list[Samples] = []
    for detune in (-0.4, 0.4):  # hertz apart, which the ear takes for width
        side = np.zeros_like(time_s)
        for place, semitones in enumerate(chord):
            pitch = root * 2 ** (semitones / 12) + detune
            swell = 0.6 + 0.4 * np.sin(2 * np.pi * (0.11 + 0.05 * place) * time_s + place)
            side += np.sin(2 * np.pi * pitch * time_s) * swell / (1.5 + place)
        sides.append(side * np.float32(0.16))
    waves = _soft_noise(rng, len(time_s)) * (0.5 + 0.5 * np.sin(2 * np.pi * 0.17 * time_s)) * 0.22
    sound = np.stack(sides) + waves[None, :]
    edge = np.minimum(1, np.minimum(time_s, duration_s - time_s) / 0.4)
    samples: Samples = np.clip(sound * edge, -0.7, 0.7).astype(np.float32)
    return samples


def _soft_noise(rng: np.random.Generator, count: int) -> Samples:
    """Noise without its harsh top: a running mean over about half a millisecond."""
    sums = np.cumsum(rng.standard_normal(count + 24).astype(np.float64))
    soft = (sums[24:] - sums[:-24]) / 8
    return np.clip(soft, -1.5, 1.5).astype(np.float32)
