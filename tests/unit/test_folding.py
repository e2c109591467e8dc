"""What a prompt reads as, however it is written."""
# ruff: noqa: RUF001  # disguised letters are what it is about

from __future__ import annotations

import string
import unicodedata
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.confusables import BEFORE_CASE, LETTERS, SIGNS
from bot.domain.folding import READINGS, leet, lookalike, plain, visible

if TYPE_CHECKING:
    from collections.abc import Callable

# Everything that Unicode has, and more often that which folds do something with.
SPECIAL = [chr(look) for look in BEFORE_CASE | LETTERS | SIGNS]
TEXT = st.text(
    st.one_of(st.characters(), st.sampled_from(SPECIAL), st.sampled_from("aI01@$!|\u0301\u200b "))
)


@pytest.mark.parametrize("fold", [visible, *READINGS])
@given(text=TEXT)
def test_folding_twice_is_folding_once(fold: Callable[[str], str], text: str) -> None:
    folded = fold(text)
    assert fold(folded) == folded


@pytest.mark.parametrize("fold", [visible, *READINGS])
@given(text=TEXT)
def test_nothing_that_shows_nothing_is_left(fold: Callable[[str], str], text: str) -> None:
    left = {unicodedata.category(character)[0] for character in fold(text)}
    assert "C" not in left


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("BAD", "bad"),
        ("bád ḅạḍ b̸a̷d̶", "bad bad bad"),
        ("ｂａｄ 𝓫𝓪𝓭 ⓑⓐⓓ ᵇᵃᵈ", "bad bad bad bad"),
        ("🇧🇦🇩 🅑🅐🅓 🅱🅰🅳", "bad bad bad"),
        ("b\u200ba\u2060d b\u00ada\u034fd\ufe0f \u202ebad\u202c", "bad bad bad"),
        ("b\u3164a\uffa0d", "bad"),  # Hangul's blanks are letters to Unicode
        ("b\u0941ad", "bad"),  # another script's mark is an ornament here
        ("Straße ﬁne", "strasse fine"),
        ("a\u00a0b\u2003c\nd\te", "a b c d e"),
        ("\x00b\x1bad\ud800", "bad"),
        ("سُكَّر שָׁלוֹם", "سكر שלום"),  # points that a reader may leave out
        ("कि की", "कि की"),  # marks that make another syllable
        ("か が ｶﾞ", "か が ガ"),
        ("개새끼", "개새끼"),
    ],
)
def test_the_plain_reading_has_no_case_font_accent_or_hidden_character(
    text: str, read: str
) -> None:
    assert plain(text) == unicodedata.normalize("NFC", read)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("ѕех ЅЕХ", "sex sex"),  # Cyrillic
        ("роrn", "porn"),
        ("αsѕ ΗΟΤ ηot", "ass hot not"),  # Greek: a capital looks like another letter
        ("ʙᴀᴅ ꜱᴇx", "bad sex"),
        ("ᎪᏚᏚ ꭺꮪꮪ", "ass ass"),  # Cherokee, both cases
        ("øł æ", "ol ae"),
        ("heʼll", "he'll"),
        ("日本 ж", "日本 ж"),
    ],
)
def test_a_letter_that_looks_like_a_latin_one_is_read_as_that(text: str, read: str) -> None:
    assert lookalike(text) == read


@pytest.mark.parametrize(
    ("text", "one", "read"),
    [
        ("b4d @ss a$$ 5h0t 7i75", "i", "bad ass ass shot tits"),
        ("k1ll sh!t d|ck", "i", "kill shit dick"),
        ("s1ut s!ut he||", "l", "slut slut he||"),
        ("1080 455 5.5 $5 @", "i", "1080 455 5.5 $5 @"),
        ("stop! who? me|", "i", "stop! who? me|"),
    ],
)
def test_a_digit_is_a_letter_only_beside_letters(text: str, one: str, read: str) -> None:
    assert leet(text, one) == read


def test_what_looks_alike_is_never_read_as_something_that_looks_alike() -> None:
    read_as = {letter for table in (BEFORE_CASE, LETTERS, SIGNS) for letter in table.values()}
    assert set("".join(read_as)) <= {*string.ascii_lowercase, "'"}
    assert not {chr(look) for look in BEFORE_CASE | LETTERS | SIGNS} & set(string.printable)


@pytest.mark.parametrize("table", [BEFORE_CASE, LETTERS, SIGNS])
def test_every_line_of_the_tables_does_what_it_says(table: dict[int, str]) -> None:
    assert {look: lookalike(chr(look)) for look in table} == table


@given(text=st.text(st.sampled_from("αвсBad \u0301Ａ"), max_size=200))
def test_a_fold_makes_no_text_much_longer(text: str) -> None:
    assert all(len(fold(text)) <= 2 * len(text) for fold in READINGS)
