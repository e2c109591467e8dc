"""Another take: by button, by modal, by reaction; each cause makes one job."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bot.demo.visit import make_video, picture, result_of
from playground.person import button, words
from tests.e2e.house import PROMPT, SIZE, WISH

if TYPE_CHECKING:
    from playground.person import Json, Person
    from tests.e2e.house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")

LINEAGE = "SELECT job_id, parent_job_id, user_id, origin FROM job WHERE parent_job_id IS NOT NULL"


async def take_in(house: House, channel: str, parent: int = 1) -> Json:
    """The status message of a take, once it is there."""
    return await house.says(channel, f"another take of #{parent}")


async def edit(person: Person, message: Json) -> Json:
    interaction = await person.click(message, button(message, "Edit"))
    modal: Json = interaction["modal"]
    return modal


def fields(modal: Json) -> dict[str, Json]:
    return {label["component"]["custom_id"]: label["component"] for label in modal["components"]}


def chosen(select: Json) -> list[str]:
    return [option["value"] for option in select["options"] if option.get("default")]


async def test_again_makes_a_take_with_its_parent_under_the_pressers_name(house: House) -> None:
    bob = house.people.bob
    first = await house.video()
    interaction = await bob.click(first.message, button(first.message, "Again"))
    assert not interaction["message"]["ephemeral"]
    thread = first.message["channel_id"]
    take = await result_of(bob, thread, interaction["message"]["id"])
    assert take.message["channel_id"] == thread
    assert f"Video #2** for <@{bob.id}>, another take of #1" in words(take.message)
    assert await house.rows(LINEAGE) == [(2, 1, int(bob.id), "again")]
    assert house.paid == 2


async def test_a_reaction_makes_a_take_with_its_parent_under_the_reactors_name(
    house: House,
) -> None:
    bob = house.people.bob
    first = await house.video()
    await bob.react(first.message, "🔁")
    thread = first.message["channel_id"]
    status = await take_in(house, thread)
    take = await result_of(bob, thread, status["id"])
    assert f"for <@{bob.id}>, another take of #1" in words(take.message)
    assert await house.rows(LINEAGE) == [(2, 1, int(bob.id), "reaction")]


async def test_edit_opens_filled_in_and_its_changes_make_the_take(house: House) -> None:
    alice = house.people.alice
    first = await house.video(quality="speed")
    modal = await edit(alice, first.message)
    assert modal["title"] == "Edit video #1"
    found = fields(modal)
    assert found["prompt"]["value"] == PROMPT
    assert chosen(found["size"]) == [SIZE]
    assert chosen(found["duration"]) == ["model"]
    assert chosen(found["quality"]) == ["speed"]
    interaction = await alice.submit(
        modal, prompt="  A steamer now ", size=SIZE, duration="5", quality="model"
    )
    thread = first.message["channel_id"]
    take = await result_of(alice, thread, interaction["message"]["id"])
    assert "> A steamer now" in words(take.message)
    assert "quality" not in words(take.message)
    assert await house.rows(LINEAGE) == [(2, 1, int(alice.id), "edit")]


async def test_an_edit_that_goes_too_far_is_refused_in_private(house: House) -> None:
    alice = house.people.alice
    first = await house.video()
    modal = await edit(alice, first.message)
    async with house.nothing_happens():
        interaction = await alice.submit(
            modal, prompt="x" * 513, size=SIZE, duration="model", quality="model"
        )
        assert interaction["message"]["ephemeral"]
        assert "at most 512 characters; you gave 513" in interaction["message"]["content"]


async def test_a_modal_that_outlived_a_restart_starts_nothing(house: House) -> None:
    alice = house.people.alice
    first = await house.video()
    modal = await edit(alice, first.message)
    await house.restart_bot()
    await house.knobs(answer_within_s=0.5)
    async with house.nothing_happens():
        interaction = await alice.submit(
            modal, prompt="later", size=SIZE, duration="model", quality="model"
        )
        assert interaction["error"] == "The application did not respond"


async def test_a_double_click_on_again_makes_one_take(house: House) -> None:
    alice = house.people.alice
    first = await house.video()
    house.hold_renders()
    again = button(first.message, "Again")
    await asyncio.gather(*(alice.click(first.message, again) for _ in range(2)))
    refusal = await house.told(alice, "video #2", first.message["channel_id"])
    assert "being made" in refusal["content"]
    await alice.click(first.message, again)  # and once more, later
    assert len(await house.rows(LINEAGE)) == 1


async def test_two_reactions_at_once_make_one_take(house: House) -> None:
    alice = house.people.alice
    first = await house.video()
    house.hold_renders()
    await asyncio.gather(alice.react(first.status, "🔁"), alice.react(first.message, "🔁"))
    await house.direct(alice, "being made")  # the other one was refused
    assert len(await house.rows(LINEAGE)) == 1


async def test_a_reaction_taken_back_and_repeated_makes_one_take(house: House) -> None:
    alice = house.people.alice
    first = await house.video()
    house.hold_renders()
    for _ in range(2):
        await alice.react(first.message, "🔁")
        await take_in(house, first.message["channel_id"])
        await alice.unreact(first.message, "🔁")
    await house.direct(alice, "being made")
    assert len(await house.rows(LINEAGE)) == 1


async def test_a_take_asked_for_at_the_status_message_gets_a_thread_of_its_own(
    house: House,
) -> None:
    first = await house.video()
    await house.people.bob.react(first.status, "🔁")
    status = await take_in(house, house.lab)
    take = await result_of(house.people.bob, house.lab, status["id"])
    assert take.status["thread"]["id"] == take.message["channel_id"] == status["id"]


async def test_two_members_may_each_have_a_take_under_way(house: House) -> None:
    people = house.people
    first = await house.video()
    house.hold_renders()
    for person in (people.alice, people.bob):
        await person.react(first.message, "🔁")
        words = f"for <@{person.id}>, another take"
        await house.says(first.message["channel_id"], words)
    assert len(await house.rows(LINEAGE)) == 2


async def test_a_reaction_is_under_the_reactors_quota_and_refused_by_direct_message(
    house: House,
) -> None:
    people = house.people
    first = await house.video()
    await people.mara.command(house.lab, "quota set", videos=0, per="week", member=people.bob.id)
    async with house.nothing_happens():
        await people.bob.react(first.message, "🔁")
        refusal = await house.direct(people.bob, "is used up")
    assert "Your limit of 0 videos per week" in refusal["content"]


async def test_other_reactions_mean_nothing(house: House) -> None:
    alice = house.people.alice
    first = await house.video()
    async with house.nothing_happens():
        await alice.react(first.message, "👍")
        await house.people.bob.react(first.message, "❌")  # an opinion: there is nothing to cancel
        await alice.command(house.lab, "video queue")  # came after, so both were seen


async def test_a_reaction_by_a_bot_is_ignored(house: House) -> None:
    first = await house.video()
    async with house.nothing_happens():
        await house.people.echo.react(first.message, "🔁")
        await house.people.echo.react(first.message, "❌")
        await house.people.alice.command(house.lab, "video queue")


async def test_buttons_work_after_a_restart(house: House) -> None:
    alice = house.people.alice
    first = await house.video()
    await house.restart_bot()
    interaction = await alice.click(first.message, button(first.message, "Again"))
    await result_of(alice, first.message["channel_id"], interaction["message"]["id"])
    modal = await edit(alice, first.message)
    assert fields(modal)["prompt"]["value"] == PROMPT


async def test_a_take_of_a_failed_video_can_be_asked_for(house: House) -> None:
    alice = house.people.alice
    house.emulator.knobs.update({"faults": [{"on": "create", "do": "fail"}]})
    failed = await house.reads(await house.ask(), "could not be made")
    interaction = await alice.click(failed, button(failed, "Again"))
    await result_of(alice, house.lab, interaction["message"]["id"])


async def test_images_are_kept_for_the_next_take(house: House) -> None:
    alice = house.people.alice
    files = {"image": ("dawn.png", picture("dawn"))}
    first = await make_video(alice, house.lab, files, **WISH)
    interaction = await alice.click(first.message, button(first.message, "Again"))
    take = await result_of(alice, first.message["channel_id"], interaction["message"]["id"])
    assert "from first frame" in words(take.message)
