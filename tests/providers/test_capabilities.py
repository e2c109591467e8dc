from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from bot.domain.capability import Capability, check_request
from bot.domain.errors import InvalidOptionError
from bot.domain.request import Mode, VideoRequest
from providers.capabilities import CAPABILITIES, capability_for

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
    assert row.price.micros >= 0
    assert row.price.currency
    assert row.sources
    for source in row.sources:
        assert urlsplit(source).scheme == "https"


@EVERY_ROW
def test_every_mode_has_a_request_that_passes_with_every_default(row: Capability) -> None:
    for images, mode in enumerate(Mode):
        if mode in row.modes:
            request = VideoRequest(
                model=row.model,
                prompt="a lighthouse at dusk",
                images=("artifact",) * images,
                size=row.sizes[0] if row.sizes else None,
                duration_s=row.durations_s[0] if row.durations_s else None,
                fps=row.fps[0] if row.fps else None,
                quality=row.qualities_for(mode)[0] if row.qualities else None,
            )
            check_request(request, row)


def test_first_and_last_frame_with_cogvideox_3_takes_speed_only() -> None:
    row = capability_for("zai", "cogvideox-3")
    request = VideoRequest(model=row.model, prompt="", images=("a", "b"), quality="quality")
    with pytest.raises(InvalidOptionError, match=r"`quality`: with first and last frame"):
        check_request(request, row)


def test_an_unknown_model_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(LookupError, match="there is cogvideox-3 at zai"):
        capability_for("zai", "sora")
