"""What a model's maker says that it handles badly, held against one prompt, before money is spent.

Only what is sure is told: a note that is wrong once is not read the next time.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.domain.language import N_, _

if TYPE_CHECKING:
    from bot.domain.capability import Capability

OTHER_LETTERS = N_(
    "{title} is made for prompts in {languages} alone, says its maker. "
    "Yours is mostly in other letters."
)
TOO_SHORT = N_(
    "{title} wants detailed prompts, says its maker, whose examples have {wanted} words and more. "
    "Yours has {count}."
)
CUT = N_(
    "{title} reads {tokens} tokens of a prompt, which is less than your {count} words: "
    "what stands after that may be ignored."
)


class PromptLanguage(StrEnum):
    """A language that a maker names for prompts, by its English name."""

    ENGLISH = "English"
    CHINESE = "Chinese"


NAMES = {PromptLanguage.ENGLISH: N_("English"), PromptLanguage.CHINESE: N_("Chinese")}
# How Unicode names the letters of each begin.
SCRIPTS = {PromptLanguage.ENGLISH: "LATIN", PromptLanguage.CHINESE: "CJK"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptAdvice:
    """What a model's maker says of prompts that it handles badly; empty where it says nothing.

    Attributes:
        languages: Those that it is made for, alone.
        words: Of the longest prompt that its maker shows as too short, and of the shortest one that
            it shows as right.
        tokens_max: The text is cut after so many tokens, its end mark among them.
        sources: Where each of these is written down.
        checked_on: The day on which that was read.
    """

    languages: tuple[PromptLanguage, ...] = ()
    words: tuple[int, int] | None = None
    tokens_max: int | None = None
    sources: tuple[str, ...]
    checked_on: str


def notes_on(prompt: str, capability: Capability) -> tuple[str, ...]:
    """What a member should know of their prompt before a model gets it, a sentence or two each.

    Nothing of a model whose maker documents no weakness.
    """
    advice, title = capability.prompt_advice, capability.title
    if advice is None or not prompt:
        return ()
    count, notes = len(prompt.split()), list[str]()
    if advice.languages and _is_foreign(prompt, advice.languages):
        names = _(" and ").join(_(NAMES[language]) for language in advice.languages)
        notes.append(_(OTHER_LETTERS).format(title=title, languages=names))
    elif advice.words is not None and count <= advice.words[0] and _is_in_words(prompt):
        notes.append(_(TOO_SHORT).format(title=title, wanted=advice.words[1], count=count))
    # No token spans two words, and the end is marked by one more.
    if advice.tokens_max is not None and count + 1 > advice.tokens_max:
        notes.append(_(CUT).format(title=title, tokens=advice.tokens_max, count=count))
    return tuple(notes)


def _is_foreign(prompt: str, languages: tuple[PromptLanguage, ...]) -> bool:
    """Whether a prompt is mostly in letters that none of these languages has."""
    known = tuple(SCRIPTS[language] for language in languages)
    letters = _letters(prompt)
    foreign = sum(not name.startswith(known) for name in letters)
    return foreign * 2 > len(letters)


def _is_in_words(prompt: str) -> bool:
    """Whether spaces are between the words of a prompt for sure, so that they can be counted."""
    return all(name.startswith(SCRIPTS[PromptLanguage.ENGLISH]) for name in _letters(prompt))


def _letters(prompt: str) -> list[str]:
    """The letters of a prompt, whatever their font, by Unicode's names."""
    compatible = unicodedata.normalize("NFKC", prompt)
    return [unicodedata.name(sign, "") for sign in compatible if sign.isalpha()]
