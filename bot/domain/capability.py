"""What a model accepts at a gateway, and the check of a request against it.

The rows themselves are data, in ``providers/capabilities.py``; nothing here knows a model by name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.errors import InvalidOptionError

if TYPE_CHECKING:
    from bot.domain.request import Mode, VideoRequest

GIVEN_SHOWN_CHARACTERS = 60  # enough to recognise one's own input, short enough for one line


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """An amount in millionths of a currency's unit.

    Attributes:
        micros: Millionths; 200_000 of USD is $0.20.
        currency: ISO 4217, or the gateway's own unit.
    """

    micros: int
    currency: str

    def __str__(self) -> str:
        whole, part = divmod(self.micros, 1_000_000)
        return f"{self.currency} {whole}.{f'{part:06d}'.rstrip('0').ljust(2, '0')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Capability:
    """One model at one gateway. Empty tuples mean that the option does not exist there.

    Attributes:
        gateway: Who serves it, e.g. ``zai``.
        model: Its id there.
        title: Its name for people.
        modes: What a request may start from.
        prompt_max_characters: Longest prompt, in Unicode characters.
        image_formats: Formats the gateway takes, as Pillow names them.
        image_max_bytes: Largest image, decoded.
        sizes: ``WIDTHxHEIGHT`` values; none chosen lets the model choose.
        durations_s: Lengths in seconds; the first is the default.
        fps: Frame rates; the first is the default.
        qualities: Values of ``quality``; the first is the default.
        quality_by_mode: Values narrowed for a mode.
        audio: Whether ``with_audio`` exists.
        price: For one finished call.
        in_flight: Tasks that one account may have under way at once.
        link_lifetime_s: How long a result's link answers, in seconds.
        repeat_is_safe: Whether a repeated ``request_id`` is answered with the first task.
        render_median_s: What a default render is assumed to take before any was seen.
        sources: Where each of these is written down.
    """

    gateway: str
    model: str
    title: str
    modes: tuple[Mode, ...]
    prompt_max_characters: int
    image_formats: tuple[str, ...]
    image_max_bytes: int
    sizes: tuple[str, ...]
    durations_s: tuple[int, ...]
    fps: tuple[int, ...]
    qualities: tuple[str, ...]
    quality_by_mode: tuple[tuple[Mode, tuple[str, ...]], ...] = ()
    audio: bool
    price: Money
    in_flight: int
    link_lifetime_s: int
    repeat_is_safe: bool
    render_median_s: float
    sources: tuple[str, ...]

    def qualities_for(self, mode: Mode) -> tuple[str, ...]:
        """Values of ``quality`` that this mode accepts."""
        return dict(self.quality_by_mode).get(mode, self.qualities)


def normalised_size(text: str) -> str:
    """Ways to write a size, as ``1280x720``; anything else unchanged but for outer space."""
    found = re.fullmatch(r"\s*(\d{1,5})\s*[xX*\u00d7]\s*(\d{1,5})\s*", text)
    return f"{found[1]}x{found[2]}" if found else text.strip()


def check_request(request: VideoRequest, capability: Capability) -> None:
    """Check a whole request against what the model accepts.

    Raises:
        InvalidOptionError: The first option outside its limit; says the limit and what was given.
    """
    _check_prompt(request, capability)
    _check_mode(request, capability)
    _check_choice("size", request.size, capability.sizes, capability)
    _check_choice("duration", request.duration_s, capability.durations_s, capability, unit=" s")
    _check_choice("fps", request.fps, capability.fps, capability)
    _check_quality(request, capability)
    if request.with_audio and not capability.audio:
        raise InvalidOptionError(
            option="audio",
            limit=f"{capability.title} makes no sound",
            given="yes",
            next_step="Leave `audio` out.",
        )


def _check_prompt(request: VideoRequest, capability: Capability) -> None:
    if not request.prompt and not request.images:
        raise InvalidOptionError(
            option="prompt",
            limit="a video needs words, an image, or both",
            given="neither",
            next_step="Describe what should happen in the video.",
        )
    length, longest = len(request.prompt), capability.prompt_max_characters
    if length > longest:
        raise InvalidOptionError(
            option="prompt",
            limit=f"{capability.title} takes at most {longest} characters",
            given=f"{length}",
            next_step=f"Shorten it by {length - longest}.",
        )


def _check_mode(request: VideoRequest, capability: Capability) -> None:
    if request.mode not in capability.modes:
        accepted = ", ".join(capability.modes)
        raise InvalidOptionError(
            option="image" if len(request.images) == 1 else "last_image",
            limit=f"{capability.title} starts from {accepted}",
            given=request.mode,
            next_step="Change the images.",
        )


def _check_quality(request: VideoRequest, capability: Capability) -> None:
    accepted = capability.qualities_for(request.mode)
    if (
        request.quality is not None
        and request.quality in capability.qualities
        and request.quality not in accepted
    ):
        raise InvalidOptionError(
            option="quality",
            limit=f"with {request.mode} {capability.title} takes only {_listed(accepted)}",
            given=f"`{request.quality}`",
            next_step="Leave `quality` out, or leave one image out.",
        )
    _check_choice("quality", request.quality, accepted, capability)


def _check_choice(
    option: str,
    given: str | int | None,
    accepted: tuple[str, ...] | tuple[int, ...],
    capability: Capability,
    *,
    unit: str = "",
) -> None:
    if given is None or given in accepted:
        return
    if not accepted:
        limit, next_step = f"{capability.title} has no such option", f"Leave `{option}` out."
    else:
        limit = f"{capability.title} takes {_listed(accepted, unit)}"
        next_step = "Choose one of these, or leave it out."
    raise InvalidOptionError(
        option=option, limit=limit, given=f"`{_shortened(str(given))}{unit}`", next_step=next_step
    )


def _listed(values: tuple[str, ...] | tuple[int, ...], unit: str = "") -> str:
    return ", ".join(f"`{value}{unit}`" for value in values)


def _shortened(text: str) -> str:
    # A backtick would end the code span in which it is shown.
    text = text.replace("`", "'")
    return text if len(text) <= GIVEN_SHOWN_CHARACTERS else text[: GIVEN_SHOWN_CHARACTERS - 1] + "…"
