"""Above a cost of the moderators' choosing, nothing is made before its member says yes."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from bot.demo.visit import picture, result_of
from bot.domain.money import Money
from bot.services.submissions import Submissions
from playground.person import button
from tests.e2e.house import PROMPT, SIZE, WISH, Files, labels

if TYPE_CHECKING:
    from playground.person import Json, Person
    from tests.e2e.house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")

DAWN: tuple[str, bytes] = ("dawn.png", picture("dawn"))
COSTS = "will cost up to **USD 0.20**. Make it?"
GONE = "This question does not stand any more. Nothing was started."


async def above(house: House, micros: int | None) -> None:
    """Let the moderators choose what is made without asking."""
    assert house.bot is not None
    amount = None if micros is None else Money(micros=micros, currency="USD")
    (guild,) = (here for here in house.bot.guilds if here.get_channel(int(house.lab)))
    await house.bot.services.policies.confirm_above(guild.id, amount, by=int(house.people.mara.id))


async def asked(house: House, person: Person | None = None, /, **more: object) -> Json:
    """The private question that somebody's wish leads to."""
    person = person or house.people.alice
    answer = await person.command(house.lab, "video create", **(WISH | more))
    assert answer["message"]["ephemeral"], "nobody else saw anything, not for a moment"
    question = await house.told(person, COSTS)
    assert labels(question) == ["Make it", "Cancel"]
    return question


async def press(house: House, question: Json, label: str, person: Person | None = None) -> Json:
    person = person or house.people.alice
    return await person.click(question, button(question, label))


async def made(house: House) -> list[tuple[object, ...]]:
    return await house.rows("SELECT job_id, origin, origin_key FROM job ORDER BY job_id")


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def dear(house: House) -> None:
    await above(house, 100_000)


async def test_nothing_is_made_before_the_member_says_yes(house: House) -> None:
    alice = house.people.alice
    async with house.nothing_happens():
        question = await asked(house)
        assert question["content"].startswith(f"This video {COSTS}")
        assert "everything that may cost more than USD 0.10" in question["content"]
    await press(house, question, "Make it")
    closed = await house.reads(question, "Video #1 is asked for.")
    assert labels(closed) == []
    status = await house.says(house.lab, "Video #1** is")
    video = await result_of(alice, house.lab, status["id"])
    assert video.message["channel_id"] == video.status["thread"]["id"]
    assert await made(house) == [(1, "command", "confirmation:1")]
    assert house.paid == 1


async def test_what_costs_no_more_than_that_is_made_at_once(house: House) -> None:
    await above(house, 200_000)
    await house.video()
    assert await house.rows("SELECT * FROM confirmation") == []


def foresee(monkeypatch: pytest.MonkeyPatch, *, a_question: bool) -> None:
    """As though the moderators changed their minds right after it was looked at."""

    def foreseen(*_: object, **__: object) -> bool:
        return a_question

    monkeypatch.setattr(Submissions, "asks_about", foreseen)


