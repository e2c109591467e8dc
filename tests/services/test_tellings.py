"""A member asks to be told when their video is done, and takes that back, until it has ended."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.domain.errors import NotAllowedError
from bot.domain.job import TellBy
from bot.domain.storyboard import NoSuchShotError
from bot.services.tellings import NoFilmToTellError, NothingToTellError, Tellings
from tests.services.storyboarding import COMMON, drafted
from tests.services.world import ALICE, BOB, GUILD, PATIENCE_S, asker, viewer

if TYPE_CHECKING:
    from bot.domain.storyboard import Storyboard
    from bot.services.courses import Course
    from tests.services.gateway import Gateway
    from tests.services.world import Process, World


def tellings_of(process: Process) -> Tellings:
    return Tellings(
        database=process.database,
        clock=process.world.clock,
        jobs=process.jobs,
        courses=process.storyboards.courses,
    )


async def started(process: Process, tell_by: TellBy | None) -> Storyboard:
    """A storyboard of Alice's with two shots."""
    await process.drafts.open(
        replace(asker(), tell_by=tell_by),
        process.drafts.check_common(COMMON, guild_id=GUILD),
        cross_fades=None,
        is_chosen=True,
    )
    board = await drafted(process, False, False)
    return await process.storyboards.start(board.storyboard_id, asker(), is_agreed=False)


async def run_until_at_rest(process: Process, board: Storyboard) -> Course:
    await process.scheduler.start()
    await process.director.start()
    async with asyncio.timeout(PATIENCE_S):
        while True:
            course = await process.storyboards.courses.of(board.storyboard_id)
            assert course is not None
            if not course.board.is_open and (course.film is None or course.film.is_terminal):
                return course
            await process.world.channel.next_change()


async def test_what_was_asked_for_is_taken_back_while_the_video_is_under_way(world: World) -> None:
    async with world.process() as process:
        job = await process.submit(user_id=ALICE)
        tellings = tellings_of(process)
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
        tellings = tellings_of(process)
        alice = viewer(user_id=ALICE)
        await tellings.ask(alice, job.job_id)
        await process.jobs.cancel(alice, job.job_id)
        with pytest.raises(NothingToTellError):
            await tellings.take_back(alice, job.job_id)
        assert [untold.job.job_id for untold in await tellings.untold()] == [job.job_id]


async def test_who_asked_to_be_told_of_a_film_is_told_of_its_video(world: World) -> None:
    async with world.process() as process:
        board = await started(process, TellBy.DIRECT)
        assert board.tell_by is TellBy.DIRECT
    async with world.process() as process:
        course = await run_until_at_rest(process, board)
        assert course.film is not None
        tellings = tellings_of(process)
        (untold,) = await tellings.untold()
        assert (untold.job.job_id, untold.job.tell_by) == (course.film.job_id, TellBy.DIRECT)
        assert all(take.tell_by is None for take in course.takes)
        assert await tellings.untold_storyboards() == []
        with pytest.raises(NoFilmToTellError):
            await tellings.wish_of_film(
                board.storyboard_id, TellBy.MENTION, user_id=ALICE, guild_id=GUILD
            )


async def test_to_be_told_of_a_film_is_asked_for_and_taken_back_by_its_member_alone(
    world: World,
) -> None:
    async with world.process() as process:
        board = await started(process, None)
        tellings, number = tellings_of(process), board.storyboard_id
        with pytest.raises(NotAllowedError):
            await tellings.wish_of_film(number, TellBy.MENTION, user_id=BOB, guild_id=GUILD)
        with pytest.raises(NoSuchShotError):
            await tellings.wish_of_film(number, TellBy.MENTION, user_id=ALICE, guild_id=GUILD + 1)
        for by in (TellBy.DIRECT, TellBy.MENTION):  # the first one stays
            await tellings.wish_of_film(number, by, user_id=ALICE, guild_id=GUILD)
        course = await process.storyboards.courses.of(number)
        assert course is not None
        assert course.board.tell_by is TellBy.DIRECT
        await tellings.wish_of_film(number, None, user_id=ALICE, guild_id=GUILD)
        course = await run_until_at_rest(process, board)
        assert course.film is not None
        assert course.film.tell_by is None
        assert await tellings.untold() == []


async def test_that_no_film_comes_is_told_once_and_not_while_a_retake_is_made(
    world: World, gateway: Gateway
) -> None:
    async with world.process() as process:
        await gateway.order("create", "error 400 1301")
        board = await started(process, TellBy.MENTION)
        course = await run_until_at_rest(process, board)
        tellings, number = tellings_of(process), board.storyboard_id
        (untold,) = await tellings.untold_storyboards()
        assert (untold.by, untold.tried_at) == (TellBy.MENTION, None)
        await tellings.record_try_without_film(number)
        (untold,) = await tellings.untold_storyboards()
        assert untold.tried_at is not None
        (failed,) = [take for take in course.takes if take.reason]
        position = course.takes.index(failed)
        retake = await process.storyboards.retake_of(number, position, asker())
        await process.storyboards.retake(number, retake, retake.shot, None, asker())
        await tellings.record_told_without_film(number)  # it goes on: they are told of the film
        assert await tellings.untold_storyboards() == []
        course = await run_until_at_rest(process, board)
        assert course.film is not None
        assert course.film.tell_by is TellBy.MENTION
        assert await tellings.untold_storyboards() == []
