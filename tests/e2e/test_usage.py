"""What was made, paid and waited for, looked at by moderators and by who made it."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PIL import Image, ImageColor

from media.chart import BAR, WIDTH_PX

if TYPE_CHECKING:
    from playground.person import Json, Person
    from tests.e2e.house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")

CHART = "cogreel-usage.png"


async def looks(house: House, person: Person, **options: object) -> Json:
    """What somebody sees of `/usage`: always in private."""
    message: Json = (await person.command(house.lab, "usage", **options))["message"]
    assert message["ephemeral"]
    return await person.see(
        house.lab, lambda seen: seen["id"] == message["id"] and bool(seen["content"])
    )


async def chart_of(house: House, message: Json) -> Image.Image:
    """The picture of an answer, which says in words what it shows."""
    (file,) = message["attachments"]
    assert file["filename"] == CHART
    assert file["description"].startswith("A chart: ")
    return Image.open(io.BytesIO(await house.download(file["url"])))


async def test_moderators_see_the_server_and_members_themselves_as_picture_and_text(
    house: House,
) -> None:
    people = house.people
    nothing = await looks(house, people.mara)
    assert nothing["content"].endswith("(UTC): no video was made.")
    assert nothing["attachments"] == []

    for person in (people.alice, people.alice, people.bob):
        await house.video(person)

    by_day = await looks(house, people.mara, days=7)
    assert "**3 videos**" in by_day["content"]
    assert ": 3\n-# " in by_day["content"], "today is the last day"
    picture = await chart_of(house, by_day)
    assert (picture.format, picture.width) == ("PNG", WIDTH_PX)
    colours = picture.convert("RGB").getcolors(picture.width * picture.height) or []
    assert ImageColor.getrgb(BAR) in {colour for _, colour in colours}

    by_member = await looks(house, people.mara, by="member", of="money")
    assert "**USD 0.60**" in by_member["content"]
    lines = by_member["content"].splitlines()
    assert lines[1] == f"1. <@{people.alice.id}>: 0.40"
    assert lines[2] == f"2. <@{people.bob.id}>: 0.20"
    await chart_of(house, by_member)

    by_role = await looks(house, people.mara, by="role", days=90)
    assert "1. <@&" in by_role["content"]
    await chart_of(house, by_role)

    waiting = await looks(house, people.mara, of="waiting")
    assert "**Time in line per day**" in waiting["content"]
    assert "of the command." in waiting["content"]
    await chart_of(house, waiting)

    own = await looks(house, people.bob)
    assert "**1 video**" in own["content"]
    assert f"<@{people.bob.id}>" in own["content"]
    of_bob = await looks(house, people.mara, member=people.bob.id)
    assert of_bob["content"] == own["content"]
    assert not any(CHART in text for text in house.public())


async def test_members_see_nobody_elses_and_moderators_are_told_what_does_not_go_together(
    house: House,
) -> None:
    people = house.people
    for options in ({"by": "member"}, {"by": "role"}, {"member": people.bob.id}):
        message = await looks(house, people.alice, **options)
        assert message["content"].startswith("Only moderators (with **Manage Server**) see what")
        assert message["attachments"] == []
    both = await looks(house, people.mara, member=people.bob.id, by="role")
    assert both["content"].startswith("What one member made is shown by day.")


async def test_everybody_reads_it_in_their_own_language(house: House) -> None:
    people = house.people
    await house.video()
    users = house.playground.world.users
    users[people.alice.id] = replace(users[people.alice.id], locale="ja")
    own = await looks(house, people.alice)
    assert "日別の動画数" in own["content"]
    assert own["attachments"][0]["description"].startswith("グラフ")
