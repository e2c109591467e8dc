"""The pictures that a command came with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.errors import InvalidOptionError
from bot.domain.language import _
from bot.services.intake import Attachment

if TYPE_CHECKING:
    import discord


def attached_frames(
    image: discord.Attachment | None, last_image: discord.Attachment | None
) -> tuple[Attachment, ...]:
    """First frame, then last.

    Raises:
        InvalidOptionError: A last one without a first.
    """
    if last_image is not None and image is None:
        raise InvalidOptionError(
            option="last_image",
            limit=_("a last frame needs a first one"),
            given=_("only the last"),
            next_step=_("Attach the first frame as `image`."),
        )
    return attached({"image": image, "last_image": last_image})


def attached(named: dict[str, discord.Attachment | None]) -> tuple[Attachment, ...]:
    """Those that were given, by the option that each was given as."""
    return tuple(
        Attachment(option=option, url=attached.url, size_bytes=attached.size)
        for option, attached in named.items()
        if attached is not None
    )
