"""A request as JSON text with a version. Strict: what was not written here is not read."""

from __future__ import annotations

import json
from typing import Any, cast

from bot.domain.errors import StorageError
from bot.domain.request import VideoRequest

VERSION = 1
_OPTIONAL = {"size": str, "duration_s": int, "quality": str, "fps": int}
_REQUIRED = {"model": str, "prompt": str, "images": list, "with_audio": bool}
_KEYS = {"version", *_REQUIRED, *_OPTIONAL}


def encode_request(request: VideoRequest) -> str:
    """The request as JSON. ASCII only, so that text with a lone surrogate can be stored too."""
    return json.dumps(
        {
            "version": VERSION,
            "model": request.model,
            "prompt": request.prompt,
            "images": list(request.images),
            "size": request.size,
            "duration_s": request.duration_s,
            "quality": request.quality,
            "fps": request.fps,
            "with_audio": request.with_audio,
        },
        separators=(",", ":"),
    )


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
    fields = cast("dict[str, Any]", fields)
    if fields.get("version") != VERSION:
        raise StorageError(f"a stored request has version {fields.get('version')!r}")
    if fields.keys() != _KEYS:
        raise StorageError(f"a stored request has other fields: {sorted(fields.keys() ^ _KEYS)}")
    wrong = [
        name
        for name, kind in (_REQUIRED | _OPTIONAL).items()
        # `type() is`, as True is an int for isinstance.
        if type(fields[name]) is not kind and not (name in _OPTIONAL and fields[name] is None)
    ]
    images: list[Any] = fields["images"] if "images" not in wrong else []
    if wrong or len(images) > 2 or not all(isinstance(image, str) for image in images):  # noqa: PLR2004  # first and last frame
        raise StorageError(f"a stored request has wrong values: {wrong or ['images']}")
    del fields["version"]
    return VideoRequest(**(fields | {"images": tuple(images)}))
