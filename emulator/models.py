"""The models this emulator serves: one row each, and another row serves another model."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSpec:
    """What the vendor says one model accepts and costs.

    Attributes:
        name: As requests and create answers spell it; matched without regard to case.
        canonical_name: As the result of a finished task spells it.
        price: Per accepted create, in ``currency``, as a decimal string.
        currency: ISO 4217.
        in_flight_limit: Tasks that one key may have unfinished.
        prompt_limit: Characters.
        image_limit: Images per request; the second is the last frame.
        image_bytes_limit: Of each image, decoded.
        qualities: Accepted values; the first is the default.
        sizes: Accepted values of ``size``.
        default_short_side: Pixels, where ``size`` is absent; the ratio is the first image's.
        fps: Accepted values; the first is the default.
        durations_s: Accepted values; the first is the default.
    """

    name: str
    canonical_name: str
    price: str
    currency: str
    in_flight_limit: int
    prompt_limit: int
    image_limit: int
    image_bytes_limit: int
    qualities: tuple[str, ...]
    sizes: tuple[str, ...]
    default_short_side: int
    fps: tuple[int, ...]
    durations_s: tuple[int, ...]


# Fields and price: docs.z.ai/guides/video/cogvideox-3 and its OpenAPI document, autumn 2026.
# In-flight limit: the rate-limit page of the z.ai console.
_ROWS = (
    ModelSpec(
        name="cogvideox-3",
        canonical_name="CogVideoX-3",
        price="0.20",
        currency="USD",
        in_flight_limit=1,
        prompt_limit=512,
        image_limit=2,
        image_bytes_limit=5 * 1024 * 1024,
        qualities=("speed", "quality"),
        sizes=(
            "1280x720",
            "720x1280",
            "1024x1024",
            "1920x1080",
            "1080x1920",
            "2048x1080",
            "3840x2160",
        ),
        default_short_side=1080,
        fps=(30, 60),
        durations_s=(5, 10),
    ),
)

MODELS: dict[str, ModelSpec] = {row.name: row for row in _ROWS}
