"""A member with a changed client, who can send what no button of theirs would send."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import discord
import pytest

from bot.domain.money import Money
from bot.engine import submit
from cogs import (
    buttons,
    confirm_buttons,
    draft_control,
    film_tell_button,
    history,
    jobs,
    keep_buttons,
    lineage,
    privacy,
    retake_button,
    setup_panel,
)
from playground.person import button
from playground.world.components import walk
from playground.world.events import ChannelChanged
from playground.world.model import Overwrite, OverwriteKind
from playground.world.permissions import Permission
from tests.e2e.house import PROMPT, WISH
from tests.security.changed_client import filled_in, planted, used

if TYPE_CHECKING:
    from playground.person import Json, Person
    from playground.world.interactions import Interaction
    from tests.e2e.house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")

JOB, QUESTION, DRAFT = 2, 1, 1
HELD = 1
# Every control there is, as somebody else's job, question or server would have it.
CONTROLS: dict[type[discord.ui.DynamicItem[Any]], tuple[str, ...]] = {
    buttons.AgainButton: (f"cogreel:again:{JOB}", f"cogreel:again:{HELD}"),
    buttons.TakesButton: (f"cogreel:takes:{JOB}", f"cogreel:takes:{HELD}"),
    buttons.ExtendButton: (f"cogreel:extend:{JOB}", f"cogreel:extend:{HELD}"),
    buttons.EditButton: (f"cogreel:edit:{JOB}", f"cogreel:edit:{HELD}"),
    buttons.CancelButton: (f"cogreel:cancel:{JOB}", f"cogreel:cancel:{HELD}"),
    buttons.TellButton: (f"cogreel:tell:{JOB}", f"cogreel:tell:{HELD}"),
    buttons.TellNotButton: (f"cogreel:tell-not:{JOB}", f"cogreel:tell-not:{HELD}"),
    **{
        kind: (f"cogreel:{kind.verb}:{JOB}", f"cogreel:{kind.verb}:{HELD}")
        for kind in keep_buttons.KEEP_BUTTONS
    },
    history.PageButton: ("cogreel:history:o9:all:0:", "cogreel:history:n0:open:1:paper boat"),
    lineage.LookButton: (f"cogreel:look:{JOB}", f"cogreel:look:{HELD}"),
    confirm_buttons.MakeButton: (f"cogreel:make:{QUESTION}",),
    confirm_buttons.DropButton: (f"cogreel:drop:{QUESTION}",),
    confirm_buttons.ChangeButton: (f"cogreel:change:{QUESTION}",),
    jobs.RetryButton: (f"cogreel:retry:{HELD}:1",),
    draft_control.DraftControl: tuple(
        f"cogreel:draft:{verb}:{DRAFT}"
        for verb in ("add", "edit", "remove", "start", "make", "back", "discard", "x")
    ),
    film_tell_button.FilmTellControl: (
        f"cogreel:film-tell:{DRAFT}",
        f"cogreel:film-tell-not:{DRAFT}",
    ),
    retake_button.RetakeControl: (f"cogreel:retake:{DRAFT}", f"cogreel:reshoot:{DRAFT}"),
    privacy.WithdrawButton: ("cogreel:withdraw",),
    setup_panel.SetupControl: tuple(
        f"cogreel:setup:{each}" for each in (*setup_panel.ITEMS, "page:models", "page:x", "x:y")
    ),
}
CHANGES_BY_ITSELF = {"model_clock", "render_times", "command_sync", "guild_lane", "member_lane"}


@pytest.fixture(autouse=True)
def held_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the first create without an answer, instead of after many minutes of repeats."""
    monkeypatch.setattr(submit, "HELD_AFTER_UNANSWERED", 1)


async def private_channel(house: House) -> str:
    """#general, from now on for Alice and the bot only."""
    world = house.playground.world
    channel = world.channels[await house.people.alice.channel("general")]
    assert channel.guild_id is not None
    sight = int(Permission.VIEW_CHANNEL)
    channel.overwrites = [
        Overwrite(channel.guild_id, OverwriteKind.ROLE, 0, sight),
        *(
            Overwrite(member, OverwriteKind.MEMBER, sight, 0)
            for member in (house.people.alice.id, house.playground.application_id)
        ),
    ]
    world.publish(ChannelChanged(channel))
    return channel.id


async def things_of_alices(house: House) -> str:
    """In a private channel: videos on hold and rendering, a question, a draft; that channel."""
    alice = house.people.alice
    channel = await private_channel(house)
    house.emulator.knobs.update({"faults": [{"on": "create", "do": "lost_answer", "times": 1}]})
    status = (await alice.command(channel, "video create", **WISH))["message"]
    await house.reads(status, "is on hold")
    house.hold_renders()
    status = (await alice.command(channel, "video create", **WISH))["message"]
    await house.reads(status, "is rendering")
    assert house.bot is not None
    guild_id = int(house.playground.world.channels[channel].guild_id or 0)
    await house.bot.services.policies.confirm_above(guild_id, Money(micros=0, currency="USD"), by=1)
    await alice.command(channel, "video create", **WISH)
    await house.told(alice, "Make it?", channel)
    await alice.command(channel, "video storyboard")
    return channel


async def everything_kept(house: House) -> dict[str, list[tuple[Any, ...]]]:
    tables = await house.rows("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    return {
        name: await house.rows(f'SELECT * FROM "{name}"')  # noqa: S608  # of the schema itself
        for (name,) in tables
        if name not in CHANGES_BY_ITSELF
    }


