"""Which words of a prompt make which place, light and weather, and their colours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emulator.render.noise import Generator
    from emulator.render.planes import Colour


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """The colours of one time of day.

    Attributes:
        sky: Colours from the zenith to the horizon, evenly spaced.
        sun: Colour of the disc; of the moon at night.
        glow: Colour of the air around it.
        sun_height: Height of the disc above the horizon as a share of the sky.
        sun_size: Radius of the disc as a share of the picture's height; 0 hides it.
        glow_size: Radius of the glow as a share of the picture's height.
        cloud_lit: Colour of the sunward side of clouds.
        cloud_shade: Colour of the far side of clouds.
        cloudiness: 0 clear, 1 overcast.
        haze: What distance fades into.
        ground: What nearness fades into.
        lit_windows: Share of windows with a lamp on.
        stars: Stars per 1280x720 of sky.
    """

    sky: tuple[Colour, ...]
    sun: Colour
    glow: Colour
    sun_height: float
    sun_size: float
    glow_size: float
    cloud_lit: Colour
    cloud_shade: Colour
    cloudiness: float
    haze: Colour
    ground: Colour
    lit_windows: float
    stars: int = 0


LIGHTS: dict[str, Light] = {
    "sunset": Light(
        sky=(
            (0.13, 0.12, 0.33),
            (0.42, 0.22, 0.45),
            (0.86, 0.38, 0.36),
            (0.99, 0.64, 0.34),
            (1.0, 0.83, 0.50),
        ),
        sun=(1.0, 0.96, 0.80),
        glow=(1.0, 0.70, 0.34),
        sun_height=0.20,
        sun_size=0.052,
        glow_size=0.62,
        cloud_lit=(1.0, 0.60, 0.42),
        cloud_shade=(0.42, 0.22, 0.40),
        cloudiness=0.50,
        haze=(0.88, 0.50, 0.42),
        ground=(0.10, 0.06, 0.14),
        lit_windows=0.30,
    ),
    "dawn": Light(
        sky=(
            (0.24, 0.36, 0.60),
            (0.50, 0.56, 0.74),
            (0.86, 0.70, 0.74),
            (0.99, 0.84, 0.74),
            (1.0, 0.93, 0.82),
        ),
        sun=(1.0, 0.98, 0.88),
        glow=(1.0, 0.86, 0.66),
        sun_height=0.16,
        sun_size=0.044,
        glow_size=0.60,
        cloud_lit=(1.0, 0.86, 0.80),
        cloud_shade=(0.60, 0.54, 0.70),
        cloudiness=0.42,
        haze=(0.86, 0.76, 0.80),
        ground=(0.15, 0.18, 0.28),
        lit_windows=0.12,
    ),
    "day": Light(
        sky=(
            (0.13, 0.36, 0.72),
            (0.26, 0.52, 0.84),
            (0.48, 0.71, 0.92),
            (0.72, 0.86, 0.96),
            (0.86, 0.93, 0.97),
        ),
        sun=(1.0, 1.0, 0.94),
        glow=(1.0, 0.98, 0.88),
        sun_height=0.74,
        sun_size=0.040,
        glow_size=0.40,
        cloud_lit=(1.0, 1.0, 1.0),
        cloud_shade=(0.70, 0.77, 0.86),
        cloudiness=0.45,
        haze=(0.70, 0.82, 0.92),
        ground=(0.08, 0.20, 0.16),
        lit_windows=0.03,
    ),
    "night": Light(
        sky=(
            (0.010, 0.018, 0.06),
            (0.025, 0.045, 0.13),
            (0.05, 0.09, 0.22),
            (0.09, 0.15, 0.31),
            (0.16, 0.23, 0.40),
        ),
        sun=(0.95, 0.96, 1.0),
        glow=(0.48, 0.58, 0.82),
        sun_height=0.66,
        sun_size=0.036,
        glow_size=0.34,
        cloud_lit=(0.24, 0.29, 0.44),
        cloud_shade=(0.05, 0.07, 0.15),
        cloudiness=0.30,
        haze=(0.13, 0.19, 0.34),
        ground=(0.012, 0.018, 0.045),
        lit_windows=0.50,
        stars=520,
    ),
    "neon": Light(
        sky=(
            (0.05, 0.02, 0.13),
            (0.13, 0.04, 0.27),
            (0.34, 0.07, 0.44),
            (0.70, 0.14, 0.52),
            (0.98, 0.36, 0.56),
        ),
        sun=(1.0, 0.55, 0.62),
        glow=(0.98, 0.22, 0.58),
        sun_height=0.30,
        sun_size=0.105,
        glow_size=0.56,
        cloud_lit=(0.86, 0.24, 0.62),
        cloud_shade=(0.16, 0.05, 0.30),
        cloudiness=0.32,
        haze=(0.52, 0.13, 0.52),
        ground=(0.035, 0.015, 0.09),
        lit_windows=0.58,
        stars=160,
    ),
    "rain": Light(
        sky=(
            (0.20, 0.24, 0.30),
            (0.29, 0.34, 0.40),
            (0.40, 0.45, 0.51),
            (0.52, 0.57, 0.61),
            (0.62, 0.66, 0.69),
        ),
        sun=(0.8, 0.82, 0.84),
        glow=(0.74, 0.78, 0.80),
        sun_height=0.5,
        sun_size=0.0,
        glow_size=0.46,
        cloud_lit=(0.60, 0.64, 0.68),
        cloud_shade=(0.20, 0.23, 0.29),
        cloudiness=0.85,
        haze=(0.52, 0.57, 0.62),
        ground=(0.07, 0.10, 0.12),
        lit_windows=0.28,
    ),
    "snow": Light(
        sky=(
            (0.42, 0.53, 0.68),
            (0.54, 0.64, 0.77),
            (0.67, 0.75, 0.85),
            (0.80, 0.85, 0.91),
            (0.91, 0.93, 0.95),
        ),
        sun=(1.0, 0.98, 0.94),
        glow=(1.0, 0.96, 0.90),
        sun_height=0.34,
        sun_size=0.036,
        glow_size=0.46,
        cloud_lit=(0.96, 0.97, 0.99),
        cloud_shade=(0.58, 0.66, 0.77),
        cloudiness=0.62,
        haze=(0.80, 0.85, 0.91),
        ground=(0.17, 0.25, 0.34),
        lit_windows=0.26,
    ),
    "fire": Light(
        sky=(
            (0.06, 0.02, 0.04),
            (0.20, 0.05, 0.05),
            (0.50, 0.11, 0.05),
            (0.85, 0.29, 0.07),
            (1.0, 0.54, 0.16),
        ),
        sun=(1.0, 0.84, 0.50),
        glow=(1.0, 0.42, 0.10),
        sun_height=0.14,
        sun_size=0.070,
        glow_size=0.66,
        cloud_lit=(0.90, 0.32, 0.12),
        cloud_shade=(0.14, 0.04, 0.05),
        cloudiness=0.60,
        haze=(0.66, 0.20, 0.08),
        ground=(0.06, 0.02, 0.03),
        lit_windows=0.35,
    ),
}

_LIGHT_WORDS = {
    "neon": "neon cyber cyberpunk synthwave retro vapor hologram robot 霓虹 赛博",
    "fire": "fire lava volcano dragon flame burning explosion ember 火 火山",
    "rain": "rain storm rainy stormy thunder fog foggy gloomy 雨 暴风",
    "snow": "snow snowy winter ice blizzard frozen arctic penguin christmas 雪 冬",
    "night": "night midnight moon moonlit star stars starry aurora space galaxy dark 夜 月 星",
    "dawn": "dawn sunrise morning misty mist spring 黎明 日出 早晨",
    "sunset": "sunset dusk evening golden romantic autumn 夕阳 日落 黄昏 秋",
    "day": "day noon sunny summer bright blue 晴 白天 夏",
}
_PLACE_WORDS = {
    "city": (
        "city skyline street town urban building skyscraper traffic car tokyo london paris "
        "城 街 东京"
    ),
    "water": (
        "sea ocean water beach wave lake river boat ship island sail harbour harbor whale fish "
        "surf 海 湖 水 河 船"
    ),
    "mountains": (
        "mountain mountains hill hills alps valley peak forest tree trees wolf bear castle fox "
        "deer 山 林 森"
    ),
    "dunes": "desert dune dunes sand camel mars egypt pyramid 沙漠 沙",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mood:
    """What a prompt asks for: ``place`` and ``weather`` are words of this module."""

    place: str
    light: Light
    weather: str


def read_prompt(prompt: str, rng: Generator) -> Mood:
    """Match the prompt's words; what it leaves open is drawn from ``rng``."""
    light = _match(prompt, _LIGHT_WORDS) or str(
        rng.choice(["sunset", "sunset", "dawn", "day", "night", "neon"])
    )
    place = _match(prompt, _PLACE_WORDS) or str(rng.choice(["water", "mountains", "city", "dunes"]))
    weather = (
        _match(prompt, {name: _LIGHT_WORDS[name] for name in ("snow", "rain", "fire")}) or "dry"
    )
    if weather != "dry" and (
        other := _match(prompt, {"night": _LIGHT_WORDS["night"], "neon": _LIGHT_WORDS["neon"]})
    ):
        light = other  # "a snowy night" is a night, with flakes
    return Mood(place=place, light=LIGHTS[light], weather=weather)


def _match(prompt: str, table: dict[str, str]) -> str | None:
    words = set("".join(letter if letter.isalnum() else " " for letter in prompt.lower()).split())
    for name, keys in table.items():
        if any(key in words if key.isascii() else key in prompt for key in keys.split()):
            return name
    return None
