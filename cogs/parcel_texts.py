"""What is said beside a clip, or beside the link to it; and while it is made to fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.delivery import LinkReason

if TYPE_CHECKING:
    from bot.domain.delivery import ClipLink, Fitting
    from bot.engine.packing import Parcel

LINK_MAX_CHARACTERS = 1200  # a longer one would leave no room for the words around it

LINK_REASONS: dict[LinkReason, str] = {
    LinkReason.NOT_AT_HAND: "I have lost the file, or cannot open it",
    LinkReason.TOO_LARGE: "The file is larger than this server takes",
    LinkReason.NOT_MADE_TO_FIT: "I could not make the file fit here",
    LinkReason.FILES_NOT_PERMITTED: "I may not attach files here (**Attach Files** is missing)",
}


def notes(parcel: Parcel, *, hidden: bool) -> tuple[str, ...]:
    """The lines under a result about what it is made of.

    Args:
        parcel: What is posted.
        hidden: Whether links are hidden behind a click, as files are.
    """
    link = _link(parcel.link, hidden=hidden)
    if parcel.why_link is None:
        if not parcel.was_encoded:
            return ()
        anew = "-# Encoded anew, so that it plays here."
        return (anew if link is None else f"{anew} As it was made: {link}",)
    why = LINK_REASONS[parcel.why_link]
    if link is None:
        return (f"{why}, and its link cannot be posted. Ask the operator of this bot for it.",)
    return (f"{why}: {link} Download it to keep it.",)


def fitting(how_far: Fitting) -> str:
    """The headline of a job whose clip is made to fit."""
    if how_far.disk_is_full:
        return (
            "is ready, but the disk of this bot is full. It is kept, and is posted as soon as "
            "its operator has made room"
        )
    return f"is ready. Making it fit: {how_far.percent} %"


def _link(link: ClipLink | None, *, hidden: bool) -> str | None:
    if link is None or len(link.url) > LINK_MAX_CHARACTERS:
        return None
    words = f"[watch or download it](<{link.url}>)"
    if hidden:
        words = f"||{words}||"
    about = "" if link.is_own else "about "
    return f"{words}, until {about}<t:{int(link.until.timestamp())}:f>."
