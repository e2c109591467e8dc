"""What a create may say: bytes in, a checked request or an ApiError out. Performs no I/O."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, cast

from emulator.errors import ApiError
from emulator.images import GivenImage, read_image
from emulator.models import MODELS, ModelSpec

_Choice = TypeVar("_Choice", int, str)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the vendor's documents leave open, as the knobs have settled it.

    Attributes:
        prompt_too_long_code: Answer to an over-long prompt.
        first_last_quality: Whether two images may come with ``quality: "quality"``; the documents
            say no, an official example does it.
    """

    prompt_too_long_code: Literal["1261", "1214"] = "1261"
    first_last_quality: Literal["accept", "reject"] = "accept"


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateRequest:
    """One accepted form of ``POST /videos/generations``; defaults are filled in.

    Attributes:
        model: Its row.
        request_id: The caller's, or None.
        prompt: May be empty where there are images.
        images: None, the first frame, or the first and the last.
        width: Pixels.
        height: Pixels.
        fps: Frames per second.
        duration_s: Seconds.
        with_audio: Whether sound is asked for.
        digest: SHA-256 of all that decides the clip, in hex: equal requests have equal ones.
    """

    model: ModelSpec
    request_id: str | None
    prompt: str
    images: tuple[GivenImage, ...]
    width: int
    height: int
    fps: int
    duration_s: int
    with_audio: bool
    digest: str


def parse_create(body: bytes, rules: Rules) -> CreateRequest:
    """Read a create as the vendor does: ``null`` is absent, unknown keys are ignored.

    Decodes the images, so it belongs in a thread.

    Raises:
        ApiError: 1210 to 1214 or 1261, as the table of codes says.
    """
    fields = _Fields(_object(body))
    model = _model(fields)
    prompt = fields.text("prompt", longest=None) or ""
    addresses = fields.addresses("image_url")
    if not prompt.strip() and not addresses:
        raise ApiError("1214", "Input cannot be empty: prompt or image_url is required")
    if len(prompt) > model.prompt_limit:
        raise ApiError(
            rules.prompt_too_long_code, f"prompt: at most {model.prompt_limit} characters"
        )
    if len(addresses) > model.image_limit:
        raise ApiError("1214", f"image_url: at most {model.image_limit} images")
    quality = fields.choice("quality", model.qualities)
    if len(addresses) > 1 and quality == "quality" and rules.first_last_quality == "reject":
        raise ApiError("1214", "quality: first and last frame support only speed")
    fields.text("user_id", shortest=6, longest=128)
    request_id = fields.text("request_id", shortest=6, longest=64)
    size = fields.choice("size", model.sizes) if fields.has("size") else None
    fps = fields.choice("fps", model.fps)
    duration_s = fields.choice("duration", model.durations_s)
    with_audio = fields.flag("with_audio")
    images = tuple(
        read_image(address, bytes_limit=model.image_bytes_limit) for address in addresses
    )
    width, height = _pixels(size) if size else _default_pixels(model, images)
    settings = [
        model.name,
        prompt,
        [i.digest for i in images],
        quality,
        width,
        height,
        fps,
        duration_s,
        with_audio,
    ]
    return CreateRequest(
        model=model,
        request_id=request_id,
        prompt=prompt,
        images=images,
        width=width,
        height=height,
        fps=fps,
        duration_s=duration_s,
        with_audio=with_audio,
        digest=hashlib.sha256(json.dumps(settings).encode()).hexdigest(),
    )


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except (
        ValueError,
        RecursionError,
    ):  # ValueError covers bad UTF-8, bad JSON and numbers without end
        raise ApiError("1210", "The body is not valid JSON") from None
    if not isinstance(value, dict):
        raise ApiError("1210", "The body must be a JSON object")
    return cast("dict[str, Any]", value)


def _model(fields: _Fields) -> ModelSpec:
    name = fields.text("model", longest=128)
    if not name:
        raise ApiError("1213", "model: the parameter was not received")
    model = MODELS.get(name.lower())
    if model is None:
        raise ApiError("1211")
    return model


def _pixels(size: str) -> tuple[int, int]:
    width, height = size.split("x")
    return int(width), int(height)


def _default_pixels(model: ModelSpec, images: tuple[GivenImage, ...]) -> tuple[int, int]:
    """Short side as documented, long side by the first image's ratio, both multiples of four."""
    ratio = images[0].ratio if images else 16 / 9
    short = model.default_short_side
    long = round(short * max(ratio, 1 / ratio) / 4) * 4
    return (long, short) if ratio >= 1 else (short, long)


class _Fields:
    """A JSON object whose fields are read by kind; ``null`` counts as absent."""

    def __init__(self, values: dict[str, Any]) -> None:
        self._values = values

    def has(self, name: str) -> bool:
        return self._values.get(name) is not None

    def text(self, name: str, *, shortest: int = 0, longest: int | None) -> str | None:
        value = self._values.get(name)
        if value is None:
            return None
        if not isinstance(value, str) or not _is_unicode(value):
            raise ApiError("1214", f"{name}: must be a string")
        if len(value) < shortest or (longest is not None and len(value) > longest):
            raise ApiError("1214", f"{name}: must have {shortest} to {longest} characters")
        return value

    def choice(self, name: str, allowed: tuple[_Choice, ...]) -> _Choice:
        value = self._values.get(name)
        if value is None:
            return allowed[0]
        for one in allowed:
            if type(value) is type(one) and value == one:  # True is not 1, 30.0 is not 30
                return one
        raise ApiError("1214", f"{name}: must be one of {', '.join(map(str, allowed))}")

    def flag(self, name: str) -> bool:
        value = self._values.get(name)
        if value is not None and not isinstance(value, bool):
            raise ApiError("1214", f"{name}: must be true or false")
        return bool(value)

    def addresses(self, name: str) -> list[str]:
        value = self._values.get(name)
        if value is None or value in ("", []):
            return []
        given = cast("list[object]", value) if isinstance(value, list) else [value]
        addresses = [item for item in given if isinstance(item, str) and item and _is_unicode(item)]
        if len(addresses) != len(given):
            raise ApiError("1214", f"{name}: must be a string or a list of strings")
        return addresses


def _is_unicode(text: str) -> bool:
    """Whether it can be written as UTF-8: JSON can smuggle in halves of surrogate pairs."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
