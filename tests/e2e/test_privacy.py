"""A member sees what is kept of them, takes it along, and has it deleted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from cogs import clearing, put_off
from playground.person import button
from tests.e2e.crash_house import until

if TYPE_CHECKING:
    from tests.e2e.house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clearing, "SWEEP_S", 0.02)
    monkeypatch.setattr(put_off, "FIRST_WAIT_S", 0.02)


async def test_what_is_kept_is_shown_in_private(house: House) -> None:
    await house.video()
    begun = (await house.people.alice.command(house.lab, "privacy show"))["message"]
    assert begun["ephemeral"]
    shown = await house.reads(begun, "What I keep about you")
    assert "1 videos that you asked for" in shown["content"]
    assert "of 1 also your words and images" in shown["content"]
    others = (await house.people.bob.command(house.lab, "privacy show"))["message"]
    shown = await house.people.bob.see(
        house.lab, lambda seen: seen["id"] == others["id"] and bool(seen["content"])
    )
    assert "0 videos that you asked for" in shown["content"]


async def test_all_of_it_is_handed_out_as_a_file(house: House) -> None:
    await house.video()
    begun = (await house.people.alice.command(house.lab, "privacy export"))["message"]
    handed = await house.reads(begun, "Everything I keep about you")
    assert handed["ephemeral"]
    async with house.session.get(handed["attachments"][0]["url"]) as response:
        found = json.loads(await response.text())
    assert [video["request"]["prompt"] for video in found["videos"]] == [
        "A paper boat on a quiet lake"
    ]


async def test_deletion_is_asked_twice_and_takes_posts_files_and_words(house: House) -> None:
    alice = house.people.alice
    result = await house.video()
    (status,) = [seen for seen in await alice.messages(house.lab) if seen["author"]["bot"]]
    asked = (await alice.command(house.lab, "privacy delete"))["message"]
    assert asked["ephemeral"]
    assert "It cannot be undone" in asked["content"]
    assert await house.rows("SELECT withdrawn_at_ms FROM job") == [(None,)]

    pressed = await alice.click(asked, button(asked, "Delete all of it"))
    await house.reads(pressed["message"], "1 of your videos are being deleted")

    async def gone() -> bool:
        return await house.rows("SELECT erased_at_ms > 0 FROM job") == [(1,)]

    await until(gone)
    assert await alice.message(result.message["channel_id"], result.message["id"]) is None
    await house.reads(status, "was deleted by the member who had asked for it")
    assert list((house.state_dir / "files").glob("*.mp4")) == []
    assert await house.rows("SELECT request LIKE '%paper boat%' FROM job") == [(0,)]
    assert b"paper boat" not in b"".join(
        path.read_bytes() for path in (house.state_dir / "files").iterdir()
    )
