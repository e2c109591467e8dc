"""Above a cost, nothing is made before its member says yes, and then once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.domain.block import BlockedMemberError
from bot.domain.confirmation import (
    GOOD_FOR,
    PENDING_MAX,
    AlreadyConfirmedError,
    Confirmation,
    ConfirmationGoneError,
    ConfirmationNeededError,
)
from bot.domain.errors import (
    InvalidOptionError,
    JobNotFoundError,
    NotAllowedError,
    QueueFullError,
    QuotaExceededError,
    TakeAlreadyOpenError,
)
from bot.domain.gates import GateClosedError
from bot.domain.job import Job, JobState, Origin
from bot.domain.money import Money
from bot.domain.quota import QuotaRule, Scope
from bot.domain.takedown import TakedownTarget, TakenDownError
from bot.domain.windows import Window
from bot.domain.words import WordKind, WordRule
from bot.engine.housekeeping import Housekeeper
from bot.services.words import BlockedWordsError
from providers.capabilities import capability_for
from tests.services.attachments import picture
from tests.services.keeping import retention
from tests.services.world import ALICE, BOB, GUILD, OPTIONS, asker, viewer

if TYPE_CHECKING:
    from tests.services.attachments import Attach
    from tests.services.world import Process, World

MODERATOR = 9
CHEAP, PRICE = Money(micros=100_000, currency="USD"), Money(micros=200_000, currency="USD")
LEDGER = "SELECT kind FROM ledger ORDER BY entry_id"


async def let_pass(process: Process, amount: Money | None = CHEAP) -> None:
    await process.policies.confirm_above(GUILD, amount, by=MODERATOR)


async def asked(process: Process) -> Confirmation:
    with pytest.raises(ConfirmationNeededError) as needed:
        await process.submit()
    return needed.value.confirmation


async def agree(process: Process, question: Confirmation, user_id: int = ALICE) -> Job:
    (job,) = await process.confirmations.agree(
        question.confirmation_id, asker(user_id=user_id).visitor, viewer=viewer(user_id=user_id)
    )
    return job


async def rows(process: Process, query: str) -> list[tuple[object, ...]]:
    return await process.database.read(lambda db: db.execute(query).fetchall())


async def test_asking_reserves_nothing_and_a_yes_makes_one_job(world: World) -> None:
    async with world.process() as process:
        await let_pass(process)
        question = await asked(process)
        assert question.price == PRICE
        assert await rows(process, LEDGER) == await rows(process, "SELECT * FROM job") == []
        job, again = await asyncio.gather(*(agree(process, question) for _ in range(2)))
        assert job.job_id == again.job_id
        with pytest.raises(AlreadyConfirmedError):
            await process.confirmations.decline(question.confirmation_id, viewer())
    async with world.process() as process:
        assert (await agree(process, question)).job_id == job.job_id
        world.clock.advance(GOOD_FOR.total_seconds())
        await process.confirmations.forget(question.confirmation_id)
        assert (await agree(process, question)).job_id == job.job_id
        assert await rows(process, LEDGER) == [("reserve",)]
        await process.scheduler.start()
        await process.delivered(job)


async def test_a_question_outlives_a_restart_with_its_images(world: World, attach: Attach) -> None:
    async with world.process() as process:
        await let_pass(process)
        with pytest.raises(ConfirmationNeededError) as needed:
            await process.submissions.submit(
                replace(OPTIONS, duration_s=10), (attach("image"),), asker()
            )
    async with world.process() as process:
        job = await agree(process, needed.value.confirmation)
        assert (len(job.request.images), job.request.duration_s) == (1, 10)
        await process.scheduler.start()
        await process.delivered(job)


async def test_an_image_goes_with_its_question_and_stays_with_its_job(
    world: World, attach: Attach
) -> None:
    async with world.process() as process:
        await let_pass(process)
        keeper = Housekeeper(
            database=process.database,
            clock=world.clock,
            files_dir=world.files_dir,
            keep_clips=timedelta(days=30),
            forget_ended_keys=process.own_keys.forget_ended,
            retention=retention(process),
        )
        questions: list[Confirmation] = []
        for colour in ("teal", "red"):
            with pytest.raises(ConfirmationNeededError) as needed:
                await process.submissions.submit(
                    OPTIONS, (attach("image", picture(colour)),), asker()
                )
            questions.append(needed.value.confirmation)
        assert len(list(world.files_dir.glob("*.jpg"))) == 2
        job = await agree(process, questions[0])
        world.clock.advance(timedelta(hours=2).total_seconds())
        for question in await process.confirmations.ended():
            await process.confirmations.forget(question.confirmation_id)
        await keeper.sweep()
        assert [path.stem for path in world.files_dir.glob("*.jpg")] == [*job.request.images]


async def test_nobody_but_the_member_answers_and_only_on_the_same_server(world: World) -> None:
    async with world.process() as process:
        await let_pass(process)
        question = await asked(process)
        number = question.confirmation_id
        with pytest.raises(NotAllowedError):
            await agree(process, question, BOB)
        with pytest.raises(NotAllowedError):
            await process.confirmations.decline(number, viewer(user_id=BOB, is_moderator=True))
        with pytest.raises(ConfirmationGoneError):
            await process.confirmations.decline(number, viewer(guild_id=2))
        job = await agree(process, question)
        with pytest.raises(NotAllowedError):
            await agree(process, question, BOB)
        assert job.user_id == ALICE


async def test_a_no_an_expiry_and_newer_questions_end_it(world: World) -> None:
    async with world.process() as process:
        await let_pass(process)
        dropped, oldest, *_ = [await asked(process) for _ in range(2)]
        await process.confirmations.decline(dropped.confirmation_id, viewer())
        with pytest.raises(ConfirmationGoneError):
            await process.confirmations.decline(dropped.confirmation_id, viewer())
        newer = [await asked(process) for _ in range(PENDING_MAX)]
        for gone in (dropped, oldest):
            with pytest.raises(ConfirmationGoneError):
                await agree(process, gone)
        world.clock.advance(GOOD_FOR.total_seconds())
        with pytest.raises(ConfirmationGoneError):
            await agree(process, newer[-1])
        assert len(await process.confirmations.ended()) == PENDING_MAX + 2
        assert await rows(process, "SELECT * FROM job") == []


async def test_another_price_is_asked_about_again_and_a_lower_one_is_not(world: World) -> None:
    zai = capability_for("zai", "cogvideox-3")
    async with world.process() as process:
        await let_pass(process)
        first, second, third = [await asked(process) for _ in range(3)]
    world.rows = (replace(zai, price=Money(micros=300_000, currency="USD")),)
    async with world.process() as process:
        with pytest.raises(ConfirmationNeededError, match="price is another one by now") as again:
            await agree(process, first)
        dearer = again.value.confirmation
        with pytest.raises(ConfirmationGoneError):
            await agree(process, first)
        assert await rows(process, LEDGER) == []
        await agree(process, dearer)
        assert await rows(process, "SELECT micros FROM ledger") == [(300_000,)]
        await let_pass(process, None)
        await agree(process, second)
        await let_pass(process)
    world.rows = (replace(zai, price=Money(micros=150_000, currency="USD")),)
    async with world.process() as process:
        await agree(process, third)


async def test_a_price_that_nobody_knows_is_asked_about_once(world: World) -> None:
    world.rows = (replace(capability_for("zai", "cogvideox-3"), price=None),)
    async with world.process() as process:
        await let_pass(process)
        question = await asked(process)
        assert question.price is None
        await agree(process, question)


async def test_every_limit_and_gate_is_looked_at_again(world: World) -> None:
    async with world.process(max_waiting=1) as process:
        await let_pass(process)
        question = await asked(process)

        calm = WordRule(kind=WordKind.WORD, text="calm")
        await process.words.add(GUILD, calm, added_by=MODERATOR)
        with pytest.raises(BlockedWordsError):
            await agree(process, question)
        await process.words.remove(GUILD, "calm", removed_by=MODERATOR)

        await process.policies.allow_channels(GUILD, {999}, by=MODERATOR)
        with pytest.raises(GateClosedError):
            await agree(process, question)
        await process.policies.allow_channels(GUILD, (), by=MODERATOR)

        await process.policies.allow_models(GUILD, {"viduq1-text"}, by=MODERATOR)
        with pytest.raises(InvalidOptionError):
            await agree(process, question)
        await process.policies.allow_models(GUILD, (), by=MODERATOR)

        rule = QuotaRule(scope=Scope.MEMBER, subject_id=ALICE, limit=0, window=Window.DAY)
        await process.quotas.set_rule(GUILD, rule, set_by=MODERATOR)
        with pytest.raises(QuotaExceededError):
            await agree(process, question)
        with pytest.raises(QuotaExceededError):  # also before anybody is asked
            await process.submit()
        await process.quotas.clear_rule(
            GUILD,
            scope=Scope.MEMBER,
            subject_id=ALICE,
            window=Window.DAY,
            cleared_by=MODERATOR,
        )

        await let_pass(process, None)
        other = await process.submit()
        await let_pass(process)
        with pytest.raises(QueueFullError):
            await agree(process, question)
        await process.jobs.cancel(viewer(), other.job_id)
        assert len(await rows(process, "SELECT * FROM confirmation")) == 1
        assert (await agree(process, question)).state is JobState.QUEUED


async def test_a_block_holds_for_what_was_asked_before(world: World) -> None:
    async with world.process() as process:
        await let_pass(process)
        question = await asked(process)
        await process.blocks.block(GUILD, ALICE, span=None, reason=None, by=MODERATOR)
        with pytest.raises(BlockedMemberError):
            await agree(process, question)


async def test_a_take_is_asked_about_and_looked_at_again(world: World) -> None:
    async with world.process() as process:
        parent = await process.submit()
        await let_pass(process)

        async def react() -> Confirmation:
            with pytest.raises(ConfirmationNeededError) as needed:
                await process.submissions.take_again(
                    parent.job_id,
                    asker(user_id=BOB, origin=Origin.REACTION, origin_key=None),
                    viewer=viewer(user_id=BOB),
                    edits=None,
                )
            return needed.value.confirmation

        question = await react()
        assert await react() == question
        with pytest.raises(JobNotFoundError):
            await process.confirmations.agree(
                question.confirmation_id,
                asker(user_id=BOB).visitor,
                viewer=viewer(user_id=BOB, sees=False),
            )
        take = await agree(process, question, BOB)
        assert (take.parent_job_id, take.origin) == (parent.job_id, Origin.REACTION)
        with pytest.raises(TakeAlreadyOpenError):  # told before anybody is asked
            await process.submissions.take_again(
                parent.job_id,
                asker(user_id=BOB, origin=Origin.REACTION, origin_key=None),
                viewer=viewer(user_id=BOB),
                edits=None,
            )
        await process.jobs.cancel(viewer(user_id=BOB), take.job_id)
        other = await react()
        await process.takedowns.take_down(
            GUILD, TakedownTarget(job_id=parent.job_id), reason=None, by=MODERATOR
        )
        with pytest.raises(TakenDownError):
            await agree(process, other, BOB)


async def test_what_is_free_is_never_asked_about(world: World) -> None:
    free = replace(capability_for("zai", "cogvideox-3"), price=Money(micros=0, currency="USD"))
    world.rows = (free,)
    async with world.process() as process:
        await let_pass(process, Money(micros=0, currency="USD"))
        await process.submit()
