"""A moderator decides whose turn it is, and how much one member has at once; it holds at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from playground.person import RefusedError, button
from tests.e2e.house import WISH

if TYPE_CHECKING:
    from playground.person import Json, Person
    from tests.e2e.house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")

REGULARS = "1320000000000000002"  # Bob has this role
ACTS = "SELECT action, detail FROM audit_entry ORDER BY seq"


async def opened(house: House) -> Json:
    """The panel's page of turns and time."""
    mara = house.people.mara
    panel: Json = (await mara.command(house.lab, "cogreel setup"))["message"]
    turned: Json = (await mara.click(panel, button(panel, "Turns and time")))["message"]
    assert turned["ephemeral"]
    return turned


async def serve(house: House, how: str) -> str:
    """Pick whose turn it is; what the panel says then."""
    panel = await opened(house)
    interaction = await house.people.mara.pick(panel, "cogreel:setup:turns", how)
    assert interaction["answer"] == "deferred_update", interaction
    return str(interaction["message"]["content"])


async def filled_in(house: House, label: str, **fields: str) -> str:
    """Press a button of the page and fill its form in; what is said then, always in private."""
    panel = await opened(house)
    modal = (await house.people.mara.click(panel, button(panel, label)))["modal"]
    message = (await house.people.mara.submit(modal, **fields))["message"]
    assert message["ephemeral"]
    return str(message["content"])


async def says(house: House, command: str, **options: object) -> str:
    """What a command of shares answers."""
    interaction = await house.people.mara.command(house.lab, f"cogreel {command}", **options)
    assert interaction["message"]["ephemeral"]
    return str(interaction["message"]["content"])


async def explanation(house: House, member: Person) -> str:
    """Why a member may make one more video now, or may not."""
    mara = house.people.mara
    interaction = await mara.command(house.lab, "quota explain", member=member.id)
    return str(interaction["message"]["content"])


async def test_first_come_first_served_holds_for_what_waits_and_is_shown_at_once(
    house: House,
) -> None:
    alice, bob = house.people.alice, house.people.bob
    house.hold_renders()
    await house.reads(await house.ask(), "is rendering")
    await house.ask()
    third = await house.ask()
    bobs = await house.ask(bob)
    await house.reads(bobs, "number 1 in line")
    assert "Turns: first come, first served" in await serve(house, "first")
    await house.reads(bobs, "number 3 in line", bob)
    await house.reads(third, "number 2 in line")
    queue = (await alice.command(house.lab, "video queue"))["message"]["content"]
    assert [line[:6] for line in queue.splitlines()] == [f"**#{n}**" for n in (1, 2, 3, 4)]
    refusal = (await alice.command(house.lab, "video sooner", job=3))["message"]["content"]
    assert refusal.startswith("On this server the first to ask is the first to be served")
    assert (
        "Turns: members take turns by the render time that they use, with equal shares"
        in await serve(house, "fair")
    )
    await house.reads(bobs, "number 1 in line", bob)
    house.let_renders_end()
    await house.reads(third, "is done")
    assert [action for action, _ in await house.rows(ACTS)] == ["setting_changed"] * 2


async def test_a_role_with_a_share_is_served_more_often(house: House) -> None:
    bob = house.people.bob
    answer = await says(house, "shares set", role=REGULARS, share=3)
    assert f"members with <@&{REGULARS}> are served 3 times as often as those" in answer
    assert await says(house, "shares list") == (
        f"Shares of roles: <@&{REGULARS}> 3. Everybody else has 1."
    )
    assert (
        f"Turns: members take turns by the render time that they use; shares: <@&{REGULARS}> 3\n"
        in ((await opened(house))["content"])
    )
    house.hold_renders()
    await house.reads(await house.ask(house.people.chen), "is rendering")
    for person in (house.people.alice, bob):
        for _ in range(3):
            await house.reads(await house.ask(person), "is waiting", person)
    queue = (await bob.command(house.lab, "video queue"))["message"]["content"]
    order = [line.split("**")[1] for line in queue.splitlines()]
    assert order == ["#1", "#2", "#5", "#6", "#7", "#3", "#4"]


