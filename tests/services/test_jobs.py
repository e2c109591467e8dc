"""A person looks at jobs, or cancels one; a moderator sets limits."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import pytest

from bot.domain.errors import JobNotFoundError, NotAllowedError, NotCancellableError
from bot.domain.job import JobState, Origin, OutcomeReason
from bot.domain.quota import QuotaRule, Scope
from bot.domain.render_setting import setting_of
from bot.domain.request import VideoRequest
from bot.domain.windows import Window
from bot.services.command_sync import CommandSync
from bot.services.jobs import SHOWN_AT_MOST
from storage import steps
from storage.render_times import load_times
from tests.services.world import ALICE, BOB, CAPABILITY, GUILD, OPTIONS, PATIENCE_S, asker, viewer

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from bot.domain.render_times import ExpectedTime
    from tests.services.gateway import Gateway
    from tests.services.world import World

REQUEST = VideoRequest(  # what `OPTIONS` become
    model=CAPABILITY.model,
    prompt=OPTIONS.prompt,
    size=OPTIONS.size,
    duration_s=OPTIONS.duration_s,
    fps=OPTIONS.fps,
)


async def test_a_waiting_job_knows_its_place_in_line(world: World) -> None:
    async with world.process() as process:
        jobs = [await process.submit(user_id=user) for user in (ALICE, ALICE, BOB)]
        places = [await process.jobs.standing(job.job_id) for job in jobs]
        assert [standing and standing.place for standing in places] == [1, 3, 2]
        listed = (await process.jobs.open_on_server(viewer())).standings
        assert [standing.job.job_id for standing in listed] == [1, 3, 2]
        assert (await process.jobs.open_on_server(viewer(guild_id=2))).standings == []
        assert await process.jobs.next_in_line(2) == [1, 2]
        assert await process.jobs.standing(99) is None


async def test_what_ended_while_a_listing_was_read_is_not_in_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world.process() as process:
        ended, stays = [await process.submit(user_id=user) for user in (ALICE, BOB)]
        database, at = process.database, world.clock.now()
        read, reads = database.read, 0
        cancel = partial(
            steps.cancel_waiting,
            job_id=ended.job_id,
            reason=OutcomeReason.CANCELLED_BY_MEMBER,
            at=at,
        )

        async def read_then_cancel(function: Callable[[sqlite3.Connection], object]) -> object:
            nonlocal reads
            found = await read(function)
            reads += 1
            if reads == 1:
                await database.write(cancel)
            return found

        monkeypatch.setattr(database, "read", read_then_cancel)
        listed = (await process.jobs.open_on_server(viewer())).standings
        assert [standing.job.job_id for standing in listed] == [stays.job_id]
        assert reads == 2


async def test_a_listing_is_no_longer_than_a_message(world: World) -> None:
    async with world.process() as process:
        for _ in range(SHOWN_AT_MOST + 5):
            await process.submit()
        assert len((await process.jobs.open_on_server(viewer())).standings) == SHOWN_AT_MOST
        mine = await process.jobs.of_member(guild_id=GUILD, user_id=ALICE, open_only=True)
        assert [job.job_id for job in mine] == list(range(SHOWN_AT_MOST + 5, 5, -1))


async def test_a_job_of_another_server_is_not_there(world: World) -> None:
    async with world.process() as process:
        job = await process.submit(guild_id=2)
        with pytest.raises(JobNotFoundError, match=f"#{job.job_id}"):
            await process.jobs.seen_by(viewer(), job.job_id)
        with pytest.raises(JobNotFoundError, match="no video here yet"):
            await process.jobs.latest_of_member(guild_id=1, user_id=ALICE)
        with pytest.raises(JobNotFoundError):
            await process.jobs.cancel(viewer(is_moderator=True), job.job_id)
        assert (await process.job(job.job_id)).state is JobState.QUEUED


async def test_a_render_is_expected_within_a_range_and_nothing_else_is(
    world: World, gateway: Gateway
) -> None:
    await gateway.turn(render_delay_s=3600)
    async with world.process() as process:
        waiting = await process.submit()
        standing = await process.jobs.seen_by(viewer(), waiting.job_id)
        assert standing.expected is None
        await process.scheduler.start()
        await process.until(waiting, JobState.RENDERING)
        standing = await process.jobs.seen_by(viewer(), waiting.job_id)
        assert standing.expected is not None
        assert 0 < standing.expected.earliest_s < standing.expected.latest_s


async def test_who_was_told_a_time_that_passed_is_told_anew(world: World, gateway: Gateway) -> None:
    await gateway.turn(render_delay_s=100_000)
    async with world.process() as process:
        await process.scheduler.start()
        job = await process.submit()
        await process.until(job, JobState.RENDERING)
        told: list[ExpectedTime] = []
        async with asyncio.timeout(PATIENCE_S):
            while not (told and told[-1].late):
                await world.channel.next_change()
                standing = await process.jobs.seen_by(viewer(), job.job_id)
                assert standing.expected is not None
                told.append(standing.expected)
    assert any(one.overdue and not one.late for one in told)
    assert [one.latest_s for one in told] == sorted(one.latest_s for one in told)
    assert len(told) < 20


async def test_every_render_that_was_watched_teaches_how_long_it_took(
    world: World,
) -> None:
    setting = setting_of(REQUEST, world.rows[0])
    async with world.process() as process:
        await process.scheduler.start()
        times = setting.assumed
        async with asyncio.timeout(PATIENCE_S):
            # The clock may leap while the task is being recorded: such a render counts as unseen.
            while sum(times.seen) < 1.9:
                await process.delivered(await process.submit())
                times = await process.database.read(lambda db: load_times(db, setting))
        assert times.quantile_s(0.5) < CAPABILITY.render_median_s


async def test_a_render_that_a_restart_lost_sight_of_teaches_nothing(
    world: World, gateway: Gateway
) -> None:
    await gateway.turn(render_delay_s=3600)
    setting = setting_of(REQUEST, world.rows[0])
    async with world.process() as process:
        await process.scheduler.start()
        job = await process.submit()
        await process.until(job, JobState.RENDERING)
    world.clock.advance(7200)
    await gateway.turn(advance_s=3600)
    async with world.process() as process:
        await process.scheduler.start()
        await process.delivered(job)
        times = await process.database.read(lambda db: load_times(db, setting))
        assert sum(times.seen) == 0


@pytest.mark.parametrize(
    ("user_id", "is_moderator", "reason"),
    [
        (ALICE, False, OutcomeReason.CANCELLED_BY_MEMBER),
        (ALICE, True, OutcomeReason.CANCELLED_BY_MEMBER),
        (BOB, True, OutcomeReason.CANCELLED_BY_MODERATOR),
    ],
)
async def test_the_member_and_moderators_cancel_a_waiting_job(
    world: World, user_id: int, *, is_moderator: bool, reason: OutcomeReason
) -> None:
    async with world.process() as process:
        job = await process.submit()
        cancelled = await process.jobs.cancel(
            viewer(user_id=user_id, is_moderator=is_moderator), job.job_id
        )
        assert (cancelled.state, cancelled.reason) == (JobState.CANCELLED, reason)
        assert await process.reservation(job) == "released"


async def test_what_a_member_may_not_see_does_not_exist_for_them(world: World) -> None:
    async with world.process() as process:
        job = await process.submit()
        blind = viewer(user_id=BOB, sees=False)
        for looking in (
            process.jobs.seen_by(blind, job.job_id),
            process.jobs.cancel(replace(blind, is_moderator=True), job.job_id),
            process.submissions.take_again(
                job.job_id, asker(user_id=BOB), viewer=blind, edits=None
            ),
        ):
            with pytest.raises(JobNotFoundError):
                await looking
        listing = await process.jobs.open_on_server(blind)
        assert (listing.standings, listing.hidden) == ([], 1)
        own = viewer(sees=False)
        assert (await process.jobs.seen_by(own, job.job_id)).job == job
        assert (await process.jobs.open_on_server(own)).hidden == 0


async def test_nobody_else_cancels_it(world: World) -> None:
    async with world.process() as process:
        job = await process.submit()
        with pytest.raises(NotAllowedError):
            await process.jobs.cancel(viewer(user_id=BOB), job.job_id)
        assert (await process.job(job.job_id)).state is JobState.QUEUED


async def test_what_is_rendering_or_done_is_not_cancelled(world: World, gateway: Gateway) -> None:
    await gateway.turn(render_delay_s=3600)
    async with world.process() as process:
        await process.scheduler.start()
        job = await process.submit()
        await process.until(job, JobState.RENDERING)
        with pytest.raises(NotCancellableError, match="paid for"):
            await process.jobs.cancel(viewer(user_id=0, is_moderator=True), job.job_id)
        await gateway.turn(advance_s=3600)
        await process.delivered(job)
        with pytest.raises(NotCancellableError, match="already done"):
            await process.jobs.cancel(viewer(user_id=0, is_moderator=True), job.job_id)


async def test_under_a_finished_job_cancel_means_ones_own_take_that_waits(world: World) -> None:
    async with world.process() as process:
        await process.scheduler.start()
        (first,) = await process.delivered(await process.submit())
        await process.scheduler.stop()
        takes = [
            await process.submissions.take_again(
                first.job_id, asker(user_id=user, origin=Origin.AGAIN), viewer=viewer(), edits=None
            )
            for user in (ALICE, BOB)
        ]
        cancelled = await process.jobs.cancel(viewer(), first.job_id)
        assert cancelled.job_id == takes[0].job_id
        assert (await process.job(takes[1].job_id)).state is JobState.QUEUED


async def test_a_job_is_found_by_its_status_message_and_by_its_result(world: World) -> None:
    async with world.process() as process:
        await process.scheduler.start()
        job = await process.submit()
        await process.jobs.record_status_message(job.job_id, 555)
        (done,) = await process.delivered(job)
        assert done.place.result_message_id is not None
        for message_id in (555, done.place.result_message_id):
            assert await process.jobs.for_message(message_id) == done
        assert await process.jobs.for_message(556) is None


async def test_a_limit_is_set_shown_replaced_and_taken_away(world: World) -> None:
    async with world.process() as process:
        rule = QuotaRule(scope=Scope.ROLE, subject_id=77, window=Window.WEEK, limit=4)
        clear = partial(
            process.quotas.clear_rule,
            scope=rule.scope,
            subject_id=77,
            window=rule.window,
            cleared_by=1,
        )
        await process.quotas.set_rule(GUILD, replace(rule, limit=3), set_by=1)
        await process.quotas.set_rule(GUILD, rule, set_by=1)
        (standing,) = await process.quotas.standings(GUILD, user_id=ALICE, role_ids=(77,))
        assert (standing.rule, standing.used) == (rule, 0)
        assert standing.resets_at == datetime(2026, 1, 19, tzinfo=UTC)
        assert await process.quotas.standings(GUILD, user_id=ALICE, role_ids=()) == []
        assert await process.quotas.standings(2, user_id=ALICE, role_ids=(77,)) == []
        assert await clear(GUILD)
        assert not await clear(GUILD)
        assert await process.quotas.standings(GUILD, user_id=ALICE, role_ids=(77,)) == []


async def test_which_commands_discord_has_is_remembered_per_application(world: World) -> None:
    async with world.process() as process:
        sync = CommandSync(database=process.database, clock=world.clock)
        assert not await sync.is_current(1, "a")
        await sync.record(1, "a")
    async with world.process() as process:
        sync = CommandSync(database=process.database, clock=world.clock)
        assert await sync.is_current(1, "a")
        assert not await sync.is_current(1, "b")
        assert not await sync.is_current(2, "a")
