"""What is said beside a clip, or beside the link to it; and while it is made to fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.delivery import LinkReason
from bot.domain.language import N_, _

if TYPE_CHECKING:
    from bot.domain.delivery import Fitting
    from bot.engine.packing import Parcel

BUTTON_LINK_MAX_CHARACTERS = 512  # Discord's
LINK_MAX_CHARACTERS = 1200  # a longer one would leave no room for the words around it

LINK_REASONS: dict[LinkReason, str] = {
    LinkReason.NOT_AT_HAND: N_("I have lost the file, or cannot open it"),
    LinkReason.TOO_LARGE: N_("The file is larger than can be posted here"),
    LinkReason.NOT_MADE_TO_FIT: N_("I could not make the file fit here"),
    LinkReason.FILES_NOT_PERMITTED: N_("I may not attach files here (**Attach Files** is missing)"),
}


def notes(parcel: Parcel, *, hidden: bool) -> tuple[str, ...]:
    """The lines under a result about what it is made of.

    Args:
        parcel: What is posted.
        hidden: Whether links are hidden behind a click, as files are.
    """
    link = _link(parcel, hidden=hidden)
    if parcel.why_link is None:
        if not parcel.was_encoded:
            return ()
        if link is None:
            return (_("-# Encoded anew, so that it plays here."),)
        anew = _("-# Encoded anew, so that it plays here. As it was made: {link}")
        return (anew.format(link=link),)
    reason = _(LINK_REASONS[parcel.why_link])
    if link is None:
        text = _("{reason}, and its link cannot be posted. Ask the operator of this bot for it.")
        return (text.format(reason=reason),)
    return (_("{reason}: {link} Download it to keep it.").format(reason=reason, link=link),)


def link_for_button(parcel: Parcel) -> str | None:
    """Where a button under a result leads: to the clip, where only a link to it is posted.

    None where the file says it all, or where the link is too long for a button.
    """
    link = parcel.link
    if parcel.why_link is None or link is None or len(link.url) > BUTTON_LINK_MAX_CHARACTERS:
        return None
    return link.url


def fitting(how_far: Fitting) -> str:
    """The headline of a job whose clip is made to fit."""
    if how_far.disk_is_full:
        return _(
            "is ready, but the disk of this bot is full. It is kept, and is posted as soon as "
            "its operator has made room"
        )
    return _("is ready. Making it fit: {percent} %").format(percent=how_far.percent)


def _link(parcel: Parcel, *, hidden: bool) -> str | None:
    link = parcel.link
    if link is None or len(link.url) > LINK_MAX_CHARACTERS:
        return None
    words = _("watch or download it")
    if link_for_button(parcel) is None:
        words = f"[{words}](<{link.url}>)"
        words = f"||{words}||" if hidden else words
    text = _("{link}, until {until}.") if link.is_own else _("{link}, until about {until}.")
    return text.format(link=words, until=f"<t:{int(link.until.timestamp())}:f>")
