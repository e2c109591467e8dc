"""The size of a WebP picture, read from its first bytes alone.

The layouts are those of RFC 9649, sections 2.5 to 2.7.
"""

from __future__ import annotations

WEBP_HEAD_BYTES = 30
_FOURTEEN_BITS = 0x3FFF


def webp_canvas(head: bytes) -> tuple[int, int] | None:
    """Width and height in pixels; None if this is no whole WebP header."""
    if len(head) < WEBP_HEAD_BYTES or head[:4] != b"RIFF" or head[8:12] != b"WEBP":
        return None
    match head[12:16]:
        case b"VP8X":
            return _little(head[24:27]) + 1, _little(head[27:30]) + 1
        case b"VP8L":
            packed = _little(head[21:25])
            return (packed & _FOURTEEN_BITS) + 1, (packed >> 14 & _FOURTEEN_BITS) + 1
        case b"VP8 ":
            return _little(head[26:28]) & _FOURTEEN_BITS, _little(head[28:30]) & _FOURTEEN_BITS
        case _:
            return None


def _little(digits: bytes) -> int:
    return int.from_bytes(digits, "little")