async def answered(house: House, person: Person, message: Json, custom_id: str) -> str:
    interaction = await used(house, person, message, custom_id, "1")
    return await said(person, message["channel_id"], interaction)


async def said(person: Person, channel: str, interaction: Interaction) -> str:
    """What somebody is told in the end; some are answered with "thinking" first."""
    async with asyncio.timeout(10):
        await interaction.answered.wait()
        told = None
        while told is None or not told["content"]:  # there are more than one look shows
            told = await person.message(channel, interaction.original_id or "")
    return str(told["content"])


def leaves(base: type[discord.ui.DynamicItem[Any]]) -> set[type[discord.ui.DynamicItem[Any]]]:
    below = base.__subclasses__()
    return {leaf for each in below for leaf in leaves(each)} if below else {base}


async def test_no_control_is_left_out_of_these_attacks() -> None:
    ours = {each for each in leaves(discord.ui.DynamicItem) if each.__module__.startswith("cogs.")}
    assert ours == CONTROLS.keys()


@pytest.mark.parametrize(
    ("attacker", "where", "may"),
    [
        pytest.param("chen", "video-lab", set[str](), id="a member who does not see the channel"),
        pytest.param("bob", "lobby", set[str](), id="a member of another server"),
        pytest.param(
            "mara", "video-lab", {f"cogreel:retry:{HELD}:1"}, id="a moderator without sight of it"
        ),
    ],
)
async def test_no_forged_control_reaches_what_its_presser_may_not_touch(
    house: House, attacker: str, where: str, may: set[str]
) -> None:
    await things_of_alices(house)
    person: Person = getattr(house.people, attacker)
    place = await person.channel(where)
    tried = [each for ids in CONTROLS.values() for each in ids if each not in may]
    stage = [await planted(house, place, custom_id) for custom_id in tried]
    before = await everything_kept(house)
    async with house.nothing_happens():
        told = {
            custom_id: await answered(house, person, message, custom_id)
            for custom_id, message in zip(tried, stage, strict=True)
        }
        assert await everything_kept(house) == before
    for custom_id, text in told.items():
        assert PROMPT not in text, custom_id
        assert "broke on my side" not in text, (custom_id, text)
        assert text, custom_id


async def test_a_control_that_is_not_on_the_message_does_nothing(house: House) -> None:
    video = await house.video()
    before = await everything_kept(house)
    chen = house.people.chen
    there = {item.get("custom_id") for item in walk(video.message["components"])}
    absent = {each for ids in CONTROLS.values() for each in ids} - there
    async with house.nothing_happens():
        sent = [await used(house, chen, video.message, each, "1") for each in absent]
        # The bot reads its events in their order: those before this one were looked at.
        await chen.command(house.lab, "video queue")
        assert not [each.data for each in sent if each.answered.is_set()]
        assert await everything_kept(house) == before


async def test_a_panel_on_a_moderators_screen_obeys_nobody_else(house: House) -> None:
    mara, chen = house.people.mara, house.people.chen
    panel: Json = (await mara.command(house.lab, "cogreel setup"))["message"]
    before = await everything_kept(house)
    for control in ("channels", "roles", "page:models"):
        told = await answered(house, chen, panel, f"cogreel:setup:{control}")
        assert told == "Only who opened this panel can change this here. Ask one of them."
    assert await everything_kept(house) == before
    await mara.pick(panel, "cogreel:setup:channels", house.lab)
    assert await everything_kept(house) != before


async def test_a_press_of_delete_all_deletes_the_pressers_own_alone(house: House) -> None:
    await house.video()
    stage = await planted(house, house.lab, "cogreel:withdraw")
    await answered(house, house.people.chen, stage, "cogreel:withdraw")
    await house.told(house.people.chen, "There is nothing left to delete.")
    assert await house.rows("SELECT withdrawn_at_ms FROM job") == [(None,)]


@pytest.mark.parametrize(("attacker", "where"), [("chen", "video-lab"), ("mara", "lobby")])
async def test_a_form_is_taken_from_who_opened_it_where_they_did(
    house: House, attacker: str, where: str
) -> None:
    mara = house.people.mara
    panel: Json = (await mara.command(house.lab, "cogreel setup"))["message"]
    panel = (await mara.click(panel, button(panel, "Models")))["message"]
    modal = (await mara.click(panel, button(panel, "Ask about the cost of a video …")))["modal"]
    before = await everything_kept(house)
    person: Person = getattr(house.people, attacker)
    place = await person.channel(where)
    sent = await filled_in(house, person, place, modal, amount="0")
    assert "who opened this form" in await said(person, place, sent)
    assert await everything_kept(house) == before


async def test_an_edit_of_another_servers_video_makes_nothing(house: House) -> None:
    video = await house.video()
    bob = house.people.bob
    lobby = await bob.channel("lobby")
    modal = (await bob.click(video.message, button(video.message, "Edit")))["modal"]
    async with house.nothing_happens():
        await filled_in(house, bob, lobby, modal, prompt="mine now")
        await house.told(bob, "There is no video #1 here", lobby)


async def test_a_form_that_is_sent_twice_is_taken_once(house: House) -> None:
    video = await house.video()
    house.hold_renders()
    alice = house.people.alice
    channel = video.message["channel_id"]
    modal = (await alice.click(video.message, button(video.message, "Edit")))["modal"]
    for _ in range(3):
        await filled_in(house, alice, channel, modal, prompt="another")
    await house.says(channel, "another take of #1")
    await house.told(alice, "This form was sent before.", channel)
    takes = await house.rows("SELECT count(*) FROM job WHERE parent_job_id = 1")
    assert takes == [(1,)]
