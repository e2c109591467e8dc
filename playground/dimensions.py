"""Width and height of a stored file, read from its header alone: nothing is decoded."""

import struct
import warnings
from pathlib import Path
from typing import BinaryIO

from PIL import Image

Size = tuple[int | None, int | None]
_UNKNOWN: Size = (None, None)
_MAX_BOXES = 1_000
_CONTAINERS = {b"moov", b"trak"}
_TKHD_SIZE_AT = {0: 76, 1: 88}  # offset of the 16.16 width in a tkhd of version 0 or 1
_LARGE_BOX = 1


def dimensions(path: Path, content_type: str) -> Size:
    """Give a file's size in pixels, or None twice where its header does not tell. Blocks."""
    if content_type.startswith("image/"):
        return _image(path)
    if content_type.startswith("video/"):
        return _video(path)
    return _UNKNOWN


def _image(path: Path) -> Size:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path, formats=("PNG", "JPEG", "GIF", "WEBP")) as image:
                return image.size
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return _UNKNOWN


def _video(path: Path) -> Size:
    with path.open("rb") as file:
        try:
            return _find_tkhd(file, 0, path.stat().st_size)
        except (struct.error, OSError):
            return _UNKNOWN


def _find_tkhd(file: BinaryIO, start: int, end: int) -> Size:
    """Look through the boxes from ``start`` for the first track with a picture."""
    boxes = 0
    pending = [(start, end)]
    while pending:
        at, stop = pending.pop()
        while at + 8 <= stop and boxes < _MAX_BOXES:
            boxes += 1
            file.seek(at)
            size, kind = struct.unpack(">I4s", file.read(8))
            head = 8
            if size == _LARGE_BOX:
                size, head = struct.unpack(">Q", file.read(8))[0], 16
            stop_of_box = at + size if size else stop
            if size and size < head:
                break
            if kind in _CONTAINERS:
                pending.append((at + head, min(stop, stop_of_box)))
            elif kind == b"tkhd":
                found = _tkhd(file, at + head)
                if found != _UNKNOWN:
                    return found
            at = stop_of_box
    return _UNKNOWN


def _tkhd(file: BinaryIO, at: int) -> Size:
    file.seek(at)
    (version,) = struct.unpack(">B", file.read(1))
    offset = _TKHD_SIZE_AT.get(version)
    if offset is None:
        return _UNKNOWN
    file.seek(at + offset)
    width, height = struct.unpack(">II", file.read(8))
    return (width >> 16, height >> 16) if width and height else _UNKNOWN
