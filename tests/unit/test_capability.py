"""A request is checked option by option; a refusal names option, limit and what was given."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.capability import Capability, Choice
from bot.domain.errors import InvalidOptionError
from bot.domain.money import Money
from bot.domain.request import Mode, VideoRequest
from bot.domain.validation import GIVEN_SHOWN_CHARACTERS, check_request, normalised_size
from providers.capabilities import capability_for

MODEL = capability_for("zai", "cogvideox-3")
PLAIN = VideoRequest(model=MODEL.model, prompt="A calm sea")
IMAGES = ("a" * 64, "b" * 64)


def refusal(request: VideoRequest, capability: Capability = MODEL) -> InvalidOptionError:
    with pytest.raises(InvalidOptionError) as caught:
        check_request(request, capability)
    return caught.value


@pytest.mark.parametrize("images", [(), IMAGES[:1], IMAGES], ids=["text", "one", "two"])
@pytest.mark.parametrize("size", [None, *MODEL.sizes])
@pytest.mark.parametrize("duration_s", [None, *MODEL.durations_s])
@pytest.mark.parametrize("fps", [None, *MODEL.fps])
def test_everything_in_the_table_passes(
    images: tuple[str, ...], size: str | None, duration_s: int | None, fps: int | None
) -> None:
    request = replace(
        PLAIN, images=images, size=size, duration_s=duration_s, fps=fps, with_audio=True
    )
    for quality in (None, *MODEL.values(Choice.QUALITY, request.mode)):
        check_request(replace(request, quality=quality), MODEL)


@pytest.mark.parametrize(
    ("change", "option", "limit", "given_back"),
    [
        ({"size": "640x480"}, "size", "`1280x720`, `720x1280`", "`640x480`"),
        ({"duration_s": 7}, "duration", "`5 s`, `10 s`", "`7 s`"),
        ({"fps": 24}, "fps", "`30`, `60`", "`24`"),
        ({"quality": "best"}, "quality", "`speed`, `quality`", "`best`"),
        ({"duration_s": -1}, "duration", "`5 s`, `10 s`", "`-1 s`"),
    ],
)
def test_each_option_outside_its_limit_is_named_with_limit_and_value(
    change: dict[str, Any], option: str, limit: str, given_back: str
) -> None:
    error = refusal(replace(PLAIN, **change))
    assert error.option == option
    assert str(error).startswith(f"`{option}`: CogVideoX-3 takes {limit}")
    assert f"you gave {given_back}. " in str(error)
    assert str(error).endswith("Choose one of these, or leave it out.")


def test_a_prompt_of_512_characters_passes_and_one_of_513_does_not() -> None:
    check_request(replace(PLAIN, prompt="ü" * 512), MODEL)
    error = refusal(replace(PLAIN, prompt="ü" * 513))
    assert str(error) == (
        "`prompt`: CogVideoX-3 takes at most 512 characters; you gave 513. Shorten it by 1."
    )


def test_no_prompt_needs_an_image() -> None:
    check_request(replace(PLAIN, prompt="", images=IMAGES[:1]), MODEL)
    error = refusal(replace(PLAIN, prompt=""))
    assert error.option == "prompt"
    assert str(error).endswith("Describe what should happen in the video.")


def test_two_images_take_only_the_faster_quality() -> None:
    check_request(replace(PLAIN, images=IMAGES, quality="speed"), MODEL)
    check_request(replace(PLAIN, images=IMAGES[:1], quality="quality"), MODEL)
    error = refusal(replace(PLAIN, images=IMAGES, quality="quality"))
    assert str(error) == (
        "`quality`: with first and last frame CogVideoX-3 takes only `speed`; "
        "you gave `quality`. Leave `quality` out, or leave one image out."
    )


@pytest.mark.parametrize(
    ("lacking", "request_", "option"),
    [
        ({"sizes": ()}, replace(PLAIN, size="1280x720"), "size"),
        ({"fps": ()}, replace(PLAIN, fps=30), "fps"),
        ({"qualities": ()}, replace(PLAIN, quality="speed"), "quality"),
        ({"durations_s": ()}, replace(PLAIN, duration_s=5), "duration"),
        ({"audio": False}, replace(PLAIN, with_audio=True), "audio"),
        ({"modes": (Mode.TEXT,)}, replace(PLAIN, images=IMAGES[:1]), "image"),
        ({"modes": (Mode.TEXT,)}, replace(PLAIN, images=IMAGES), "last_image"),
    ],
    ids=["size", "fps", "quality", "duration", "audio", "image", "last image"],
)
def test_what_a_model_lacks_is_refused_by_name(
    lacking: dict[str, Any], request_: VideoRequest, option: str
) -> None:
    capability = replace(MODEL, **lacking)
    error = refusal(request_, capability)
    assert error.option == option
    assert MODEL.title in error.limit
    assert error.next_step.endswith(".")


@given(st.text(max_size=300))
def test_whatever_is_given_as_a_size_is_shown_short_and_in_one_code_span(text: str) -> None:
    if normalised_size(text) in MODEL.sizes:
        return
    shown = refusal(replace(PLAIN, size=normalised_size(text))).given
    assert shown.count("`") == 2
    assert len(shown) <= GIVEN_SHOWN_CHARACTERS + 2


@pytest.mark.parametrize(
    ("typed", "size"),
    [
        ("1280x720", "1280x720"),
        (" 1280 X 720 ", "1280x720"),
        ("1280*720", "1280x720"),
        ("1280\u00d7720", "1280x720"),
        (" 720p ", "720p"),
        ("x", "x"),
    ],
)
def test_a_size_is_read_as_people_write_it(typed: str, size: str) -> None:
    assert normalised_size(typed) == size


@pytest.mark.parametrize(
    ("micros", "text"),
    [
        (200_000, "USD 0.20"),
        (0, "USD 0.00"),
        (1_000_000, "USD 1.00"),
        (12_500_000, "USD 12.50"),
        (100_000_000, "USD 100.00"),
        (1, "USD 0.000001"),
        (1_234_560, "USD 1.23456"),
    ],
)
def test_money_is_written_with_at_least_two_places(micros: int, text: str) -> None:
    assert str(Money(micros=micros, currency="USD")) == text


@given(st.integers(min_value=0, max_value=10**12))
def test_money_as_text_is_exact(micros: int) -> None:
    whole, part = str(Money(micros=micros, currency="USD")).removeprefix("USD ").split(".")
    assert int(whole) * 1_000_000 + int(part.ljust(6, "0")) == micros
    assert 2 <= len(part) <= 6
