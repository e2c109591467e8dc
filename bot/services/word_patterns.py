r"""Patterns of moderators, by RE2, which never goes back: matching is linear in the prompt.

What a match may take is bounded where the pattern is made: steps per character of the prompt, and
memory. Patterns that need going back (look-around, ``\1``) do not exist in RE2, and are refused
with what is wrong in words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import re2

from bot.domain.errors import MemberError
from bot.domain.folding import lookalike, visible
from bot.domain.language import N_, _
from bot.domain.validation import shortened

if TYPE_CHECKING:
    from collections.abc import Iterable

_RE2: Any = re2  # it ships no types
PATTERN_MAX_CHARACTERS = 100  # what Discord's suggestions can carry
PATTERN_MAX_STEPS = 2_000  # of the compiled program: the most done per character of a prompt
PATTERN_MAX_BYTES = 256 * 1024  # RE2's own use of memory
# A pattern that is found in one of these with nothing of it would be found in every prompt.
NOTHING_IN = (b"", b"a", b"a b", b" ")
# How RE2's refusals begin, and the same in words.
REFUSALS = {
    "missing )": N_("a `(` is not closed"),
    "unexpected )": N_("a `)` closes nothing"),
    "missing ]": N_("a `[` is not closed"),
    "missing argument to repetition": N_("there is nothing before a `*`, `+` or `?` to repeat"),
    "no argument for repetition": N_("there is nothing before a `*`, `+` or `?` to repeat"),
    "bad repetition operator": N_("two of `*`, `+` and `?` follow each other"),
    "invalid repetition size": N_("it repeats something too often"),
    "invalid perl operator": N_("it looks ahead or behind with `(?`, which is not possible here"),
    "invalid escape sequence": N_("a `\\` stands before something that means nothing with it here"),
    "trailing \\": N_("it ends with a lone `\\`"),
    "invalid character class range": N_("a range in `[ ]` has no such characters"),
    "pattern too large": N_("it is too large"),
}


class PatternNotUsableError(MemberError):
    """A pattern that RE2 does not take, or that would be found in every prompt.

    Attributes:
        given: The pattern.
        limit: What is wrong with it.
        next_step: What to do.
    """

    def __init__(self, *, given: str, limit: str, next_step: str) -> None:
        self.given, self.limit, self.next_step = given, limit, next_step
        super().__init__(
            _("`{given}` cannot be a pattern: {limit}. {next_step}").format(
                given=shortened(given), limit=limit, next_step=next_step
            )
        )


class WordPattern:
    """One pattern, ready to be found."""

    def __init__(self, text: str) -> None:
        """Compile it.

        Args:
            text: In RE2's syntax. Case never matters, nor do characters that show nothing.

        Raises:
            PatternNotUsableError: Says what is wrong.
        """
        self.text = text = visible(text).strip()
        if len(text) > PATTERN_MAX_CHARACTERS:
            limit = _("it is longer than {count} characters").format(count=PATTERN_MAX_CHARACTERS)
            raise PatternNotUsableError(given=text, limit=limit, next_step=_("Shorten it."))
        self._compiled: Any = _compiled(text)
        if self._compiled.programsize > PATTERN_MAX_STEPS:
            raise _too_large(text)
        if any(self._is_empty_in(probe) for probe in NOTHING_IN):
            raise PatternNotUsableError(
                given=text,
                limit=_("it is found where nothing stands, so it would stop every prompt"),
                next_step=_("Try `+` in place of `*`, or leave the optional part out."),
            )

    @property
    def steps(self) -> int:
        """The most that is done per character of a prompt, to `PATTERN_MAX_STEPS`."""
        return int(self._compiled.programsize)

    def is_in(self, texts: Iterable[bytes]) -> bool:
        """Whether it is found in one of a prompt's `pattern_texts`."""
        return any(self._compiled.search(text) is not None for text in texts)

    def _is_empty_in(self, probe: bytes) -> bool:
        found = self._compiled.search(probe)
        return found is not None and found.start() == found.end()


def pattern_texts(prompt: str) -> tuple[bytes, bytes]:
    """What patterns are looked for in: the prompt as it is seen, and with look-alikes as Latin."""
    return visible(prompt).encode(), lookalike(prompt).encode()


def _compiled(text: str) -> Any:  # noqa: ANN401  # of a library without types
    options = _RE2.Options()
    options.case_sensitive = False
    options.log_errors = False  # a refusal is told to who typed it, and a log needs no patterns
    options.max_mem = PATTERN_MAX_BYTES
    options.never_capture = True
    try:
        return _RE2.compile(text.encode(), options)
    except _RE2.error as exc:
        raise _refusal(text, exc) from None


def _refusal(text: str, error: Exception) -> PatternNotUsableError:
    told = error.args[0]
    detail = told.decode(errors="replace") if isinstance(told, bytes) else str(told)
    if detail.startswith("pattern too large"):
        return _too_large(text)
    limit = next(
        (_(words) for begin, words in REFUSALS.items() if detail.startswith(begin)),
        _("RE2 says: {detail}").format(detail=shortened(detail)),
    )
    return PatternNotUsableError(
        given=text, limit=limit, next_step=_("Try it without that, or use plain words.")
    )


def _too_large(text: str) -> PatternNotUsableError:
    return PatternNotUsableError(
        given=text,
        limit=_("it would take too long to look for"),
        next_step=_("Try several smaller ones, or smaller numbers in `{ }`."),
    )
