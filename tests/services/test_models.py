"""Several models on one account: each with its own room, and any of them may go away."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.domain.errors import InvalidOptionError, UnusableImageError
from bot.domain.job import JobState, OutcomeReason
from bot.services.options import Options
from storage import job_queries
from tests.services.attachments import picture
from tests.services.world import ALICE, BOB, OPTIONS, asker, viewer

if TYPE_CHECKING:
    from tests.services.attachments import Attach
    from tests.services.gateway import Gateway
    from tests.services.world import Process, World

VIDU_TEXT = Options(prompt="A calm sea", model="viduq1-text")


async def job_count(process: Process) -> int:
    return sum((await process.database.read(job_queries.counts_by_state)).values())


async def test_a_full_model_holds_up_none_of_the_others(world: World, gateway: Gateway) -> None:
    await gateway.turn(render_delay_s=3600)
    async with world.process() as process:
        first, waits = [await process.submit() for _ in range(2)]
        other = await process.submit(VIDU_TEXT)
        await process.scheduler.start()
        await process.until(first, JobState.RENDERING)
        await process.until(other, JobState.RENDERING)
        assert (await process.job(waits.job_id)).state is JobState.QUEUED


async def test_a_busy_model_holds_up_none_of_the_others(world: World, gateway: Gateway) -> None:
    await gateway.turn(render_delay_s=3600, in_flight_limit=1)
    world.in_flight = 2  # more than the gateway has: it must say so itself
    async with world.process() as process:
        both = [await process.submit() for _ in range(2)]
        other = await process.submit(VIDU_TEXT, user_id=BOB)
        await process.scheduler.start()
        await process.until(other, JobState.RENDERING)

        async def states() -> set[JobState]:
            return {(await process.job(job.job_id)).state for job in both}

        # Which of the two the gateway hears first is chance.
        while JobState.RENDERING not in await states():
            await world.channel.next_change()
        assert len(await states() - {JobState.QUEUED, JobState.SUBMITTING}) == 1
    assert len(await gateway.charged()) == 2


async def test_a_model_that_the_gateway_disowns_is_off_and_the_rest_goes_on(
    world: World, gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    await gateway.turn(vidu_on_zai="1211")
    async with world.process() as process:
        jobs = [await process.submit(VIDU_TEXT) for _ in range(3)]
        await process.scheduler.start()
        ended = [await process.until(job, JobState.FAILED) for job in jobs]
        assert {job.reason for job in ended} == {OutcomeReason.MODEL_UNAVAILABLE}
        assert [await process.reservation(job) for job in jobs] == ["released"] * 3
        with pytest.raises(InvalidOptionError, match=r"no longer offers Vidu Q1 text"):
            await process.submit(VIDU_TEXT)
        await process.delivered(await process.submit())
    assert len(await gateway.charged()) == 1
    told = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert len(told) == 1, "the operator is told once"
    assert "does not serve viduq1-text" in told[0]


async def test_a_job_of_a_model_that_the_operator_took_away_ends_free_of_charge(
    world: World, gateway: Gateway
) -> None:
    async with world.process() as process:
        job = await process.submit(VIDU_TEXT)
    world.offer("cogvideox-3")
    async with world.process() as process:
        await process.scheduler.start()
        ended = await process.until(job, JobState.FAILED)
        assert ended.reason is OutcomeReason.MODEL_UNAVAILABLE
        assert await process.reservation(job) == "released"
    assert await gateway.charged() == []


async def test_a_video_from_references_arrives(
    world: World, gateway: Gateway, attach: Attach
) -> None:
    options = Options(
        prompt="They meet", model="vidu2-reference", from_references=True, aspect_ratio="1:1"
    )
    images = (attach("image"), attach("image2", picture("coral")))
    async with world.process() as process:
        await process.scheduler.start()
        job = await process.submissions.submit(options, images, asker())
        assert len(job.request.references) == 2
        (done,) = await process.delivered(job)
        assert done.clip is not None
        assert done.clip.width_px == done.clip.height_px
        again = await process.submissions.take_again(
            job.job_id, asker(), viewer=viewer(), edits=None
        )
        assert again.request == job.request
        edited = await process.submissions.take_again(
            job.job_id,
            asker(),
            viewer=viewer(),
            edits=replace(options, prompt="They part", movement="large"),
        )
        assert edited.request.references == job.request.references
        assert (edited.request.model, edited.request.movement) == ("vidu2-reference", "large")
    assert len(await gateway.charged()) >= 1


@pytest.mark.parametrize(
    ("options", "images", "option"),
    [
        (replace(OPTIONS, model="sora"), 0, "model"),
        (replace(OPTIONS, model="viduq1-image"), 0, "model"),
        (replace(VIDU_TEXT, model="Vidu Q1 text", fps=30), 0, "fps"),
        (replace(VIDU_TEXT, with_audio=True), 0, "audio"),
        (replace(VIDU_TEXT, aspect_ratio="4:3"), 0, "aspect_ratio"),
        (replace(OPTIONS, style="anime"), 0, "style"),
        (Options(prompt="", model="vidu2-reference", from_references=True), 1, "prompt"),
        (Options(prompt="x", model="vidu2-reference", from_references=True), 4, "image4"),
        (Options(prompt="x", from_references=True), 1, "model"),
    ],
)
async def test_a_wish_that_does_not_fit_its_model_is_refused_before_anything_is_fetched(
    world: World, attach: Attach, options: Options, images: int, option: str
) -> None:
    attached = tuple(attach(f"image{number}") for number in range(1, images + 1))
    async with world.process() as process:
        with pytest.raises(InvalidOptionError) as refused:
            await process.submissions.submit(options, attached, asker(user_id=ALICE))
        assert refused.value.option == option
        assert await job_count(process) == 0
    assert list(world.files_dir.iterdir()) == []


async def test_frames_that_a_model_does_not_take_are_refused_before_a_job_is_made(
    world: World, attach: Attach
) -> None:
    frames = (attach("image"), attach("last_image", picture(size=(320, 180))))
    async with world.process() as process:
        with pytest.raises(UnusableImageError, match=r"`last_image` is 320x180.*640x360"):
            await process.submissions.submit(
                Options(prompt="", model="viduq1-start-end"), frames, asker()
            )
        assert await job_count(process) == 0
