"""What a create says to Z.AI, BigModel and their resellers: a request in, bytes out. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from bot.domain.request import Mode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.capability import Capability, ImageRules
    from bot.domain.request import VideoRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How one account's gateway wants the fields of a create.

    Attributes:
        types_as_text: Write numbers as text, and leave none of the numbers and sizes out, where a
            video starts from words alone: so 302.AI's pages document it.
        watermark: Whether clips carry the vendor's mark. Leaving it off needs a disclaimer that
            the operator signs in the vendor's console.
    """

    types_as_text: bool = False
    watermark: bool = True


def create_body(
    request: VideoRequest,
    *,
    image_data_uris: Sequence[str],
    request_id: str,
    user_id: str,
    capability: Capability,
    dialect: Dialect,
) -> bytes:
    """The body of a create, compact UTF-8 JSON. The same arguments give the same bytes.

    What is unset is left out, and so is what the row says that the model lacks.

    Args:
        request: A request that was checked against ``capability``.
        image_data_uris: The images themselves, in the order of the request's ``inputs``.
        request_id: The idempotency key, 6 to 64 characters.
        user_id: A pseudonym of the member, 6 to 128 characters.
        capability: The model's row.
        dialect: How the gateway wants it.
    """
    as_text = dialect.types_as_text and request.mode is Mode.TEXT
    fields: dict[str, object] = {
        "model": capability.model,
        "prompt": request.prompt or None,
        "image_url": _image_field(image_data_uris, capability.images),
        "quality": _taken(request.quality, capability.qualities),
        "with_audio": True if request.with_audio and capability.audio else None,
        "size": _taken(request.size, capability.sizes, as_text=as_text),
        "fps": _taken(request.fps, capability.fps, as_text=as_text),
        "duration": _taken(request.duration_s, capability.durations_s, as_text=as_text),
        "aspect_ratio": _taken(request.aspect_ratio, capability.aspect_ratios),
        "style": _taken(request.style, capability.styles),
        "movement_amplitude": _taken(request.movement, capability.movements),
        "watermark_enabled": False if capability.watermark and not dialect.watermark else None,
        "request_id": request_id,
        "user_id": user_id,
    }
    return orjson.dumps({name: value for name, value in fields.items() if value is not None})


def _image_field(data_uris: Sequence[str], rules: ImageRules | None) -> str | list[str] | None:
    if not data_uris:
        return None
    listed = rules is not None and len(data_uris) in rules.list_lengths
    return list(data_uris) if listed else data_uris[0]


def _taken(
    value: str | int | None, values: Sequence[str | int], *, as_text: bool = False
) -> str | int | None:
    """What is said of an option of which the model takes these values, if any."""
    if not values:
        return None
    return str(values[0] if value is None else value) if as_text else value
