"""A request as JSON text with a version. Strict: what was not written here is not read.

Version 2 added references, aspect ratio, style and movement. Rows of version 1 had none of these.
"""

from __future__ import annotations

import json
from typing import Any, cast

import orjson

from bot.domain.errors import StorageError
from bot.domain.request import FRAMES_MAX, REFERENCES_MAX, VideoRequest

VERSION = 2
_OPTIONAL = {
    "size": str,
    "duration_s": int,
    "quality": str,
    "fps": int,
    "aspect_ratio": str,
    "style": str,
    "movement": str,
}
_REQUIRED = {"model": str, "prompt": str, "images": list, "references": list, "with_audio": bool}
_LISTS = {"images": FRAMES_MAX, "references": REFERENCES_MAX}
_KEYS = {*_REQUIRED, *_OPTIONAL}
_SINCE_2: dict[str, Any] = {"references": [], "aspect_ratio": None, "style": None, "movement": None}


def encode_request(request: VideoRequest) -> str:
    """The request as JSON."""
    fields = {
        "version": VERSION,
        "model": request.model,
        "prompt": request.prompt,
        "images": request.images,
        "references": request.references,
        "size": request.size,
        "duration_s": request.duration_s,
        "quality": request.quality,
        "fps": request.fps,
        "with_audio": request.with_audio,
        "aspect_ratio": request.aspect_ratio,
        "style": request.style,
        "movement": request.movement,
    }
    try:
        return orjson.dumps(fields).decode()
    except orjson.JSONEncodeError:  # a lone surrogate is no UTF-8, and has to be escaped
        return json.dumps(fields, separators=(",", ":"))


def decode_request(text: str) -> VideoRequest:
    """The reverse of `encode_request`.

    Raises:
        StorageError: Another version, or not as `encode_request` writes it.
    """
    try:
        fields: Any = json.loads(text)
    except ValueError as exc:
        raise StorageError("a stored request is not JSON") from exc
    if not isinstance(fields, dict):
        raise StorageError("a stored request is not an object")
    fields = _upgraded(cast("dict[str, Any]", fields))
    if fields.keys() != _KEYS:
        raise StorageError(f"a stored request has other fields: {sorted(fields.keys() ^ _KEYS)}")
    wrong = [
        name
        for name, kind in (_REQUIRED | _OPTIONAL).items()
        # `type() is`, as True is an int for isinstance.
        if type(fields[name]) is not kind and not (name in _OPTIONAL and fields[name] is None)
    ]
    wrong += [name for name in _LISTS if name not in wrong and not _is_images(name, fields[name])]
    if wrong or (fields["images"] and fields["references"]):
        raise StorageError(f"a stored request has wrong values: {wrong or list(_LISTS)}")
    return VideoRequest(**(fields | {name: tuple(fields[name]) for name in _LISTS}))


def _upgraded(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields as this version writes them, without the number."""
    version = fields.pop("version", None)
    # `type() is`, as True would pass for 1.
    if type(version) is not int or version not in (1, VERSION):
        raise StorageError(f"a stored request has version {version!r}")
    return fields if version == VERSION else {**_SINCE_2, **fields}


def _is_images(name: str, listed: list[Any]) -> bool:
    return len(listed) <= _LISTS[name] and all(isinstance(image, str) for image in listed)
