"""A job goes to no account that costs more than its member was told, unless that is allowed."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.domain.job import JobState, OutcomeReason
from bot.domain.money import Money
from providers.capabilities import capability_for
from tests.services.channel import Channel
from tests.services.world import GUILD, OPTIONS

if TYPE_CHECKING:
    from bot.domain.job import Job
    from tests.services.gateway import Gateway
    from tests.services.world import World

MODEL = "cogvideox-3"
ZAI, BIGMODEL = capability_for("zai", MODEL), capability_for("bigmodel", MODEL)
DEARER = Money(micros=200_001, currency="USD")


class SlowChannel(Channel):
    """One that it takes a while to find: until `found` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.found = asyncio.Event()

    async def is_reachable(self, job: Job) -> bool:
        await self.found.wait()
        return await super().is_reachable(job)


@pytest.fixture(autouse=True)
def a_dearer_spare(world: World) -> None:
    """Z.AI first, for the price that members are told; then BigModel, which costs more."""
    world.further["spare"] = ("bigmodel", (replace(BIGMODEL, price=DEARER),))


async def test_where_the_told_account_loses_the_model_the_job_ends_instead_of_costing_more(
    world: World, gateway: Gateway
) -> None:
    await gateway.turn(faults=[{"on": "create", "do": "error 429 1211", "gateway": "zai"}])
    async with world.process() as process:
        jobs = [await process.submit() for _ in range(2)]
        await process.scheduler.start()
        for job in jobs:
            ended = await process.until(job, JobState.FAILED, JobState.DELIVERED)
            assert ended.reason is OutcomeReason.MODEL_UNAVAILABLE
            assert await process.reservation(job) == "released"
        assert (await process.submit()).route == f"{MODEL} spare", "who asks now is told its price"
        await gateway.turn(faults=[])


async def test_where_moderators_allow_it_the_dearer_one_makes_what_the_told_one_lost(
    world: World, gateway: Gateway
) -> None:
    world.dearer = True
    await gateway.turn(faults=[{"on": "create", "do": "error 429 1211", "gateway": "zai"}])
    async with world.process() as process:
        jobs = [await process.submit() for _ in range(2)]
        await process.scheduler.start()
        for done in await process.delivered(*jobs):
            assert (done.account, done.passed_over) == ("spare", "main")
    assert await gateway.charged_at() == ["bigmodel"] * 2


async def test_another_order_of_the_accounts_makes_no_waiting_job_dearer(
    world: World, gateway: Gateway
) -> None:
    world.offer("viduq1-text")
    world.further = {"second": ("zai", (ZAI,))}
    async with world.process() as process:
        job = await process.submit(replace(OPTIONS, model=MODEL))
        assert job.route == f"{MODEL} second"
    world.rows = (replace(ZAI, price=DEARER),)
    async with world.process() as process:
        await process.scheduler.start()
        (done,) = await process.delivered(job)
        assert done.account == "second"
    assert await gateway.charged_at() == ["zai"]


async def test_a_job_under_way_when_moderators_forbid_dearer_accounts_goes_to_none(
    world: World, gateway: Gateway
) -> None:
    world.dearer = True
    world.channel = channel = SlowChannel()
    await gateway.turn(faults=[{"on": "create", "do": "error 429 1113", "gateway": "zai"}])
    async with world.process() as process:
        job = await process.submit()
        assert job.route == f"{MODEL} main,spare!"
        await process.scheduler.start()
        await process.until(job, JobState.SUBMITTING)
        process.catalogues.let_dearer_stand_in(GUILD, allowed=False)
        channel.found.set()
        (done,) = await process.delivered(job)
        assert (done.account, done.route) == ("main", f"{MODEL} main")
    assert await gateway.charged_at() == ["zai"]
