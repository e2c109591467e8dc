"""Words that moderators do not allow in prompts, and how one is found in a prompt.

A word is found as a whole word, because a part of another one means something else: who blocks
"ass" does not mean "class". ``ass*`` is found where a word begins so. Several words are found in a
row. Languages that put no spaces between words have no whole ones: there a word is found anywhere.

Case, accents, fonts, invisible characters, letters of other scripts and digits that stand for
letters are seen through (`bot.domain.folding`). So are signs inside a word ("b.a.d", "ba-d"),
letters that stand alone ("b a d"), and a letter said three times or more ("baaad").
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING

from bot.domain.errors import MemberError
from bot.domain.folding import READINGS, plain
from bot.domain.language import _
from bot.domain.validation import shortened

if TYPE_CHECKING:
    from collections.abc import Iterable

WORD_MAX_CHARACTERS = 60
WORD_MIN_CHARACTERS = 2
BEGINNING_MIN_CHARACTERS = 3  # a shorter one begins half of all words
SPELLED_MIN_CHARACTERS = 3  # of letters that stand alone: two do so by chance

# Written without spaces: Thai, Lao, Myanmar, Khmer, kana, Han.
_UNSPACED = (
    r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u309f\u30a1-\u30fa\u30fc-\u30ff"
    r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
# Letters and digits, and the marks that `folding` keeps among letters.
_SPACED = rf"(?![{_UNSPACED}])(?:[^\W_]|[\u0900-\u0963\u0971-\u0dff\u0f00-\u0fff])"
_TOKEN = re.compile(rf"[{_UNSPACED}]+|(?:{_SPACED})+")
_HAS_UNSPACED = re.compile(rf"[{_UNSPACED}]")
# What stands together, to the next space or apostrophe: "he'll" is not "hell".
_CHUNK = re.compile(r"[^\s'\u2018\u2019]+")
# Where a clause ends, the next letter belongs to another word, also without spaces.
_CLAUSE_END = re.compile(r"[,!?;:\u3001\u3002]")
_STRETCHED = re.compile(r"([^\W\d_])\1\1")
_REPEATED = re.compile(r"(.)\1+")


class WordKind(StrEnum):
    """What a word rule is written as."""

    WORD = "word"
    PATTERN = "pattern"


# Of one server: a prompt is held against every one of them.
RULES_MAX = {WordKind.WORD: 500, WordKind.PATTERN: 20}


@dataclass(frozen=True, slots=True, kw_only=True)
class WordRule:
    """What moderators do not allow in prompts.

    Attributes:
        kind: A plain word, or a pattern in RE2's syntax.
        text: The word as `canonical_word` gives it, or the pattern as it was typed.
        age_restricted: Whether it is allowed in age-restricted channels, and only there.
    """

    kind: WordKind
    text: str
    age_restricted: bool = False

    def stops(self, *, in_age_restricted: bool) -> bool:
        """Whether a prompt that meets it is refused in a channel that is for adults, or is not."""
        return not (self.age_restricted and in_age_restricted)


class WordNotUsableError(MemberError):
    """A word that would be found nowhere, or nearly everywhere.

    Attributes:
        given: What was typed.
        limit: What a word must be.
        next_step: What to do.
    """

    def __init__(self, *, given: str, limit: str, next_step: str) -> None:
        self.given, self.limit, self.next_step = given, limit, next_step
        super().__init__(
            _("`{given}` cannot be a blocked word: {limit}. {next_step}").format(
                given=shortened(given), limit=limit, next_step=next_step
            )
        )


class TooManyWordRulesError(MemberError):
    """The server has as many rules of this kind as it may have.

    Attributes:
        kind: Words or patterns.
        limit: How many.
    """

    def __init__(self, *, kind: str, limit: int) -> None:
        self.kind, self.limit = kind, limit
        super().__init__(
            (
                _(
                    "This server has {limit} blocked patterns, which is the most. Choose one to "
                    "take away with `/moderate words remove`."
                )
                if kind == WordKind.PATTERN
                else _(
                    "This server has {limit} blocked words, which is the most. Choose one to take "
                    "away with `/moderate words remove`."
                )
            ).format(limit=limit)
        )


def canonical_word(typed: str) -> str:
    """The one way to write a word: folded, its words parted by one space, a last ``*`` kept.

    Raises:
        WordNotUsableError: Too short or too long, or nothing but signs.
    """
    tokens = _tokens(plain(typed[: WORD_MAX_CHARACTERS + 1]))
    is_spelled = all(len(token) == 1 for token in tokens)
    is_unspaced = any(_HAS_UNSPACED.search(token) for token in tokens)
    word = ("" if is_spelled or is_unspaced else " ").join(tokens)
    if max(len(typed), len(word)) > WORD_MAX_CHARACTERS:
        limit = _("it is longer than {count} characters").format(count=WORD_MAX_CHARACTERS)
        raise WordNotUsableError(given=typed, limit=limit, next_step=_("Shorten it."))
    if is_unspaced:
        return word
    begins = typed.rstrip().endswith("*")
    least = BEGINNING_MIN_CHARACTERS if begins else WORD_MIN_CHARACTERS
    if len(word) < least:
        limit = _("it needs at least {least} letters or digits").format(least=least)
        next_step = _("Use a pattern for signs and emoji.")
        raise WordNotUsableError(given=typed, limit=limit, next_step=next_step)
    return word + "*" if begins else word


class BlockedWords:
    """The words of one server, ready to be found. Finding is linear in words and in the prompt."""

    def __init__(self, words: Iterable[str]) -> None:
        """Get ready.

        Args:
            words: As `canonical_word` gives them.
        """
        self._words = tuple(words)
        self._needles = [[_needle(word, read(word)) for word in self._words] for read in READINGS]

    def found_in(self, prompt: str) -> list[str]:
        """The words that a prompt has in one reading or another, in the order given."""
        found: set[str] = set()
        for read, needles in zip(READINGS, self._needles, strict=True):
            if needles:
                text = _haystack(read(prompt))
                found.update(needle.word for needle in needles if needle.is_in(text))
        return [word for word in self._words if word in found]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Haystack:
    """One reading of a prompt. Of the first two, each word has a space before and after it.

    Attributes:
        said: The words in a row; then those that signs part, without the signs.
        stretched: Those in which a letter is said three times or more, with each letter once.
        spelled: Letters that stand alone, joined; one line for each row of them.
        unspaced: Everything, joined; one line for each clause.
    """

    said: str
    stretched: str
    spelled: str
    unspaced: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Needle:
    """One word in one reading: what is looked for in each text of a `_Haystack`; empty for none."""

    word: str
    said: str = ""
    stretched: str = ""
    spelled: str = ""
    unspaced: str = ""

    def is_in(self, text: _Haystack) -> bool:
        return (
            (self.said != "" and self.said in text.said)
            or (self.stretched != "" and self.stretched in text.stretched)
            or (self.spelled != "" and self.spelled in text.spelled)
            or (self.unspaced != "" and self.unspaced in text.unspaced)
        )


def _tokens(reading: str) -> list[str]:
    return _TOKEN.findall(reading)


def _needle(word: str, reading: str) -> _Needle:
    tokens = _tokens(reading)
    if _HAS_UNSPACED.search(reading):
        return _Needle(word=word, unspaced="".join(tokens))
    key = " ".join(tokens)
    end = "" if word.endswith("*") else " "
    is_spelled = len(tokens) == 1 and len(key) >= SPELLED_MIN_CHARACTERS
    return _Needle(
        word=word,
        said=f" {key}{end}",
        stretched=f" {_once(key)}{end}",
        spelled=key if is_spelled else "",
    )


def _haystack(reading: str) -> _Haystack:
    tokens = _tokens(reading)
    parted = [parts for chunk in _CHUNK.findall(reading) if len(parts := _tokens(chunk)) > 1]
    joined = ["".join(parts) for parts in parted]
    rows = groupby(tokens, key=lambda token: len(token) == 1)
    return _Haystack(
        said=f" {' '.join(tokens)} \n {' '.join(joined)} ",
        stretched=f" {' '.join(_once(t) for t in tokens + joined if _STRETCHED.search(t))} ",
        spelled="\n".join("".join(row) for alone, row in rows if alone),
        unspaced="\n".join("".join(_tokens(clause)) for clause in _CLAUSE_END.split(reading)),
    )


def _once(text: str) -> str:
    """Each letter once where it stands several times in a row."""
    return _REPEATED.sub(r"\1", text)
