"""A server brings its own key: for its videos alone, until it is taken away, or a bit longer."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from bot.domain.audit import AuditAction
from bot.domain.errors import InvalidOptionError
from bot.domain.job import JobState, OutcomeReason
from bot.domain.own_key import OwnKeyFormError, OwnKeyRefusedError, OwnKeyUntestedError
from bot.domain.quota import BOT_ID, Measure, QuotaRule, Scope, Terms
from bot.domain.windows import Window
from bot.engine.live_account import rooms_of
from bot.engine.reroute import reroute_waiting
from bot.engine.submit import submit
from bot.services.options import Options
from storage import audit, lanes
from tests.services.gateway import OPERATORS_KEY, SERVERS_KEY, SERVERS_NEXT_KEY
from tests.services.own_keys import (
    ANOTHER_GUILD,
    HOUR_S,
    MARA,
    bring,
    kept,
    let_renders_end,
    own_live,
    rendering,
)
from tests.services.world import BOB, GUILD

if TYPE_CHECKING:
    from bot.domain.job import Job
    from tests.services.fake_clock import FakeClock
    from tests.services.gateway import Gateway
    from tests.services.world import Process, World

VIDU_TEXT = Options(prompt="A calm sea", model="viduq1-text")
STOP = QuotaRule(
    scope=Scope.BOT,
    subject_id=BOT_ID,
    limit=1,
    window=Window.MONTH,
    measure=Measure.MONEY,
    currency="USD",
)


async def test_a_key_is_used_for_its_server_alone(world: World, gateway: Gateway) -> None:
    async with world.process() as process:
        await bring(process)
        await process.scheduler.start()
        await process.delivered(await process.submit())
        await process.delivered(await process.submit(guild_id=ANOTHER_GUILD, user_id=BOB))
        assert await gateway.payers() == [SERVERS_KEY, OPERATORS_KEY]
        assert await process.own_keys.state(ANOTHER_GUILD) is None
        state = await process.own_keys.state(GUILD)
    assert state is not None
    assert (state.gateway, state.set_by, state.is_opened) == ("Z.AI", MARA, True)
    assert state.paused_since is None


async def test_the_operators_accounts_come_after_a_servers_own(
    world: World, gateway: Gateway
) -> None:
    await gateway.turn(render_delay_s=HOUR_S)
    async with world.process() as process:
        await bring(process)
        await process.scheduler.start()
        for _ in range(2):
            await process.until(await process.submit(), JobState.RENDERING)
    assert await gateway.payers() == [SERVERS_KEY, OPERATORS_KEY]


async def test_a_refused_key_pauses_for_its_server_alone(world: World, gateway: Gateway) -> None:
    async with world.process() as process:
        await bring(process)
        await gateway.order("create", "error 429 1113")
        await process.scheduler.start()
        await process.delivered(await process.submit())
        state = await process.own_keys.state(GUILD)
        assert state is not None
        assert state.paused_since is not None
    assert await gateway.payers() == [OPERATORS_KEY]


async def test_a_server_has_the_models_of_its_key_while_it_has_the_key(
    world: World, gateway: Gateway
) -> None:
    world.offer("cogvideox-3")
    async with world.process() as process:
        await bring(process)
        waits = await process.submit(VIDU_TEXT)
        with pytest.raises(InvalidOptionError):
            await process.submit(VIDU_TEXT, guild_id=ANOTHER_GUILD)
        assert await process.own_keys.remove(GUILD, by=MARA)
        ended = await process.until(waits, JobState.FAILED)
        assert ended.reason is OutcomeReason.MODEL_UNAVAILABLE
        assert await process.reservation(ended) == "released"
        with pytest.raises(InvalidOptionError):
            await process.submit(VIDU_TEXT)
        assert not await process.own_keys.remove(GUILD, by=MARA), "there is none any more"
        entries = await process.database.read(lambda db: audit.entries_of_guild(db, GUILD, limit=9))
        acts = [(entry.act.action, entry.act.actor_id) for entry in entries]
        assert acts == [(AuditAction.KEY_REMOVED, MARA), (AuditAction.KEY_BROUGHT, MARA)]
    assert await gateway.charged() == []


async def test_what_waits_for_a_servers_own_key_passes_no_budget_of_the_operator(
    world: World, gateway: Gateway
) -> None:
    world.offer("cogvideox-3")
    async with world.process() as process:
        await bring(process)
        waits = [await process.submit(VIDU_TEXT) for _ in range(2)]
    world.offer("cogvideox-3", "viduq1-text")  # by now the operator has an account for it as well
    world.terms = Terms(rules=(STOP,))
    async with world.process() as process:
        await reroute_waiting(process.tools)
        now = [await process.job(job.job_id) for job in waits]
        assert {(job.state, job.route) for job in now} == {(JobState.QUEUED, "viduq1-text own-1")}
        await process.own_keys.remove(GUILD, by=MARA)
        for job in waits:
            ended = await process.until(job, JobState.FAILED)
            assert ended.reason is OutcomeReason.BUDGET_USED_UP
            assert await process.reservation(ended) == "released"
    assert await gateway.charged() == []


async def test_what_waits_goes_by_the_key_that_is_brought_meanwhile(
    world: World, gateway: Gateway
) -> None:
    async with world.process() as process:
        waits = await process.submit()
        await bring(process)
        await process.scheduler.start()
        await process.delivered(waits)
    assert await gateway.payers() == [SERVERS_KEY]


async def test_a_job_that_was_claimed_before_its_key_was_taken_away_is_not_paid_with_it(
    world: World, gateway: Gateway
) -> None:
    async with world.process() as process:
        await bring(process)
        job = await process.submit()
        claim = partial(lanes.claim_next, rooms=rooms_of(process.accounts), at=world.clock.now())
        claimed = await process.database.write(claim)
        assert claimed is not None
        assert claimed.account == "own-1"
        await process.own_keys.remove(GUILD, by=MARA)
        again = await submit(process.tools, claimed, maybe_sent=False)
        assert again.state is JobState.QUEUED
        await process.scheduler.start()
        await process.delivered(job)
    assert await gateway.payers() == [OPERATORS_KEY]


async def test_a_key_that_is_replaced_ends_what_it_has_and_begins_nothing(
    world: World, gateway: Gateway
) -> None:
    async with world.process() as process:
        await bring(process)
        first = await rendering(process, gateway)
        await bring(process, SERVERS_NEXT_KEY)
        second = await process.until(await process.submit(), JobState.RENDERING)
        assert await kept(process) == [first.account, second.account]
        await let_renders_end(gateway)
        await process.delivered(first, second)
        await process.own_keys.forget_ended()
        assert await kept(process) == own_live(process) == [second.account]
    assert await gateway.payers() == [SERVERS_KEY, SERVERS_NEXT_KEY]


@pytest.mark.parametrize("restarted", [False, True])
async def test_a_key_that_is_taken_away_is_deleted_after_its_last_video(
    world: World, gateway: Gateway, restarted: bool
) -> None:
    async with world.process() as process:
        await bring(process)
        job = await rendering(process, gateway)
        assert await process.own_keys.remove(GUILD, by=MARA)
        assert await process.own_keys.state(GUILD) is None
        assert await kept(process) == [job.account]
        assert process.catalogues.account_title(job.account or "") == "Z.AI (this server's own)"
        if not restarted:
            await ends_and_is_deleted(process, job)
    if restarted:
        async with world.process() as process:
            await process.scheduler.start()
            await ends_and_is_deleted(process, job)
    assert await gateway.payers() == [SERVERS_KEY]


async def ends_and_is_deleted(process: Process, job: Job) -> None:
    await let_renders_end(process.world.gateway)
    await process.delivered(job)
    await process.own_keys.forget_ended()
    assert await kept(process) == own_live(process) == []


async def test_a_key_with_nothing_under_way_is_deleted_at_once(world: World) -> None:
    async with world.process() as process:
        await bring(process)
        await bring(process, SERVERS_NEXT_KEY)
        assert await kept(process) == own_live(process) == ["own-2"]
        await process.own_keys.remove(GUILD, by=MARA)
        assert await kept(process) == own_live(process) == []


@pytest.mark.parametrize("restarted", [False, True])
async def test_a_video_that_is_not_done_a_day_after_its_key_was_taken_away_expires(
    world: World, gateway: Gateway, clock: FakeClock, restarted: bool
) -> None:
    async with world.process() as process:
        await bring(process)
        job = await rendering(process, gateway)
        removed_at = clock.now()
        await process.own_keys.remove(GUILD, by=MARA)
        if restarted:
            await process.scheduler.stop()
        clock.advance(max(0.0, (removed_at + timedelta(days=1) - clock.now()).total_seconds()))
        await process.own_keys.forget_ended()
        assert await kept(process) == own_live(process) == []
        if not restarted:
            await expires(process, job)
    if restarted:
        async with world.process() as process:
            await process.scheduler.start()
            await expires(process, job)


async def expires(process: Process, job: Job) -> None:
    ended = await process.until(job, JobState.EXPIRED)
    assert ended.reason is OutcomeReason.KEY_REMOVED
    assert await process.reservation(ended) == "released"


@pytest.mark.parametrize(
    ("key", "fault", "refused"),
    [
        (SERVERS_KEY[::-1], None, OwnKeyRefusedError),
        (SERVERS_KEY, "error 401 1000", OwnKeyRefusedError),
        (SERVERS_KEY, "error 500 500", OwnKeyUntestedError),
        (SERVERS_KEY, "error 429 1303", OwnKeyUntestedError),
        ("two words and no key", None, OwnKeyFormError),
    ],
)
async def test_a_key_that_is_not_known_to_work_is_not_kept(
    world: World, gateway: Gateway, key: str, fault: str | None, refused: type[Exception]
) -> None:
    async with world.process() as process:
        await bring(process, SERVERS_NEXT_KEY)
        if fault is not None:
            await gateway.order("poll", fault)
        with pytest.raises(refused) as raised:
            await bring(process, key)
        assert key not in str(raised.value)
        assert len(await kept(process)) == 1, "the one that it had is still in use"
        await process.scheduler.start()
        await process.delivered(await process.submit())
    assert await gateway.payers() == [SERVERS_NEXT_KEY]


async def test_why_a_gateway_refuses_is_told_in_words(world: World, gateway: Gateway) -> None:
    async with world.process() as process:
        for fault, words in (("error 429 1113", "no balance"), ("error 429 1310", "used up")):
            await gateway.order("poll", fault)
            with pytest.raises(OwnKeyRefusedError, match=words):
                await bring(process)


async def test_what_moderators_decide_about_dearer_accounts_outlives_a_restart(
    world: World,
) -> None:
    async with world.process() as process:
        await process.stand_ins.let_dearer(GUILD, allowed=True, by=MARA)
        assert process.catalogues.dearer_may_stand_in(GUILD)
    async with world.process() as process:
        assert process.catalogues.dearer_may_stand_in(GUILD)
        assert not process.catalogues.dearer_may_stand_in(ANOTHER_GUILD)
        await process.stand_ins.let_dearer(GUILD, allowed=False, by=MARA)
        assert not process.catalogues.dearer_may_stand_in(GUILD)
