"""Moderators block words; a prompt with one starts nothing, and only who wrote it is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.demo.visit import result_of
from bot.domain.words import RULES_MAX, WordKind
from playground.person import RefusedError, button
from tests.e2e.house import SIZE, WISH

if TYPE_CHECKING:
    from playground.person import Json, Person
    from tests.e2e.house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")

REFUSAL = "that the moderators of this server do not allow: `boat`. Nothing was started."
ADULTS = "age-restricted channels only"
RULES = "SELECT kind, text FROM word_rule ORDER BY kind DESC, text"


async def says(house: House, command: str, **options: object) -> str:
    """What a moderator is answered, in private."""
    mara = house.people.mara
    message: Json = (await mara.command(house.lab, f"moderate words {command}", **options))[
        "message"
    ]
    assert message["ephemeral"]
    return str(message["content"])


async def edit(person: Person, message: Json, prompt: str) -> Json:
    modal = (await person.click(message, button(message, "Edit")))["modal"]
    return await person.submit(modal, prompt=prompt, size=SIZE, duration="model", quality="model")


async def test_a_prompt_with_a_blocked_word_is_refused_in_private(house: House) -> None:
    answer = await says(house, "add", text="Boat")
    assert answer.startswith("From now on `boat` is blocked in prompts here.")
    told: set[str] = set()
    for prompt in (str(WISH["prompt"]), "A B\u043eat", "A b.o.a.t", "A b0at"):
        async with house.nothing_happens():
            await house.people.alice.command(house.lab, "video create", prompt=prompt)
            refusal = await house.people.alice.see(
                house.lab, lambda seen: REFUSAL in seen["content"] and seen["id"] not in told
            )
        told.add(refusal["id"])
        assert refusal["ephemeral"]
        assert refusal["content"].endswith("if this is a mistake, ask a moderator.")
    assert told.isdisjoint({seen["id"] for seen in await house.people.bob.messages(house.lab)})
    await house.video(prompt="A boathouse on a quiet lake")


async def test_a_blocked_word_stops_again_edit_and_a_reaction(house: House) -> None:
    alice, bob = house.people.alice, house.people.bob
    first = await house.video()
    other = await house.video(prompt="A quiet lake")
    await says(house, "add", text="boat*")
    thread = first.message["channel_id"]
    refusal = "do not allow: `boat*`. Nothing was started."
    async with house.nothing_happens():
        await bob.click(first.message, button(first.message, "Again"))
        await house.told(bob, refusal, thread)
        await edit(alice, first.message, "Two boats")
        await house.told(alice, refusal, thread)
        await edit(bob, other.message, "A lake and a BOAT")
        await house.told(bob, refusal, other.message["channel_id"])
        await alice.react(first.message, "🔁")
        await house.direct(alice, refusal)
    interaction = await edit(alice, first.message, "A swan on a quiet lake")
    await result_of(alice, thread, interaction["message"]["id"])


async def test_a_word_is_tried_before_it_is_saved_and_a_prompt_against_all(house: House) -> None:
    answer = await says(house, "add", text="bo.t", kind="pattern", try_on="Lifeboats")
    assert answer.startswith("This prompt would be refused for the pattern `bo.t`. Nothing is")
    answer = await says(house, "add", text="boat", try_on="A boathouse")
    assert answer.startswith("This prompt would pass: `boat` is not found in it. Nothing is")
    assert await house.rows(RULES) == []
    assert "would pass" in await says(house, "test", prompt="A boat")
    await says(house, "add", text="boat")
    await says(house, "add", text="bo.t", kind="pattern")
    async with house.nothing_happens():
        answer = await says(house, "test", prompt="A boat")
    assert answer == (
        "This prompt would be refused for this:\n**Patterns** (1): `bo.t`\n**Words** (1): `boat`"
    )


async def test_what_is_blocked_is_listed_and_removed_by_suggestion(house: House) -> None:
    assert (await says(house, "list")).startswith("Nothing is blocked here.")
    for text, kind in (("worse", "word"), ("BAD", "word"), (r"\bx+\b", "pattern")):
        await says(house, "add", text=text, kind=kind)
    assert await says(house, "add", text="bad") == "`bad` is blocked in prompts here already."
    assert await says(house, "list") == (
        "Blocked in prompts here:\n**Patterns** (1): `\\bx+\\b`\n**Words** (2): `bad`, `worse`"
    )
    mara = house.people.mara
    suggested = await mara.autocomplete(house.lab, "moderate words remove", "text", text="B")
    assert [choice["value"] for choice in suggested] == ["bad", r"\bx+\b"]
    for choice in suggested:
        answer = await says(house, "remove", text=choice["value"])
        assert answer.startswith("No longer blocked here: ")
    assert await house.rows(RULES) == [("word", "worse")]
    assert (await says(house, "remove", text="bad")).startswith("That is not blocked here.")


async def test_a_long_list_fits_a_message(house: House) -> None:
    words = [f"word{number:03}" + "x" * 50 for number in range(60)]
    for word in words:
        await says(house, "add", text=word)
    for text in (await says(house, "list"), await says(house, "test", prompt=" ".join(words))):
        assert "**Words** (60): `word000" in text
        assert text.endswith("… and more, which the suggestions of `/moderate words remove` find")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"text": "🚤"}, "it needs at least 2 letters or digits. Use a pattern for signs and"),
        ({"text": "(?!x)", "kind": "pattern"}, "it looks ahead or behind"),
        ({"text": "x*", "kind": "pattern"}, "so it would stop every prompt"),
        ({"text": "(", "kind": "pattern", "try_on": "("}, "a `(` is not closed"),
    ],
)
async def test_a_word_or_pattern_that_cannot_be_used_is_refused_with_the_reason(
    house: House, options: dict[str, object], words: str
) -> None:
    assert words in await says(house, "add", **options)
    assert await house.rows(RULES) == []


async def test_a_server_has_only_so_many_patterns(house: House) -> None:
    for number in range(RULES_MAX[WordKind.PATTERN]):
        await says(house, "add", text=f"x{number}", kind="pattern")
    answer = await says(house, "add", text="more", kind="pattern")
    assert answer.startswith("This server has 20 blocked patterns, which is the most.")


async def test_a_word_may_be_for_age_restricted_channels_only(house: House) -> None:
    alice, bob = house.people.alice, house.people.bob
    first = await house.video()
    answer = await says(house, "add", text="boat", allowed_in=ADULTS, try_on="A boat")
    assert answer.startswith("This prompt would be refused for `boat`, but in age-restricted")
    answer = await says(house, "add", text="boat", allowed_in=ADULTS)
    assert answer.startswith("From now on `boat` is for age-restricted channels only in prompts")
    again = await says(house, "add", text="boat", allowed_in=ADULTS)
    assert again == "`boat` is for age-restricted channels only in prompts here already."
    assert await says(house, "list") == (
        "Blocked in prompts here:\n**Words for age-restricted channels only** (1): `boat`"
    )
    assert await says(house, "test", prompt="A boat") == (
        "This prompt would be refused for this, but in age-restricted channels:\n"
        "**Words for age-restricted channels only** (1): `boat`"
    )
    refusal = "is for age-restricted channels only on this server: `boat`. Nothing was started."
    async with house.nothing_happens():
        await alice.command(house.lab, "video create", **WISH)
        await house.told(alice, refusal)
        await bob.click(first.message, button(first.message, "Again"))
        await house.told(bob, refusal, first.message["channel_id"])
        await alice.react(first.message, "🔁")
        await house.direct(alice, refusal)
    house.playground.world.channels[house.lab].nsfw = True
    await house.restart_bot()  # Discord would tell the bot; the playground does not
    await house.video()
    # What is blocked everywhere is so there too, and a rule can be said otherwise.
    await says(house, "add", text="boat")
    async with house.nothing_happens():
        await alice.command(house.lab, "video create", **WISH)
        await house.told(alice, REFUSAL)
    assert [
        action for (action,) in await house.rows("SELECT action FROM audit_entry ORDER BY seq")
    ] == [
        "word_restricted",
        "refused_restricted_words",
        "refused_restricted_words",
        "word_blocked",
        "refused_words",
    ]


async def test_words_stay_after_a_restart(house: House) -> None:
    await says(house, "add", text="boat")
    await house.restart_bot()
    async with house.nothing_happens():
        await house.people.alice.command(house.lab, "video create", **WISH)
        await house.told(house.people.alice, REFUSAL)


async def test_members_do_not_have_the_command(house: House) -> None:
    for command in ("add", "remove", "list", "test"):
        with pytest.raises(RefusedError) as refused:
            await house.people.alice.command(house.lab, f"moderate words {command}")
        assert refused.value.code == "unknown_command"
    assert await house.rows(RULES) == []
