"""A member asks: every check comes first, and what is refused reserves nothing."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from bot.domain.errors import (
    InvalidOptionError,
    JobNotFoundError,
    QueueFullError,
    QuotaExceededError,
    TakeAlreadyOpenError,
    UnusableImageError,
)
from bot.domain.job import Job, JobState, Origin
from bot.domain.quota import QuotaRule, Scope
from bot.domain.windows import Window
from bot.services.options import Options
from storage import job_queries
from tests.services.world import ALICE, BOB, GUILD, IMAGE_MAX_BYTES, OPTIONS, asker, viewer

if TYPE_CHECKING:
    from tests.services.attachments import Attach
    from tests.services.world import Process, World


async def job_count(process: Process) -> int:
    counts = await process.database.read(job_queries.counts_by_state)
    return sum(counts.values())


async def test_what_was_asked_for_is_what_is_stored(world: World, attach: Attach) -> None:
    options = Options(
        prompt="  A calm sea \n", size=" 1920 X 1080 ", duration_s=10, fps=60, with_audio=True
    )
    async with world.process() as process:
        job = await process.submissions.submit(
            options, (attach("image"), attach("last_image")), asker()
        )
        request = (await process.job(job.job_id)).request
    assert (request.prompt, request.size, request.duration_s) == ("A calm sea", "1920x1080", 10)
    assert (request.fps, request.quality, request.with_audio) == (60, None, True)
    assert len(request.images) == 2
    assert (job.state, job.attempt, job.origin) == (JobState.QUEUED, 0, Origin.COMMAND)


@pytest.mark.parametrize(
    ("options", "images", "option"),
    [
        (Options(prompt="   "), 0, "prompt"),
        (Options(prompt="x" * 513), 0, "prompt"),
        (replace(OPTIONS, size="1x1"), 0, "size"),
        (replace(OPTIONS, duration_s=7), 0, "duration"),
        (replace(OPTIONS, fps=24), 0, "fps"),
        (replace(OPTIONS, quality="quality"), 2, "quality"),
    ],
)
async def test_an_option_outside_its_limit_is_refused_before_anything_is_fetched(
    world: World, attach: Attach, options: Options, images: int, option: str
) -> None:
    attached = tuple(attach(name) for name in ("image", "last_image")[:images])
    async with world.process() as process:
        with pytest.raises(InvalidOptionError) as refused:
            await process.submissions.submit(options, attached, asker())
        assert refused.value.option == option
        assert await job_count(process) == 0
    assert list(world.files_dir.iterdir()) == []


async def test_an_image_that_is_refused_leaves_no_job_behind(world: World, attach: Attach) -> None:
    async with world.process() as process:
        with pytest.raises(UnusableImageError):
            await process.submissions.submit(OPTIONS, (attach("image", b"text"),), asker())
        large = attach("image", claimed_bytes=IMAGE_MAX_BYTES + 1)
        with pytest.raises(UnusableImageError):
            process.submissions.check(OPTIONS, (large,), guild_id=GUILD)
        assert await job_count(process) == 0


async def test_a_repeated_click_is_the_same_job(world: World) -> None:
    async with world.process() as process:
        who = asker(origin_key="interaction:5")
        jobs = await asyncio.gather(
            *(process.submissions.submit(OPTIONS, (), who) for _ in range(10))
        )
        assert {job.job_id for job in jobs} == {jobs[0].job_id}
        assert await job_count(process) == 1


async def limit(process: Process, scope: Scope, subject_id: int, videos: int) -> None:
    rule = QuotaRule(scope=scope, subject_id=subject_id, window=Window.DAY, limit=videos)
    await process.quotas.set_rule(GUILD, rule, set_by=1)


@pytest.mark.parametrize("scope", [Scope.MEMBER, Scope.ROLE, Scope.SERVER])
async def test_of_a_hundred_at_once_exactly_the_limit_passes(world: World, scope: Scope) -> None:
    subject = {Scope.MEMBER: ALICE, Scope.ROLE: 77, Scope.SERVER: GUILD}[scope]
    async with world.process() as process:
        await limit(process, scope, subject, 5)
        users = [10 + n if scope is Scope.SERVER else ALICE for n in range(100)]
        outcomes = await asyncio.gather(
            *(process.submit(user_id=user, role_ids=(77,)) for user in users),
            return_exceptions=True,
        )
        passed = [outcome for outcome in outcomes if isinstance(outcome, Job)]
        refused = [outcome for outcome in outcomes if isinstance(outcome, QuotaExceededError)]
        assert (len(passed), len(refused)) == (5, 95)
        assert await job_count(process) == 5
        (standing,) = await process.quotas.standings(GUILD, user_id=ALICE, role_ids=(77,))
        assert (standing.used, standing.remaining) == (5, 0)
    assert refused[0].resets_at == datetime(2026, 1, 15, tzinfo=UTC)


async def test_a_limit_holds_until_its_window_ends(world: World) -> None:
    async with world.process() as process:
        await limit(process, Scope.MEMBER, ALICE, 1)
        await process.submit()
        with pytest.raises(QuotaExceededError):
            await process.submit()
        await process.submit(user_id=BOB)
        world.clock.advance(12 * 3600)  # from noon to midnight
        await process.submit()


async def test_a_cancelled_video_counts_against_no_limit(world: World) -> None:
    async with world.process() as process:
        await limit(process, Scope.MEMBER, ALICE, 1)
        job = await process.submit()
        await process.jobs.cancel(viewer(), job.job_id)
        await process.submit()


async def test_a_member_waits_for_so_many_at_most(world: World) -> None:
    async with world.process(max_waiting=3) as process:
        outcomes = await asyncio.gather(
            *(process.submit() for _ in range(20)), return_exceptions=True
        )
        assert sum(isinstance(outcome, Job) for outcome in outcomes) == 3
        assert sum(isinstance(outcome, QueueFullError) for outcome in outcomes) == 17
        await process.submit(user_id=BOB)


async def test_another_take_has_the_same_request_and_names_its_parent(
    world: World, attach: Attach
) -> None:
    async with world.process() as process:
        first = await process.submissions.submit(OPTIONS, (attach("image"),), asker())
        who = asker(user_id=BOB, origin=Origin.AGAIN)
        take = await process.submissions.take_again(first.job_id, who, viewer=viewer(), edits=None)
    assert (take.request, take.parent_job_id) == (first.request, first.job_id)
    assert (take.user_id, take.origin) == (BOB, Origin.AGAIN)


async def test_an_edited_take_keeps_the_images_and_is_checked_anew(
    world: World, attach: Attach
) -> None:
    async with world.process() as process:
        first = await process.submissions.submit(OPTIONS, (attach("image"),), asker())
        edits = replace(OPTIONS, prompt="A wild sea", quality="quality")
        who = asker(origin=Origin.EDIT)
        take = await process.submissions.take_again(first.job_id, who, viewer=viewer(), edits=edits)
        assert take.request == replace(first.request, prompt="A wild sea", quality="quality")
        wrong = replace(edits, prompt="x" * 513)
        with pytest.raises(InvalidOptionError):
            process.submissions.check_edits(first, wrong)
        with pytest.raises(InvalidOptionError):
            await process.submissions.take_again(first.job_id, who, viewer=viewer(), edits=wrong)


async def test_reactions_repeated_make_one_take_and_after_it_another(world: World) -> None:
    async with world.process() as process:
        await process.scheduler.start()
        (first,) = await process.delivered(await process.submit())
        who = asker(origin=Origin.REACTION, origin_key=None)
        outcomes = await asyncio.gather(
            *(
                process.submissions.take_again(first.job_id, who, viewer=viewer(), edits=None)
                for _ in range(5)
            ),
            return_exceptions=True,
        )
        (take,) = [outcome for outcome in outcomes if isinstance(outcome, Job)]
        refused = [outcome for outcome in outcomes if isinstance(outcome, TakeAlreadyOpenError)]
        assert [refusal.job_id for refusal in refused] == [take.job_id] * 4
        await process.delivered(take)
        again = await process.submissions.take_again(first.job_id, who, viewer=viewer(), edits=None)
        assert again.job_id != take.job_id


async def test_a_job_of_another_server_cannot_be_taken_again(world: World) -> None:
    async with world.process() as process:
        job = await process.submit(guild_id=2)
        with pytest.raises(JobNotFoundError):
            await process.submissions.take_again(
                job.job_id, asker(guild_id=1), viewer=viewer(), edits=None
            )
        with pytest.raises(JobNotFoundError):
            await process.submissions.take_again(999, asker(), viewer=viewer(), edits=None)
