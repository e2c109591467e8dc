"""A job's life from the queue to the post, with everything real but Discord and time."""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import TYPE_CHECKING

import pytest

from bot.domain.errors import (
    DeliveryUnavailableError,
    DestinationGoneError,
    MissingPermissionsError,
    ProviderBusyError,
)
from bot.domain.job import JobState, OutcomeReason
from bot.engine.deliver import PARKED_RETRY
from bot.engine.gate import ACCOUNT_PAUSE_S
from bot.engine.scheduler import SWEEP_S
from media.part_file import PartFile
from tests.services.channel import Call
from tests.services.fake_clock import START
from tests.services.world import OPTIONS, PATIENCE_S, asker

if TYPE_CHECKING:
    import sqlite3

    from tests.services.attachments import Attach
    from tests.services.channel import Channel
    from tests.services.fake_clock import FakeClock
    from tests.services.gateway import Gateway
    from tests.services.world import World


async def test_a_job_becomes_one_charge_and_one_post(world: World, channel: Channel) -> None:
    async with world.process() as process:
        await process.scheduler.start()
        job = await process.submit()
        (done,) = await process.delivered(job)
        assert done.clip is not None
        assert (done.clip.width_px, done.clip.height_px) == (1280, 720)
        assert done.clip.duration_s == pytest.approx(5, abs=0.1)
        assert done.clip.attachable
        assert await process.reservation(job) == "settled"
    assert await world.gateway.charged_jobs() == [job.job_id]
    (post,) = channel.posts[job.job_id]
    assert post[4:8] == b"ftyp"
    assert len(post) == done.clip.size_bytes
    assert channel.calls == [Call(job.job_id, look_first=False)]
    assert (done.place.thread_id, done.place.result_message_id) == (10_101, job.job_id)
    assert done.result_url is not None


@pytest.mark.parametrize("code", ["1302", "1303", "1305", "1312"])
async def test_a_busy_gateway_costs_a_job_nothing_but_time(
    world: World, gateway: Gateway, code: str
) -> None:
    await gateway.order("create", f"error 429 {code}", times=3)
    async with world.process() as process:
        first, second = await process.submit(), await process.submit()
        await process.scheduler.start()
        (done, _) = await process.delivered(first, second)
        assert done.attempt == 1
    assert await gateway.charged_jobs() == [first.job_id, second.job_id]


async def test_a_gate_that_opens_while_the_queue_is_asked_is_not_missed(
    world: World, clock: FakeClock
) -> None:
    clock.stop_jumping()
    begun, may_end = threading.Event(), threading.Event()

    def hold(db: sqlite3.Connection) -> None:
        del db
        begun.set()
        assert may_end.wait(PATIENCE_S)

    async with world.process() as process:
        job = await process.submit()
        gate = process.accounts["main"].gate
        gate.refused(ProviderBusyError("busy"), model=job.request.model)
        closed_s = gate.closed_for_s(job.request.model)
        assert 0 < closed_s < SWEEP_S
        await process.scheduler.start()
        await process.let_others_run(lambda: len(clock.slept_s) == 1)
        clock.advance(closed_s / 2)
        holding = asyncio.create_task(process.database.write(hold))
        assert await asyncio.to_thread(begun.wait, PATIENCE_S)
        process.scheduler.job_arrived()
        await process.let_others_run(lambda: process.scheduler.looked_at == clock.now())
        for _ in range(2):  # after the read that its look begins with
            await process.database.read(lambda _: None)
        clock.advance(closed_s / 2)  # its claim waits for the disk, for a closed gate
        may_end.set()
        await holding
        await process.let_others_run(lambda: len(clock.slept_s) == 2)
        clock.advance(closed_s)
        await process.until(job, JobState.RENDERING, JobState.FETCHED, JobState.DELIVERED)


async def test_a_lost_answer_to_the_create_is_one_charge(world: World, gateway: Gateway) -> None:
    await gateway.order("create", "lost_answer")
    async with world.process() as process:
        await process.scheduler.start()
        (done,) = await process.delivered(await process.submit())
        assert done.attempt == 1
    assert len(await gateway.charged()) == 1


@pytest.mark.parametrize("fault", ["html 502", "code500", "malformed", "error 500 1234"])
async def test_an_unclear_answer_to_the_create_is_one_charge(
    world: World, gateway: Gateway, fault: str
) -> None:
    await gateway.order("create", fault, times=2 if fault != "malformed" else 1)
    async with world.process() as process:
        await process.scheduler.start()
        await process.delivered(await process.submit())
    assert len(await gateway.charged()) == 1


