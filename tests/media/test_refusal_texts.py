"""What the child says of an image is said in words that members read."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from bot.domain.language import Language
from bot.languages import speaking
from media import refusal_texts, sniff


def test_every_kind_of_file_that_can_be_recognised_has_its_words() -> None:
    said = {
        node.value
        for node in ast.walk(ast.parse(Path(sniff.__file__).read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    kinds = {text for text in said if re.match("an? ", text)} | {"text"}
    assert kinds == set(refusal_texts.KINDS)


@pytest.mark.parametrize(
    ("told", "japanese"),
    [
        ("is animated", "アニメーションです"),
        ("has 60 megapixels; the most is 50", "60 メガピクセルあります。上限は 50 です"),
        (
            "is 8x8, smaller than 64 pixels on a side",
            "8x8 で、一辺が 64 ピクセル未満です",
        ),
        (
            "is larger than 10.0 MB even as a small JPEG",
            "小さい JPEG にしても 10.0 MB を超えます",
        ),
        ("Crop it.", "切り抜いてください。"),
    ],
)
def test_a_refusal_is_told_in_the_language_that_is_spoken(told: str, japanese: str) -> None:
    assert refusal_texts.in_words(told) == told
    with speaking(Language.JAPANESE):
        assert refusal_texts.in_words(told) == japanese


@pytest.mark.parametrize(
    "told", ["{told}", "is {0.__class__}", "has {x:>999999999} megapixels", ""]
)
def test_what_a_hostile_child_says_is_no_form_to_be_filled_in(told: str) -> None:
    assert refusal_texts.in_words(told) == told


def test_a_kind_of_file_is_told_in_the_same_language() -> None:
    with speaking(Language.JAPANESE):
        told = refusal_texts.in_words("is not a PNG, JPEG, WebP or GIF; it looks like a web page")
    assert "Web ページ" in told
