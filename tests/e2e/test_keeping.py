"""What was made is shown again, collected, sent, reported; and goes everywhere when it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cogs import clearing, gallery, put_off
from playground.person import button, words
from tests.e2e.crash_house import until
from tests.e2e.house import WISH, gallery_of, labels, link_of
from tests.e2e.test_private_channels import private_channel

if TYPE_CHECKING:
    from playground.person import Json, Person
    from tests.e2e.house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")

POSTS = "SELECT kind, job_id, message_id FROM further_post ORDER BY post_id"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clearing, "SWEEP_S", 0.02)
    monkeypatch.setattr(gallery, "SWEEP_S", 0.02)
    monkeypatch.setattr(put_off, "FIRST_WAIT_S", 0.02)


async def press(person: Person, message: Json, label: str) -> str:
    """Press a button; what its person is told, in private."""
    interaction = await person.click(message, button(message, label))
    begun = interaction["message"]
    assert begun["ephemeral"]
    told = await person.see(
        begun["channel_id"], lambda seen: seen["id"] == begun["id"] and bool(seen["content"])
    )
    return str(told["content"])


async def shown(person: Person, channel: str, job: int = 1) -> Json:
    """The answer to /video show, once it says something."""
    begun = (await person.command(channel, "video show", job=job))["message"]
    return await person.see(
        channel,
        lambda seen: words(seen) != "" and int(seen["id"]) >= int(begun["id"]),
    )


async def is_there(house: House, message: Json) -> bool:
    found = await house.people.alice.message(message["channel_id"], message["id"])
    return found is not None


async def set_up_gallery(house: House, channel: str, stars: int) -> None:
    mara = house.people.mara
    panel = (await mara.command(house.lab, "cogreel setup"))["message"]
    panel = (await mara.click(panel, button(panel, "Gallery and reactions")))["message"]
    panel = (await mara.pick(panel, "cogreel:setup:gallery", channel))["message"]
    form = await mara.click(panel, button(panel, "Stars for the gallery …"))
    panel = (await mara.submit(form["modal"], stars=str(stars)))["message"]
    assert f"Gallery: <#{channel}>, from {stars} star" in panel["content"]


async def test_a_video_is_shown_again_and_goes_with_its_result(house: House) -> None:
    alice, bob = house.people.alice, house.people.bob
    result = await house.video()
    general = await bob.channel("general")
    again = await shown(bob, general)
    assert not again["ephemeral"]
    head, prompt, settings, why = words(again).splitlines()
    assert head == f"📌 **Video #1** for <@{alice.id}>"
    assert prompt == "> A paper boat on a quiet lake"
    assert settings.startswith("-# CogVideoX-3 · from text · 1280x720 · 5 s · 30 fps")
    assert why.startswith(f"-# shown again by <@{bob.id}> · [where it was posted first](")
    assert [item["description"] for item in gallery_of(again)] == ["A paper boat on a quiet lake"]
    assert f"/{result.message['channel_id']}/{result.message['id']}>)" in why
    assert (await house.clip(again)).size == "1280x720"
    assert labels(again) == labels(result.message)
    assert house.paid == 1

    take = await bob.click(again, button(again, "Again"))
    await house.reads(take["message"], "is done", bob)
    assert "made of it: #2" in words(await shown(alice, house.lab))

    await house.people.mara.use_on(general, "Take this video down", again["id"])

    async def cleared() -> bool:
        return await house.rows(POSTS) == []

    await until(cleared)
    for message in (again, result.message):
        assert not await is_there(house, message)
    refused = await shown(alice, general)
    assert refused["ephemeral"]
    assert "nothing left of video #1: the moderators" in refused["content"]


async def test_what_discord_does_not_take_any_more_is_posted_again_as_a_link(house: House) -> None:
    alice, bob = house.people.alice, house.people.bob
    result = await house.video()
    await house.knobs(attachment_limit_bytes=1_000)  # less than the clip, and than its pictures
    bare = await shown(bob, house.lab)
    assert words(bare).startswith("📌 **Video #1**")
    assert "The file is larger than can be posted here: watch or download it, until" in words(bare)
    assert bare["attachments"] == []
    link = link_of(bare)
    assert await house.download(link) == await house.download(
        result.message["attachments"][0]["url"]
    )
    await house.knobs(attachment_limit_bytes=10 * 2**20)
    assert "is in your direct messages" in await press(alice, result.message, "Send to me")
    sent = await house.direct(alice, "✉️ **Video #1**")
    assert "The file is larger than can be posted here" in words(sent), "there is no server there"
    assert [item["description"] for item in gallery_of(sent)] == ["A paper boat on a quiet lake"]
    assert sent["attachments"][0]["filename"] == "cogreel-1.jpg"
    assert link_of(sent) == link
    assert list((house.state_dir / "files").glob("poster-*")) == []


async def test_why_a_video_is_not_shown_is_said_in_private(house: House) -> None:
    alice, bob, chen = house.people.alice, house.people.bob, house.people.chen
    general = await private_channel(house)
    begun = (await alice.command(general, "video create", **WISH))["message"]
    await house.reads(begun, "is done")
    assert "in a channel that is not for everybody" in (await shown(bob, house.lab))["content"]
    assert "There is no video #1 here" in (await shown(chen, house.lab))["content"]
    inside = await shown(bob, general)
    assert not inside["ephemeral"]

    result = await house.video()
    for path in (house.state_dir / "files").glob("*.mp4"):
        path.unlink()
    refused = await shown(bob, house.lab, 2)
    assert "I have no file of video #2" in refused["content"]
    assert f"{result.message['channel_id']}/{result.message['id']}>" in refused["content"]
    house.playground.world.channels[result.message["channel_id"]].messages.pop(result.message["id"])
    refused = await shown(bob, house.lab, 2)
    assert "nothing left of video #2: its file is not kept any more" in refused["content"]
    house.hold_renders()
    await house.reads(await house.ask(), "is rendering")
    assert "Video #3 is not done." in (await shown(bob, house.lab, 3))["content"]


async def test_stars_collect_and_enough_of_them_bring_a_video_into_the_gallery_once(
    house: House,
) -> None:
    people = house.people
    result = await house.video()
    general = await people.mara.channel("general")
    await set_up_gallery(house, general, 2)
    star = result.message
    assert "is one of your favourites now" in await press(people.alice, star, "Favourite")
    await people.bob.react(star, "⭐")
    await people.echo.react(star, "⭐")
    assert "favourites now" in await press(people.chen, result.message, "Favourite")

    entry = await people.alice.see(general, lambda seen: words(seen).startswith("⭐ "))
    assert f"Video #1** for <@{people.alice.id}>" in words(entry)
    assert "-# came here when 2 members had collected it · [where it" in words(entry)
    assert len(gallery_of(entry)) == 1
    assert labels(entry) == ["Favourite", "Send to me", "Report"]
    assert (await house.clip(entry)).size == "1280x720"

    listed = await people.bob.command(house.lab, "video history", favourites="yes")
    assert f"· <@{people.alice.id}> ·" in listed["message"]["content"]
    await people.bob.unreact(star, "⭐")
    await until(lambda: _stars(house, 2))
    assert "none of your favourites" in await press(people.chen, entry, "Favourite")
    listed = await people.chen.command(house.lab, "video history", favourites="yes")
    assert listed["message"]["content"].startswith("You have no favourites here yet.")
    await people.bob.react(entry, "⭐")
    await people.mara.react(entry, "⭐")
    await until(lambda: _stars(house, 3))
    await house.restart_bot()
    assert await is_there(house, entry)
    assert [kind for kind, *_ in await house.rows(POSTS)] == ["gallery"]
    entries = [seen for seen in await people.alice.messages(general) if "⭐ **" in words(seen)]
    assert len(entries) == 1
    await house.stop_bot()  # the backup that is restored was made before the first star
    await house.rows_written("DELETE FROM further_post")
    await house.rows_written("DELETE FROM favourite")
    (house.state_dir / "restored-at").write_text(str(2**42))
    await house.start_bot()
    await people.bob.react(result.message, "⭐")
    await press(people.chen, result.message, "Favourite")

    async def found_again() -> bool:
        return await house.rows(POSTS) == [("gallery", 1, int(entry["id"]))]

    await until(found_again)
    await people.mara.react(entry, "🔁")  # makes nothing there
    await people.mara.command(house.lab, "video queue")
    assert await house.rows("SELECT count(*) FROM job") == [(1,)]

    await people.mara.command(house.lab, "moderate takedown", video="1")

    async def gone() -> bool:
        return not await is_there(house, entry)

    await until(gone)


async def _stars(house: House, wanted: int) -> bool:
    return await house.rows("SELECT count(*) FROM favourite") == [(wanted,)]


async def test_a_gallery_shows_nothing_of_private_channels(house: House) -> None:
    people = house.people
    private = await private_channel(house)
    begun = (await people.alice.command(private, "video create", **WISH))["message"]
    await house.reads(begun, "is done")
    await set_up_gallery(house, house.lab, 1)
    done = await people.alice.see(begun["id"], lambda seen: bool(seen["attachments"]))
    assert "favourites now" in await press(people.bob, done, "Favourite")

    async def dropped() -> bool:
        return await house.rows(POSTS) == []

    await until(dropped)
    result = await house.video()  # and what everybody sees goes there
    await people.bob.react(result.message, "⭐")
    entry = await people.alice.see(house.lab, lambda seen: words(seen).startswith("⭐ "))
    assert "Video #2" in words(entry)
    assert "came here when 1 member had collected it" in words(entry)


async def test_a_video_is_sent_and_reported_by_button_and_by_reaction(house: House) -> None:
    people = house.people
    result = await house.video()
    assert "is in your direct messages" in await press(people.bob, result.message, "Send to me")
    sent = await house.direct(people.bob, "✉️ **Video #1**")
    assert (await house.clip(sent)).size == "1280x720"
    assert "-# sent to you, as you asked · [where it" in words(sent)
    assert labels(sent) == []
    await people.chen.react(result.message, "✉️")
    copy = await house.direct(people.chen, "✉️ **Video #1**")
    await house.knobs(closed_dms=[people.mara.id])
    refused = await press(people.mara, result.message, "Send to me")
    assert "I may not send you direct messages" in refused

    assert "was passed on to the moderators" in await press(people.bob, result.message, "Report")
    assert "You reported video #1 before." in await press(people.bob, result.message, "Report")
    await people.chen.react(result.message, "🚩")
    await house.direct(people.chen, "was passed on to the moderators")
    log = (await people.mara.command(house.lab, "moderate log"))["message"]["content"]
    place = f"{result.message['channel_id']}/{result.message['id']}"
    for person in (people.bob, people.chen):
        assert f"<@{person.id}> reported video #1 of <@{people.alice.id}>" in log
    assert log.count(f"{place}> *Take this video down*") == 2

    asked = (await people.alice.command(house.lab, "privacy delete"))["message"]
    await people.alice.click(asked, button(asked, "Delete all of it"))

    async def gone() -> bool:
        return await house.rows(POSTS) == []

    await until(gone)
    for person, message in ((people.bob, sent), (people.chen, copy)):
        assert await person.message(message["channel_id"], message["id"]) is None


async def test_what_is_taken_down_while_it_is_sent_does_not_stay(house: House) -> None:
    result = await house.video()
    bob = house.people.bob
    await press(bob, result.message, "Send to me")
    sent = await house.direct(bob, "✉️ **Video #1**")
    assert house.bot is not None
    keeping = house.bot.services.keeping
    (post,) = await keeping.further_posts.of_job(1)
    # As though it came to be only now, after everything else was cleared away.
    await house.rows_written("DELETE FROM further_post")
    await keeping.further_poster.record_posted(post, int(sent["id"]))
    assert await bob.message(sent["channel_id"], sent["id"]) is None


async def test_a_server_chooses_its_own_reactions(house: House) -> None:
    alice, mara = house.people.alice, house.people.mara
    result = await house.video()
    panel = (await mara.command(house.lab, "cogreel setup"))["message"]
    panel = (await mara.click(panel, button(panel, "Gallery and reactions")))["message"]

    async def chosen(**emoji: str) -> str:
        form = await mara.click(panel, button(panel, "What reactions do …"))
        usual = {"again": "🔁", "cancel": "❌", "favourite": "⭐", "send": "✉️", "report": "🚩"}
        interaction = await mara.submit(form["modal"], **(usual | emoji))
        return str(interaction["message"]["content"])

    assert "`hello` is no emoji" in await chosen(again="hello")
    assert "⭐ cannot do two things at once" in await chosen(again="⭐")
    assert "Reactions: 💛 ✉️ 🚩" in await chosen(again="", cancel="", favourite="💛")
    async with house.nothing_happens():
        await alice.react(result.message, "🔁")
        await alice.react(result.message, "⭐")
        await alice.react(result.message, "💛")
        await until(lambda: _stars(house, 1))
    await alice.unreact(result.message, "💛")
    await until(lambda: _stars(house, 0))


async def test_nobody_floods_by_having_videos_shown(house: House) -> None:
    await house.video()
    await house.stop_bot()
    await house.rows_written(
        "WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 10)"
        " INSERT INTO further_post (job_id, guild_id, kind, by_user_id, wanted_at_ms)"
        " SELECT 1, guild_id, 'shown', user_id, state_at_ms FROM number, job"
    )
    await house.start_bot()
    refused = await shown(house.people.alice, house.lab)
    assert refused["ephemeral"]
    assert "10 videos posted again" in refused["content"]