async def test_a_share_is_taken_away_and_everybodys_is_none(house: House) -> None:
    nothing = "Every member has the same share. `/cogreel shares set` gives a role a larger one."
    assert await says(house, "shares list") == nothing
    await says(house, "shares set", role=REGULARS, share=10)
    cleared = await says(house, "shares clear", role=REGULARS)
    assert cleared.startswith(f"<@&{REGULARS}> has no share of its own any more")
    again = await says(house, "shares clear", role=REGULARS)
    assert again.startswith(f"<@&{REGULARS}> has no share of its own. `/cogreel shares list`")
    assert await says(house, "shares list") == nothing
    guild = house.playground.world.channels[house.lab].guild_id
    refusal = await says(house, "shares set", role=guild, share=2)
    assert refusal.startswith("Everybody has that role, so its share would change nothing.")
    with pytest.raises(RefusedError):
        await says(house, "shares set", role=REGULARS, share=11)
    assert await house.rows(ACTS) == [
        ("share_set", '{"share":10}'),
        ("share_set", '{"share":1}'),
    ]
    log = (await house.people.mara.command(house.lab, "moderate log"))["message"]["content"]
    assert f"set the share of each member with <@&{REGULARS}> to 10." in log


async def test_shares_say_so_where_they_count_for_nothing(house: House) -> None:
    await serve(house, "first")
    answer = await says(house, "shares set", role=REGULARS, share=3)
    assert "At present the first to ask is the first to be served here" in answer
    assert "At present the first to ask" in await says(house, "shares list")


async def test_one_member_has_so_many_made_and_waiting_here_and_others_do_not_wait_for_them(
    house: House,
) -> None:
    alice, bob = house.people.alice, house.people.bob
    await house.restart_bot(account_in_flight=3)
    shown = await filled_in(house, "The most of one member at once …", making="1", waiting="2")
    assert "The most of one member at once: 1 being made, 2 waiting" in shown
    house.hold_renders()
    await house.reads(await house.ask(), "is rendering")
    second, third = await house.ask(), await house.ask()
    await house.reads(await house.ask(bob), "is rendering", bob)
    await house.reads(second, "is waiting")
    await house.reads(third, "is waiting")
    async with house.nothing_happens():
        await alice.command(house.lab, "video create", **WISH)
        await house.told(alice, "You already have 2 videos waiting, which is the most at once.")
    explained = await explanation(house, alice)
    assert "🚫 Waiting of theirs, at most 2: 2 videos. **This one decides.**" in explained
    assert "**It would be refused**, because so many videos wait" in explained
    assert "✅ Waiting of theirs, at most 2: 0 videos.\n" in await explanation(house, bob)
    # More are claimed as soon as they may be.
    await filled_in(house, "The most of one member at once …", making="2", waiting="")
    await house.reads(second, "is rendering")
    await house.reads(third, "is waiting")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"making": "many", "waiting": ""}, "So many videos is a whole number from 1."),
        ({"making": "0", "waiting": ""}, "So many videos is a whole number from 1."),
        ({"making": "", "waiting": "11"}, "The most that can be chosen is 10, as the operator"),
        ({"making": "5", "waiting": ""}, "The most that can be chosen is 4, as the operator"),
    ],
)
async def test_moderators_allow_no_more_than_the_operator(
    house: House, fields: dict[str, str], words: str
) -> None:
    await house.restart_bot(in_flight_per_member=4)
    refusal = await filled_in(house, "The most of one member at once …", **fields)
    assert refusal.startswith(words)
    assert await house.rows("SELECT * FROM guild_setting") == []
    assert "at once: 4 being made, 10 waiting" in (await opened(house))["content"]


async def test_the_operators_cap_holds_also_where_it_is_lowered_later(house: House) -> None:
    await filled_in(house, "The most of one member at once …", making="", waiting="9")
    await house.restart_bot(max_waiting_per_member=2)
    assert "at once: any number being made, 2 waiting" in (await opened(house))["content"]


async def test_the_panel_sets_the_time_zone_and_says_what_a_mistyped_one_may_mean(
    house: House,
) -> None:
    refusal = await filled_in(house, "Time zone …", zone="Berlin")
    assert refusal.startswith("There is no such time zone. Did you mean `Europe/Berlin`?")
    assert "Midnight: of Europe/Berlin" in await filled_in(
        house, "Time zone …", zone="europe/berlin"
    )
    assert "Midnight: of UTC" in await filled_in(house, "Time zone …", zone="")
    assert [action for action, _ in await house.rows(ACTS)] == ["time_zone_set"] * 2


async def test_decisions_about_turns_outlive_the_bot_and_are_of_one_server(house: House) -> None:
    await serve(house, "first")
    await filled_in(house, "The most of one member at once …", making="3", waiting="4")
    await says(house, "shares set", role=REGULARS, share=2)
    await house.restart_bot()
    shown = (await opened(house))["content"]
    assert "Turns: first come, first served, whoever it is\n" in shown
    assert "at once: 3 being made, 4 waiting" in shown
    assert "<@&" in await says(house, "shares list")
