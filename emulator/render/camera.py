"""A camera that moves over a still image: a slow push in with a drift, sub-pixel smooth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from emulator.render.noise import Generator, generator
from emulator.render.planes import SOLID, Bytes, Planes, from_rgb
from emulator.render.scene import Scene
from emulator.render.stills import filling

if TYPE_CHECKING:
    from emulator.render.job import RenderJob, Still

_Words = npt.NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class Path:
    """Where the camera looks at both ends: zoom, and centre as shares of the free margin."""

    zoom: tuple[float, float]
    centre: tuple[tuple[float, float], tuple[float, float]]

    @classmethod
    def push_in(cls, rng: Generator, *, amount: float) -> Path:
        """From the whole picture to a closer, slightly shifted view."""
        return cls(
            (1.0, 1.0 + amount), ((0.5, 0.5), (0.3 + 0.4 * rng.random(), 0.3 + 0.4 * rng.random()))
        )

    @classmethod
    def pull_out(cls, rng: Generator, *, amount: float) -> Path:
        """From a closer view to the whole picture."""
        closer = cls.push_in(rng, amount=amount)
        (begin, end), (here, there) = closer.zoom, closer.centre
        return cls((end, begin), (there, here))


class Camera:
    """Draws views of one still image."""

    def __init__(self, still: Still, job: RenderJob, path: Path) -> None:
        """Decode and scale the image to the frame's size once."""
        picture = _load(still, job)
        self._planes = [_Zoom(plane) for plane in (picture.y, picture.u, picture.v)]
        self._path = path

    def draw(self, picture: Planes, progress: float) -> None:
        """Paint the view at ``progress``, 0..1, over the whole frame."""
        eased = progress * progress * (3 - 2 * progress)
        zoom = self._path.zoom[0] + (self._path.zoom[1] - self._path.zoom[0]) * eased
        (x0, y0), (x1, y1) = self._path.centre
        centre = x0 + (x1 - x0) * eased, y0 + (y1 - y0) * eased
        for (target, _), plane in zip(picture.all(), self._planes, strict=True):
            plane.draw(target, zoom, centre)


class _Zoom:
    """Bilinear enlargement of one plane, in integers: twice as fast as a general resampler.

    Each pixel is stored with its right neighbour in one 16-bit word: a row needs one gather.
    """

    def __init__(self, plane: Bytes) -> None:
        right = np.concatenate([plane[:, 1:], plane[:, -1:]], axis=1)
        self._pairs: _Words = right.astype(np.uint16)
        self._pairs <<= 8
        self._pairs |= plane

    def draw(self, target: Bytes, zoom: float, centre: tuple[float, float]) -> None:
        """Fill ``target`` with the part ``1 / zoom`` wide and high around ``centre``."""
        height, width = self._pairs.shape
        columns, share_x = _places(width, zoom, centre[0])
        rows, share_y = _places(height, zoom, centre[1])
        first, last = int(rows[0]), min(height, int(rows[-1]) + 2)
        pairs: _Words = self._pairs[first:last].take(columns, axis=1)
        right: _Words = np.right_shift(pairs, 8, dtype=np.uint16)
        pairs &= 255
        line = _between(pairs, right, share_x[None, :])
        below = np.minimum(rows + 1, last - 1) - first
        upper, lower = line.take(rows - first, axis=0), line.take(below, axis=0)
        target[...] = _between(upper, lower, share_y[:, None])


def _places(count: int, zoom: float, centre: float) -> tuple[npt.NDArray[np.intp], _Words]:
    """Where each pixel of the frame lies: an index, and the share of the next one, 0..127."""
    start = (count - count / zoom) * centre
    place = start + np.arange(count) / zoom
    whole = np.minimum(place.astype(np.intp), count - 1)
    return whole, ((place - whole) * SOLID).astype(np.uint16)


def _between(first: _Words, second: _Words, share: _Words) -> _Words:
    """Weighted mean; overwrites both."""
    first *= SOLID - share
    second *= share
    first += second
    first += SOLID // 2
    first >>= 7
    return first


def _load(still: Still, job: RenderJob) -> Planes:
    wide, tall = job.width, job.height
    if still.path is None:
        picture = Planes.empty(tall, wide)
        Scene("", still.seed, job.film).draw(picture, 0)
        return picture
    pixels = np.asarray(filling(still.path, wide, tall), np.float32)
    return from_rgb(pixels / np.float32(255))


def camera_move(job: RenderJob) -> Camera:
    """The camera for a request with one image."""
    amount = 0.16 * job.film.movement
    return Camera(job.stills[0], job, Path.push_in(generator(job.seed), amount=amount))