async def test_where_a_repeat_is_not_safe_an_unknown_submission_is_held(
    world: World, gateway: Gateway
) -> None:
    world.without_safe_repeats()
    await gateway.order("create", "lost_answer")
    async with world.process() as process:
        await process.scheduler.start()
        job = await process.submit()
        held = await process.until(job, JobState.HELD)
        assert held.reason is OutcomeReason.SUBMISSION_UNKNOWN
        assert await process.reservation(job) == "reserved"
    assert len(await gateway.charged()) == 1


async def test_a_duplicate_that_names_no_task_is_held(world: World, gateway: Gateway) -> None:
    await gateway.order("create", "error 400 1231")
    async with world.process() as process:
        await process.scheduler.start()
        held = await process.until(await process.submit(), JobState.HELD)
        assert held.reason is OutcomeReason.SUBMISSION_UNKNOWN


async def test_an_account_without_balance_pauses_and_goes_on_by_itself(
    world: World, gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot.engine.gate")
    await gateway.order("create", "error 429 1113", times=2)
    async with world.process() as process:
        first, second = await process.submit(), await process.submit()
        await process.scheduler.start()
        done, _ = await process.delivered(first, second)
    assert done.submitted_at is not None
    waited_s = (done.submitted_at - done.created_at).total_seconds()
    assert waited_s >= ACCOUNT_PAUSE_S - 1
    assert [record.levelname for record in caplog.records] == ["ERROR", "INFO"]
    assert await gateway.charged_jobs() == [first.job_id, second.job_id]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("1301", OutcomeReason.CONTENT_REFUSED),
        ("1214", OutcomeReason.REQUEST_REJECTED),
        ("1261", OutcomeReason.REQUEST_REJECTED),
    ],
)
async def test_a_refused_request_ends_the_job_and_releases_its_quota(
    world: World, gateway: Gateway, code: str, reason: OutcomeReason
) -> None:
    await gateway.order("create", f"error 400 {code}")
    async with world.process() as process:
        await process.scheduler.start()
        job = await process.submit()
        failed = await process.until(job, JobState.FAILED)
        assert failed.reason is reason
        assert await process.reservation(job) == "released"
    assert await gateway.charged() == []


async def test_a_render_that_fails_ends_the_job_and_releases_its_quota(
    world: World, gateway: Gateway, channel: Channel
) -> None:
    await gateway.order("create", "fail")
    async with world.process() as process:
        await process.scheduler.start()
        job = await process.submit()
        failed = await process.until(job, JobState.FAILED)
        assert failed.reason is OutcomeReason.RENDER_FAILED
        assert await process.reservation(job) == "released"
    assert channel.posts == {}


@pytest.mark.parametrize(
    ("fault", "times"),
    [
        ("unknown_status QUEUED", 3),
        ("html 502", 3),
        ("code500", 2),
        ("malformed", 2),
        ("lost_answer", 2),
        ("error 401 1002", 3),
        ("error 429 1302", 5),
        ("error 400 1233", 1),
    ],
)
async def test_no_trouble_with_polls_ends_a_job(
    world: World, gateway: Gateway, fault: str, times: int
) -> None:
    await gateway.order("poll", fault, times)
    async with world.process() as process:
        await process.scheduler.start()
        await process.delivered(await process.submit())
    assert await gateway.faults_left() == []
    assert len(await gateway.charged()) == 1


async def test_a_task_that_is_unknown_twice_in_a_row_is_lost(
    world: World, gateway: Gateway
) -> None:
    await gateway.order("poll", "error 400 1233", times=2)
    async with world.process() as process:
        await process.scheduler.start()
        job = await process.submit()
        expired = await process.until(job, JobState.EXPIRED)
        assert expired.reason is OutcomeReason.TASK_LOST
        assert await process.reservation(job) == "released"


async def test_a_link_that_has_expired_is_asked_for_anew(world: World, gateway: Gateway) -> None:
    await gateway.turn(link_lifetime_s=0, renew_links=True)
    async with world.process() as process:
        await process.scheduler.start()
        job = await process.submit()
        async with asyncio.timeout(PATIENCE_S):
            # The link is written down in the middle of a step, which tells nobody: look again.
            while (expired := await process.job(job.job_id)).result_url is None:
                assert expired.state in {JobState.QUEUED, JobState.SUBMITTING, JobState.RENDERING}
        await gateway.turn(link_lifetime_s=86_400)
        (done,) = await process.delivered(job)
        assert done.result_url != expired.result_url


