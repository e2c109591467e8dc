"""A render that takes longer than its patience is late, not lost: asked for slowly, delivered."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.job import JobState
from bot.domain.polling import SLOWEST_WAIT_S
from bot.engine.claims import ASKED_AGAIN_AFTER, Claims
from tests.services.fake_clock import FakeClock
from tests.services.world import ALICE, GUILD, PATIENCE_S, World

if TYPE_CHECKING:
    from pathlib import Path

    from bot.domain.job import Job
    from bot.engine.claims import Claimed
    from tests.services.channel import Channel
    from tests.services.gateway import Gateway
    from tests.services.world import Process

LONG_S = 10_000_000.0


async def late(process: Process) -> Job:
    """A job that renders for longer than its patience."""
    await process.scheduler.start()
    job = await process.submit()
    async with asyncio.timeout(PATIENCE_S):
        while (now := await process.job(job.job_id)).late_at is None:
            await process.world.channel.next_change()
    assert now.state is JobState.RENDERING
    return now


async def test_it_is_marked_once_and_delivered_when_it_comes(
    world: World, gateway: Gateway, channel: Channel
) -> None:
    await gateway.turn(render_delay_s=LONG_S)
    async with world.process() as process:
        first = await late(process)
    async with world.process() as process:  # the mark survives a restart
        await process.scheduler.start()
        await gateway.turn(render_delay_s=0, advance_s=LONG_S)
        (done,) = await process.delivered(first)
        assert done.late_at == first.late_at
        assert await process.reservation(done) == "settled"
    assert len(channel.posts[done.job_id]) == 1
    assert len(await gateway.charged()) == 1


async def test_however_late_it_is_asked_for_soon_after_a_start(
    tmp_path: Path, channel: Channel, gateway: Gateway
) -> None:
    """Or a program that is started again more often than it waits would never ask."""
    clock = FakeClock(jumps=True)
    world = World(folder=tmp_path, clock=clock, channel=channel, gateway=gateway)
    await gateway.turn(render_delay_s=LONG_S)
    async with world.process() as process:
        first = await late(process)
    await gateway.turn(render_delay_s=0, advance_s=LONG_S)
    clock.advance(timedelta(days=2).total_seconds())
    clock.stop_jumping()
    clock.slept_s.clear()
    async with world.process() as process:
        await process.scheduler.start()
        await process.let_others_run(lambda: any(1 < wait < 3 for wait in clock.slept_s))
        clock.advance(3)
        await process.delivered(first)
    await world.close()


async def test_a_render_within_its_patience_is_not_late(world: World) -> None:
    async with world.process() as process:
        await process.scheduler.start()
        (done,) = await process.delivered(await process.submit())
        assert done.late_at is None


async def claim(claims: Claims) -> Claimed:
    return await claims.claim(guild_id=GUILD, user_id=ALICE, into=lambda _: None)


async def test_a_claim_asks_for_a_late_one_at_once_and_once_a_minute(
    tmp_path: Path, channel: Channel, gateway: Gateway
) -> None:
    clock = FakeClock(jumps=True)
    world = World(folder=tmp_path, clock=clock, channel=channel, gateway=gateway)
    await gateway.turn(render_delay_s=LONG_S)
    async with world.process() as process:
        job = await late(process)
        claims = Claims(process.tools, process.scheduler)
        clock.stop_jumping()
        # In place of the one that its follower waits on, and clears as soon as it has asked.
        asked = process.tools.asked_now[job.job_id] = asyncio.Event()
        told = await claim(claims)
        assert [each.job_id for each in told.late] == [job.job_id]
        assert told.posted == told.waiting == told.under_way == []
        assert asked.is_set()
        asked.clear()
        assert (await claim(claims)).late
        assert not asked.is_set()
        assert ASKED_AGAIN_AFTER.total_seconds() < SLOWEST_WAIT_S
        clock.advance(-timedelta(hours=5).total_seconds())  # the machine's clock is set right
        assert (await claim(claims)).late
        assert asked.is_set(), "nobody waits five hours for that"
    await world.close()
