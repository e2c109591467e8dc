"""The check of a whole request, and of its images, against what the model accepts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.domain.capability import UNITS, Capability, Choice, Picture, choices_of, images_taken
from bot.domain.errors import InvalidOptionError, UnusableImageError
from bot.domain.language import _
from bot.domain.request import Mode, mode_name

if TYPE_CHECKING:
    from bot.domain.request import VideoRequest

GIVEN_SHOWN_CHARACTERS = 60  # enough to recognise one's own input, short enough for one line


def normalised_size(text: str) -> str:
    """Ways to write a size, as ``1280x720``; anything else unchanged but for outer space."""
    found = re.fullmatch(r"\s*(\d{1,5})\s*[xX*\u00d7]\s*(\d{1,5})\s*", text)
    return f"{found[1]}x{found[2]}" if found else text.strip()


def check_request(request: VideoRequest, capability: Capability) -> None:
    """Check a whole request against what the model accepts.

    Raises:
        InvalidOptionError: The first option outside its limit; says the limit and what was given.
    """
    _check_mode(request, capability)
    _check_prompt(request, capability)
    for choice, given in choices_of(request).items():
        check_choice(choice, given, request.mode, capability)
    if request.with_audio and not capability.audio:
        raise InvalidOptionError(
            option="audio",
            limit=_("{title} makes no sound").format(title=capability.title),
            given=_("yes"),
            next_step=_("Leave `audio` out."),
        )


def check_pictures(pictures: dict[str, Picture], mode: Mode, capability: Capability) -> None:
    """Check the measures of a request's images.

    Args:
        pictures: By the option that each was given to, in the order in which they are sent.
        mode: Of the request.
        capability: A row whose modes include it.

    Raises:
        UnusableImageError: The first that the model would not take.
    """
    rules = capability.images
    if rules is None:
        return
    for option, picture in pictures.items():
        short, long = sorted((picture.width_px, picture.height_px))
        if short < rules.side_min_px:
            raise UnusableImageError(
                option=option,
                reason=_(
                    "is {width_px}x{height_px}; {title} takes no side below {side_min_px} pixels"
                ).format(
                    width_px=picture.width_px,
                    height_px=picture.height_px,
                    title=capability.title,
                    side_min_px=rules.side_min_px,
                ),
                next_step=_("Attach a larger picture."),
            )
        if rules.ratio_below is not None and long >= rules.ratio_below * short:
            raise UnusableImageError(
                option=option,
                reason=_(
                    "is too long and narrow for {title}: its ratio must be below {ratio_below:g}:1"
                ).format(title=capability.title, ratio_below=rules.ratio_below),
                next_step=_("Crop it."),
            )
    if mode is Mode.FIRST_AND_LAST_FRAME and rules.first_to_last is not None:
        _check_pair(pictures, rules.first_to_last, capability)


def _check_pair(
    pictures: dict[str, Picture], limits: tuple[float, float], capability: Capability
) -> None:
    first, last = pictures.values()
    option = tuple(pictures)[-1]
    least, most = limits
    ratio = (first.width_px * first.height_px) / (last.width_px * last.height_px)
    if not least <= ratio <= most:
        wanted = f"{first.width_px}x{first.height_px}"
        raise UnusableImageError(
            option=option,
            reason=_(
                "is {width_px}x{height_px}, and {title} wants both frames of about the same size"
            ).format(width_px=last.width_px, height_px=last.height_px, title=capability.title),
            next_step=_("Bring it near {wanted}, or the first frame near this one.").format(
                wanted=wanted
            ),
        )


def _check_prompt(request: VideoRequest, capability: Capability) -> None:
    needs_words = not request.inputs or request.mode in capability.needs_words
    if not request.prompt and needs_words:
        limit = _("a video needs words, an image, or both")
        if request.inputs or Mode.FIRST_FRAME not in capability.modes:
            limit = _("{title} needs words").format(title=capability.title)
        raise InvalidOptionError(
            option="prompt",
            limit=limit,
            given=_("none") if request.inputs else _("neither"),
            next_step=_("Describe what should happen in the video."),
        )
    length, longest = len(request.prompt), capability.prompt_max_characters
    if length > longest:
        raise InvalidOptionError(
            option="prompt",
            limit=_("{title} takes at most {longest} characters").format(
                title=capability.title, longest=longest
            ),
            given=f"{length}",
            next_step=_("Shorten it by {count}.").format(count=length - longest),
        )


def _check_mode(request: VideoRequest, capability: Capability) -> None:
    mode, count = request.mode, len(request.inputs)
    if mode not in capability.modes:
        option = {Mode.TEXT: "image", Mode.FIRST_FRAME: "image", Mode.REFERENCES: "model"}
        raise InvalidOptionError(
            option=option.get(mode, "last_image"),
            limit=_("{title} starts from {modes}").format(
                title=capability.title, modes=", ".join(map(mode_name, capability.modes))
            ),
            given=mode_name(mode),
            next_step=_("Change the images, or choose another `model`."),
        )
    most = images_taken(capability, mode)[1]
    if count > most:
        raise InvalidOptionError(
            option=f"image{most + 1}",
            limit=_("{title} takes at most {most} reference images").format(
                title=capability.title, most=most
            ),
            given=f"{count}",
            next_step=_("Leave the others out."),
        )


def check_choice(
    choice: Choice, given: str | int | None, mode: Mode, capability: Capability
) -> None:
    """Check one option in one mode; None is left to the model.

    Raises:
        InvalidOptionError: The model does not take it.
    """
    accepted = capability.values(choice, mode)
    if given is None or given in accepted:
        return
    unit = UNITS.get(choice, "")
    next_step = _("Choose one of these, or leave it out.")
    if not accepted:
        limit, next_step = (
            _("{title} has no such option").format(title=capability.title),
            _("Leave `{choice}` out.").format(choice=choice),
        )
    elif given in capability.values(choice):
        limit = _("with {mode} {title} takes only {listed}").format(
            mode=mode_name(mode), title=capability.title, listed=_listed(accepted, unit)
        )
        next_step = _("Leave `{choice}` out, or leave one image out.").format(choice=choice)
    else:
        limit = _("{title} takes {listed}").format(
            title=capability.title, listed=_listed(accepted, unit)
        )
    raise InvalidOptionError(
        option=choice, limit=limit, given=f"`{shortened(str(given))}{unit}`", next_step=next_step
    )


def _listed(values: tuple[str, ...] | tuple[int, ...], unit: str) -> str:
    return ", ".join(f"`{value}{unit}`" for value in values)


def shortened(text: str) -> str:
    """What somebody typed, fit for a code span."""
    # A backtick would end the code span in which it is shown.
    text = text.replace("`", "'")
    return text if len(text) <= GIVEN_SHOWN_CHARACTERS else text[: GIVEN_SHOWN_CHARACTERS - 1] + "…"
