"""How a fetched clip reaches people."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.domain.job import Clip


class Rung(StrEnum):
    """How the clip is posted, best first."""

    ATTACH = "attach"
    LINK = "link"


class LinkReason(StrEnum):
    """Why a link is posted instead of the file."""

    TOO_LARGE = "too large"
    NOT_PLAYABLE_INLINE = "not playable inline"
    FILES_NOT_PERMITTED = "files not permitted"
    NOT_AT_HAND = "not at hand"


def first_rung(clip: Clip, *, limit_bytes: int, may_attach: bool) -> tuple[Rung, LinkReason | None]:
    """The best way to post a clip, and why it is not the file itself.

    Args:
        clip: The clip as probed.
        limit_bytes: The largest attachment of the place it goes to, read at run time.
        may_attach: Whether the bot has Attach Files there.
    """
    if not may_attach:
        return Rung.LINK, LinkReason.FILES_NOT_PERMITTED
    if not clip.width_px:
        return Rung.LINK, LinkReason.NOT_AT_HAND
    if not clip.attachable:
        return Rung.LINK, LinkReason.NOT_PLAYABLE_INLINE
    if clip.size_bytes > limit_bytes:
        return Rung.LINK, LinkReason.TOO_LARGE
    return Rung.ATTACH, None
