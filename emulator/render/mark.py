"""The small marks in the lower corners: ours on every frame, a vendor's where it draws one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from emulator.render.layers import Patch

if TYPE_CHECKING:
    from emulator.render.planes import Floats, Planes

SIMULATED = "SIMULATED"
VENDORS = "AI-generated"


class Mark:
    """White letters with a soft shadow."""

    def __init__(self, text: str, *, width: int, height: int, on_the_left: bool = False) -> None:
        """Draw the letters once for this picture size, in the lower right corner or the left."""
        size = max(10, min(width, height) // 40)
        font = ImageFont.load_default(size)
        left, top, right, bottom = font.getbbox(text)
        pad = size
        box = (int(right - left) + 2 * pad) // 2 * 2 + 2, (int(bottom - top) + 2 * pad) // 2 * 2 + 2
        letters = Image.new("L", box)
        ImageDraw.Draw(letters).text((pad - left, pad - top), text, fill=255, font=font)
        shadow = letters.filter(ImageFilter.GaussianBlur(size / 5))
        corner = (0 if on_the_left else (width - box[0]) // 2 * 2, (height - box[1]) // 2 * 2)
        self._patches = [
            Patch((0, 0, 0), np.clip(_share(shadow) * 1.5, 0, 0.6), left=corner[0], top=corner[1]),
            Patch((1, 1, 1), _share(letters) * np.float32(0.85), left=corner[0], top=corner[1]),
        ]

    def draw(self, picture: Planes) -> None:
        """Paint it."""
        for patch in self._patches:
            patch.draw(picture)


def _share(mask: Image.Image) -> Floats:
    return np.asarray(mask, np.float32) / np.float32(255)
