"""Images as requests give them: data URIs, bare base64, or addresses, which are not fetched."""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import re
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PIL import Image

from emulator.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.models import ImageRules

_DATA_URI = re.compile(r"data:image/([a-z]+);base64,", re.IGNORECASE)
_FORMATS = {"png": "PNG", "jpeg": "JPEG", "jpg": "JPEG", "webp": "WEBP"}
_PIXEL_LIMIT = 50_000_000  # decoded, 150 MB: a larger picture is a bomb or a mistake
_ADDRESS_LIMIT = 4096  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenImage:
    """One image of a request.

    Attributes:
        digest: SHA-256 of the bytes, or of the address, in hex.
        ratio: Width over height, 1/4 to 4; 16:9 for an address.
        pixels: Width times height; None for an address.
        content: The image file's bytes, or None for an address.
    """

    digest: str
    ratio: float
    pixels: int | None
    content: bytes | None = field(repr=False)


def read_images(texts: Sequence[str], rules: ImageRules) -> tuple[GivenImage, ...]:
    """Decode and check all images of a request.

    Raises:
        ApiError: 1214, naming what is wrong with them.
    """
    images = tuple(read_image(text, rules) for text in texts)
    if rules.pair_ratio is not None and len(images) > 1:
        first, last = images[0].pixels, images[-1].pixels
        least, most = rules.pair_ratio
        if first is not None and last is not None and not least <= first / last <= most:
            raise ApiError(
                "1214",
                f"image_url: first over last resolution must be {least} to {most}",
            )
    return images


def read_image(text: str, rules: ImageRules) -> GivenImage:
    """Decode and check one ``image_url``. Of an address only the length can be checked.

    Raises:
        ApiError: 1214, naming what is wrong with the image.
    """
    if text[:8].lower().startswith(("http://", "https://")):
        if len(text) > _ADDRESS_LIMIT:
            raise ApiError("1214", "image_url: the address is too long")
        return GivenImage(
            digest=hashlib.sha256(text.encode()).hexdigest(),
            ratio=16 / 9,
            pixels=None,
            content=None,
        )
    content = _decode(text, rules)
    width, height = _measure(content, rules.formats)
    if rules.ratio_limit is not None and max(width, height) >= rules.ratio_limit * min(
        width, height
    ):
        raise ApiError("1214", "image_url: the ratio must be between 1:4 and 4:1")
    if min(width, height) < rules.least_side_px:
        side = rules.least_side_px
        raise ApiError("1214", f"image_url: an image must have at least {side}x{side} pixels")
    return GivenImage(
        digest=hashlib.sha256(content).hexdigest(),
        ratio=min(4.0, max(0.25, width / height)),
        pixels=width * height,
        content=content,
    )


def _decode(text: str, rules: ImageRules) -> bytes:
    bytes_limit = rules.bytes_limit
    head = _DATA_URI.match(text)
    named = _FORMATS.get(head[1].lower()) if head else None
    if text[:5].lower() == "data:" and named not in rules.formats:
        kinds = ", ".join(rules.formats).lower()
        raise ApiError("1214", f"image_url: only images of these kinds are supported: {kinds}")
    encoded = text[head.end() if head else 0 :]
    if len(encoded) > bytes_limit * 4 // 3 + 4:
        raise ApiError(
            "1214", f"image_url: an image may have at most {bytes_limit // 1024 // 1024} MB"
        )
    try:
        content = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise ApiError("1214", "image_url: not an address, a data URI or base64") from None
    if len(content) > bytes_limit:
        raise ApiError(
            "1214", f"image_url: an image may have at most {bytes_limit // 1024 // 1024} MB"
        )
    return content


def _measure(content: bytes, formats: tuple[str, ...]) -> tuple[int, int]:
    """Width and height of a picture that can be decoded to its end."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # Pillow warns of big pictures; the limit below refuses them
            with Image.open(io.BytesIO(content), formats=formats) as picture:
                width, height = picture.size
                if width * height <= _PIXEL_LIMIT:
                    # A JPEG is read to its end, but decoded small.
                    picture.draft("RGB", (width // 8, height // 8))
                    picture.load()
    except Exception:  # noqa: BLE001  # Pillow's decoders raise whatever they meet in hostile bytes
        raise ApiError("1214", "image_url: the image cannot be read") from None
    if width * height > _PIXEL_LIMIT:
        raise ApiError("1214", "image_url: the image has too many pixels")
    return width, height
