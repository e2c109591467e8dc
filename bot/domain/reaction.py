"""What a reaction to a job's message does, and by which emoji on a server."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.domain.errors import MemberError
from bot.domain.language import _

if TYPE_CHECKING:
    from collections.abc import Mapping

EMOJI_MAX_CHARACTERS = 70  # of Discord's own form for a server's emoji: <a:name:id>
_UNICODE_MAX_CHARACTERS = 16  # families are joined of many
_OF_A_SERVER = re.compile(r"<a?:\w{1,32}:(?P<id>[0-9]{15,20})>")
_VARIATION = "\ufe0f"  # "as a picture": some clients send it, and some do not
_PICTURE = "So"  # Unicode's category of what emoji begin with
_KEYCAP = "\u20e3"


class ReactionAct(StrEnum):
    """What a reaction does. Stored: never rename one."""

    AGAIN = "again"
    CANCEL = "cancel"
    FAVOURITE = "favourite"
    SEND = "send"
    REPORT = "report"


USUAL_EMOJI: dict[ReactionAct, str] = {
    ReactionAct.AGAIN: "🔁",
    ReactionAct.CANCEL: "❌",
    ReactionAct.FAVOURITE: "⭐",
    ReactionAct.SEND: "✉️",
    ReactionAct.REPORT: "🚩",
}


class EmojiNotUsableError(MemberError):
    """What was typed is no emoji.

    Attributes:
        typed: What was, shown plainly.
    """

    def __init__(self, *, typed: str) -> None:
        self.typed = typed
        super().__init__(
            _(
                "`{typed}` is no emoji. Nothing was changed. Choose one emoji for each, or leave "
                "a field empty for none."
            ).format(typed=typed)
        )


class EmojiTwiceError(MemberError):
    """One emoji cannot do two things.

    Attributes:
        typed: Which.
    """

    def __init__(self, *, typed: str) -> None:
        self.typed = typed
        super().__init__(
            _(
                "{typed} cannot do two things at once. Nothing was changed. "
                "Choose another emoji for one of them."
            ).format(typed=typed)
        )


def emoji_of(policy: Mapping[ReactionAct, str], act: ReactionAct) -> str:
    """What people react with for this on a server; empty for nothing."""
    return policy.get(act, USUAL_EMOJI[act])


def act_of(policy: Mapping[ReactionAct, str], emoji: str) -> ReactionAct | None:
    """What an emoji does on a server; None for nothing.

    Args:
        policy: The emoji that moderators chose, where they are not the usual ones.
        emoji: A picture of Unicode's, or ``<:name:id>``.
    """
    wanted = _known_by(emoji)
    known = {_known_by(emoji_of(policy, act)): act for act in ReactionAct}
    return known.get(wanted) if wanted else None


def chosen_emoji(typed: Mapping[ReactionAct, str]) -> dict[ReactionAct, str]:
    """What a server's moderators chose, where it is not the usual emoji.

    Raises:
        EmojiNotUsableError: One of them is no emoji.
        EmojiTwiceError: Two of them are the same.
    """
    chosen = {act: text.strip() for act, text in typed.items()}
    seen: set[str] = set()
    for text in filter(None, chosen.values()):
        if not _is_emoji(text):
            raise EmojiNotUsableError(typed=text.replace("`", "'")[:EMOJI_MAX_CHARACTERS])
        if _known_by(text) in seen:
            raise EmojiTwiceError(typed=text)
        seen.add(_known_by(text))
    return {
        act: text for act, text in chosen.items() if _known_by(text) != _known_by(USUAL_EMOJI[act])
    }


def _is_emoji(text: str) -> bool:
    if _OF_A_SERVER.fullmatch(text):
        return True
    begins_well = unicodedata.category(text[0]) == _PICTURE or text.endswith(_KEYCAP)
    return begins_well and len(text) <= _UNICODE_MAX_CHARACTERS and not text[1:].isalnum()


def _known_by(emoji: str) -> str:
    """The same for an emoji in whatever form it comes: its id, where a server has it."""
    found = _OF_A_SERVER.fullmatch(emoji)
    return found["id"] if found else emoji.replace(_VARIATION, "")
