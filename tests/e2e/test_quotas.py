"""Moderators set limits, everyone sees their own, and they hold."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from playground.person import button
from tests.e2e.house import WISH

if TYPE_CHECKING:
    from playground.person import Json, Person
    from tests.e2e.house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")

DARKROOM = "The Darkroom"
RESET = re.compile(r"<t:\d{10}:R>")


async def role(house: House, name: str) -> str:
    guilds = (await house.api.state())["guilds"]
    return next(
        str(found["id"])
        for guild in guilds
        if guild["name"] == DARKROOM
        for found in guild["roles"]
        if found["name"] == name
    )


async def says(house: House, person: Person, command: str, **options: object) -> str:
    """What a quota command answers, which is always private."""
    message: Json = (await person.command(house.lab, command, **options))["message"]
    assert message["ephemeral"]
    return str(message["content"])


async def refused(house: House, person: Person) -> str:
    """What the person is told who asks for a video over a limit."""
    async with house.nothing_happens():
        await person.command(house.lab, "video create", **WISH)
        refusal = await house.told(person, "is used up")
    assert RESET.search(refusal["content"])
    return str(refusal["content"])


async def test_a_members_limit_holds_and_is_theirs_alone(house: House) -> None:
    people = house.people
    answer = await says(
        house, people.mara, "quota set", videos=1, per="day", member=people.alice.id
    )
    assert f"1 video per day for <@{people.alice.id}>" in answer
    await house.video()
    text = await refused(house, people.alice)
    assert text.startswith("Your limit of 1 video per day is used up (1 of 1). It resets <t:")
    await house.video(people.bob)


async def test_a_roles_limit_holds_for_each_member_with_the_role(house: House) -> None:
    people = house.people
    regulars = await role(house, "Regulars")
    await says(house, people.mara, "quota set", videos=1, per="week", role=regulars)
    await house.video(people.bob)
    assert "Your role's limit of 1 video per week" in await refused(house, people.bob)
    await house.video(people.alice)
    await house.video(people.alice)


async def test_the_servers_limit_is_one_pool(house: House) -> None:
    people = house.people
    answer = await says(house, people.mara, "quota set", videos=2, per="month")
    assert "the whole server together" in answer
    await house.video(people.alice)
    await house.video(people.bob)
    assert "This server's limit of 2 videos per month" in await refused(house, people.chen)


async def test_a_limit_holds_for_again_too(house: House) -> None:
    people = house.people
    first = await house.video()
    await says(house, people.mara, "quota set", videos=0, per="day", member=people.bob.id)
    async with house.nothing_happens():
        await people.bob.click(first.message, button(first.message, "Again"))
        await house.told(people.bob, "is used up", first.message["channel_id"])


async def test_a_cancelled_video_gives_its_place_back(house: House) -> None:
    people = house.people
    await says(house, people.mara, "quota set", videos=1, per="day", member=people.bob.id)
    house.hold_renders()
    await house.reads(await house.ask(), "is rendering")
    waiting = await house.reads(await house.ask(people.bob), "is waiting")
    await people.bob.click(waiting, button(waiting, "Cancel"))
    await house.reads(await house.ask(people.bob), "is waiting")


async def test_clearing_lifts_a_limit(house: House) -> None:
    people = house.people
    await says(house, people.mara, "quota set", videos=0, per="day", member=people.alice.id)
    await refused(house, people.alice)
    answer = await says(house, people.mara, "quota clear", per="day", member=people.alice.id)
    assert "There is no limit per day for" in answer
    await house.video()
    answer = await says(house, people.mara, "quota clear", per="day", member=people.alice.id)
    assert "There was no limit per day for" in answer
    alice, mara = int(people.alice.id), int(people.mara.id)
    assert await house.rows("SELECT actor_id, action, subject_id FROM audit_entry") == [
        (mara, "quota_set", alice),
        (alice, "refused_quota", alice),
        (mara, "quota_cleared", alice),
    ]


async def test_everyone_sees_their_own_limits_and_moderators_everybodys(house: House) -> None:
    people = house.people
    assert f"No limit applies to <@{people.alice.id}>" in await says(
        house, people.alice, "quota show"
    )
    await says(house, people.mara, "quota set", videos=3, per="day", member=people.alice.id)
    await says(house, people.mara, "quota set", videos=9, per="month")
    await house.video()
    for person, options in ((people.alice, {}), (people.mara, {"member": people.alice.id})):
        text = await says(house, person, "quota show", **options)
        assert "- Own limit: **1 of 3** per day used, 2 left. Resets <t:" in text
        assert "- This server together: **1 of 9** per month used, 8 left." in text
    refusal = await says(house, people.bob, "quota show", member=people.alice.id)
    assert refusal.startswith("Only moderators (with **Manage Server**) can see somebody else's")


@pytest.mark.parametrize(
    ("command", "options"),
    [
        pytest.param("quota set", {"videos": 100, "per": "day"}, id="set"),
        pytest.param("quota clear", {"per": "day"}, id="clear"),
    ],
)
async def test_members_set_no_limits(
    house: House, command: str, options: dict[str, object]
) -> None:
    refusal = await says(house, house.people.alice, command, **options)
    assert refusal.startswith("Only moderators (with **Manage Server**) can")
    assert await house.rows("SELECT * FROM quota_rule") == []


async def test_a_limit_for_a_member_and_a_role_at_once_is_refused(house: House) -> None:
    people = house.people
    both = {"member": people.alice.id, "role": await role(house, "Regulars")}
    text = await says(house, people.mara, "quota set", videos=1, per="day", **both)
    assert "Leave `member` or `role` out, or both for the whole server." in text
    assert await house.rows("SELECT * FROM quota_rule") == []


async def test_a_limit_stays_after_a_restart(house: House) -> None:
    people = house.people
    await says(house, people.mara, "quota set", videos=1, per="month", member=people.alice.id)
    await house.video()
    await house.restart_bot()
    await refused(house, people.alice)


async def test_too_many_waiting_is_refused_with_the_next_step(empty_house: House) -> None:
    house = empty_house
    await house.start_bot(max_waiting_per_member=1)
    house.hold_renders()
    await house.reads(await house.ask(), "is rendering")
    await house.reads(await house.ask(), "is waiting")
    async with house.nothing_happens():
        await house.people.alice.command(house.lab, "video create", **WISH)
        refusal = await house.told(house.people.alice, "waiting, which is the most")
    assert "cancel one with `/video cancel`" in refusal["content"]
