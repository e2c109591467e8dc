"""What the server tells the renderer; imports no numpy and no PyAV: the server stays light."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from emulator.render.film import Film

MOVEMENT = {"auto": 1.0, "small": 0.4, "medium": 1.0, "large": 2.2}  # times the usual way


@dataclass(frozen=True, slots=True, kw_only=True)
class Still:
    """One image of a request.

    Attributes:
        path: A PNG, JPEG or WebP file that was checked, or None for an image given by address.
        seed: Hex digest that stands for the image; an image without a file is drawn from it.
    """

    path: str | None
    seed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderJob:
    """One clip to draw. Equal jobs give equal frames.

    Attributes:
        seed: Hex digest of everything that decides the picture.
        prompt: Chooses place, light and weather when there are no stills.
        stills: None, the first frame, the first and the last frame, or references.
        width: Pixels, even.
        height: Pixels, even.
        fps: Frames per second.
        duration_s: Whole seconds; the clip has exactly ``fps * duration_s`` frames.
        with_audio: Whether to add an AAC track.
        stills_are_references: They are shown within a landscape of the prompt.
        movement: How far the camera moves: ``auto``, ``small``, ``medium`` or ``large``.
        style: ``general`` or ``anime``.
        watermark: Whether to draw the vendor's mark beside our own.
        video_path: Where the MP4 goes.
        cover_path: Where the JPEG of the first frame goes.
        limit_s: Seconds after which the process ends itself, should nobody end it before.
    """

    seed: str
    prompt: str
    stills: tuple[Still, ...]
    width: int
    height: int
    fps: int
    duration_s: int
    with_audio: bool
    video_path: str
    cover_path: str
    limit_s: int
    stills_are_references: bool = False
    movement: str = "auto"
    style: str = "general"
    watermark: bool = False

    @property
    def film(self) -> Film:
        """Its measures."""
        return Film(
            width=self.width,
            height=self.height,
            fps=self.fps,
            frames=self.frame_count,
            movement=MOVEMENT[self.movement],
        )

    @property
    def frame_count(self) -> int:
        """Frames in the clip."""
        return self.fps * self.duration_s

    def to_dict(self) -> dict[str, Any]:
        """The job as JSON-ready values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> RenderJob:
        """Inverse of :meth:`to_dict`."""
        stills = tuple(Still(**still) for still in values.pop("stills"))
        return cls(stills=stills, **values)
