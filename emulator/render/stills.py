"""The images of a request, opened: files that the server has checked, or drawn from an address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image

from emulator.render.film import Film
from emulator.render.planes import Planes, half_size
from emulator.render.scene import Scene

if TYPE_CHECKING:
    from emulator.render.job import Still

_FORMATS = ("PNG", "JPEG", "WEBP")
_DRAWN = Film(width=1280, height=720, fps=30, frames=1)  # of which half is shown


def filling(path: str, wide: int, tall: int) -> Image.Image:
    """The middle of an image file, scaled to fill a frame, RGB."""
    with Image.open(path, formats=_FORMATS) as image:
        image.draft("RGB", (wide, tall))
        scale = max(wide / image.width, tall / image.height)
        cut_x, cut_y = (image.width - wide / scale) / 2, (image.height - tall / scale) / 2
        box = (cut_x, cut_y, image.width - cut_x, image.height - cut_y)
        return _on_white(image).resize(
            (wide, tall), Image.Resampling.BICUBIC, box, reducing_gap=3.0
        )


def fitting(still: Still, wide: int, tall: int) -> Image.Image:
    """The whole image, scaled to fit into a box, RGB."""
    if still.path is None:
        landscape = Planes.empty(_DRAWN.height, _DRAWN.width)
        Scene("", still.seed, _DRAWN).draw(landscape, 0)
        return _scaled(half_size(landscape).convert("RGB"), wide, tall)
    with Image.open(still.path, formats=_FORMATS) as image:
        image.draft("RGB", (wide, tall))
        return _scaled(_on_white(image), wide, tall)


def _scaled(image: Image.Image, wide: int, tall: int) -> Image.Image:
    scale = min(wide / image.width, tall / image.height)
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    return image.resize(size, Image.Resampling.BICUBIC, reducing_gap=3.0)


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        layer = image.convert("RGBA")
        ground = Image.new("RGBA", layer.size, (255, 255, 255, 255))
        return Image.alpha_composite(ground, layer).convert("RGB")
    return image.convert("RGB")
