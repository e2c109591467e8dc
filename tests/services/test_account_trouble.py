"""An account in trouble: what opens and closes its gate, and what of that is written down."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from bot.domain.job import JobState
from bot.domain.money import Money
from providers.capabilities import capability_for
from storage.account_pauses import pauses
from storage.notices import unsent

if TYPE_CHECKING:
    import pytest

    from tests.services.gateway import Gateway
    from tests.services.world import Process, World

BIGMODEL = capability_for("bigmodel", "cogvideox-3")
FULL_DISK = """
CREATE TRIGGER full_disk BEFORE INSERT ON notice BEGIN SELECT RAISE(ABORT, 'no room'); END
"""


async def told_to_the_operator(process: Process) -> list[str]:
    return [notice.text for notice in await process.database.read(lambda db: unsent(db, 99))]


async def test_a_pause_that_could_not_be_written_down_at_once_is_told_all_the_same(
    world: World, gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    await gateway.order("create", "error 429 1113", times=99)
    async with world.process() as process:
        await process.database.write(lambda db: db.execute(FULL_DISK))
        job = await process.submit()
        await process.scheduler.start()
        while "a step broke" not in caplog.text:
            await gateway.faults_left()  # each look is a call, so others go on
        await process.database.write(lambda db: db.execute("DROP TRIGGER full_disk"))
        while not await told_to_the_operator(process):
            pass
        await gateway.turn(faults=[])
        await process.delivered(job)
        began, over = await told_to_the_operator(process)
        assert "takes no videos" in began
        assert "takes videos again" in over
        assert await process.database.read(pauses) == {}


async def test_a_gateway_in_trouble_does_not_put_the_whole_queue_on_hold(
    world: World, gateway: Gateway
) -> None:
    world.without_safe_repeats()
    await gateway.order("create", "error 500 500", times=4)
    async with world.process() as process:
        *first, last = [await process.submit() for _ in range(5)]
        await process.scheduler.start()
        held = [(await process.until(job, JobState.HELD)).state_at for job in first]
        apart_s = [(after - before).total_seconds() for before, after in pairwise(held)]
        assert [s >= least for s, least in zip(apart_s, (2, 4, 8), strict=True)] == [True] * 3
        await process.delivered(last)


async def test_an_account_that_never_answers_is_stood_in_for(
    world: World, gateway: Gateway
) -> None:
    dearer = replace(BIGMODEL, price=Money(micros=200_001, currency="USD"))
    world.further["spare"] = ("bigmodel", (dearer,))
    world.dearer = True
    faults = [{"on": "create", "do": "error 500 500", "times": 9, "gateway": "zai"}]
    await gateway.turn(faults=faults)
    async with world.process() as process:
        first, second = await process.submit(), await process.submit()
        await process.scheduler.start()
        (done,) = await process.delivered(second)
        assert (done.account, done.passed_over) == ("spare", "main")
        (done,) = await process.delivered(first)
        assert done.account == "main", "what may be paid for there goes nowhere else"
