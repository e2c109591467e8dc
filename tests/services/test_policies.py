"""What moderators decide holds at once, for every way to a video, and after a restart."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.domain.audit import AuditAction
from bot.domain.errors import InvalidOptionError
from bot.domain.gates import Gate, GateClosedError
from bot.domain.guild_policy import GuildPolicy
from bot.domain.request import Mode
from bot.services.options import Options
from storage import audit
from tests.services.world import ALICE, GUILD, asker, viewer

if TYPE_CHECKING:
    from bot.domain.audit import Act
    from tests.services.world import Process, World

MODERATOR = 9
HERE, ELSEWHERE = 100 + GUILD, 999


async def acts(process: Process) -> list[Act]:
    """What is on record, newest first."""
    entries = await process.database.read(lambda db: audit.entries_of_guild(db, GUILD, limit=20))
    return [entry.act for entry in entries]


async def test_a_closed_gate_stops_a_wish_and_a_take_and_is_on_record(world: World) -> None:
    async with world.process() as process:
        job = await process.submit()
        await process.policies.allow_channels(GUILD, {ELSEWHERE}, by=MODERATOR)
        with pytest.raises(GateClosedError) as refused:
            await process.submit()
        assert refused.value.gate is Gate.CHANNEL
        with pytest.raises(GateClosedError):
            await process.submissions.take_again(job.job_id, asker(), viewer=viewer(), edits=None)
        await process.submit(guild_id=2)
        refusal, _ = await acts(process)  # two like refusals in a minute are one entry
        assert (refusal.action, refusal.actor_id) == (AuditAction.REFUSED_CHANNEL, ALICE)
        assert refusal.detail["channel_id"] == HERE
        await process.policies.allow_channels(GUILD, {ELSEWHERE, HERE}, by=MODERATOR)
        await process.submit()


async def test_the_model_that_is_meant_is_the_one_that_may_be_restricted(world: World) -> None:
    async with world.process() as process:
        default = process.catalogues.of(GUILD).default.model
        job = await process.submit()
        await process.policies.restrict_models(GUILD, {default}, by=MODERATOR)
        with pytest.raises(GateClosedError) as refused:
            await process.submit()
        assert refused.value.gate is Gate.AGE_RESTRICTION
        with pytest.raises(GateClosedError):
            await process.submissions.take_again(job.job_id, asker(), viewer=viewer(), edits=None)
        await process.submit(Options(prompt="A calm sea", model="viduq1-text"))


async def test_only_allowed_models_are_offered_and_taken(world: World) -> None:
    async with world.process() as process:
        job = await process.submit()
        await process.policies.allow_models(GUILD, {"viduq1-text"}, by=MODERATOR)
        here = process.catalogues.of(GUILD)
        assert [row.model for row in here.rows] == ["viduq1-text"]
        assert {row.model for row in here.offered} == {"viduq1-text"}
        assert {row.model for row in here.fitting(Mode.TEXT, {})} == {"viduq1-text"}
        assert here.default.model == "viduq1-text"
        with pytest.raises(InvalidOptionError, match="moderators allow `viduq1-text`; you"):
            await process.submit(Options(prompt="A calm sea", model="cogvideox-3"))
        with pytest.raises(InvalidOptionError, match="moderators allow"):
            await process.submissions.take_again(job.job_id, asker(), viewer=viewer(), edits=None)
        # What waits already keeps its way.
        assert str(here.route_of(job.request)) == job.route
        assert len(process.catalogues.of(2).rows) > 1


async def test_where_no_allowed_model_is_left_nothing_is_taken(world: World) -> None:
    async with world.process() as process:
        await process.policies.allow_models(GUILD, {"a-model-of-yesterday"}, by=MODERATOR)
        with pytest.raises(InvalidOptionError, match="moderators allow none that there is"):
            await process.submit()


async def test_a_default_is_meant_until_it_is_no_longer_allowed(world: World) -> None:
    async with world.process() as process:
        await process.policies.choose_default(GUILD, "viduq1-text", by=MODERATOR)
        assert process.catalogues.of(GUILD).default.model == "viduq1-text"
        await process.policies.allow_models(GUILD, {"cogvideox-3"}, by=MODERATOR)
        assert process.catalogues.of(GUILD).default.model == "cogvideox-3"
        assert process.policies.of(GUILD).default_model is None


async def test_decisions_outlive_the_process_and_are_recorded_once(world: World) -> None:
    async with world.process() as process:
        await process.policies.allow_roles(GUILD, {20, 21}, by=MODERATOR)
        await process.policies.allow_roles(GUILD, {21, 20}, by=MODERATOR)
        await process.policies.ask_for_age(
            GUILD, account=timedelta(days=7), membership=timedelta(), by=MODERATOR
        )
        await process.policies.allow_models(GUILD, {"viduq1-text"}, by=MODERATOR)
        values = [(act.detail["kind"], act.detail["value"]) for act in await acts(process)]
        assert values == [
            ("text", "viduq1-text"),
            ("text", "account 7 days, here 0 minutes"),
            ("role", "20, 21"),
        ]
    async with world.process() as process:
        assert process.policies.of(GUILD) == GuildPolicy(
            roles=frozenset({20, 21}),
            min_account_age=timedelta(days=7),
            models=frozenset({"viduq1-text"}),
        )
        assert process.catalogues.of(GUILD).default.model == "viduq1-text"
