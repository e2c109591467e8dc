"""A status message is edited for what a person can read, and for nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.e2e.house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_what_lasts_a_moment_is_not_shown(house: House) -> None:
    made = await house.video()
    said = await edits_of(house, made.status["id"])
    assert "is done" in said[-1]
    passing = ("is being handed", "is ready and on its way")
    assert not [text for text in said if any(words in text for words in passing)]
    assert len(said) <= 4, said


async def edits_of(house: House, message_id: str) -> list[str]:
    """What its status was changed into, but for the words that filled the first answer."""
    return [
        entry["body"]["request"]["content"]
        for entry in await house.log()
        if entry["summary"].startswith("PATCH") and f"/messages/{message_id}" in entry["summary"]
    ]
