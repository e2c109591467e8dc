"""What goes on from a video's last picture: its own settings, as far as the model has them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.domain.errors import InvalidOptionError
from bot.domain.extension import CannotExtendError
from bot.domain.job import Origin
from bot.services.options import Options
from tests.services.world import asker, viewer

if TYPE_CHECKING:
    from bot.domain.job import Job
    from tests.services.world import Process, World

TEXT = Options(prompt="A calm sea", model="viduq1-text", aspect_ratio="9:16", style="anime")


async def no_post() -> str | None:
    return None


async def finished(process: Process, options: Options) -> Job:
    await process.scheduler.start()
    (job,) = await process.delivered(await process.submit(options))
    return job


async def extended(process: Process, job: Job, options: Options) -> Job:
    return await process.submissions.extend(
        job.job_id,
        asker(origin=Origin.EXTEND),
        viewer=viewer(),
        options=options,
        posted=no_post,
    )


async def test_it_keeps_what_its_model_takes_and_begins_with_one_picture(world: World) -> None:
    async with world.process() as process:
        wish = Options(prompt="A calm sea", size="1280x720", duration_s=10, fps=60, with_audio=True)
        job = await finished(process, wish)
        options = process.submissions.what_goes_on(job, prompt="It rains")
        assert options == replace(wish, prompt="It rains", model="cogvideox-3")
        child = await extended(process, job, options)
        assert (child.parent_job_id, len(child.request.images)) == (job.job_id, 1)
        small = await process.delivered(child)
        assert small[0].clip is not None


async def test_another_model_takes_over_what_it_knows_and_is_asked_for_by_name(
    world: World,
) -> None:
    async with world.process() as process:
        job = await finished(process, TEXT)
        with pytest.raises(CannotExtendError, match="Vidu Q1 text does not start from a picture"):
            process.submissions.what_goes_on(job)
        options = process.submissions.what_goes_on(job, model="viduq1-image")
        assert (options.aspect_ratio, options.style, options.prompt) == (None, None, "A calm sea")
        with pytest.raises(InvalidOptionError):
            process.submissions.what_goes_on(job, model="viduq1-text")
        child = await extended(process, job, options)
        assert child.request.model == "viduq1-image"


async def test_a_clip_that_is_nowhere_any_more_is_said_to_be_gone(world: World) -> None:
    async with world.process() as process:
        job = await finished(process, Options(prompt="A calm sea"))
        assert job.clip is not None
        (world.files_dir / f"{job.clip.artifact_id}.mp4").unlink()
        with pytest.raises(CannotExtendError, match="its post is gone"):
            await extended(process, job, process.submissions.what_goes_on(job))
        assert not list(world.files_dir.glob("intake-*"))
        waiting = await process.submit(Options(prompt="Later"))
        with pytest.raises(CannotExtendError, match="not finished yet"):
            process.submissions.what_goes_on(waiting)
