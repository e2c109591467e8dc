"""A member asks to be told when their video is done, and takes that back, until it has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.domain.errors import NotAllowedError
from bot.domain.job import TellBy
from bot.services.tellings import NothingToTellError, Tellings
from tests.services.world import ALICE, BOB, viewer

if TYPE_CHECKING:
    from tests.services.world import World


async def test_what_was_asked_for_is_taken_back_while_the_video_is_under_way(world: World) -> None:
    async with world.process() as process:
        job = await process.submit(user_id=ALICE)
        tellings = Tellings(database=process.database, clock=world.clock, jobs=process.jobs)
        alice, bob = viewer(user_id=ALICE), viewer(user_id=BOB)
        for _ in range(2):  # a double click changes nothing more
            assert (await tellings.ask(alice, job.job_id)).tell_by is TellBy.MENTION
        with pytest.raises(NotAllowedError):
            await tellings.take_back(bob, job.job_id)
        for _ in range(2):
            await tellings.take_back(alice, job.job_id)
        await process.scheduler.start()
        await process.delivered(job)
        assert await tellings.untold() == []
        with pytest.raises(NothingToTellError):
            await tellings.take_back(alice, job.job_id)


async def test_what_has_ended_cannot_be_taken_back(world: World) -> None:
    async with world.process() as process:
        job = await process.submit(user_id=ALICE)
        tellings = Tellings(database=process.database, clock=world.clock, jobs=process.jobs)
        alice = viewer(user_id=ALICE)
        await tellings.ask(alice, job.job_id)
        await process.jobs.cancel(alice, job.job_id)
        with pytest.raises(NothingToTellError):
            await tellings.take_back(alice, job.job_id)
        assert [untold.job.job_id for untold in await tellings.untold()] == [job.job_id]
