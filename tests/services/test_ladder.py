"""A fetched clip climbs down the ladder: whatever breaks on the way, it is posted once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from bot.domain.clip_links import LinkSigner, LinkVerdict
from bot.domain.delivery import MIB, LinkReason
from bot.domain.job import JobState
from bot.domain.takedown import TakedownTarget
from bot.engine import fit_step
from media.clips import inspect
from media.fit_worker import FitWorker
from storage import notices, parcels
from tests.media.making import clip_maker, pad
from tests.services.world import GUILD, PATIENCE_S, viewer

if TYPE_CHECKING:
    from pathlib import Path

    from bot.domain.job import Job
    from media.answers import ClipFacts
    from storage.parcels import ParcelRecord
    from tests.services.channel import Channel
    from tests.services.fake_clock import FakeClock
    from tests.services.world import Process, World


async def serve(
    world: World,
    tmp_path: Path,
    *,
    size_bytes: int | None = None,
    **made: Any,  # noqa: ANN401  # see `MakeClip`
) -> None:
    """Let the video service give out this clip."""
    path = await asyncio.to_thread(lambda: clip_maker(tmp_path / "result.mp4")(**made))
    if size_bytes is not None:
        await asyncio.to_thread(pad, path, size_bytes)
    await world.gateway.turn(result_file=str(path))


async def encoding(process: Process, job: Job) -> None:
    """Wait until the job's clip is being made to fit. Each look is a query, so others go on."""
    async with asyncio.timeout(PATIENCE_S):
        while process.world.fits.pid is None:
            await process.job(job.job_id)


async def posted(world: World, tmp_path: Path, job: Job) -> ClipFacts:
    """What was posted, which was posted once."""
    (content,) = world.channel.posts[job.job_id]
    path = tmp_path / "posted.mp4"
    await asyncio.to_thread(path.write_bytes, content)
    return await asyncio.to_thread(inspect, path)


async def record(process: Process, job: Job) -> ParcelRecord:
    return await process.database.read(partial(parcels.parcel_of, job_id=job.job_id))


def left(world: World) -> list[str]:
    """What lies in the folder of files but clips."""
    return [path.name for path in world.files_dir.iterdir() if path.suffix != ".mp4"]


@pytest.mark.parametrize(
    ("made", "was_encoded"),
    [
        pytest.param({"codec": "libx265", "audio": "aac"}, True, id="HEVC"),
        pytest.param({"codec": "libsvtav1"}, True, id="AV1"),
        pytest.param({"index_first": False}, False, id="moov last"),
    ],
)
async def test_a_result_that_would_not_play_is_posted_as_one_that_does(
    world: World, tmp_path: Path, made: dict[str, Any], was_encoded: bool
) -> None:
    await serve(world, tmp_path, **made)
    async with world.process() as process:
        await process.scheduler.start()
        job = await process.submit()
        await process.delivered(job)
        assert (await record(process, job)).was_encoded == was_encoded
        assert process.tools.fitter.of(job.job_id) is None
        assert await process.reservation(job) == "settled"
    assert (await posted(world, tmp_path, job)).attachable
    assert len(list(world.files_dir.glob("*.mp4"))) == 2, "the clip as it came stays too"
    assert left(world) == []


async def test_a_result_over_the_limit_of_its_place_is_made_smaller(
    world: World, tmp_path: Path, channel: Channel
) -> None:
    await serve(world, tmp_path, size_bytes=10 * MIB + 1)
    channel.limit_bytes = 10 * MIB
    async with world.process() as process:
        await process.scheduler.start()
        job = await process.submit()
        await process.delivered(job)
    assert (await posted(world, tmp_path, job)).attachable
    parcel = channel.parcels[job.job_id]
    assert parcel.was_encoded
    assert parcel.link is not None
    assert not parcel.link.is_own


async def test_a_refused_size_goes_one_rung_down_and_is_remembered(
    world: World, tmp_path: Path, channel: Channel
) -> None:
    await serve(world, tmp_path, size_bytes=12 * MIB)
    channel.sizes_refused = 1
    channel.answers_lost = 1
    async with world.process() as process:
        await process.scheduler.start()
        job = await process.submit()
        await process.delivered(job)
        found = await record(process, job)
        assert (found.at_most_bytes, found.fit_limit_bytes) == (10 * MIB, 10 * MIB)
    assert channel.parcels[job.job_id].was_encoded
    assert len(channel.posts[job.job_id]) == 1


