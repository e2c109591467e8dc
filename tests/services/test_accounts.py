"""Several accounts: who takes a job, who stands in for whom, and that nothing is paid twice."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.domain.errors import AccountError
from bot.domain.job import JobState, OutcomeReason
from bot.domain.money import Money
from bot.domain.routing import NOWHERE
from providers.capabilities import capability_for
from storage.account_pauses import pauses
from storage.lanes import waiting_routes
from storage.notices import unsent
from tests.services.world import GUILD, OPTIONS, asker

if TYPE_CHECKING:
    from tests.services.gateway import Gateway
    from tests.services.world import Process, World

MODEL = "cogvideox-3"
ZAI, BIGMODEL, RESELLER = (
    capability_for(gateway, MODEL) for gateway in ("zai", "bigmodel", "302ai")
)


@pytest.fixture(autouse=True)
def two_accounts(world: World) -> None:
    """Z.AI first, then BigModel, for the same price."""
    world.further["spare"] = ("bigmodel", (replace(BIGMODEL, price=ZAI.price),))


async def accounts_of_attempts(process: Process) -> list[tuple[int, str]]:
    return await process.database.read(
        lambda db: db.execute(
            "SELECT job_id, account FROM job_attempt ORDER BY job_id, attempt"
        ).fetchall()
    )


async def told_to_the_operator(process: Process) -> list[str]:
    return [notice.text for notice in await process.database.read(lambda db: unsent(db, 99))]


async def test_the_first_one_takes_it(world: World, gateway: Gateway) -> None:
    async with world.process() as process:
        await process.scheduler.start()
        (job,) = await process.delivered(await process.submit())
        assert (job.account, job.passed_over) == ("main", None)
        assert job.route == f"{MODEL} main,spare"
    assert await gateway.charged_at() == ["zai"]


async def test_a_full_account_is_stood_in_for_at_the_same_price(
    world: World, gateway: Gateway
) -> None:
    await gateway.turn(render_delay_s=3600)
    async with world.process() as process:
        jobs = [await process.submit() for _ in range(3)]
        await process.scheduler.start()
        first, second = [await process.until(job, JobState.RENDERING) for job in jobs[:2]]
        assert [first.account, second.account] == ["main", "spare"]
        assert second.passed_over is None, "nobody is broken"
        assert (await process.job(jobs[2].job_id)).state is JobState.QUEUED
    assert await gateway.charged_at() == ["zai", "bigmodel"]


async def test_a_refused_account_is_stood_in_for_and_the_job_says_so(
    world: World, gateway: Gateway
) -> None:
    await gateway.turn(faults=[{"on": "create", "do": "error 429 1113", "gateway": "zai"}])
    async with world.process() as process:
        job = await process.submit()
        await process.scheduler.start()
        (done,) = await process.delivered(job)
        assert (done.account, done.passed_over, done.attempt) == ("spare", "main", 2)
        assert await accounts_of_attempts(process) == [(1, "main"), (1, "spare")]
        refused = await process.database.read(pauses)
        assert list(refused) == ["main"]
        assert "1113" in refused["main"]
        (told,) = await told_to_the_operator(process)
        assert told.startswith("**zai (main)** (`main`) takes no videos: ")
        assert "1113" in told
    assert await gateway.charged_at() == ["bigmodel"], "and it was paid for once"


async def test_it_is_tried_again_by_and_by_and_then_it_is_over(
    world: World, gateway: Gateway
) -> None:
    await gateway.turn(
        faults=[{"on": "create", "do": "error 429 1113", "times": 2, "gateway": "zai"}]
    )
    async with world.process() as process:
        await process.scheduler.start()
        await process.delivered(await process.submit())
        tried = False
        while not tried:
            (job,) = await process.delivered(await process.submit())
            tried = job.account == "main"
            world.clock.advance(30)
        assert await process.database.read(pauses) == {}
        _, over = await told_to_the_operator(process)
        assert "takes videos again" in over
        assert process.accounts["main"].gate.account_error is None


async def test_a_restart_remembers_that_an_account_is_refused(
    world: World, gateway: Gateway
) -> None:
    await gateway.turn(
        faults=[{"on": "create", "do": "error 429 1113", "times": 3, "gateway": "zai"}]
    )
    async with world.process() as process:
        await process.scheduler.start()
        await process.delivered(await process.submit())
    async with world.process() as process:
        await process.scheduler.start()
        room = process.accounts["main"].rooms()["main", MODEL]
        assert room.is_broken
        assert room.is_trying
        (job,) = await process.delivered(await process.submit())
        assert job.account == "spare"
        assert len(await told_to_the_operator(process)) == 1, "it is told once"
        await gateway.turn(faults=[])


async def test_an_account_that_is_away_for_long_is_stood_in_for(
    world: World, gateway: Gateway
) -> None:
    world.further.clear()
    world.further["spare"] = ("bigmodel", (replace(BIGMODEL, price=None),))
    world.dearer = True
    await gateway.turn(
        faults=[{"on": "create", "do": "error 429 1221", "times": 99, "gateway": "zai"}]
    )
    async with world.process() as process:
        job = await process.submit()
        await process.scheduler.start()
        (done,) = await process.delivered(job)
        assert (done.account, done.passed_over) == ("spare", "main")
    await gateway.turn(faults=[])
    assert await gateway.charged_at() == ["bigmodel"]


async def test_a_dearer_one_takes_nothing_where_nobody_allowed_it(
    world: World, gateway: Gateway
) -> None:
    dearer = replace(BIGMODEL, price=Money(micros=200_001, currency="USD"))
    world.further["spare"] = ("bigmodel", (dearer,))
    await gateway.turn(
        faults=[{"on": "create", "do": "error 429 1113", "times": 2, "gateway": "zai"}]
    )
    async with world.process() as process:
        job = await process.submit()
        assert job.route == f"{MODEL} main"
        await process.scheduler.start()
        await gateway.fault_struck()
        (done,) = await process.delivered(job)
        assert done.account == "main"
    assert await gateway.charged_at() == ["zai"]


async def test_a_model_that_one_account_lost_is_made_by_the_other(
    world: World, gateway: Gateway
) -> None:
    await gateway.turn(faults=[{"on": "create", "do": "error 429 1211", "gateway": "zai"}])
    async with world.process() as process:
        jobs = [await process.submit() for _ in range(2)]
        await process.scheduler.start()
        done = await process.delivered(*jobs)
        assert {job.account for job in done} == {"spare"}
        assert (await process.submit()).route == f"{MODEL} spare"
    assert set(await gateway.charged_at()) == {"bigmodel"}


async def test_a_create_that_was_not_answered_never_goes_elsewhere(
    world: World, gateway: Gateway
) -> None:
    await gateway.turn(
        faults=[
            {"on": "create", "do": "lost_answer", "times": 1},
            {"on": "create", "do": "error 429 1113", "times": 2},
        ]
    )
    async with world.process() as process:
        job = await process.submit()
        await process.scheduler.start()
        (done,) = await process.delivered(job)
        assert (done.account, done.attempt) == ("main", 1)
    assert await gateway.charged_at() == ["zai"]


async def test_a_job_without_a_safe_repeat_is_held_and_not_sent_elsewhere(
    world: World, gateway: Gateway
) -> None:
    world.without_safe_repeats()
    await gateway.order("create", "lost_answer")
    async with world.process() as process:
        job = await process.submit()
        await process.scheduler.start()
        held = await process.until(job, JobState.HELD)
        assert held.account == "main"
    assert await gateway.charged_at() == ["zai"]


async def test_what_waits_follows_the_accounts_that_there_are_after_a_restart(
    world: World, gateway: Gateway
) -> None:
    async with world.process() as process:
        job, other = await process.submit(), await process.submit(replace(OPTIONS, fps=60))
    world.further.clear()
    async with world.process() as process:
        await process.scheduler.start()
        done = await process.delivered(job, other)
        assert [job.route for job in done] == [f"{MODEL} main"] * 2
        routes = await process.database.read(waiting_routes)
        assert routes == []
    assert len(await gateway.charged()) == 2


async def test_a_job_that_no_account_can_take_any_more_ends_free_of_charge(
    world: World, gateway: Gateway
) -> None:
    async with world.process() as process:
        job = await process.submit()
    world.rows = (capability_for("zai", "viduq1-text"),)
    world.further.clear()
    async with world.process() as process:
        await process.scheduler.start()
        ended = await process.until(job, JobState.FAILED)
        assert (ended.reason, ended.route) == (OutcomeReason.MODEL_UNAVAILABLE, NOWHERE)
        assert await process.reservation(job) == "released"
    assert await gateway.charged() == []


async def test_a_render_whose_account_is_gone_is_fetched_once_it_is_back(
    world: World, gateway: Gateway
) -> None:
    await gateway.turn(render_delay_s=3600)
    async with world.process() as process:
        first, second = await process.submit(), await process.submit()
        await process.scheduler.start()
        await process.until(first, JobState.RENDERING)
        assert (await process.until(second, JobState.RENDERING)).account == "spare"
    spare = world.further.pop("spare")
    await gateway.turn(render_delay_s=0, advance_s=3600)
    async with world.process() as process:
        await process.scheduler.start()
        await process.delivered(first)
        assert (await process.job(second.job_id)).state is JobState.RENDERING
    world.further["spare"] = spare
    async with world.process() as process:
        await process.scheduler.start()
        await process.delivered(second)
    assert len(await gateway.charged()) == 2


async def test_a_key_that_may_not_even_ask_pauses_its_account(
    world: World, gateway: Gateway
) -> None:
    await gateway.order("poll", "error 429 1002")
    async with world.process() as process:
        job = await process.submit()
        await process.scheduler.start()
        await process.delivered(job)
        assert list(await process.database.read(pauses)) == ["main"]
        error = process.accounts["main"].gate.account_error
        assert error is not None
        assert "1002" in error


async def test_waiting_for_a_stopped_account_is_said(world: World) -> None:
    world.further.clear()
    async with world.process() as process:
        process.accounts["main"].gate.refused(AccountError("no balance"), model=MODEL)
        job = await process.submit()
        standing = await process.jobs.standing(job.job_id)
        assert standing is not None
        assert standing.is_stopped
        process.accounts["main"].gate.accepted(MODEL)
        standing = await process.jobs.standing(job.job_id)
        assert standing is not None
        assert not standing.is_stopped


async def test_another_server_is_not_bound_by_this_ones_choice(world: World) -> None:
    world.further["spare"] = ("302ai", (RESELLER,))
    world.dearer = True
    async with world.process() as process:
        here = await process.submit()
        there = await process.submissions.submit(OPTIONS, (), asker(guild_id=GUILD + 1))
        assert here.route == f"{MODEL} main,spare!"
        assert there.route == f"{MODEL} main"
