"""Images as requests give them: data URIs, bare base64, or addresses, which are not fetched."""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import re
import warnings
from dataclasses import dataclass, field

from PIL import Image

from emulator.errors import ApiError

_DATA_URI = re.compile(r"data:image/(png|jpe?g);base64,", re.IGNORECASE)
_FORMATS = ("PNG", "JPEG")
_PIXEL_LIMIT = 50_000_000  # decoded, 150 MB: a larger picture is a bomb or a mistake
_ADDRESS_LIMIT = 4096  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenImage:
    """One image of a request.

    Attributes:
        digest: SHA-256 of the bytes, or of the address, in hex.
        ratio: Width over height, 1/4 to 4; 16:9 for an address.
        content: PNG or JPEG bytes, or None for an address.
    """

    digest: str
    ratio: float
    content: bytes | None = field(repr=False)


def read_image(text: str, *, bytes_limit: int) -> GivenImage:
    """Decode and check one ``image_url``.

    Raises:
        ApiError: 1214, naming what is wrong with the image.
    """
    if text[:8].lower().startswith(("http://", "https://")):
        if len(text) > _ADDRESS_LIMIT:
            raise ApiError("1214", "image_url: the address is too long")
        return GivenImage(
            digest=hashlib.sha256(text.encode()).hexdigest(), ratio=16 / 9, content=None
        )
    content = _decode(text, bytes_limit)
    width, height = _measure(content)
    ratio = min(4.0, max(0.25, width / height))
    return GivenImage(digest=hashlib.sha256(content).hexdigest(), ratio=ratio, content=content)


def _decode(text: str, bytes_limit: int) -> bytes:
    head = _DATA_URI.match(text)
    if head is None and text[:5].lower() == "data:":
        raise ApiError("1214", "image_url: only png, jpeg and jpg images are supported")
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


def _measure(content: bytes) -> tuple[int, int]:
    """Width and height of a picture that can be decoded to its end."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # Pillow warns of big pictures; the limit below refuses them
            with Image.open(io.BytesIO(content), formats=_FORMATS) as picture:
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
