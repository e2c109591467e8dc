"""Files that members attach: good ones, broken ones, hostile ones. All made here."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image


def truncated_jpeg() -> bytes:
    """The first half of a JPEG."""
    whole = _encoded(Image.linear_gradient("L").resize((640, 480)), "JPEG")
    return whole[: len(whole) // 2]


def animated_gif() -> bytes:
    """Three frames that move."""
    frames = [Image.new("RGB", (320, 240), (80 * step, 40, 90)) for step in range(3)]
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:], duration=100)
    return buffer.getvalue()


def bomb(side_px: int = 30_000) -> bytes:
    """A PNG of a few kilobytes that claims, and unpacks to, 2.7 GB."""
    header = struct.pack(">IIBBBBB", side_px, side_px, 8, 2, 0, 0, 0)
    packer = zlib.compressobj(9)
    row = bytes(1 + 3 * side_px)
    rows = b"".join(packer.compress(row) for _ in range(200)) + packer.flush()
    chunks = ((b"IHDR", header), (b"IDAT", rows), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)


def _encoded(image: Image.Image, kind: str) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()
