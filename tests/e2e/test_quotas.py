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
    waiting_helps = "limit of 0 " not in refusal["content"]
    assert bool(RESET.search(refusal["content"])) == waiting_helps
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
    for of in ("videos", "money"):
        assert "Choose it with `per`." in await says(house, people.mara, "quota clear", of=of)
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


async def test_a_limit_is_of_one_thing_and_has_a_window_where_it_needs_one(house: House) -> None:
    mara = house.people.mara
    for options, refusal in (
        ({}, "Use one of `videos`, `money`, `cooldown` and `at_once`."),
        ({"videos": 1, "at_once": 1, "per": "day"}, "A limit is of one thing at a time."),
        ({"videos": 1}, "Choose it with `per`."),
        ({"money": "five", "per": "day"}, "Use a number and one of USD"),
        ({"money": "5 GBP", "per": "day"}, "such as `5 USD`."),
    ):
        assert refusal in await says(house, mara, "quota set", **options)
    assert await house.rows("SELECT * FROM quota_rule") == []


async def test_a_server_s_budget_stops_what_it_cannot_pay(house: House) -> None:
    people = house.people
    assert "no budget" in await says(house, people.mara, "budget show")
    trial = await says(house, people.mara, "budget set", amount="0.3 USD", try_first=True)
    assert trial.startswith("Nothing was saved. With USD 0.30 per month")
    assert await house.rows("SELECT * FROM quota_rule") == []
    answer = await says(house, people.mara, "budget set", amount="0.3 USD")
    assert "may spend USD 0.30 per month" in answer
    await house.video(people.alice)
    async with house.nothing_happens():
        await people.bob.command(house.lab, "video create", **WISH)
        refusal = await house.told(people.bob, "does not allow this video")
    assert "This server's budget of USD 0.30 per month" in refusal["content"]
    lowered = await says(house, people.mara, "budget set", amount="0.1 USD")
    assert "USD 0.20 used (200 %), USD 0.00 left" in lowered
    shown = await says(house, people.mara, "budget show")
    assert "**USD 0.10 per month**: USD 0.20 used (200 %), USD 0.00 left." in shown
    assert "no budget per month any more" in await says(
        house, people.mara, "budget set", amount="none"
    )
    await house.video(people.bob)


async def test_the_whole_bot_s_budget_stops_every_server(empty_house: House) -> None:
    house = empty_house
    await house.start_bot(budget_per_day="0.2 USD")
    await house.video()
    async with house.nothing_happens():
        await house.people.bob.command(house.lab, "video create", **WISH)
        refusal = await house.told(house.people.bob, "This bot's budget of USD 0.20 per day")
    assert refusal["content"].endswith("Ask the operator of this bot to raise it.")
    notices = await house.rows("SELECT text FROM notice")
    assert [text for (text,) in notices if "USD 0.20 per day for all servers" in text]


async def test_a_grant_helps_where_a_limit_stops(house: House) -> None:
    people = house.people
    await says(house, people.mara, "quota set", videos=0, per="day", member=people.alice.id)
    await refused(house, people.alice)
    explained = await says(house, people.mara, "quota explain", member=people.alice.id)
    assert "**This one decides.**" in explained
    assert "**It would be refused** by this limit" in explained
    granted = await says(
        house, people.mara, "quota grant", member=people.alice.id, videos=1, days=2
    )
    assert "- Grant: **1 of 1 video** left" in granted
    shown = await says(house, people.alice, "quota show")
    assert "spent first:\n- Grant: **1 of 1 video** left" in shown
    explained = await says(house, people.mara, "quota explain", member=people.alice.id)
    assert "**It would be made**, of the grant." in explained
    assert "for at most USD 0.20" in explained
    await house.video(people.alice)
    explained = await says(house, people.mara, "quota explain", member=people.alice.id)
    assert "**It would be refused** by this limit" in explained


async def test_who_was_reset_begins_anew(house: House) -> None:
    people = house.people
    await says(house, people.mara, "quota set", videos=1, per="30 days", member=people.alice.id)
    await house.video()
    await refused(house, people.alice)
    answer = await says(house, people.mara, "quota reset", member=people.alice.id)
    assert "1 video of theirs counts no more" in answer
    await house.video()