@pytest.mark.parametrize(
    ("fault", "times"), [("not_mp4", 2), ("truncate", 4), ("lost_answer", 3), ("html 503", 3)]
)
async def test_a_bad_download_is_fetched_again(
    world: World, gateway: Gateway, channel: Channel, fault: str, times: int
) -> None:
    await gateway.order("file", fault, times)
    async with world.process() as process:
        await process.scheduler.start()
        job = await process.submit()
        (done,) = await process.delivered(job)
    assert done.clip is not None
    assert [len(post) for post in channel.posts[job.job_id]] == [done.clip.size_bytes]
    assert {path.name for path in world.files_dir.iterdir()} == {f"{done.clip.artifact_id}.mp4"}


@pytest.mark.parametrize(("ranges", "begins_anew"), [("answer", False), ("ignore", True)])
async def test_a_clip_that_is_cut_in_the_middle_is_gone_on_with_where_its_host_answers_ranges(
    world: World,
    gateway: Gateway,
    monkeypatch: pytest.MonkeyPatch,
    ranges: str,
    begins_anew: bool,
) -> None:
    written: list[int] = []
    write = PartFile.write

    async def counted(part: PartFile, data: bytes) -> None:
        written.append(len(data))
        await write(part, data)

    monkeypatch.setattr(PartFile, "write", counted)
    await gateway.turn(file_ranges=ranges)
    await gateway.order("file", "truncate")
    async with world.process() as process:
        await process.scheduler.start()
        job = await process.submit()
        (done,) = await process.delivered(job)
    assert len(await gateway.charged()) == 1
    assert done.clip is not None
    assert (sum(written) > done.clip.size_bytes) is begins_anew
    assert sum(written) < 2 * done.clip.size_bytes


async def test_a_file_without_end_is_cut_off_and_fetched_again(
    world: World, gateway: Gateway
) -> None:
    await gateway.order("file", "endless")
    async with world.process() as process:
        await process.scheduler.start()
        await process.delivered(await process.submit())


async def test_three_files_that_do_not_play_end_the_job(
    world: World, gateway: Gateway, channel: Channel
) -> None:
    await gateway.order("file", "not_mp4", times=3)
    async with world.process() as process:
        await process.scheduler.start()
        job = await process.submit()
        failed = await process.until(job, JobState.FAILED)
        assert failed.reason is OutcomeReason.CLIP_UNUSABLE
        assert await process.reservation(job) == "released"
    assert channel.posts == {}


async def test_while_discord_is_away_the_post_is_tried_again_looking_first(
    world: World, channel: Channel
) -> None:
    channel.refusals.extend([DeliveryUnavailableError("503")] * 2)
    async with world.process() as process:
        await process.scheduler.start()
        job = await process.submit()
        await process.delivered(job)
    assert [call.look_first for call in channel.calls] == [False, True, True]
    assert len(channel.posts[job.job_id]) == 1


async def test_a_post_whose_answer_is_lost_is_not_made_twice(
    world: World, channel: Channel
) -> None:
    channel.answers_lost = 1
    async with world.process() as process:
        await process.scheduler.start()
        job = await process.submit()
        await process.delivered(job)
    assert len(channel.posts[job.job_id]) == 1


@pytest.mark.parametrize(
    "refusal",
    [MissingPermissionsError(("send_messages",)), DestinationGoneError("the channel is gone")],
    ids=["permission", "gone"],
)
async def test_a_clip_that_may_not_be_posted_is_kept_until_it_may(
    world: World, channel: Channel, clock: FakeClock, refusal: MissingPermissionsError
) -> None:
    channel.refusals.extend([refusal] * 3)
    async with world.process() as process:
        await process.scheduler.start()
        job = await process.submit()
        await process.delivered(job)
        assert await process.reservation(job) == "settled"
    assert clock.now() - START >= 3 * PARKED_RETRY
    assert len(channel.posts[job.job_id]) == 1


async def test_a_clip_that_cannot_be_posted_takes_no_place_from_the_next(
    world: World, channel: Channel
) -> None:
    channel.hold = "before"
    async with world.process() as process:
        await process.scheduler.start()
        stuck, next_one = await process.submit(), await process.submit()
        await process.delivered(next_one)
        assert (await process.job(stuck.job_id)).state is JobState.FETCHED


async def test_an_input_image_that_is_gone_fails_the_job_before_it_is_paid(
    world: World, gateway: Gateway, attach: Attach
) -> None:
    async with world.process() as process:
        job = await process.submissions.submit(OPTIONS, (attach("image"),), asker())
        (image,) = job.request.images
        (world.files_dir / f"{image}.jpg").unlink()
        await process.scheduler.start()
        failed = await process.until(job, JobState.FAILED)
        assert failed.reason is OutcomeReason.INPUT_LOST
        assert await process.reservation(job) == "released"
    assert await gateway.charged() == []
