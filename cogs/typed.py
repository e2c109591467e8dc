"""What members typed, shown by Discord as it was typed: no format, no link, no mention."""

from __future__ import annotations

import re
import unicodedata

import discord

WORD_MAX_CHARACTERS = 20  # a longer one is cut in the middle

# Everything that begins or ends a format inside a line. "[", "]" and "<" also make links behind
# other words, timestamps, mentions and command links; "/" makes addresses, which Discord would
# link and unfurl, with or without "https:".
_INSIDE = re.compile(r"[\\*_~|`\[\]<>/]")
# What makes a heading, small print, a list or a quote of a line.
_AT_START = re.compile(r"^(?:[#>+-]|\d+(?=\.))")
# What shows nothing itself: controls, half characters, and what turns the direction of the text
# around it. Joiners, marks and selectors stay: emoji and many scripts are made with them.
_UNSEEN = re.compile(
    r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]"
)

_JOINER = "\u200d"


def one_line(text: str) -> str:
    """Typed text on one line, without what is not seen; for places that format nothing."""
    return " ".join(_UNSEEN.sub("", text).split())


def shown_plainly(text: str) -> str:
    """One line of typed text with its markup escaped; at most twice as long.

    The backslashes are seen by Discord alone. Those who are named are not notified either: that
    is closed where messages are sent.
    """
    escaped = _INSIDE.sub(lambda match: "\\" + match[0], one_line(text))
    escaped = _AT_START.sub(_escaped_start, escaped)
    return discord.utils.escape_mentions(escaped)


def cut(text: str, longest: int) -> str:
    """A text of at most so many characters: cut between words, and never inside a sign."""
    if len(text) <= longest:
        return text
    end = longest - 1
    # A mark or a joiner belongs to the sign before it, and what a joiner joins to that too.
    while end and (
        unicodedata.category(text[end]).startswith("M") or _JOINER in text[end - 1 : end + 1]
    ):
        end -= 1
    kept = text[: end or longest - 1]
    whole, _space, word = kept.rpartition(" ")
    if whole and len(word) < WORD_MAX_CHARACTERS and text[len(kept)] != " ":
        kept = whole
    return kept.rstrip() + "…"


def _escaped_start(match: re.Match[str]) -> str:
    found = match[0]
    return found + "\\" if found.isdigit() else "\\" + found
