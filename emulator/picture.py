"""How a clip is to look: the settings of a create, checked against the model's row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from emulator.errors import ApiError
from emulator.models import MOVEMENTS, STYLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.fields import Fields
    from emulator.images import GivenImage
    from emulator.models import ModelSpec

_DEFAULT_RATIO = 16 / 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What decides a clip's look, apart from the prompt and the images.

    Attributes:
        width: Pixels.
        height: Pixels.
        fps: Frames per second.
        duration_s: Seconds.
        with_audio: Whether it has sound.
        movement: One of `MOVEMENTS`.
        style: One of `STYLES`.
        watermark: Whether it carries the vendor's mark.
    """

    width: int
    height: int
    fps: int
    duration_s: int
    with_audio: bool
    movement: str
    style: str
    watermark: bool


def read_picture(
    fields: Fields, model: ModelSpec, images: Sequence[GivenImage], *, watermark: bool
) -> Picture:
    """Check the settings that the model has; those that it lacks are ignored.

    Args:
        fields: The create.
        model: Its row.
        images: The first one gives the ratio where nothing else does.
        watermark: Whether the clip carries the vendor's mark.

    Raises:
        ApiError: 1214, naming the field.
    """
    width, height = _pixels(fields, model, images)
    fps = fields.choice("fps", model.fps) if "fps" in model.options else model.fps[0]
    duration_s = (
        fields.choice("duration", model.durations_s)
        if "duration" in model.options
        else model.durations_s[0]
    )
    if model.fixed is not None:
        width, height = model.fixed.width, model.fixed.height
        fps, duration_s = model.fixed.fps, model.fixed.duration_s
    with_audio = "with_audio" in model.options and fields.flag("with_audio")
    moves = "movement_amplitude" in model.options
    return Picture(
        width=width,
        height=height,
        fps=fps,
        duration_s=duration_s,
        with_audio=with_audio and model.sound,
        movement=fields.choice("movement_amplitude", MOVEMENTS) if moves else MOVEMENTS[0],
        style=fields.choice("style", STYLES) if "style" in model.options else STYLES[0],
        watermark=watermark,
    )


def read_watermark(fields: Fields, *, removal_signed: bool) -> bool:
    """Whether a clip carries the mark of a vendor that draws one.

    Raises:
        ApiError: 1214, it shall not, and the account has not signed for that.
    """
    wanted = fields.flag("watermark_enabled", default=True)
    if not wanted and not removal_signed:
        raise ApiError(
            "1214", "watermark_enabled: sign the agreement on watermark removal in the console"
        )
    return wanted


def _pixels(fields: Fields, model: ModelSpec, images: Sequence[GivenImage]) -> tuple[int, int]:
    """The size that is asked for, turned as the aspect ratio says."""
    if "size" in model.options and (fields.has("size") or model.default_short_side is None):
        width, height = (int(side) for side in fields.choice("size", model.sizes).split("x"))
    else:
        width, height = _by_ratio(model, images)
    if "aspect_ratio" not in model.options:
        return width, height
    across, down = (
        int(part) for part in fields.choice("aspect_ratio", model.aspect_ratios).split(":")
    )
    if across == down:
        return min(width, height), min(width, height)
    return (width, height) if across > down else (height, width)


def _by_ratio(model: ModelSpec, images: Sequence[GivenImage]) -> tuple[int, int]:
    """Short side as documented, long side by the first image's ratio, both multiples of four."""
    ratio = images[0].ratio if images else _DEFAULT_RATIO
    short = model.default_short_side or 1080
    long = round(short * max(ratio, 1 / ratio) / 4) * 4
    return (long, short) if ratio >= 1 else (short, long)