async def test_two_refused_sizes_end_in_a_link_with_a_picture(
    world: World, tmp_path: Path, channel: Channel
) -> None:
    await serve(world, tmp_path, size_bytes=12 * MIB)
    channel.sizes_refused = 2
    async with world.process() as process:
        await process.scheduler.start()
        job = await process.submit()
        await process.delivered(job)
        assert (await record(process, job)).at_most_bytes == 0
    parcel = channel.parcels[job.job_id]
    assert parcel.why_link is LinkReason.TOO_LARGE
    assert parcel.link is not None
    assert channel.posts[job.job_id][0].startswith(b"\xff\xd8")
    assert left(world) == [], "the picture is gone once it is posted"


async def test_what_is_known_to_be_refused_is_not_tried_again_after_a_restart(
    world: World, tmp_path: Path, channel: Channel
) -> None:
    await serve(world, tmp_path, size_bytes=12 * MIB)
    channel.sizes_refused = 2
    channel.hold = "after"
    async with world.process() as process:
        await process.scheduler.start()
        job = await process.submit()
        async with asyncio.timeout(PATIENCE_S):
            await channel.held.wait()
    channel.posts.clear()  # as if that post had not been taken
    channel.sizes_refused = 9
    async with world.process() as process:
        await process.scheduler.start()
        await process.delivered(job)
    assert channel.sizes_refused == 9
    assert channel.parcels[job.job_id].why_link is LinkReason.TOO_LARGE


async def test_a_clip_over_which_the_encoder_dies_is_posted_as_a_link(
    world: World, tmp_path: Path, channel: Channel
) -> None:
    world.fits = FitWorker(memory_bytes=64 * MIB)
    await serve(world, tmp_path, codec="libx265")
    async with world.process() as process:
        await process.scheduler.start()
        job = await process.submit()
        await process.delivered(job)
        assert (await record(process, job)).fit_failure is not None
    assert channel.parcels[job.job_id].why_link is LinkReason.NOT_MADE_TO_FIT
    assert left(world) == []


async def test_a_bot_that_ends_in_the_middle_of_an_encode_begins_it_again(
    world: World, tmp_path: Path
) -> None:
    await serve(world, tmp_path, codec="libx265", size=(1280, 720), frames=90)
    async with world.process() as process:
        await process.scheduler.start()
        job = await process.submit()
        await encoding(process, job)
    assert world.fits.pid is None, "the child ended with the bot"
    assert left(world) == []
    async with world.process() as process:
        assert (await record(process, job)).fit_tries == 0, "a stop is no fault of the clip"
        await process.scheduler.start()
        await process.delivered(job)
        assert (await record(process, job)).fit_tries == 1
    assert (await posted(world, tmp_path, job)).attachable
    assert await world.gateway.charged_jobs() == [job.job_id]


async def test_what_was_made_to_fit_is_not_made_again_after_a_restart(
    world: World, tmp_path: Path, channel: Channel
) -> None:
    await serve(world, tmp_path, codec="libx265")
    channel.hold = "after"
    async with world.process() as process:
        await process.scheduler.start()
        job = await process.submit()
        async with asyncio.timeout(PATIENCE_S):
            await channel.held.wait()
    channel.posts.clear()
    async with world.process() as process:
        await process.scheduler.start()
        await process.delivered(job)
        assert (await record(process, job)).fit_tries == 1


async def test_a_clip_over_which_the_bot_ends_again_and_again_becomes_a_link(
    world: World, tmp_path: Path, channel: Channel
) -> None:
    await serve(world, tmp_path, codec="libx265")
    channel.hold = "before"
    async with world.process() as process:
        await process.scheduler.start()
        job = await process.submit()
        async with asyncio.timeout(PATIENCE_S):
            await channel.held.wait()
        for _ in range(fit_step.TRIES_MAX):
            begin = partial(parcels.begin_fit, job_id=job.job_id, limit_bytes=channel.limit_bytes)
            await process.database.write(begin)
    async with world.process() as process:
        await process.scheduler.start()
        await process.delivered(job)
    assert channel.parcels[job.job_id].why_link is LinkReason.NOT_MADE_TO_FIT


