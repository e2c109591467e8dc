"""What a member wants of each video where they leave an option out."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

from bot.domain.capability import Choice
from bot.domain.errors import InvalidOptionError
from bot.domain.language import _
from bot.domain.validation import check_choice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.capability import Capability


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """One member's, on every server; None for what is left to the model. See `VideoRequest`."""

    model: str | None = None
    size: str | None = None
    duration_s: int | None = None
    quality: str | None = None
    fps: int | None = None
    with_audio: bool | None = None
    aspect_ratio: str | None = None
    style: str | None = None
    movement: str | None = None

    def changed_by(self, given: Defaults) -> Defaults:
        """These, with what was given in place of what was there."""
        changes = {each.name: getattr(given, each.name) for each in fields(given)}
        return replace(
            self, **{name: value for name, value in changes.items() if value is not None}
        )

    @property
    def choices(self) -> dict[Choice, str | int | None]:
        """By option."""
        return {
            Choice.SIZE: self.size,
            Choice.DURATION: self.duration_s,
            Choice.QUALITY: self.quality,
            Choice.FPS: self.fps,
            Choice.ASPECT_RATIO: self.aspect_ratio,
            Choice.STYLE: self.style,
            Choice.MOVEMENT: self.movement,
        }


NO_DEFAULTS = Defaults()


def check_defaults(defaults: Defaults, rows: Sequence[Capability]) -> None:
    """Check that each value means something to one of these models, at least in one mode.

    Args:
        defaults: All of them.
        rows: The models that they may be used with; at least one.

    Raises:
        InvalidOptionError: The first that means nothing.
    """
    for choice, given in defaults.choices.items():
        if given is not None and not any(given in row.values(choice) for row in rows):
            check_choice(choice, given, rows[0].modes[0], rows[0])
    if defaults.with_audio and not any(row.audio for row in rows):
        raise InvalidOptionError(
            option="audio",
            limit=_("{title} makes no sound").format(title=rows[0].title),
            given=_("yes"),
            next_step=_("Leave `audio` out."),
        )
