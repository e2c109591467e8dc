"""Reads request bodies: JSON, or multipart with its files streamed to disk."""

import asyncio
import mimetypes
import re
from pathlib import Path
from typing import Any

import orjson
from aiohttp import BodyPartReader, hdrs, web

from playground.files import Files, discard
from playground.rest.call import Upload

MAX_BODY_BYTES = 110 * 1024 * 1024
MAX_JSON_BYTES = 4 * 1024 * 1024
MAX_FILES = 10
MAX_PARTS = 30
_PIECE_BYTES = 1024 * 1024
_UNSAFE = re.compile(r"[^\w.\-]+")
_LONGEST_NAME = 120


class BadBodyError(Exception):
    """The body is no JSON, or broken multipart."""


class TooLargeError(Exception):
    """The body, or one file of it, is over the limit."""


async def read_body(
    request: web.Request, files: Files, *, file_limit_bytes: int
) -> tuple[object, tuple[Upload, ...]]:
    """Read a body of any kind that clients send.

    Returns:
        The parsed JSON (of ``payload_json`` in multipart; None without a body), and the files.

    Raises:
        BadBodyError: if it cannot be read.
        TooLargeError: past ``MAX_BODY_BYTES``, ``MAX_FILES`` or ``file_limit_bytes`` a file.
    """
    if (request.content_length or 0) > MAX_BODY_BYTES:
        raise TooLargeError
    if request.content_type == "multipart/form-data":
        return await _read_multipart(request, files, file_limit_bytes)
    if not request.body_exists:
        return None, ()
    raw = await _read_capped(request)
    return (_parse(raw) if raw else None), ()


async def _read_capped(request: web.Request) -> bytes:
    raw = bytearray()
    async for piece in request.content.iter_chunked(_PIECE_BYTES):
        raw += piece
        if len(raw) > MAX_JSON_BYTES:
            raise TooLargeError
    return bytes(raw)


async def _read_multipart(
    request: web.Request, files: Files, limit: int
) -> tuple[object, tuple[Upload, ...]]:
    body: object = None
    uploads: list[Upload] = []
    try:
        reader = await request.multipart()
        parts = 0
        while (part := await reader.next()) is not None:
            parts += 1
            if not isinstance(part, BodyPartReader) or parts > MAX_PARTS:
                raise BadBodyError  # noqa: TRY301  # one way out for every broken body
            if part.filename is None:
                raw = await _read_part(part)
                body = _parse(raw) if part.name == "payload_json" else body
                continue
            if len(uploads) == MAX_FILES:
                raise TooLargeError  # noqa: TRY301  # likewise
            uploads.append(await _store(part, files, limit))
    except BaseException as error:  # uploads go also when the caller is cancelled
        for upload in uploads:
            await discard(upload.path)
        broken = ValueError | LookupError | AssertionError | web.HTTPBadRequest | ConnectionError
        if isinstance(error, broken):
            raise BadBodyError from None  # what aiohttp raises for multipart that is broken, or cut
        raise
    return body, tuple(uploads)


async def _read_part(part: BodyPartReader) -> bytes:
    raw = bytearray()
    while piece := await part.read_chunk():
        raw += piece
        if len(raw) > MAX_JSON_BYTES:
            raise TooLargeError
    return bytes(raw)


async def _store(part: BodyPartReader, files: Files, limit: int) -> Upload:
    path = files.new_path()
    size, piece = 0, bytearray()
    try:
        while chunk := await part.read_chunk(_PIECE_BYTES):
            size += len(chunk)
            if size > limit:
                raise TooLargeError  # noqa: TRY301  # the file begun must be deleted
            piece += chunk
            if len(piece) >= _PIECE_BYTES:
                await asyncio.to_thread(_append, path, bytes(piece))
                piece.clear()
        await asyncio.to_thread(_append, path, bytes(piece))
    except BaseException:  # likewise the file begun
        await discard(path)
        raise
    filename = safe_name(part.filename or "file")
    return Upload(part.name or "", filename, _content_type(part, filename), size, path)


def _append(path: Path, piece: bytes) -> None:
    with path.open("ab") as file:
        file.write(piece)


def safe_name(filename: str) -> str:
    """Give the name as Discord shows it: odd characters become underscores."""
    name = _UNSAFE.sub("_", filename.rsplit("/", 1)[-1].rsplit("\\", 1)[-1]).lstrip(".")
    return name[-_LONGEST_NAME:] or "file"


def _content_type(part: BodyPartReader, filename: str) -> str:
    """Tell the type by the name, as Discord does; the part's own word counts for unknown names."""
    guessed, _ = mimetypes.guess_type(filename)
    said = part.headers.get(hdrs.CONTENT_TYPE, "").split(";")[0].strip().lower()
    return (
        guessed
        or (said if re.fullmatch(r"[\w.+-]+/[\w.+-]+", said) else "")
        or ("application/octet-stream")
    )


def _parse(raw: bytes) -> Any:  # noqa: ANN401  # any JSON value
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise BadBodyError from None