async def test_what_is_to_be_confirmed_since_a_moment_ago_is_asked_about_in_private_too(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    foresee(monkeypatch, a_question=False)
    alice = house.people.alice
    async with house.nothing_happens():
        await alice.command(house.lab, "video create", **WISH)
        question = await house.told(alice, COSTS)
    await press(house, question, "Make it")
    await house.reads(question, "Video #1 is asked for.")


async def test_what_is_let_pass_at_the_last_moment_is_made_without_a_question(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await above(house, None)
    foresee(monkeypatch, a_question=True)
    alice = house.people.alice
    await alice.command(house.lab, "video create", **WISH)
    await house.told(alice, "Video #1 is asked for.")
    status = await house.says(house.lab, "Video #1** is")
    await result_of(alice, house.lab, status["id"])


async def test_who_says_no_gets_nothing(house: House) -> None:
    async with house.nothing_happens():
        question = await asked(house)
        await press(house, question, "Cancel")
        closed = await house.reads(question, "nothing is kept")
        assert labels(closed) == []


async def test_who_extends_a_video_sees_with_the_question_what_it_begins_with(
    house: House,
) -> None:
    await first_video(house)
    alice = house.people.alice
    async with house.nothing_happens():
        await alice.command(house.lab, "video extend", job=1)
        question = await house.told(alice, COSTS)
        (frame,) = question["attachments"]
        assert frame["filename"] == "first-frame.jpg"
        assert frame["description"] == "The last frame of video #1"
        await press(house, question, "Cancel")
        assert (await house.reads(question, "nothing is kept"))["attachments"] == []

    route = "PATCH /webhooks/{webhook_id}/{webhook_token}/messages/@original"
    await house.knobs(faults=[{"route": route, "times": 1, "do": "status 403"}])
    await alice.command(house.lab, "video extend", job=1)
    question = await house.told(alice, COSTS)
    assert question["attachments"] == [], "it is asked without, where Discord takes no picture"
    await press(house, question, "Make it")
    await house.reads(question, "Video #2 is asked for.")
    status = await house.says(house.lab, "Video #2** is")
    await result_of(alice, house.lab, status["id"])
    (image,) = await house.rows("SELECT artifact_id FROM job_input WHERE job_id = 2")
    assert hashlib.sha256(await house.download(frame["url"])).hexdigest() == image[0]


@pytest.mark.parametrize(
    ("command", "files", "options"),
    [
        pytest.param("video create", {"image": DAWN}, {"size": SIZE}, id="an image"),
        pytest.param(
            "video create", {"image": DAWN, "last_image": DAWN}, {"size": SIZE}, id="frames"
        ),
        pytest.param("video references", {"image": DAWN}, {}, id="references"),
    ],
)
async def test_images_are_kept_until_the_member_says_yes_also_over_a_restart(
    house: House, command: str, files: Files, options: dict[str, object]
) -> None:
    alice = house.people.alice
    async with house.nothing_happens():
        await alice.command(house.lab, command, files, prompt=PROMPT, **options)
        question = await house.told(alice, "Make it?")
        await house.restart_bot()
    await press(house, question, "Make it")
    status = await house.says(house.lab, "Video #1** is")
    await result_of(alice, house.lab, status["id"])
    assert house.paid == 1


async def test_two_presses_at_once_make_one_video(house: House) -> None:
    question = await asked(house)
    await asyncio.gather(*(press(house, question, "Make it") for _ in range(2)))
    await house.reads(question, "Video #1 is asked for.")
    status = await house.says(house.lab, "Video #1** is")
    await result_of(house.people.alice, house.lab, status["id"])
    assert len(await made(house)) == house.paid == 1


async def test_nobody_else_can_answer(house: House) -> None:
    alice, bob = house.people.alice, house.people.bob
    first = await first_video(house)
    await alice.react(first, "🔁")
    question = await house.says(first["channel_id"], "Make it?")
    async with house.nothing_happens():
        for label in ("Make it", "Cancel"):
            await press(house, question, label, bob)
            await house.told(
                bob, "Only the member who was asked can answer this.", first["channel_id"]
            )
    await press(house, question, "Make it")
    await house.says(first["channel_id"], "another take of #1")


async def with_a_dearer_account(house: House) -> None:
    """CNY 1.00 is USD 0.30, and USD 0.20 is the price until it may stand in."""
    await house.restart_bot(
        accounts={"second": {"gateway": "bigmodel", "api_key": "k"}},
        exchange_rates={"CNY": "0.3"},
    )


async def let_it_be_dearer(house: House) -> None:
    mara = house.people.mara
    await mara.command(house.lab, "cogreel stand-in", allowed="yes")
    await house.told(mara, "may stand in")


async def first_video(house: House) -> Json:
    """A finished video, made while nobody was asked."""
    await above(house, None)
    first = await house.video()
    await above(house, 100_000)
    return first.message


async def gone(house: House, question: Json) -> None:
    """Look until the public question is no longer there."""
    async with asyncio.timeout(20):
        while await house.people.alice.message(question["channel_id"], question["id"]):
            await house.people.alice.command(house.lab, "video queue")


async def test_who_reacts_is_asked_where_they_reacted_and_the_question_goes_when_answered(
    house: House,
) -> None:
    alice = house.people.alice
    first = await first_video(house)
    await alice.react(first, "🔁")
    question = await house.says(first["channel_id"], "Make it?")
    assert question["content"].startswith(f"<@{alice.id}> Another take of #1 {COSTS}")
    assert len(await made(house)) == 1
    await alice.unreact(first, "🔁")
    await alice.react(first, "🔁")  # the same question
    await press(house, question, "Make it")
    status = await house.says(first["channel_id"], "another take of #1")
    await result_of(alice, first["channel_id"], status["id"])
    await gone(house, question)
    assert [origin for _, origin, _ in await made(house)] == ["command", "reaction"]
    assert not [text for text in house.public() if "Make it?" in text]


async def test_who_cannot_be_asked_where_they_reacted_is_told_so_and_may_react_again(
    house: House,
) -> None:
    alice = house.people.alice
    first = await first_video(house)
    route = "POST /channels/{channel_id}/messages"
    await house.knobs(faults=[{"route": route, "times": 1, "do": "status 403"}])
    async with house.nothing_happens():
        await alice.react(first, "🔁")
        await house.direct(alice, "I could not ask you where you reacted. Nothing was started.")
    await alice.unreact(first, "🔁")
    await alice.react(first, "🔁")
    question = await house.says(first["channel_id"], COSTS)
    await press(house, question, "Make it")
    await house.says(first["channel_id"], "another take of #1")
    assert await house.rows("SELECT count(*) FROM confirmation WHERE confirmation_id > 1") == [(0,)]


async def test_a_question_whose_receipt_was_lost_stands_there_once(house: House) -> None:
    alice = house.people.alice
    first = await first_video(house)
    route = "POST /channels/{channel_id}/messages"
    await house.knobs(faults=[{"route": route, "times": 1, "do": "lost_answer"}])
    await alice.react(first, "🔁")
    await house.says(first["channel_id"], COSTS)
    await house.direct(alice, "I could not ask you where you reacted")  # so it thinks
    await alice.unreact(first, "🔁")
    await alice.react(first, "🔁")
    question = await house.says(first["channel_id"], COSTS)
    while await house.rows("SELECT 1 FROM confirmation WHERE message_id IS NULL"):
        pass  # until it has asked once more, which shows what stands there
    await press(house, question, "Cancel")
    await gone(house, question)
    assert not [text for text in house.public() if COSTS in text]


async def test_another_take_and_an_edit_are_asked_about_too(house: House) -> None:
    alice = house.people.alice
    first = await first_video(house)
    thread = first["channel_id"]
    async with house.nothing_happens():
        await alice.click(first, button(first, "Again"))
        question = await house.told(alice, COSTS, thread)
    await press(house, question, "Make it")
    await house.reads(question, "Video #2 is asked for.")
    modal = (await alice.click(first, button(first, "Edit")))["modal"]
    await alice.submit(modal, prompt="A steamer", size=SIZE, duration="model", quality="model")
    other = await house.told(alice, COSTS, thread)
    await press(house, other, "Make it")
    await house.reads(other, "Video #3 is asked for.")
    rows = await house.rows("SELECT origin, parent_job_id FROM job WHERE job_id > 1")
    assert sorted(rows) == [("again", 1), ("edit", 1)]
    # As where nobody is asked: the channel above is what the thread is public by.
    above_it = await house.rows("SELECT DISTINCT parent_channel_id FROM job WHERE job_id > 1")
    assert above_it == [(int(house.lab),)]


async def test_a_question_that_has_expired_says_so(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.confirmations.GOOD_FOR", timedelta(0))
    async with house.nothing_happens():
        question = await asked(house)
        await press(house, question, "Make it")
        told = await house.told(house.people.alice, GONE)
        assert "Use the command, button or reaction again" in told["content"]


async def test_a_public_question_goes_when_it_has_expired(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await first_video(house)
    monkeypatch.setattr("cogs.confirming.SWEEP_S", 0.05)
    await house.restart_bot()
    monkeypatch.setattr("storage.confirmations.GOOD_FOR", timedelta(seconds=1))
    await house.people.alice.react(first, "🔁")
    question = await house.says(first["channel_id"], "Make it?")
    await gone(house, question)
    async with asyncio.timeout(20):
        while await house.rows("SELECT * FROM confirmation"):
            await house.people.alice.command(house.lab, "video queue")
    assert len(await made(house)) == 1


async def test_at_another_price_the_member_is_asked_again(house: House) -> None:
    await with_a_dearer_account(house)
    question = await asked(house)
    await let_it_be_dearer(house)
    async with house.nothing_happens():
        await press(house, question, "Make it")
        dearer = await house.reads(question, "The price is another one by now.")
    assert "will cost up to **CNY 1.00**. Make it?" in dearer["content"]
    await press(house, dearer, "Make it")
    await house.reads(dearer, "Video #1 is asked for.")
    held = await house.rows("SELECT micros, currency FROM ledger WHERE kind = 'reserve'")
    assert held == [(1_000_000, "CNY")]


async def test_a_public_question_is_asked_again_in_its_place(house: House) -> None:
    await with_a_dearer_account(house)
    first = await first_video(house)
    await house.people.alice.react(first, "🔁")
    question = await house.says(first["channel_id"], "Make it?")
    await let_it_be_dearer(house)
    await press(house, question, "Make it")
    dearer = await house.reads(question, "CNY 1.00")
    await press(house, dearer, "Cancel")
    await gone(house, question)
    assert len(await made(house)) == 1


async def test_a_word_that_was_blocked_meanwhile_stops_it(house: House) -> None:
    question = await asked(house)
    await house.people.mara.command(house.lab, "moderate words add", text="boat")
    async with house.nothing_happens():
        await press(house, question, "Make it")
        await house.told(house.people.alice, "boat")


async def test_a_limit_that_was_used_up_meanwhile_stops_it_and_the_question_stands(
    house: House,
) -> None:
    mara, alice = house.people.mara, house.people.alice
    question = await asked(house)
    await mara.command(house.lab, "quota set", videos=0, per="day", member=alice.id)
    async with house.nothing_happens():
        await press(house, question, "Make it")
        await house.told(alice, "Your limit of 0 videos per day")
    await mara.command(house.lab, "quota clear", per="day", member=alice.id)
    await press(house, question, "Make it")
    await house.reads(question, "Video #1 is asked for.")


async def test_who_has_nothing_left_is_refused_before_they_are_asked(house: House) -> None:
    mara, alice = house.people.mara, house.people.alice
    await mara.command(house.lab, "quota set", videos=0, per="day", member=alice.id)
    async with house.nothing_happens():
        await alice.command(house.lab, "video create", **WISH)
        await house.told(alice, "Your limit of 0 videos per day")
    assert await house.rows("SELECT * FROM confirmation") == []
