"""What a model accepts at a gateway, as data. The check against it is ``bot/domain/validation.py``.

The rows themselves are in ``providers/capabilities.py``; nothing here knows a model by name.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.domain.language import _
from bot.domain.request import FRAMES_MAX, REFERENCES_MAX, Mode

if TYPE_CHECKING:
    from bot.domain.money import Money
    from bot.domain.prompt_notes import PromptAdvice
    from bot.domain.request import VideoRequest


class Choice(StrEnum):
    """An option with a list of values per model, by the name that members type."""

    SIZE = "size"
    DURATION = "duration"
    QUALITY = "quality"
    FPS = "fps"
    ASPECT_RATIO = "aspect_ratio"
    STYLE = "style"
    MOVEMENT = "movement"


UNITS = {Choice.DURATION: " s"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRules:
    """What a model wants of the images that it starts from.

    Attributes:
        formats: Formats it takes, as Pillow names them.
        max_bytes: Largest image, decoded.
        list_lengths: How many images go as a JSON array. One that is not in here goes as a string.
        ratio_below: The longer side over the shorter one stays below this; None for any.
        first_to_last: Least and most of the first frame's pixels over the last one's; None for any.
        side_min_px: Of each side.
    """

    formats: tuple[str, ...]
    max_bytes: int
    list_lengths: tuple[int, ...] = ()
    ratio_below: float | None = None
    first_to_last: tuple[float, float] | None = None
    side_min_px: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """An image's measures in pixels, as it will be sent."""

    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Capability:
    """One model at one gateway. Empty tuples mean that the option does not exist there.

    Attributes:
        gateway: Who serves it, e.g. ``zai``.
        model: Its id there.
        title: Its name for people.
        modes: What a request may start from.
        needs_words: The modes in which the prompt may not be empty, besides text alone.
        prompt_max_characters: Longest prompt, in Unicode characters.
        prompt_advice: What its maker says that it handles badly; None where nothing is said.
        images: What it wants of images; None where it takes none.
        sizes: ``WIDTHxHEIGHT`` values; none chosen lets the model choose.
        aspect_ratios: ``WIDTH:HEIGHT`` values; the first is the default.
        durations_s: Lengths in seconds; the first is the default.
        fps: Frame rates; the first is the default.
        qualities: Values of ``quality``; the first is the default.
        quality_by_mode: Values narrowed for a mode.
        styles: Values of ``style``; the first is the default.
        movements: Values of ``movement_amplitude``; the first is the default.
        audio: Whether ``with_audio`` exists.
        watermark: Whether ``watermark_enabled`` exists.
        price: For one finished call; None where the gateway publishes none.
        in_flight: Tasks of this model that one account may have under way at once.
        link_lifetime_s: How long a result's link answers, in seconds.
        repeat_is_safe: Whether a repeated ``request_id`` is answered with the first task.
        render_median_s: What a default render is assumed to take before any was seen.
        note: What a member should know before choosing it, as a sentence; may be empty.
        sources: Where each of these is written down.
    """

    gateway: str
    model: str
    title: str
    modes: tuple[Mode, ...]
    needs_words: tuple[Mode, ...] = ()
    prompt_max_characters: int
    prompt_advice: PromptAdvice | None = None
    images: ImageRules | None
    sizes: tuple[str, ...] = ()
    aspect_ratios: tuple[str, ...] = ()
    durations_s: tuple[int, ...] = ()
    fps: tuple[int, ...] = ()
    qualities: tuple[str, ...] = ()
    quality_by_mode: tuple[tuple[Mode, tuple[str, ...]], ...] = ()
    styles: tuple[str, ...] = ()
    movements: tuple[str, ...] = ()
    audio: bool
    watermark: bool = False
    price: Money | None
    in_flight: int
    link_lifetime_s: int
    repeat_is_safe: bool
    render_median_s: float
    note: str = ""
    sources: tuple[str, ...]

    def values(self, choice: Choice, mode: Mode | None = None) -> tuple[str, ...] | tuple[int, ...]:
        """The values that an option takes here, in one mode or in any."""
        of_mode = dict(self.quality_by_mode)
        values: dict[Choice, tuple[str, ...] | tuple[int, ...]] = {
            Choice.SIZE: self.sizes,
            Choice.DURATION: self.durations_s,
            Choice.QUALITY: of_mode.get(mode, self.qualities) if mode else self.qualities,
            Choice.FPS: self.fps,
            Choice.ASPECT_RATIO: self.aspect_ratios,
            Choice.STYLE: self.styles,
            Choice.MOVEMENT: self.movements,
        }
        return values[choice]

    @property
    def price_text(self) -> str:
        """The price of one video, for people."""
        if self.price is None:
            return _("price not published")
        return str(self.price) if self.price.micros else _("free")


def choices_of(request: VideoRequest) -> dict[Choice, str | int | None]:
    """What a request says of each option; None where it is left to the model."""
    return {
        Choice.SIZE: request.size,
        Choice.DURATION: request.duration_s,
        Choice.QUALITY: request.quality,
        Choice.FPS: request.fps,
        Choice.ASPECT_RATIO: request.aspect_ratio,
        Choice.STYLE: request.style,
        Choice.MOVEMENT: request.movement,
    }


def images_taken(capability: Capability, mode: Mode) -> tuple[int, int]:
    """Least and most images of a mode."""
    match mode:
        case Mode.TEXT:
            return 0, 0
        case Mode.FIRST_FRAME:
            return 1, 1
        case Mode.FIRST_AND_LAST_FRAME:
            return FRAMES_MAX, FRAMES_MAX
        case Mode.REFERENCES:
            listed = capability.images.list_lengths if capability.images else ()
            return 1, min(REFERENCES_MAX, max((1, *listed)))
