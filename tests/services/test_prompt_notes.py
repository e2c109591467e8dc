"""A member is told what they should know of a prompt before anything is spent, and once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.domain.confirmation import GOOD_FOR, Confirmation, ConfirmationGoneError
from bot.domain.confirmation import ConfirmationNeededError as Needed
from bot.domain.errors import InvalidOptionError, NotAllowedError
from bot.domain.job import Job, Origin, TellBy
from bot.domain.money import Money
from bot.domain.storyboard import Shot
from bot.services import prompt_notes
from providers.capabilities import OPEN_COGVIDEOX_PROMPTS, capability_for
from tests.services.storyboarding import drafted
from tests.services.world import ALICE, BOB, GUILD, OPTIONS, asker, viewer

if TYPE_CHECKING:
    from bot.services.options import Options
    from tests.services.attachments import Attach
    from tests.services.world import Process, World

CAT = replace(OPTIONS, prompt="Кот идёт")
DOG = replace(OPTIONS, prompt="Пёс идёт")
FINE = replace(OPTIONS, prompt="An old fisherman in a yellow coat pulls in his net")


@pytest.fixture
def world(world: World) -> World:
    """A server whose model is documented to read English alone."""
    row = replace(capability_for("zai", "cogvideox-3"), prompt_advice=OPEN_COGVIDEOX_PROMPTS)
    world.rows = (row,)
    return world


async def asked(process: Process, options: Options = CAT) -> Confirmation:
    with pytest.raises(Needed) as needed:
        await process.submissions.submit(options, (), asker())
    assert needed.value.notes
    return needed.value.confirmation


async def change(
    process: Process, question: Confirmation, options: Options, user_id: int = ALICE
) -> Job:
    (job,) = await process.confirmations.change(
        question.confirmation_id,
        replace(options, model=question.request.model),
        asker(user_id=user_id),
        viewer=viewer(user_id=user_id),
    )
    return job


async def rows(process: Process, query: str) -> list[tuple[object, ...]]:
    return await process.database.read(lambda db: db.execute(query).fetchall())


async def test_the_note_comes_before_anything_is_spent_and_once_for_a_prompt(world: World) -> None:
    async with world.process() as process:
        request = process.submissions.check(CAT, (), guild_id=GUILD)
        assert process.submissions.asks_about(request, asker())
        question = await asked(process)
        assert await rows(process, "SELECT * FROM job") == []
        assert await rows(process, "SELECT * FROM ledger") == []
        assert not process.submissions.asks_about(request, asker())
        assert process.submissions.asks_about(request, asker(user_id=BOB)), "they were not told"
        (job,) = await process.confirmations.agree(
            question.confirmation_id, asker().visitor, viewer=viewer()
        )
        assert job.request == request
        again = await process.submissions.submit(CAT, (), asker())
        assert again.request == request
        await asked(process, DOG)


async def test_another_take_of_the_same_words_needs_no_note_and_an_edit_does(world: World) -> None:
    async with world.process() as process:
        question = await asked(process)
        (job,) = await process.confirmations.agree(
            question.confirmation_id, asker().visitor, viewer=viewer()
        )
        take = process.submissions.take_again
        sees = viewer(user_id=BOB)  # who was told nothing
        await take(job.job_id, asker(user_id=BOB, origin=Origin.AGAIN), edits=None, viewer=sees)
        same = replace(CAT, model=job.request.model)
        await take(job.job_id, asker(user_id=BOB, origin=Origin.EDIT), edits=same, viewer=sees)
        others = replace(DOG, model=job.request.model)
        edited = process.submissions.check_edits(job, others)
        bobs = asker(user_id=BOB, origin=Origin.EDIT)
        assert process.submissions.asks_about(edited, bobs, before=job.request)
        with pytest.raises(Needed) as needed:
            await take(job.job_id, bobs, edits=others, viewer=sees)
        assert "made for prompts in English alone" in str(needed.value)


async def test_other_words_take_the_place_of_those_that_were_asked_about(
    world: World, attach: Attach
) -> None:
    async with world.process() as process:
        by_message = replace(asker(origin=Origin.ANIMATE), tell_by=TellBy.MENTION)
        with pytest.raises(Needed) as needed:
            await process.submissions.submit(CAT, (attach("image"),), by_message)
        question = needed.value.confirmation
        with pytest.raises(NotAllowedError):
            await change(process, question, FINE, user_id=BOB)
        with pytest.raises(InvalidOptionError, match="takes at most 512"):
            await change(process, question, replace(FINE, prompt="x" * 513))
        with pytest.raises(Needed) as anew:
            await change(process, question, DOG)
        other = anew.value.confirmation
        with pytest.raises(ConfirmationGoneError):
            await change(process, question, FINE)
        job = await change(process, other, FINE)
        assert (job.request.prompt, job.request.images) == (FINE.prompt, question.request.images)
        assert (job.origin, job.tell_by) == (Origin.ANIMATE, TellBy.MENTION)
        with pytest.raises(ConfirmationGoneError):
            await process.confirmations.agree(
                other.confirmation_id, asker().visitor, viewer=viewer()
            )
        assert await rows(process, "SELECT kind FROM ledger") == [("reserve",)]


async def test_who_finds_other_words_has_as_long_again(world: World) -> None:
    async with world.process() as process:
        question = await asked(process)
        world.clock.advance((GOOD_FOR - timedelta(seconds=1)).total_seconds())
        await process.confirmations.keep_open(question.confirmation_id, viewer())
        world.clock.advance(60)
        assert (await change(process, question, FINE)).request.prompt == FINE.prompt
        with pytest.raises(ConfirmationGoneError):
            await process.confirmations.keep_open(question.confirmation_id, viewer())


async def test_other_words_at_a_price_are_asked_about_again(world: World) -> None:
    async with world.process() as process:
        limit = Money(micros=100_000, currency="USD")
        await process.policies.confirm_above(GUILD, limit, by=9)
        question = await asked(process)
        with pytest.raises(Needed, match=r"will cost up to \*\*USD 0.20\*\*. Make it\?") as anew:
            await change(process, question, FINE)
        assert (anew.value.notes, anew.value.is_about_cost) == ((), True)


async def test_no_more_prompts_are_remembered_than_so_many(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prompt_notes, "REMEMBERED_MAX", 1)
    async with world.process() as process:
        await asked(process)
        await asked(process, DOG)
        await asked(process)


async def test_a_question_that_everybody_sees_takes_no_other_words(world: World) -> None:
    async with world.process() as process:
        question = await asked(process)
        await process.confirmations.record_message(question.confirmation_id, 77)
        with pytest.raises(ConfirmationGoneError):  # no button there opens the form: it is forged
            await process.confirmations.keep_open(question.confirmation_id, viewer())
        with pytest.raises(ConfirmationGoneError):
            await change(process, question, FINE)


async def test_a_draft_says_of_each_shot_what_its_model_handles_badly_before_it_is_started(
    world: World,
) -> None:
    async with world.process() as process:
        board = await drafted(process, False, False)
        number = board.storyboard_id
        foreign = Shot(position=1, prompt=CAT.prompt, is_chained=True)
        for _ in range(2):  # as long as it has these words
            preview = await process.drafts.put_shot(number, asker(), foreign, None)
            (note,) = [note for shot, note in preview.notes if shot == 2]
            assert "made for prompts in English alone" in note
        mended = replace(foreign, prompt=FINE.prompt)
        preview = await process.drafts.put_shot(number, asker(), mended, None)
        assert not [note for shot, note in preview.notes if shot == 2]
        assert preview.price is not None
