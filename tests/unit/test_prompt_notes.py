"""What a maker says that its model handles badly is told of a prompt, where it is sure."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.capability import Capability  # noqa: TC001  # pytest resolves it
from bot.domain.confirmation import Confirmation, ConfirmationNeededError
from bot.domain.job import Origin, Place
from bot.domain.money import Money
from bot.domain.prompt_notes import PromptAdvice, PromptLanguage, notes_on
from bot.domain.request import VideoRequest
from providers.capabilities import CAPABILITIES, OPEN_COGVIDEOX_PROMPTS, capability_for

HOSTED = capability_for("bigmodel", "cogvideox-flash")
OPEN = replace(HOSTED, title="An open one", prompt_advice=OPEN_COGVIDEOX_PROMPTS)
LONG_ENOUGH = "An old fisherman in a yellow coat pulls a net into a boat"
LETTERS = "is made for prompts in English alone, says its maker. Yours is mostly in other letters."
SHORT = "wants detailed prompts, says its maker, whose examples have 91 words and more."
CUT = "reads 226 tokens of a prompt, which is less than your"
# Its Latin letters as mathematical ones, which some people like to write with.
SCRIPT_FONT = "".join(
    chr(0x1D4EA + ord(sign) - ord("a")) if sign.islower() else sign for sign in LONG_ENOUGH
)
THAI = "\u0e41\u0e21\u0e27\u0e2a\u0e35\u0e2a\u0e49\u0e21"


@pytest.mark.parametrize(
    ("prompt", "told"),
    [
        pytest.param(LONG_ENOUGH, [], id="as the maker wants it"),
        pytest.param("Un vieux pêcheur tire son filet dans une barque à l'aube", [], id="Latin"),
        pytest.param("\u4e00\u53ea\u6a58\u732b\u5750\u5728\u7a97\u53f0\u4e0a", [LETTERS], id="Han"),
        pytest.param("\u306d\u3053\u304c\u8d70\u308b", [LETTERS], id="kana"),
        pytest.param("\uace0\uc591\uc774\uac00 \ub2ec\ub9b0\ub2e4", [LETTERS], id="Hangul"),
        pytest.param("Старый рыбак тянет сеть", [LETTERS], id="Cyrillic"),
        pytest.param(THAI, [LETTERS], id="a script without spaces"),
        pytest.param(SCRIPT_FONT, [], id="another font"),
        pytest.param(f"{LONG_ENOUGH}, \u98a8\u666f", [], id="a word of another script"),
        pytest.param("A man jogging on a football field", [SHORT], id="as few as the maker's"),
        pytest.param("A man jogging on a snowy football field", [], id="one word more"),
        pytest.param("\u732b runs", [], id="short, and not for sure"),
        pytest.param("🐈 🌧️ 1080", [SHORT], id="no letters"),
        pytest.param("word " * 225, [], id="just read whole"),
        pytest.param("word " * 226, [CUT], id="a word too many"),
        pytest.param("рыба " * 226, [LETTERS, CUT], id="both"),
        pytest.param("", [], id="an image alone"),
    ],
)
def test_a_note_is_told_where_it_is_sure(prompt: str, told: list[str]) -> None:
    notes = notes_on(prompt.strip(), OPEN)
    assert len(notes) == len(told)
    assert all(part in note for part, note in zip(told, notes, strict=True))
    assert all(note.startswith("An open one ") for note in notes)


def test_a_maker_may_name_several_languages() -> None:
    both = (PromptLanguage.ENGLISH, PromptLanguage.CHINESE)
    row = replace(
        HOSTED,
        prompt_advice=PromptAdvice(languages=both, sources=("here",), checked_on="2026-11-21"),
    )
    assert notes_on("\u4e00\u53ea\u732b", row) == notes_on("A cat", row) == ()
    (note,) = notes_on("Кот", row)
    assert "in English and Chinese alone" in note


@pytest.mark.parametrize("row", CAPABILITIES, ids=lambda row: f"{row.gateway}-{row.model}")
def test_no_maker_of_a_model_of_the_table_documents_a_weakness(row: Capability) -> None:
    """A row that gets advice takes its exception here, and its line in docs/models.md."""
    assert row.prompt_advice is None


@given(st.text(max_size=600))
def test_no_prompt_breaks_a_note_and_none_is_told_without_advice(prompt: str) -> None:
    assert notes_on(prompt, HOSTED) == ()
    assert len(notes_on(prompt, OPEN)) <= 2


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz ,.!'\u00e9\u00df", min_size=1, max_size=600))
def test_latin_letters_are_never_told_to_be_others(prompt: str) -> None:
    assert not [note for note in notes_on(prompt, OPEN) if LETTERS in note]


def question(price: Money | None, above: Money | None) -> str:
    asked = Confirmation(
        confirmation_id=1,
        request=VideoRequest(model="cogvideox-3", prompt="Кот"),
        user_id=10,
        place=Place(guild_id=1, channel_id=5, in_thread=False),
        origin=Origin.COMMAND,
        parent_job_id=None,
        price=price,
        expires_at=datetime(2026, 1, 15, tzinfo=UTC),
    )
    return str(ConfirmationNeededError(asked, above=above, notes=notes_on("Кот", OPEN)))


@pytest.mark.parametrize(
    ("price", "costs"),
    [
        (Money(micros=0, currency="CNY"), "It is free. Make it anyway?"),
        (Money(micros=200_000, currency="USD"), "up to **USD 0.20**. Make it anyway?"),
        (None, "What this video will cost is not known. Make it anyway?"),
    ],
)
def test_the_question_tells_the_note_and_the_cost(price: Money | None, costs: str) -> None:
    text = question(price, above=None)
    assert text.startswith("An open one is made for prompts in English alone")
    assert costs in text
    assert "this server asks" not in text
    both = question(price, above=Money(micros=0, currency="USD"))
    assert costs in both
    assert "this server asks about everything that may cost more than" in both
