"""Patterns of moderators: no way to make the bot slow, and a reason for each refusal."""
# ruff: noqa: RUF001  # disguised letters are what it is about

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.services.word_patterns import (
    PATTERN_MAX_CHARACTERS,
    PATTERN_MAX_STEPS,
    PatternNotUsableError,
    WordPattern,
    pattern_texts,
)


def is_in(pattern: str, prompt: str) -> bool:
    return WordPattern(pattern).is_in(pattern_texts(prompt))


@pytest.mark.parametrize(
    ("pattern", "prompt"),
    [
        (r"\b(gun|knife)s?\b", "Two KNIVES, two guns"),
        ("blood.{0,20}everywhere", "Blood is everywhere"),
        ("🍆|🍑", "A 🍑"),
        ("bad", "ｂａｄ"),
        ("bad", "b\u200bad"),
        ("bad", "b\u0430d"),  # Cyrillic
        ("b\u200bad", "bad"),
        ("ｂａｄ", "bad"),
        ("[\u0400-\u04ff]", "\u0440"),
        ("色.?情", "色-情"),
        (r"\C", "é"),
        ("^a", "A calm sea"),
    ],
)
def test_a_pattern_is_found(pattern: str, prompt: str) -> None:
    assert is_in(pattern, prompt)


@pytest.mark.parametrize(
    ("pattern", "prompt"),
    [(r"\bgun\b", "A gunner"), ("bad", "A good day"), ("a.c", ""), (r"\.", "a"), ("bad", "\ud800")],
)
def test_a_pattern_is_not_found_in_something_else(pattern: str, prompt: str) -> None:
    assert not is_in(pattern, prompt)


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("a(b", "a `(` is not closed"),
        ("a)b", "a `)` closes nothing"),
        ("[a", "a `[` is not closed"),
        ("*a", "nothing before"),
        ("a**", "follow each other"),
        ("(?=a)b", "looks ahead or behind"),
        ("(?<!a)b", "looks ahead or behind"),
        (r"(a)\1", "means nothing with it here"),
        ("a\\", "ends with a lone"),
        ("a{1001}", "repeats something too often"),
        ("(?P<a", "RE2 says: invalid named capture group"),
        ("(a{100}){100}", "repeats something too often"),
        (r"(?:[a-z ]{0,30}){0,20}q", "it would take too long"),
        (r"(\pL{30}){5}", "it would take too long"),
        ("x" * (PATTERN_MAX_CHARACTERS + 1), "longer than 100"),
    ],
)
def test_a_pattern_that_cannot_be_used_is_refused_in_words(pattern: str, why: str) -> None:
    with pytest.raises(PatternNotUsableError) as refused:
        WordPattern(pattern)
    assert why in str(refused.value)


@pytest.mark.parametrize("pattern", ["", " ", "x*", "^", "$", r"\b", r"\B|bad", "bad|", "\u200b"])
def test_a_pattern_that_would_stop_every_prompt_is_refused(pattern: str) -> None:
    with pytest.raises(PatternNotUsableError, match="every prompt"):
        WordPattern(pattern)


@given(text=st.text(st.one_of(st.sampled_from("ab.*+?()[]{}|\\^$0,9-Pp"), st.characters())))
def test_whatever_is_typed_is_refused_or_bounded(text: str) -> None:
    try:
        pattern = WordPattern(text)
    except PatternNotUsableError as refused:
        assert str(refused).endswith(".")  # noqa: PT017  # most of what is typed here is refused
        return
    assert pattern.steps <= PATTERN_MAX_STEPS
    assert len(pattern.text) <= PATTERN_MAX_CHARACTERS
    assert not pattern.is_in(pattern_texts(""))
    assert WordPattern(pattern.text).text == pattern.text


@pytest.mark.parametrize(
    "pattern", [r"(a+)+$", r"(a|aa)+$", r"(.*a){12}c", r"(a*)*c", r"([a-z]+)*\d", r"(x+x+)+y"]
)
def test_what_takes_others_for_ever_takes_few_steps_per_character(pattern: str) -> None:
    prompt = "a" * 4000 + "!"
    if pattern.endswith("$"):
        prompt += "b"
    assert not is_in(pattern, prompt)
    assert WordPattern(pattern).steps < 200
