"""What moderators do and what policy refuses is on record, in the transaction that does it."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING

import pytest

from bot.domain.audit import AuditAction, AuditEntry
from bot.domain.errors import (
    NotCancellableError,
    QueueFullError,
    QuotaExceededError,
    StorageError,
)
from bot.domain.job import JobState
from bot.domain.quota import QuotaRule, Scope
from bot.domain.windows import Window
from cogs.audit_texts import SENTENCES, entry_line
from storage import audit
from tests.services.world import ALICE, BOB, GUILD, viewer

if TYPE_CHECKING:
    import sqlite3

    from tests.services.world import Process, World

MODERATOR, ROLE = 99, 77


def rule(scope: Scope, subject_id: int, limit: int = 3) -> QuotaRule:
    return QuotaRule(scope=scope, subject_id=subject_id, window=Window.DAY, limit=limit)


async def entries(process: Process) -> list[AuditEntry]:
    """What is on record of the server, oldest first; the chain is whole."""
    assert (await process.database.read(audit.prove)).fault is None
    read = partial(audit.entries_of_guild, guild_id=GUILD, limit=1000)
    return (await process.database.read(read))[::-1]


async def lines(process: Process) -> list[str]:
    """Those in words, without their number and instant."""
    return [entry_line(entry).split("> ", 1)[1] for entry in await entries(process)]


async def lose_the_head(process: Process) -> None:
    """As after tampering: whatever is recorded next would be a number that is taken."""

    def lose(db: sqlite3.Connection) -> None:
        db.execute("DELETE FROM audit_head")

    await process.quotas.set_rule(2, rule(Scope.SERVER, 2), set_by=MODERATOR)
    await process.database.write(lose)


@pytest.mark.parametrize(
    ("limited", "whom"),
    [
        (rule(Scope.MEMBER, ALICE), f"<@{ALICE}>"),
        (rule(Scope.ROLE, ROLE), f"each member with <@&{ROLE}>"),
        (rule(Scope.ROLE, GUILD), "each member"),
        (rule(Scope.SERVER, GUILD), "the whole server"),
    ],
)
async def test_a_limit_set_and_taken_away_is_recorded(
    world: World, limited: QuotaRule, whom: str
) -> None:
    async with world.process() as process:
        await process.quotas.set_rule(GUILD, limited, set_by=MODERATOR)
        for _ in range(2):  # the second finds none, and is no act
            await process.quotas.clear_rule(
                GUILD,
                scope=limited.scope,
                subject_id=limited.subject_id,
                window=limited.window,
                cleared_by=MODERATOR,
            )
        assert await lines(process) == [
            f"<@{MODERATOR}> set the limit of {whom} to 3 per day.",
            f"<@{MODERATOR}> took the limit of {whom} per day away.",
        ]


async def test_somebody_elses_video_cancelled_is_recorded_and_ones_own_is_not(
    world: World,
) -> None:
    async with world.process() as process:
        own, alices = await process.submit(user_id=MODERATOR), await process.submit()
        moderator = viewer(user_id=MODERATOR, is_moderator=True)
        for job in (own, alices):
            await process.jobs.cancel(moderator, job.job_id)
        with pytest.raises(NotCancellableError):
            await process.jobs.cancel(moderator, alices.job_id)
        assert await lines(process) == [
            f"<@{MODERATOR}> cancelled video #{alices.job_id} of <@{ALICE}>."
        ]


async def test_a_refusal_by_a_limit_is_recorded_though_the_job_was_undone(world: World) -> None:
    async with world.process() as process:
        await process.quotas.set_rule(GUILD, rule(Scope.MEMBER, ALICE, 0), set_by=MODERATOR)
        with pytest.raises(QuotaExceededError):
            await process.submit()
        await process.submit(user_id=BOB)
        (_, refused) = await lines(process)
        assert refused == (
            f"<@{ALICE}> was refused a video: the limit of <@{ALICE}> was used up "
            "(0 used, 0 per day allowed)."
        )


async def test_a_refusal_for_too_many_waiting_is_recorded(world: World) -> None:
    async with world.process(max_waiting=1) as process:
        await process.submit()
        with pytest.raises(QueueFullError):
            await process.submit()
        (refused,) = await lines(process)
        assert refused.startswith(
            f"<@{ALICE}> was refused a video: <@{ALICE}> had 1 waiting already, "
        )


async def test_a_refusal_for_too_many_waiting_on_the_server_is_recorded_as_that(
    world: World,
) -> None:
    async with world.process(max_waiting_per_guild=1) as process:
        await process.submit(user_id=BOB)
        with pytest.raises(QueueFullError):
            await process.submit()
        (refused,) = await lines(process)
        assert refused.startswith(
            f"<@{ALICE}> was refused a video: the whole server had 1 waiting already, "
        )


async def test_a_flood_of_clicks_is_one_entry_a_minute(world: World) -> None:
    async with world.process() as process:
        await process.quotas.set_rule(GUILD, rule(Scope.SERVER, GUILD, 0), set_by=MODERATOR)
        for minutes in (1, 2, 3):
            refused = await asyncio.gather(
                *(process.submit() for _ in range(100)), return_exceptions=True
            )
            assert {type(refusal) for refusal in refused} == {QuotaExceededError}
            assert len(await entries(process)) == 1 + minutes
            world.clock.advance(60)


async def test_an_act_that_cannot_be_recorded_is_not_done(world: World) -> None:
    async with world.process() as process:
        job = await process.submit()
        await lose_the_head(process)
        with pytest.raises(StorageError):
            await process.quotas.set_rule(GUILD, rule(Scope.SERVER, GUILD), set_by=MODERATOR)
        with pytest.raises(StorageError):
            await process.jobs.cancel(viewer(user_id=MODERATOR, is_moderator=True), job.job_id)
        assert (await process.job(job.job_id)).state is JobState.QUEUED
        assert await process.quotas.standings(GUILD, user_id=ALICE, role_ids=()) == []


async def test_a_refusal_that_cannot_be_recorded_stays_one_and_the_operator_is_told(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR, "bot")
    async with world.process() as process:
        await process.quotas.set_rule(GUILD, rule(Scope.MEMBER, ALICE, 0), set_by=MODERATOR)
        await lose_the_head(process)
        with pytest.raises(QuotaExceededError):
            await process.submit()
    assert "a refusal could not be recorded: refused_quota" in caplog.text


def test_every_action_has_its_sentence() -> None:
    assert set(SENTENCES) == set(AuditAction)