async def test_a_trial_saves_nothing_and_names_who_would_be_stopped(house: House) -> None:
    people = house.people
    await house.video(people.alice)
    regulars = await role(house, "Regulars")
    text = await says(
        house, people.mara, "quota set", videos=1, per="day", role=regulars, try_first=True
    )
    assert f"would be stopped now: <@{people.alice.id}> (1 video)." in text
    assert await house.rows("SELECT * FROM quota_rule") == []
    await house.video(people.alice)


async def test_one_video_at_once_and_a_pause_between_two(house: House) -> None:
    people = house.people
    await says(house, people.mara, "quota set", at_once=1)
    house.hold_renders()
    first = await house.reads(await house.ask(), "is rendering")
    async with house.nothing_happens():
        await people.alice.command(house.lab, "video create", **WISH)
        await house.told(people.alice, "You have 1 video under way, and 1 at once is the most")
    house.let_renders_end()
    await house.reads(first, "is done")
    answer = await says(house, people.mara, "quota set", cooldown=60)
    assert "one video every 60 min for each member." in answer
    async with house.nothing_happens():
        await people.alice.command(house.lab, "video create", **WISH)
        await house.told(people.alice, "limit is one video every 60 min. Wait until <t:")
    listed = await says(house, people.mara, "quota list")
    assert "- Each member of this server: **1 at once**" in listed
    assert "- Each member of this server: **one video every 60 min**" in listed
    assert "no limit of cooldown for each member any more" in await says(
        house, people.mara, "quota clear", of="cooldown"
    )
    await house.video()


async def test_the_ledger_is_given_out_as_a_table(house: House) -> None:
    people = house.people
    await house.video(people.alice)
    message: Json = (await people.mara.command(house.lab, "quota export"))["message"]
    message = await house.told(people.mara, "3 rows of the last 31 days")
    (file,) = message["attachments"]
    assert file["filename"] == "cogreel-ledger.csv"
    table = (await house.download(file["url"])).decode().splitlines()
    assert table[0].startswith("entry,at,kind,member_id,video,grant,videos,amount,currency")
    kinds = [line.split(",")[2] for line in table[1:]]
    assert kinds == ["reserve", "release", "settle"]
    assert [line.split(",")[7] for line in table[1:]] == ["0.200000", "-0.200000", "0.200000"]


async def test_a_server_chooses_where_its_midnight_is(house: House) -> None:
    people = house.people
    choices = await people.mara.autocomplete(house.lab, "quota timezone", "zone", zone="berl")
    assert {"name": "Europe/Berlin", "value": "Europe/Berlin"} in choices
    answer = await says(house, people.mara, "quota timezone", zone="Europe/Berlin")
    assert "midnight in Europe/Berlin" in answer
    refusal = await says(house, people.mara, "quota timezone", zone="Berlin")
    assert refusal.startswith("There is no such time zone. Did you mean `Europe/Berlin`? Choose")
    await says(house, people.mara, "quota set", videos=1, per="day")
    assert "in the time zone Europe/Berlin" in await says(house, people.mara, "quota list")
    assert await house.rows("SELECT action FROM audit_entry ORDER BY seq") == [
        ("time_zone_set",),
        ("quota_set",),
    ]


@pytest.mark.parametrize(
    ("command", "options"),
    [
        pytest.param("quota grant", {"videos": 9}, id="grant"),
        pytest.param("quota reset", {}, id="reset"),
        pytest.param("quota explain", {}, id="explain"),
    ],
)
async def test_members_give_themselves_nothing(
    house: House, command: str, options: dict[str, object]
) -> None:
    alice = house.people.alice
    refusal = await says(house, alice, command, member=alice.id, **options)
    assert refusal.startswith("Only moderators (with **Manage Server**) can")
    for of_all in ("quota list", "quota export"):
        refusal = await says(house, alice, of_all)
        assert refusal.startswith("Only moderators (with **Manage Server**) can")
    assert await house.rows("SELECT * FROM ledger") == []
