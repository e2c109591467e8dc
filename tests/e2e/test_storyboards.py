"""A member writes a storyboard in Discord, starts it once, and gets one film in its thread."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bot.demo.visit import picture
from playground.person import button, words
from tests.e2e.house import PROMPT, SIZE, WITHIN_S, labels
from tests.media.making import clip_maker

if TYPE_CHECKING:
    from pathlib import Path

    from playground.person import Json
    from tests.e2e.house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")

PICTURE = ("dawn.png", picture("dawn"))


def control(message: Json, verb: str) -> str:
    """The custom id of a select of the draft."""
    found = [item["custom_id"] for row in message["components"] for item in row["components"]]
    return str(next(each for each in found if each.startswith(f"cogreel:draft:{verb}:")))


async def add(house: House, draft: Json, then: str, **values: object) -> Json:
    """Add a shot, and give the draft as it is once it says so."""
    alice = house.people.alice
    form = await alice.click(draft, button(draft, "Add shot"))
    await alice.submit(form["modal"], **values)
    return await house.reads(draft, then)


async def test_a_storyboard_is_written_started_and_shown_and_a_shot_of_it_retaken(
    house: House, tmp_path: Path
) -> None:
    clip = clip_maker(tmp_path / "clip.mp4")(size=(640, 360), audio="aac")
    house.emulator.knobs.update({"result_file": str(clip)})
    alice, bob = house.people.alice, house.people.bob
    async with house.nothing_happens():
        await alice.command(house.lab, "video defaults set", size="1920x1080", quality="speed")
        draft = (await alice.command(house.lab, "video storyboard", size=SIZE))["message"]
        assert draft["ephemeral"]
        assert f"CogVideoX-3 · {SIZE} · quality: speed\nNo shots yet" in draft["content"]
        assert labels(draft) == ["Add shot", "Discard"]
        draft = await add(house, draft, "costs up to USD 0.20", prompt=PROMPT)
        draft = await add(house, draft, "frame of shot 1", prompt=PROMPT, start="former")
        draft = await add(house, draft, "up to USD 0.60", prompt="One too many", start="given")
    await house.restart_bot()
    await alice.pick(draft, control(draft, "remove"), "2")
    draft = await house.reads(draft, "costs up to USD 0.40")
    form = await alice.pick(draft, control(draft, "edit"), "1")
    assert form["modal"]["title"] == "Shot 2"
    await alice.submit(form["modal"], prompt=f"{PROMPT}, still", start="former")
    draft = await house.reads(draft, "still")

    house.hold_renders()
    await alice.click(draft, button(draft, "Start"))
    closed = await house.reads(draft, "Storyboard #1 is asked for.")
    assert labels(closed) == []
    status = await house.says(house.lab, "Storyboard #1")
    assert "waits for shot 1" in status["content"]
    assert labels(status) == ["Retake a shot", "Tell me"]
    house.let_renders_end()
    thread = str(status["id"])
    film = await alice.see(thread, lambda seen: "Video #3**" in words(seen))
    assert labels(film) == ["Retake a shot", "Favourite", "Send to me", "Report"]
    assert (await house.clip(film)).duration_s == pytest.approx(2, abs=0.2)
    posted = [words(seen) for seen in await alice.messages(thread)]
    assert sum("Video #" in content for content in posted) == 3
    status = await house.reads(status, "is done: the film is video #3")
    assert "cost USD 0.40" in status["content"]

    refused = await bob.click(film, button(film, "Retake a shot"))
    assert "Only the member who asked for it" in refused["message"]["content"]
    which = (await alice.click(film, button(film, "Retake a shot")))["message"]
    form = await alice.pick(which, "cogreel:reshoot:1", "1")
    prompt, *others = form["modal"]["components"]
    assert prompt["description"] == "Costs up to USD 0.20."
    assert [each["label"] for each in others] == ["Image", "Starts from", "Duration", "Quality"]
    chosen = {"start": "former", "duration": "5", "quality": "quality"}
    await alice.submit(form["modal"], prompt=PROMPT, **chosen)
    await house.reads(status, "is done: the film is video #5")
    retaken = await alice.see(thread, lambda seen: "Video #4**" in words(seen))
    assert "from first frame" in words(retaken)
    assert "quality: quality" in words(retaken)
    assert house.paid == 3


async def test_a_look_fills_a_form_that_makes_a_video(house: House) -> None:
    alice = house.people.alice
    listed = (await alice.command(house.lab, "video looks"))["message"]
    assert "Ink wash" in listed["content"]
    assert listed["ephemeral"]
    offered = await alice.autocomplete(house.lab, "video looks", "look", look="an")
    assert [each["value"] for each in offered] == ["3d", "anime"]
    unknown = (await alice.command(house.lab, "video looks", look="cubism"))["message"]
    assert "Choose one of these: `photo`" in unknown["content"]
    mara = house.people.mara
    for name, says in (("Photo", "no name for a look"), ("noir", "Members find the look `noir`")):
        own = (await mara.command(house.lab, "cogreel looks add", name=name))["modal"]
        kept = await mara.submit(
            own, style="Film noir", subject="", action="", setting="", camera=""
        )
        assert says in kept["message"]["content"]
    assert "Film noir" in (await alice.command(house.lab, "video looks"))["message"]["content"]
    await mara.command(house.lab, "cogreel looks remove", name="noir")
    form = (await alice.command(house.lab, "video looks", look="noir"))["message"]
    assert "There is no such look" in form["content"]
    log = (await mara.command(house.lab, "moderate log"))["message"]["content"]
    assert "added the look noir" in log
    assert "removed the look noir" in log
    await alice.command(house.lab, "video defaults set", audio=True)
    form = (await alice.command(house.lab, "video looks", look="ink-wash"))["modal"]
    assert form["title"] == "Ink wash"
    assert len(form["components"]) == 5
    house.hold_renders()
    words = {"action": "sleeps", "setting": "", "camera": "still wide shot", "light": "calm"}
    await alice.submit(form, subject="a crane", **words)
    status = await house.says(house.lab, "a crane sleeps. still wide shot. calm.")
    assert "Chinese ink wash" in status["content"]
    assert " · sound" in status["content"]


async def test_a_shot_has_its_own_picture_and_a_dear_storyboard_is_asked_about(
    house: House,
) -> None:
    alice, mara = house.people.alice, house.people.mara
    panel = (await mara.command(house.lab, "cogreel setup"))["message"]
    panel = (await mara.click(panel, button(panel, "Models")))["message"]
    form = await mara.click(panel, button(panel, "Ask about the cost of a video …"))
    await mara.submit(form["modal"], amount="0.30")
    draft = (await alice.command(house.lab, "video storyboard"))["message"]
    form = await alice.click(draft, button(draft, "Add shot"))
    await house.api.send(
        "/modal",
        {"as": alice.id, "modal": form["modal"]["id"], "values": {"prompt": PROMPT}},
        {"image": PICTURE},
    )
    draft = await house.reads(draft, "starts from its image")
    draft = await add(house, draft, "up to USD 0.40", prompt=PROMPT, start="given")
    async with house.nothing_happens():
        await alice.click(draft, button(draft, "Start"))
        question = await house.reads(draft, "will cost up to **USD 0.40** in all. Make it?")
        await alice.click(question, button(question, "Back"))
        draft = await house.reads(draft, "Your storyboard")
        await alice.click(draft, button(draft, "Start"))
        question = await house.reads(draft, "Make it?")
    house.hold_renders()
    await alice.click(question, button(question, "Make it"))
    await house.reads(draft, "Storyboard #1 is asked for.")
    draft = (await alice.command(house.lab, "video storyboard"))["message"]
    await alice.click(draft, button(draft, "Discard"))
    await house.reads(draft, "The draft is deleted.")


async def test_who_wants_to_know_is_told_of_the_film_or_that_none_comes(
    house: House, tmp_path: Path
) -> None:
    clip = clip_maker(tmp_path / "clip.mp4")(size=(640, 360))
    house.emulator.knobs.update({"result_file": str(clip)})
    alice, bob = house.people.alice, house.people.bob
    house.hold_renders()
    draft = (await alice.command(house.lab, "video storyboard", notify="direct message"))["message"]
    assert "gets a direct message when it is done" in draft["content"]
    draft = await add(house, draft, "costs up to USD 0.20", prompt=PROMPT)
    draft = await add(house, draft, "up to USD 0.40", prompt=PROMPT, start="given")
    await alice.click(draft, button(draft, "Start"))
    status = await house.says(house.lab, "Storyboard #1")
    assert labels(status) == ["Retake a shot", "Do not tell me"]
    await bob.click(status, button(status, "Do not tell me"))
    await house.told(bob, "Only the member who asked for it can be told when this film is done")
    await alice.click(status, button(status, "Do not tell me"))
    await house.told(alice, "I do not tell you of this film.")
    async with asyncio.timeout(WITHIN_S):
        while "Tell me" not in labels(status):
            status = await house.reads(status, "Storyboard #1")
    assert "direct message" not in status["content"]
    await alice.click(status, button(status, "Tell me"))
    await house.told(alice, "You are told when the film is done")
    await house.reads(status, f"<@{alice.id}> is mentioned when it is done")
    async with asyncio.timeout(WITHIN_S):
        while not await house.rows("SELECT 1 FROM job WHERE state = 'rendering'"):
            await house.people.alice.messages(house.lab)
    await house.restart_bot()
    house.let_renders_end()
    film = await alice.see(str(status["id"]), lambda seen: "Video #3**" in words(seen))
    assert film["mentions"] == [alice.id]
    house.wanted_pings.append(words(film))
    status = await house.reads(status, "is done: the film is video #3")
    assert labels(status) == ["Retake a shot"]

    house.emulator.knobs.update({"faults": [{"on": "create", "do": "error 400 1301"}]})
    draft = (await alice.command(house.lab, "video storyboard", notify="mention"))["message"]
    draft = await add(house, draft, "costs up to USD 0.20", prompt="A storm")
    draft = await add(house, draft, "frame of shot 1", prompt=PROMPT, start="former")
    await alice.click(draft, button(draft, "Start"))
    told = await house.says(house.lab, "🔔 **Storyboard #2** stands still")
    status = await house.says(house.lab, "⚠️ **Storyboard #2** stands still")
    assert words(told).endswith(f"/{status['channel_id']}/{status['id']}")
    assert labels(status) == ["Retake a shot"]
    assert told["mentions"] == [alice.id]
    house.wanted_pings.append(told["content"])
