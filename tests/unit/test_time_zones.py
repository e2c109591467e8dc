from __future__ import annotations

import pytest

from bot.services.time_zones import zone_meant, zones_like


@pytest.mark.parametrize("typed", ["Europe/Berlin", "europe/berlin", " EUROPE/BERLIN "])
def test_a_zone_is_known_however_it_is_written(typed: str) -> None:
    assert zone_meant(typed) == "Europe/Berlin"
    assert zone_meant("america/new york") == "America/New_York"
    assert zone_meant("Berlin") is None


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Berlin", ["Europe/Berlin"]),
        ("Europe/Berln", ["Europe/Berlin"]),
        ("Tokio", ["Asia/Tokyo"]),
        ("new york", ["America/New_York"]),
        ("Beijing", []),
        ("x" * 4000, []),
    ],
)
def test_a_zone_that_is_none_is_answered_with_those_like_it(typed: str, meant: list[str]) -> None:
    assert zones_like(typed, limit=3)[: len(meant)] == meant
    assert meant or zones_like(typed, limit=3) == []
