from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest

from bot.domain.capability import Capability, Choice, images_taken
from bot.domain.errors import InvalidOptionError
from bot.domain.request import Mode, VideoRequest
from bot.domain.validation import check_request
from providers.capabilities import CAPABILITIES, capability_for
from providers.gateways import GATEWAYS

EVERY_ROW = pytest.mark.parametrize(
    "row", CAPABILITIES, ids=lambda row: f"{row.gateway}-{row.model}"
)


def test_no_two_rows_speak_of_the_same_model_at_the_same_gateway() -> None:
    keys = [(row.gateway, row.model) for row in CAPABILITIES]
    assert len(keys) == len(set(keys))


@EVERY_ROW
def test_a_row_is_found_by_its_gateway_and_model(row: Capability) -> None:
    assert capability_for(row.gateway, row.model) is row


@EVERY_ROW
def test_every_row_names_a_price_and_public_sources(row: Capability) -> None:
    assert row.price is None or (row.price.micros >= 0 and row.price.currency)
    assert row.sources
    for source in row.sources:
        assert urlsplit(source).scheme == "https"


@EVERY_ROW
def test_every_mode_has_a_request_that_passes_with_every_default(row: Capability) -> None:
    assert row.modes
    for mode in row.modes:
        least, most = images_taken(row, mode)
        for count in range(least, most + 1):
            check_request(request_with_defaults(row, mode, count), row)


def request_with_defaults(row: Capability, mode: Mode, count: int) -> VideoRequest:
    def first(choice: Choice) -> Any:  # noqa: ANN401  # each option has its own type
        return next(iter(row.values(choice, mode)), None)

    inputs = tuple(f"artifact-{number}" for number in range(count))
    references = mode is Mode.REFERENCES
    return VideoRequest(
        model=row.model,
        prompt="a lighthouse at dusk",
        images=() if references else inputs,
        references=inputs if references else (),
        size=first(Choice.SIZE),
        duration_s=first(Choice.DURATION),
        fps=first(Choice.FPS),
        quality=first(Choice.QUALITY),
        aspect_ratio=first(Choice.ASPECT_RATIO),
        style=first(Choice.STYLE),
        movement=first(Choice.MOVEMENT),
        with_audio=row.audio,
    )


@EVERY_ROW
def test_a_row_takes_images_where_a_mode_of_it_does_and_as_the_jpegs_that_we_send(
    row: Capability,
) -> None:
    takes_images = set(row.modes) != {Mode.TEXT}
    assert (row.images is not None) == takes_images
    assert row.images is None or "JPEG" in row.images.formats
    assert set(row.needs_words) <= set(row.modes)


def test_every_gateway_of_the_table_has_an_address_and_the_default_model() -> None:
    assert {row.gateway for row in CAPABILITIES} == GATEWAYS.keys()
    for gateway in GATEWAYS.values():
        assert urlsplit(gateway.base_url).scheme == "https"
        assert capability_for(gateway.name, "cogvideox-3").title == "CogVideoX-3"


def test_first_and_last_frame_with_cogvideox_3_takes_speed_only() -> None:
    row = capability_for("zai", "cogvideox-3")
    request = VideoRequest(model=row.model, prompt="", images=("a", "b"), quality="quality")
    with pytest.raises(InvalidOptionError, match=r"`quality`: with first and last frame"):
        check_request(request, row)


def test_an_unknown_model_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(LookupError, match="there is cogvideox-3, viduq1-text"):
        capability_for("zai", "sora")
