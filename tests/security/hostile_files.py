"""Files that harm whoever opens them without care. All made here."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any, cast

from PIL import Image, ImageCms

SCANS = 40_000
_START_OF_SCAN, _END_OF_IMAGE = b"\xff\xda", b"\xff\xd9"


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    """An image file."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def plain() -> bytes:
    """Nothing is wrong with it."""
    return encoded(Image.new("RGB", (200, 150), "teal"), "PNG")


def endless_jpeg() -> bytes:
    """A JPEG of a few megabytes whose last scan comes so often that it decodes for minutes."""
    whole = encoded(Image.new("RGB", (4_000, 4_000), "teal"), "JPEG", progressive=True)
    last = whole.rindex(_START_OF_SCAN)
    scan = whole[last:].removesuffix(_END_OF_IMAGE)
    return whole[:last] + scan * SCANS + _END_OF_IMAGE


def profile_bomb() -> bytes:
    """A PNG whose colour profile of a few kilobytes unpacks to 200 MB."""
    return with_chunk(plain(), b"iCCP", b"p\x00\x00" + zlib.compress(bytes(200_000_000), 9))


def odd_profile() -> bytes:
    """A PNG with a profile for other colours than it has."""
    untyped = cast("Any", ImageCms)  # Pillow gives the profile it makes no type
    lab = ImageCms.ImageCmsProfile(untyped.createProfile("LAB"))
    return encoded(Image.new("RGB", (200, 150), "teal"), "PNG", icc_profile=lab.tobytes())


def many_profiles() -> bytes:
    """A JPEG whose profile is said to be in 255 parts of which one is there."""
    whole = encoded(Image.new("RGB", (200, 150), "teal"), "JPEG")
    part = b"ICC_PROFILE\x00\x01\xff" + bytes(60_000)
    return whole[:2] + b"\xff\xe2" + struct.pack(">H", len(part) + 2) + part + whole[2:]


def with_appended(content: bytes, more: bytes) -> bytes:
    """A picture that is something else as well, to who reads it from its end."""
    return content + more


def with_chunk(png: bytes, kind: bytes, data: bytes) -> bytes:
    """A PNG with one more chunk behind its header."""
    chunk = struct.pack(">I", len(data)) + kind + data
    return png[:33] + chunk + struct.pack(">I", zlib.crc32(kind + data)) + png[33:]


def endless_gif() -> bytes:
    """A GIF that begins with a still picture and goes on with thousands of frames."""
    first = encoded(Image.new("P", (100, 100)), "GIF")
    frame = first[first.index(b",\x00\x00") : -1]
    return first[:-1] + frame * 20_000 + b";"
