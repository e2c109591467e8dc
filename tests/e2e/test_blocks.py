"""Moderators keep a member from making videos; who is blocked is told why, in private."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from playground.person import RefusedError, button
from tests.e2e.house import WISH

if TYPE_CHECKING:
    from playground.person import Json
    from tests.e2e.house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")

REFUSAL = "have blocked you from making videos here until <t:"
REASON = "Their reason: `too rude`. Nothing was started."


async def says(house: House, command: str, **options: object) -> str:
    """What a moderator is answered, in private."""
    message: Json = (await house.people.mara.command(house.lab, f"moderate {command}", **options))[
        "message"
    ]
    assert message["ephemeral"]
    return str(message["content"])


async def test_a_blocked_member_is_told_why_and_until_when_whatever_they_try(house: House) -> None:
    alice, bob = house.people.alice, house.people.bob
    first = await house.video()
    thread = first.message["channel_id"]
    options = {"member": alice.id, "for": "2h", "reason": "too rude"}
    answer = await says(house, "block", **options)
    assert answer.startswith(f"<@{alice.id}> can make no videos here any more until <t:")
    async with house.nothing_happens():
        await alice.command(house.lab, "video create", **WISH)
        refusal = await house.told(alice, REFUSAL)
        assert REASON in refusal["content"]
        for label in ("Again", "Edit"):
            interaction = await alice.click(first.message, button(first.message, label))
            assert interaction["message"]["ephemeral"]
            assert REASON in interaction["message"]["content"]
        await alice.react(first.message, "🔁")
        assert REASON in (await house.direct(alice, REFUSAL))["content"]
    await bob.click(first.message, button(first.message, "Again"))
    await bob.see(thread, lambda seen: "another take of" in seen["content"])
    assert refusal["id"] not in {seen["id"] for seen in await bob.messages(house.lab)}


async def test_nothing_of_a_blocked_members_wish_is_seen_in_public(house: House) -> None:
    await says(house, "block", member=house.people.alice.id)
    interaction = await house.people.alice.command(house.lab, "video create", **WISH)
    assert interaction["answer"] == "message"  # no public answer was begun
    assert interaction["message"]["ephemeral"]


async def test_blocks_are_listed_and_taken_away(house: House) -> None:
    alice, bob, mara = house.people.alice, house.people.bob, house.people.mara
    assert (await says(house, "blocks")).startswith("Nobody is blocked here.")
    await says(house, "block", member=alice.id, reason="`x` @everyone")
    await says(house, "block", **{"member": bob.id, "for": "for 3 days"})
    listed = (await says(house, "blocks")).splitlines()
    assert listed[0] == "Blocked here (2):"
    assert listed[1].startswith(f"- <@{bob.id}> until <t:")
    assert listed[2] == f"- <@{alice.id}> for ever, by <@{mara.id}>: `'x' @everyone`"
    assert await says(house, "unblock", member=alice.id) == (
        f"<@{alice.id}> may make videos here again."
    )
    assert (await says(house, "unblock", member=alice.id)).startswith(
        f"<@{alice.id}> is not blocked here."
    )
    await house.video()


async def test_a_span_that_cannot_be_read_blocks_nobody(house: House) -> None:
    answer = await says(house, "block", **{"member": house.people.alice.id, "for": "a while"})
    assert answer.startswith("`a while` is no span of time that could be used.")
    assert (await says(house, "blocks")).startswith("Nobody is blocked here.")


async def test_blocks_stay_after_a_restart(house: House) -> None:
    await says(house, "block", member=house.people.alice.id)
    await house.restart_bot()
    async with house.nothing_happens():
        await house.people.alice.command(house.lab, "video create", **WISH)
        await house.told(house.people.alice, "have blocked you")


async def test_members_do_not_have_the_commands(house: House) -> None:
    for command in ("block", "unblock", "blocks"):
        with pytest.raises(RefusedError) as refused:
            await house.people.alice.command(house.lab, f"moderate {command}")
        assert refused.value.code == "unknown_command"
