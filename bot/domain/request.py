"""What a person asks for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Mode(StrEnum):
    """What a request gives the model to start from."""

    TEXT = "text"
    FIRST_FRAME = "first frame"
    FIRST_AND_LAST_FRAME = "first and last frame"


MODE_BY_IMAGE_COUNT = (Mode.TEXT, Mode.FIRST_FRAME, Mode.FIRST_AND_LAST_FRAME)


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoRequest:
    """One wish, as validated against a capability. None means the model's own default.

    Attributes:
        model: The model's id at its gateway, e.g. ``cogvideox-3``.
        prompt: Text without leading or trailing space; may be empty where there is an image.
        images: Artifact ids, first frame then last frame; at most two.
        size: ``WIDTHxHEIGHT`` in pixels.
        duration_s: Length of the clip in seconds.
        quality: ``speed`` or ``quality``.
        fps: Frames per second.
        with_audio: Whether the model adds sound.
    """

    model: str
    prompt: str
    images: tuple[str, ...] = ()
    size: str | None = None
    duration_s: int | None = None
    quality: str | None = None
    fps: int | None = None
    with_audio: bool = False

    @property
    def mode(self) -> Mode:
        """What the model starts from, by the number of images."""
        return MODE_BY_IMAGE_COUNT[len(self.images)]
