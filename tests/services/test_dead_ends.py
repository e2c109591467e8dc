"""One job that goes nowhere must not keep everybody else's from beginning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.domain.errors import MediaWorkerError
from bot.domain.job import JobState, OutcomeReason
from bot.engine.follow import LINK_DEAD_AFTER_FETCHES, UNDECODED_AFTER_FETCHES
from bot.engine.submit import HELD_AFTER_UNANSWERED
from media.worker import MediaWorker
from storage import lanes
from tests.services.world import ALICE, BOB, GUILD

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    import pytest

    from bot.domain.job import Job
    from media.answers import ClipFacts
    from tests.services.channel import Channel
    from tests.services.gateway import Gateway
    from tests.services.world import World


async def test_a_link_that_stays_dead_ends_the_job_and_frees_its_place_before(
    world: World, gateway: Gateway
) -> None:
    await gateway.turn(in_flight_limit=None)
    await gateway.order("file", "error 401 1000", times=LINK_DEAD_AFTER_FETCHES)
    async with world.process() as process:
        await process.scheduler.start()
        dead = await process.submit(user_id=ALICE)
        ended = await process.until(dead, JobState.EXPIRED)
        assert ended.reason is OutcomeReason.LINK_DEAD
        assert await process.reservation(dead) == "released"
        after = await process.submit(user_id=BOB)
        await process.delivered(after)


async def test_a_create_that_is_never_answered_is_held_and_the_next_job_begins(
    world: World, gateway: Gateway
) -> None:
    await gateway.order("create", "error 500 1234", times=HELD_AFTER_UNANSWERED)
    async with world.process() as process:
        await process.scheduler.start()
        poison = await process.submit(user_id=ALICE)
        after = await process.submit(user_id=BOB)
        held = await process.until(poison, JobState.HELD)
        assert held.reason is OutcomeReason.SUBMISSION_UNKNOWN
        await process.delivered(after)


async def test_nothing_is_paid_for_a_server_that_the_bot_has_left(
    world: World, gateway: Gateway, channel: Channel
) -> None:
    channel.left.add(GUILD)
    async with world.process() as process:
        await process.scheduler.start()
        job = await process.submit()
        ended = await process.until(job, JobState.FAILED)
        assert ended.reason is OutcomeReason.DESTINATION_GONE
        assert await process.reservation(job) == "released"
    assert await gateway.charged() == []


class HungDecoder(MediaWorker):
    """A child that never comes back from a clip."""

    def __init__(self) -> None:
        super().__init__()
        self.looks = 0

    async def inspect_clip(self, source: Path) -> ClipFacts:
        self.looks += 1
        raise MediaWorkerError(f"it hung over {source.name}")


async def test_a_clip_that_our_decoder_never_comes_back_from_is_posted_all_the_same(
    world: World, gateway: Gateway, channel: Channel
) -> None:
    world.media = decoder = HungDecoder()
    async with world.process() as process:
        await process.scheduler.start()
        job = await process.submit()
        (done,) = await process.delivered(job)
        assert decoder.looks == UNDECODED_AFTER_FETCHES
        assert done.clip is not None
        assert not done.clip.attachable
    assert len(await gateway.charged()) == 1
    assert len(channel.posts[job.job_id]) == 1


async def test_claiming_goes_on_after_it_broke(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim_next, broken = lanes.claim_next, iter([True])

    def break_once(db: sqlite3.Connection, **claim: Any) -> Job | None:  # noqa: ANN401  # passed on
        if next(broken, False):
            raise LookupError("a defect")
        return claim_next(db, **claim)

    monkeypatch.setattr(lanes, "claim_next", break_once)
    async with world.process() as process:
        await process.scheduler.start()
        job = await process.submit()
        await process.delivered(job)
    assert next(broken, None) is None