async def test_on_a_full_disk_the_clip_waits_the_operator_is_told_and_nothing_is_lost(
    world: World, tmp_path: Path, clock: FakeClock
) -> None:
    await serve(world, tmp_path, codec="libx265")
    async with world.process() as process:
        await process.scheduler.start()
        job = await process.submit()
        # Whatever is written there finds the disk full; it is removed after the first try.
        (world.files_dir / f".fit-{job.job_id}.mp4.part").symlink_to("/dev/full")
        await process.delivered(job)
        assert (await record(process, job)).fit_tries == 1, "a full disk is no fault of the clip"
        (notice,) = await process.database.read(lambda db: notices.unsent(db, 9))
        assert "The disk is full" in notice.text
    assert clock.slept_s.count(fit_step.DISK_FULL_LOOK_S) == 1
    assert (await posted(world, tmp_path, job)).attachable


async def test_a_clip_that_is_taken_down_while_it_is_made_to_fit_is_not_posted(
    world: World, tmp_path: Path, channel: Channel
) -> None:
    await serve(world, tmp_path, codec="libx265", size=(1280, 720), frames=60)
    async with world.process() as process:
        await process.scheduler.start()
        job = await process.submit()
        await encoding(process, job)
        target = TakedownTarget(job_id=job.job_id)
        await process.takedowns.take_down(GUILD, target, reason=None, by=9)
        failed = await process.until(job, JobState.FAILED)
        await process.takedowns.remove_files(failed)
    assert channel.posts == {}
    assert list(world.files_dir.iterdir()) == [], "the copy that fits is gone too"


async def test_results_are_made_to_fit_one_after_the_other(world: World, tmp_path: Path) -> None:
    world.in_flight = 3
    await serve(world, tmp_path, codec="libx265", size=(640, 360), frames=60)
    async with world.process() as process:
        await process.scheduler.start()
        jobs = [await process.submit() for _ in range(3)]
        async with asyncio.timeout(PATIENCE_S):
            while [await process.job(job.job_id) for job in jobs][-1].state != "delivered":
                own = psutil.Process().children(recursive=True)
                assert sum(map(is_fitting, own)) <= 1
        await process.delivered(*jobs)


def is_fitting(child: psutil.Process) -> bool:
    try:
        return "media.fit_child" in child.cmdline()
    except psutil.Error:  # it ended just now
        return False


async def test_people_see_how_far_it_is(world: World, tmp_path: Path) -> None:
    await serve(world, tmp_path, codec="libx265", size=(1280, 720), frames=90)
    seen = set[int]()
    async with world.process() as process:
        await process.scheduler.start()
        job = await process.submit()
        async with asyncio.timeout(PATIENCE_S):
            now = await process.jobs.seen_by(viewer(), job.job_id)
            while now.job.state is not JobState.DELIVERED:
                seen |= {now.fitting.percent} if now.fitting else set()
                now = await process.jobs.seen_by(viewer(), job.job_id)
    assert 0 in seen
    assert len(seen) > 3
    assert all(percent % 10 == 0 for percent in seen)


async def test_with_a_web_server_of_its_own_the_bot_gives_its_own_link(
    world: World, tmp_path: Path, channel: Channel, clock: FakeClock
) -> None:
    world.links = LinkSigner(
        key=b"k" * 32, public_url="https://clips.example.org", lifetime=timedelta(days=7)
    )
    await serve(world, tmp_path)
    channel.limit_bytes = 1_000
    async with world.process() as process:
        await process.scheduler.start()
        job = await process.submit()
        (done,) = await process.delivered(job)
        at = clock.now()
        assert done.clip is not None
        path = world.files_dir / f"{done.clip.artifact_id}.mp4"
        assert path.exists()
        (until_ms,) = await process.database.read(
            lambda db: db.execute("SELECT link_until_ms FROM parcel").fetchone()
        )
    link = channel.parcels[job.job_id].link
    assert link is not None
    assert link.is_own
    assert timedelta(days=6, hours=23) < link.until - at <= timedelta(days=7)
    assert until_ms == link.until.timestamp() * 1000
    expires, signature = link.url.removesuffix(".mp4").split("/")[-2:]
    verdict = world.links.verdict(
        job_id=str(job.job_id), expires=expires, signature=signature, now=at
    )
    assert verdict is LinkVerdict.WORKS
