"""Blocked words: found however they are written, and not in what only looks like them."""
# ruff: noqa: RUF001  # disguised letters are what it is about

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.confusables import BEFORE_CASE, LETTERS, SIGNS
from bot.domain.words import BlockedWords, WordNotUsableError, canonical_word

WORDS = st.text(string.ascii_lowercase, min_size=3, max_size=12)
ACCENTS = "\u0300\u0301\u0308\u0327\u0336\u0338"
HIDDEN = "\u200b\u200d\u2060\ufeff\u00ad\u034f\ufe0f\u202e"
FULL_WIDTH = {ord(letter): ord(letter) + 0xFEE0 for letter in string.ascii_letters}
LOOKS: dict[str, list[str]] = {}
for look, letter in (BEFORE_CASE | LETTERS | SIGNS).items():
    LOOKS.setdefault(letter, []).append(chr(look))


def is_in(word: str, prompt: str) -> bool:
    return BlockedWords([canonical_word(word)]).found_in(prompt) == [canonical_word(word)]


def disguised(word: str, data: st.DataObject) -> str:
    """The word, each letter in a case, font, accent and hidden company of its own."""
    letters: list[str] = []
    for letter in word:
        looks = [letter, letter.upper(), *LOOKS.get(letter, [])]
        looks += [look.translate(FULL_WIDTH) for look in looks[:2]]
        shown = data.draw(st.sampled_from(looks))
        letters.append(shown + data.draw(st.text(ACCENTS + HIDDEN, max_size=2)))
    return "".join(letters)


@given(word=WORDS, data=st.data())
def test_a_word_is_found_in_any_case_font_accent_script_and_company(
    word: str, data: st.DataObject
) -> None:
    prompt = f"A calm, {disguised(word, data)} sea"
    assert is_in(word, prompt), ascii(prompt)


@given(word=WORDS, separator=st.sampled_from([" ", ".", "-", "_", " . ", "/", "*", "…", "\u2800"]))
def test_a_word_is_found_with_signs_between_its_letters(word: str, separator: str) -> None:
    assert is_in(word, f"Some {separator.join(word)} words")


@given(word=WORDS, cut=st.integers(1, 11), sign=st.sampled_from(".-_/*~"))
def test_a_word_is_found_with_a_sign_in_its_middle(word: str, cut: int, sign: str) -> None:
    assert is_in(word, f"Some {word[:cut]}{sign}{word[cut:]} words")


@given(word=WORDS, at=st.integers(0, 11), times=st.integers(3, 20))
def test_a_word_is_found_with_a_letter_stretched(word: str, at: int, times: int) -> None:
    at %= len(word)
    assert is_in(word, f"Some {word[:at]}{word[at] * times}{word[at + 1 :]} words")


@given(word=WORDS, before=WORDS, after=st.text(string.ascii_lowercase, max_size=9))
def test_a_part_of_a_longer_word_is_not_the_word(word: str, before: str, after: str) -> None:
    prompt = f"A {before}{word}{after}, and so on"
    # Stretched, it may be the word after all: "b" + "aad" where "baad" is blocked.
    if len(set(before + word + after)) == len(before + word + after):
        assert not is_in(word, prompt)


@given(typed=st.text(max_size=60))
def test_a_word_has_one_way_to_be_written_and_is_found_in_it(typed: str) -> None:
    try:
        word = canonical_word(typed)
    except WordNotUsableError:
        return
    assert canonical_word(word) == word
    assert is_in(word, f"A {word.rstrip('*')} here")


@pytest.mark.parametrize(
    ("word", "prompt"),
    [
        ("ass", "A classic assassin in a glass"),
        ("cunt", "A street in Scunthorpe"),
        ("sex", "Essex, Sussex and Middlesex"),
        ("hell", "he'll swim, she’ll see shells"),
        ("hell", "Hello, Michelle"),
        ("cock", "A peacock, a cocktail, a cockpit"),
        ("rapist", "A therapist"),
        ("tit", "The Titanic; a title"),
        ("ass", "455 steps at 4.55"),
        ("bad word", "A word so bad"),
        ("bad word", "bad words"),
        ("ban", "b and c"),
        ("god", "A good dog"),
        ("कि", "की"),
        ("ばか", "はか"),
        ("色情", "景色，情人。"),
        ("bad", ""),
    ],
)
def test_what_only_looks_like_a_word_passes(word: str, prompt: str) -> None:
    assert not is_in(word, prompt)


@pytest.mark.parametrize(
    ("word", "prompt"),
    [
        ("ass*", "An assassin"),
        ("ass*", "A$$hole"),
        ("bad day", "Such a BAD  day!"),
        ("bad day", "bad-day"),
        ("bad da*", "bad days"),
        ("badword", "bad-word"),
        ("b.a.d", "bad"),
        ("Bad!", "bad"),
        ("h3ll", "hell on earth"),
        ("сука", "Сука"),
        ("сука", "cyka"),
        ("νερό", "ΝΕΡΟ"),
        ("色情", "一部色情电影"),
        ("色情", "色.情，色 情"),
        ("ばか", "おまえはばかだ"),
        ("bad", "我喜欢bad东西"),
        ("赌", "赌"),
        ("88", "88"),
        ("pot", "рот"),  # the price of seeing through letters that look alike
    ],
)
def test_a_word_is_found(word: str, prompt: str) -> None:
    assert is_in(word, prompt)


def test_all_words_of_a_prompt_are_named_in_the_order_of_the_rules() -> None:
    words = BlockedWords(["worst", "bad", "good", "worse"])
    assert words.found_in("b4d, worse, w.o.r.s.t") == ["worst", "bad", "worse"]
    assert BlockedWords([]).found_in("bad") == []


@pytest.mark.parametrize("typed", ["", "  ", "a", "!", "🍆", "a*", "ab*", "*", "\u200b", "x" * 61])
def test_a_word_that_would_be_found_nowhere_or_everywhere_is_refused(typed: str) -> None:
    with pytest.raises(WordNotUsableError):
        canonical_word(typed)


def test_a_word_that_grows_when_it_is_folded_is_measured_folded() -> None:
    with pytest.raises(WordNotUsableError, match="longer than 60"):
        canonical_word("\ufdfa" * 10)  # one sign, a whole sentence of letters
