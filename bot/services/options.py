"""What a member chose, as it was typed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.domain.capability import Choice, choices_of
from bot.domain.request import MODE_BY_IMAGE_COUNT, Mode, VideoRequest, prompt_from
from bot.domain.validation import normalised_size

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.domain.capability import Capability


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a member chose; None where they left it to the model. See `VideoRequest`.

    Attributes:
        model: As typed; None for the account's default.
        from_references: Whether the images are references instead of frames.
    """

    prompt: str
    model: str | None = None
    from_references: bool = False
    size: str | None = None
    duration_s: int | None = None
    quality: str | None = None
    fps: int | None = None
    with_audio: bool | None = None
    aspect_ratio: str | None = None
    style: str | None = None
    movement: str | None = None


def options_kept(
    request: VideoRequest, row: Capability, mode: Mode, *, prompt: str | None = None
) -> Options:
    """The options of a request that another model, or another mode, has too."""
    kept = {
        choice: given if given in row.values(choice, mode) else None
        for choice, given in choices_of(request).items()
    }
    options = Options(
        prompt=request.prompt if prompt is None else prompt,
        model=row.model,
        from_references=mode is Mode.REFERENCES,
        with_audio=request.with_audio and row.audio,
    )
    return with_choices(options, kept)


def chosen_in(options: Options) -> dict[Choice, str | int | None]:
    """What was chosen of each option with a list; None where it was left out."""
    return {
        Choice.SIZE: None if options.size is None else normalised_size(options.size),
        Choice.DURATION: options.duration_s,
        Choice.QUALITY: options.quality,
        Choice.FPS: options.fps,
        Choice.ASPECT_RATIO: options.aspect_ratio,
        Choice.STYLE: options.style,
        Choice.MOVEMENT: options.movement,
    }


def with_choices(options: Options, chosen: Mapping[Choice, str | int | None]) -> Options:
    """The options, with these values for all that have a list."""
    duration, fps = chosen[Choice.DURATION], chosen[Choice.FPS]
    return replace(
        options,
        size=_text(chosen[Choice.SIZE]),
        duration_s=None if duration is None else int(duration),
        quality=_text(chosen[Choice.QUALITY]),
        fps=None if fps is None else int(fps),
        aspect_ratio=_text(chosen[Choice.ASPECT_RATIO]),
        style=_text(chosen[Choice.STYLE]),
        movement=_text(chosen[Choice.MOVEMENT]),
    )


def mode_of(options: Options, images: int) -> Mode:
    """What a wish gives the model to start from."""
    return Mode.REFERENCES if options.from_references else MODE_BY_IMAGE_COUNT[images]


def request_from(options: Options, row: Capability, images: tuple[str, ...]) -> VideoRequest:
    """What a wish asks of a model; not checked."""
    return VideoRequest(
        model=row.model,
        prompt=prompt_from(options.prompt),
        images=() if options.from_references else images,
        references=images if options.from_references else (),
        size=None if options.size is None else normalised_size(options.size),
        duration_s=options.duration_s,
        quality=options.quality,
        fps=options.fps,
        with_audio=bool(options.with_audio),
        aspect_ratio=options.aspect_ratio,
        style=options.style,
        movement=options.movement,
    )


def _text(value: str | int | None) -> str | None:
    return None if value is None else str(value)
