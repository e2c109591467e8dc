"""What moderators decide of turns holds for what waits, and is on record once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bot.domain.errors import QueueFullError
from bot.domain.job import JobState
from bot.services.turns import CapTooHighError, EverybodysShareError, MemberCaps
from cogs.audit_texts import entry_line
from storage import audit
from tests.services.world import ALICE, BOB, GUILD

if TYPE_CHECKING:
    from bot.domain.job import Job
    from bot.services.jobs import Standing
    from tests.services.gateway import Gateway
    from tests.services.world import Process, World

MODERATOR = 9
REGULARS = 70


async def standing(process: Process, job: Job) -> Standing:
    found = await process.jobs.standing(job.job_id)
    assert found is not None
    return found


async def test_place_and_start_are_those_of_the_order_that_is_served(
    world: World, gateway: Gateway
) -> None:
    await gateway.turn(render_delay_s=3600)
    async with world.process() as process:
        alices = [await process.submit(user_id=ALICE) for _ in range(4)]
        bobs = await process.submit(user_id=BOB)
        await process.scheduler.start()
        await process.until(alices[0], JobState.RENDERING)
        in_turns = await standing(process, bobs)
        await process.turns.serve_by_number(GUILD, wanted=True, by=MODERATOR)
        by_number = await standing(process, bobs)
        assert (in_turns.place, by_number.place) == (1, 4)
        assert in_turns.starts_at is not None
        assert by_number.starts_at is not None
        later_s = (by_number.starts_at - in_turns.starts_at).total_seconds()
        assert 3 * 30 < later_s < 3 * 300, "three whole renders"
        await gateway.turn(render_delay_s=0, advance_s=3600)
        await process.delivered(*alices, bobs)
    assert await gateway.charged_jobs() == [job.job_id for job in (*alices, bobs)]


async def test_a_cap_of_members_is_never_passed_by_a_race(world: World) -> None:
    async with world.process() as process:
        await process.turns.cap_members(GUILD, MemberCaps(in_flight=1, waiting=2), by=MODERATOR)
        asked = await asyncio.gather(*(process.submit() for _ in range(6)), return_exceptions=True)
        refused = [answer for answer in asked if isinstance(answer, QueueFullError)]
        assert len(refused) == 4
        assert {refusal.limit for refusal in refused} == {2}
        await process.submit(guild_id=2)


async def test_who_may_have_more_at_once_has_it_at_once(world: World, gateway: Gateway) -> None:
    world.in_flight = 3
    await gateway.turn(in_flight_limit=3, render_delay_s=3600)
    async with world.process() as process:
        await process.turns.cap_members(GUILD, MemberCaps(in_flight=1, waiting=None), by=MODERATOR)
        first, second = [await process.submit(user_id=ALICE) for _ in range(2)]
        bobs = await process.submit(user_id=BOB)
        await process.scheduler.start()
        await process.until(first, JobState.RENDERING)
        await process.until(bobs, JobState.RENDERING)
        assert (await process.job(second.job_id)).state is JobState.QUEUED
        await process.turns.cap_members(
            GUILD, MemberCaps(in_flight=None, waiting=None), by=MODERATOR
        )
        await process.until(second, JobState.RENDERING)
        await gateway.turn(render_delay_s=0, advance_s=3600)
        await process.delivered(first, second, bobs)


async def test_what_is_decided_is_on_record_and_what_changes_nothing_is_not(world: World) -> None:
    async with world.process() as process:
        turns = process.turns
        for _ in range(2):
            await turns.serve_by_number(GUILD, wanted=True, by=MODERATOR)
            await turns.cap_members(GUILD, MemberCaps(in_flight=2, waiting=None), by=MODERATOR)
        assert [await turns.set_share(GUILD, REGULARS, 3, by=MODERATOR) for _ in "ab"] == [
            True,
            False,
        ]
        with pytest.raises(EverybodysShareError):
            await turns.set_share(GUILD, GUILD, 3, by=MODERATOR)
        with pytest.raises(CapTooHighError):
            await turns.cap_members(GUILD, MemberCaps(in_flight=1001, waiting=None), by=MODERATOR)
        entries = await process.database.read(
            lambda db: audit.entries_of_guild(db, guild_id=GUILD, limit=9)
        )
    assert [entry_line(entry).split(f"<@{MODERATOR}> ")[1] for entry in reversed(entries)] == [
        "changed whose turn it is: first come, first served.",
        "changed the most of one member: being made 2, waiting as the operator allows.",
        f"set the share of each member with <@&{REGULARS}> to 3.",
    ]
