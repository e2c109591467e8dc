"""What members can look up: the queue, a status, choices while they type."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.e2e.house import PROMPT, labels

if TYPE_CHECKING:
    from tests.e2e.house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_queue_lists_this_servers_videos_to_the_asker_only(house: House) -> None:
    people = house.people
    house.hold_renders()
    await house.reads(await house.ask(), "is rendering")
    second = await house.ask(people.bob, prompt="Second *starred* @everyone")
    await house.reads(second, "is waiting")
    back_room = await people.mara.channel("lobby")
    elsewhere = await people.mara.command(back_room, "video create", prompt="Elsewhere")
    await house.reads(elsewhere["message"], "is waiting", people.mara)
    answer = await people.chen.command(house.lab, "video queue")
    assert answer["message"]["ephemeral"]
    running, waiting = answer["message"]["content"].splitlines()
    assert running.startswith("**#1** is rendering, started <t:")
    assert running.endswith(f"· <@{people.alice.id}> · {PROMPT}")
    assert waiting.startswith("**#2** is waiting, number ")
    assert r"Second \*starred\*" in waiting
    assert answer["message"]["mentions"] == []


async def test_an_empty_queue_says_how_to_start(house: House) -> None:
    answer = await house.people.bob.command(house.lab, "video queue")
    assert answer["message"]["content"].endswith("Start one with `/video create`.")


@pytest.mark.parametrize(
    ("prompt", "shown"),
    [
        pytest.param("a sea", 20, id="short prompts"),
        pytest.param("a sea " * 80, 15, id="long prompts"),
        pytest.param("*|_~ " * 100, 11, id="prompts of markdown"),
    ],
)
async def test_a_long_queue_fits_one_message(house: House, prompt: str, shown: int) -> None:
    house.hold_renders()
    people = (house.people.alice, house.people.bob, house.people.chen)
    asked = [await house.ask(people[n % 3], prompt=prompt) for n in range(22)]
    for status in asked[1:]:
        await house.reads(status, "is waiting")
    answer = await house.people.bob.command(house.lab, "video queue")
    *lines, rest = answer["message"]["content"].splitlines()
    assert len(lines) == shown
    assert all(line.startswith("**#") for line in lines)
    assert rest == "-# … and more. `/video status` tells where yours stands."


async def test_the_status_of_ones_newest_video_is_told_with_its_buttons(house: House) -> None:
    alice = house.people.alice
    house.hold_renders()
    await house.reads(await house.ask(), "is rendering")
    await house.reads(await house.ask(), "is waiting")
    newest = await alice.command(house.lab, "video status")
    assert newest["message"]["ephemeral"]
    assert "**Video #2** is waiting, number 1 in line" in newest["message"]["content"]
    assert labels(newest["message"]) == ["Edit", "Cancel", "Tell me"]
    older = await alice.command(house.lab, "video status", job=1)
    assert "**Video #1** is rendering" in older["message"]["content"]


async def test_no_video_yet_is_told_with_the_next_step(house: House) -> None:
    for command in ("video status", "video cancel"):
        answer = await house.people.bob.command(house.lab, command)
        assert answer["message"]["ephemeral"]
        assert "You have no video here yet. Start one" in answer["message"]["content"]


@pytest.mark.parametrize("job", [0, -5, 77, 2**53])
async def test_a_number_that_is_no_video_is_told(house: House, job: int) -> None:
    for command in ("video status", "video cancel"):
        answer = await house.people.bob.command(house.lab, command, job=job)
        assert f"There is no video #{job} here" in answer["message"]["content"]


async def test_another_servers_video_is_not_shown(house: House) -> None:
    house.hold_renders()
    await house.ask(house.people.bob)
    back_room = await house.people.bob.channel("lobby")
    answer = await house.people.bob.command(back_room, "video status", job=1)
    assert "There is no video #1 here" in answer["message"]["content"]


async def test_choices_are_what_the_model_accepts(house: House) -> None:
    alice = house.people.alice

    async def offered(focused: str, typed: str = "") -> list[object]:
        options = {"prompt": "a sea", focused: typed}
        choices = await alice.autocomplete(house.lab, "video create", focused, **options)
        return [choice["value"] for choice in choices]

    assert await offered("size", "720") == ["1280x720", "720x1280"]
    assert await offered("size", "1920 \u00d7 1080") == ["1920x1080"]
    assert await offered("quality") == ["speed", "quality"]
    assert await offered("duration") == [5, 10]
    assert await offered("fps", "6") == [60]


async def test_ones_own_videos_are_offered_for_status_and_cancel(house: House) -> None:
    alice = house.people.alice
    await house.video()
    house.hold_renders()
    await house.reads(await house.ask(), "is rendering")
    await house.reads(await house.ask(house.people.bob), "is waiting")
    status = await alice.autocomplete(house.lab, "video status", "job")
    assert [choice["value"] for choice in status] == [2, 1]
    assert status[1]["name"] == f"#1 (done) {PROMPT}"
    told = await alice.command(house.lab, "video status", job=1)
    found = re.search(r"See it again: https://\S+/(\d+)/(\d+)$", told["message"]["content"])
    assert found
    seen = await alice.message(found[1], found[2])
    assert seen
    assert seen["attachments"]
    cancel = await alice.autocomplete(house.lab, "video cancel", "job")
    assert [choice["value"] for choice in cancel] == []
    waiting = await house.people.bob.autocomplete(house.lab, "video cancel", "job")
    assert [choice["value"] for choice in waiting] == [3]


@pytest.mark.parametrize(
    "garbage",
    [
        pytest.param("", id="nothing"),
        pytest.param("💥" * 50, id="symbols"),
        pytest.param("'; DROP TABLE job; --", id="SQL"),
        pytest.param("\u202e\u0000", id="control characters"),
        pytest.param("9" * 400, id="a long number"),
        pytest.param("*" * 5000, id="a long text"),
    ],
)
async def test_garbage_while_typing_is_answered_with_no_choices(house: House, garbage: str) -> None:
    await house.video()
    for command, focused in (
        ("video create", "size"),
        ("video create", "duration"),
        ("video create", "quality"),
        ("video create", "fps"),
        ("video status", "job"),
        ("video cancel", "job"),
    ):
        options = {"prompt": "x"} if command == "video create" else {}
        choices = await house.people.alice.autocomplete(
            house.lab, command, focused, **options, **{focused: garbage}
        )
        assert garbage == "" or choices == []
