"""What the doctor makes of Discord's answers that the playground does not give."""

from __future__ import annotations

import pytest

from bot.doctor.discord_side import application_found, gateway_found


def test_commands_that_discord_sends_elsewhere_are_told() -> None:
    found = [*application_found({"name": "x", "interactions_endpoint_url": "https://x.example"})]
    assert "Interactions Endpoint URL" in found[-1].said


@pytest.mark.parametrize(
    ("left", "shards", "said"),
    [(0, 1, "no connection is left"), (5, 1, "5 connections"), (900, 3, "3 shards")],
)
def test_connections_that_run_out_are_told(left: int, shards: int, said: str) -> None:
    limit = {"remaining": left, "reset_after": 7_200_000}
    [found] = gateway_found({"session_start_limit": limit, "shards": shards})
    assert said in found.said
    assert found.mend
