"""Frames on the wire: JSON out, plain or compressed over the whole connection; JSON in, hostile."""

import zlib
from typing import Protocol

import orjson
import zstandard

from playground.form import is_object
from playground.world.model import Json

MAX_FRAME_BYTES = 4_096  # Discord's own limit for what a client sends


class BadFrameError(Exception):
    """A client sent something that is no gateway frame."""


class Encoder(Protocol):
    """Turns one JSON text into what travels in one WebSocket message."""

    def encode(self, text: bytes) -> bytes | str:
        """Give bytes for a binary message, or text for a text message."""
        ...


class PlainEncoder:
    """No compression: text frames."""

    def encode(self, text: bytes) -> str:
        """Give the text itself."""
        return text.decode()


class ZlibEncoder:
    """``compress=zlib-stream``: one deflate context a connection, flushed after each message."""

    def __init__(self) -> None:
        self._context = zlib.compressobj()

    def encode(self, text: bytes) -> bytes:
        """Give the next piece of the stream; it ends with 00 00 FF FF."""
        return self._context.compress(text) + self._context.flush(zlib.Z_SYNC_FLUSH)


class ZstdEncoder:
    """``compress=zstd-stream``: one zstd frame a connection, a block flushed after each message."""

    def __init__(self) -> None:
        self._context = zstandard.ZstdCompressor(level=3).compressobj()

    def encode(self, text: bytes) -> bytes:
        """Give the next blocks of the frame."""
        return self._context.compress(text) + self._context.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)


def encoder_for(compress: str | None) -> Encoder:
    """Give the encoder a client asked for in its query; plain for none or an unknown one."""
    match compress:
        case "zlib-stream":
            return ZlibEncoder()
        case "zstd-stream":
            return ZstdEncoder()
        case _:
            return PlainEncoder()


def decode(frame: str | bytes) -> tuple[int, object]:
    """Read a client's frame.

    Returns:
        Its opcode and its data.

    Raises:
        BadFrameError: if it is too long, no JSON, or no object with an integer ``op``.
    """
    if len(frame) > MAX_FRAME_BYTES:
        raise BadFrameError
    try:
        payload: object = orjson.loads(frame)
    except orjson.JSONDecodeError:
        raise BadFrameError from None
    if not is_object(payload):
        raise BadFrameError
    op: object = payload.get("op")
    if not isinstance(op, int) or isinstance(op, bool):
        raise BadFrameError
    return op, payload.get("d")


def dump(payload: Json) -> bytes:
    """Give a payload's JSON."""
    return orjson.dumps(payload)
