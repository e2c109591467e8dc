"""One prompt, written in many ways: what it reads as.

`visible` is what a person sees of it. `READINGS` are folds, from the closest to the boldest, each a
function to which a prompt and a word are given alike: a word is in the prompt where it is in one
reading of it. Folds are idempotent, and linear in the length of the text.
"""

from __future__ import annotations

import re
import unicodedata
from functools import partial
from typing import TYPE_CHECKING

from bot.domain.confusables import BEFORE_CASE, LETTERS, SIGNS

if TYPE_CHECKING:
    from collections.abc import Callable

# Scripts in which a mark makes another letter (Indic to Myanmar, Khmer, kana): it stays there.
# Everywhere else a mark is an accent, a point or an ornament, and goes.
_MARKS_MATTER = re.compile(r"[\u0900-\u109f\u1780-\u17ff\u3040-\u30ff]")
_FILLERS = frozenset("\u115f\u1160")  # Hangul's blanks: letters to Unicode, nothing to the eye
# A digit or sign is a letter only beside letters: "1080" and "$5" are what they are.
_LEET = str.maketrans("0345789@$", "oeastbgas")
_INSIDE_ONLY = re.compile(r"(?<=[\w@$])[!|]+(?=[\w@$])")  # elsewhere they end a sentence
_CHUNK = re.compile(r"\S+")
_LATIN = re.compile(r"[a-z]")


def visible(text: str) -> str:
    """The text in compatible characters (NFKC), without any that show nothing."""
    shown = (_shown(character) for character in unicodedata.normalize("NFKC", text))
    return unicodedata.normalize("NFKC", "".join(shown))


def plain(text: str) -> str:
    """Without case, accents, fonts, and characters that show nothing."""
    return unicodedata.normalize("NFC", _bare(text).casefold())


def lookalike(text: str) -> str:
    """As `plain`, with letters of other scripts read as the Latin ones that they look like."""
    folded = _bare(text).translate(BEFORE_CASE).casefold().translate(LETTERS)
    return unicodedata.normalize("NFC", folded)


def leet(text: str, one: str) -> str:
    """As `lookalike`, with digits and signs read as letters.

    Args:
        text: What was typed.
        one: What a ``1``, a ``|`` and a ``!`` between letters stand for: ``i`` or ``l``.
    """
    return _CHUNK.sub(lambda chunk: _leet_chunk(chunk[0], one), lookalike(text))


READINGS: tuple[Callable[[str], str], ...] = (
    plain,
    lookalike,
    partial(leet, one="i"),
    partial(leet, one="l"),
)


def _leet_chunk(chunk: str, one: str) -> str:
    if not _LATIN.search(chunk):
        return chunk
    inside = _INSIDE_ONLY.sub(lambda signs: one * len(signs[0]), chunk)
    return inside.translate(_LEET).replace("1", one)


def _bare(text: str) -> str:
    """Decomposed, in one font, without marks where they are ornament."""
    kept: list[str] = []
    base = ""
    for character in unicodedata.normalize("NFKD", text).translate(SIGNS):
        if not unicodedata.category(character).startswith("M"):
            shown = _shown(character)
            kept.append(shown)
            base = shown or base  # what shows nothing parts no mark from its letter
        elif _MARKS_MATTER.match(base) and _MARKS_MATTER.match(character):
            kept.append(character)
    return "".join(kept)


def _shown(character: str) -> str:
    """The character, a space for any space, or nothing where nothing shows."""
    if character.isspace():
        return " "
    # Control, format (zero-width, direction), surrogate, private, unassigned: nothing shows.
    if character in _FILLERS or unicodedata.category(character).startswith("C"):
        return ""
    return character
