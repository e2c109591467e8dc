"""What a person asks for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.language import N_, _


class Mode(StrEnum):
    """What a request gives the model to start from."""

    TEXT = "text"
    FIRST_FRAME = "first frame"
    FIRST_AND_LAST_FRAME = "first and last frame"
    REFERENCES = "references"  # pictures of what appears in the clip, not frames of it


MODE_NAMES = {
    Mode.TEXT: N_("text"),
    Mode.FIRST_FRAME: N_("first frame"),
    Mode.FIRST_AND_LAST_FRAME: N_("first and last frame"),
    Mode.REFERENCES: N_("references"),
}
FRAMES_MAX = 2
REFERENCES_MAX = 3
MODE_BY_IMAGE_COUNT = (Mode.TEXT, Mode.FIRST_FRAME, Mode.FIRST_AND_LAST_FRAME)


def prompt_from(typed: str) -> str:
    """What somebody typed as a prompt, without outer space.

    Half of a character, which JSON can carry and nothing can send on, becomes the mark for that.
    """
    return typed.encode("utf-16", "surrogatepass").decode("utf-16", "replace").strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoRequest:
    """One wish, as validated against a capability. None means the model's own default.

    Attributes:
        model: The model's id at its gateway, e.g. ``cogvideox-3``.
        prompt: Text without leading or trailing space; may be empty where there is an image.
        images: Artifact ids, first frame then last frame; at most two.
        references: Artifact ids of reference images, at most three; never beside ``images``.
        size: ``WIDTHxHEIGHT`` in pixels.
        duration_s: Length of the clip in seconds.
        quality: ``speed`` or ``quality``.
        fps: Frames per second.
        with_audio: Whether the model adds sound.
        aspect_ratio: ``WIDTH:HEIGHT``, for models that take a ratio beside or instead of a size.
        style: ``general`` or ``anime``.
        movement: How much moves: ``auto``, ``small``, ``medium`` or ``large``.
    """

    model: str
    prompt: str
    images: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    size: str | None = None
    duration_s: int | None = None
    quality: str | None = None
    fps: int | None = None
    with_audio: bool = False
    aspect_ratio: str | None = None
    style: str | None = None
    movement: str | None = None

    @property
    def mode(self) -> Mode:
        """What the model starts from, by the images that there are."""
        return Mode.REFERENCES if self.references else MODE_BY_IMAGE_COUNT[len(self.images)]

    @property
    def inputs(self) -> tuple[str, ...]:
        """Every image that the request needs, in the order in which the gateway gets them."""
        return self.references or self.images


def mode_name(mode: Mode) -> str:
    """A mode in a sentence."""
    return _(MODE_NAMES[mode])
