"""The palette of drawn films: clear deep colours, white towering clouds, a large sun."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from emulator.render.planes import mix

if TYPE_CHECKING:
    from emulator.render.palette import Light
    from emulator.render.planes import Colour

_VIVID = 1.5  # times the saturation
_AZURE = (0.16, 0.44, 0.98)
_ROSE = (1.0, 0.72, 0.84)
_WHITE = (1.0, 1.0, 1.0)


def anime(light: Light) -> Light:
    """The same time of day as it is painted on cels."""
    steps = len(light.sky) - 1
    sky = tuple(
        _vivid(mix(mix(colour, _AZURE, 0.30 * (1 - place / steps)), _ROSE, 0.22 * place / steps))
        for place, colour in enumerate(light.sky)
    )
    return replace(
        light,
        sky=sky,
        sun=mix(light.sun, _WHITE, 0.5),
        glow=_vivid(light.glow),
        sun_size=light.sun_size * 1.5,
        cloud_lit=mix(_vivid(light.cloud_lit), _WHITE, 0.45),
        cloud_shade=_vivid(mix(light.cloud_shade, _AZURE, 0.20)),
        cloudiness=min(1.0, light.cloudiness + 0.12),
        haze=_vivid(mix(light.haze, _ROSE, 0.18)),
        ground=_vivid(mix(light.ground, _AZURE, 0.08)),
        stars=light.stars * 2,
    )


def _vivid(colour: Colour) -> Colour:
    grey = sum(colour) / 3
    red, green, blue = (min(1.0, max(0.0, grey + (part - grey) * _VIVID)) for part in colour)
    return red, green, blue
