"""Shots are made as ordinary videos, one from the end of another, and become a film."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.domain.errors import InvalidOptionError, NotAllowedError, QuotaExceededError
from bot.domain.job import JobState, OutcomeReason
from bot.domain.money import Money
from bot.domain.quota import Measure, QuotaRule, Scope
from bot.domain.request import Mode
from bot.domain.routing import WAITS_FOR_SHOT
from bot.domain.storyboard import (
    FilmTakenAgainError,
    NoSuchShotError,
    RetakePriceError,
    ShotStartsTwiceError,
    ShotUnderWayError,
    StoryboardClosedError,
    StoryboardCostError,
)
from bot.domain.takedown import TakedownTarget
from bot.domain.windows import Window
from bot.engine.reroute import reroute_waiting
from media.clips import inspect
from storage import holdings, quotas
from storage.recount import recount_lanes
from tests.media.making import clip_maker
from tests.services.attachments import picture
from tests.services.storyboarding import MODERATOR, drafted, rows
from tests.services.world import ALICE, BOB, GUILD, OPTIONS, PATIENCE_S, asker, viewer

if TYPE_CHECKING:
    from pathlib import Path

    from bot.domain.job import Job
    from bot.domain.storyboard import Storyboard
    from bot.services.courses import Course
    from tests.services.attachments import Attach
    from tests.services.gateway import Gateway
    from tests.services.world import Process, World

CHAIN = (False, True, True)
PRICE = Money(micros=200_000, currency="USD")


@pytest.fixture(scope="module")
def small_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clip_maker(tmp_path_factory.mktemp("clips") / "small.mp4")(size=(640, 360))


@pytest.fixture(autouse=True)
async def small_clips(gateway: Gateway, small_clip: Path) -> None:
    """All results are one small clip, so that all last frames are one image."""
    await gateway.turn(result_file=str(small_clip))


async def started(process: Process, *chained: bool) -> Storyboard:
    board = await drafted(process, *chained)
    return await process.storyboards.start(board.storyboard_id, asker(), is_agreed=False)


async def run(process: Process) -> None:
    await process.scheduler.start()
    await process.director.start()


async def at_rest(process: Process, board: Storyboard) -> Course:
    """Wait until nothing goes on by itself, and the film is posted where there is one."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            course = await process.storyboards.courses.of(board.storyboard_id)
            assert course is not None
            is_posted = course.film is None or course.film.is_terminal
            if not course.board.is_open and is_posted:
                return course
            await process.world.channel.next_change()


def states(course: Course) -> list[JobState]:
    return [take.state for take in course.takes]


def made(course: Course) -> bool:
    return set(states(course)) == {JobState.DELIVERED}


async def take_down(process: Process, job: Job) -> None:
    target = TakedownTarget(job_id=job.job_id)
    await process.takedowns.take_down(GUILD, target, reason="vile", by=MODERATOR)


async def limit(process: Process, rule: QuotaRule) -> None:
    at = process.world.clock.now()
    await process.database.write(
        lambda db: quotas.set_rule(db, GUILD, rule, set_by=MODERATOR, at=at)
    )


async def test_each_shot_starts_from_the_end_of_the_one_before_and_all_become_a_film(
    world: World, gateway: Gateway
) -> None:
    async with world.process() as process:
        board = await started(process, *CHAIN)
        assert [row for (row,) in await rows(process, "SELECT route FROM job")] == [
            "cogvideox-3 main",
            WAITS_FOR_SHOT,
            WAITS_FOR_SHOT,
        ]
        assert len(await rows(process, "SELECT 1 FROM ledger WHERE kind = 'reserve'")) == 3
        await run(process)
        course = await at_rest(process, board)
        assert made(course)
        assert [len(take.request.images) for take in course.takes] == [0, 1, 1]
        film = course.film
        assert film is not None
        assert film.state is JobState.DELIVERED
        assert film.clip is not None
        assert film.clip.duration_s == pytest.approx(3, abs=0.2)
        posted = world.files_dir / f"{film.clip.artifact_id}.mp4"
        assert world.channel.posts[film.job_id] == [await asyncio.to_thread(posted.read_bytes)]
        assert (await asyncio.to_thread(inspect, posted)).attachable
        assert await gateway.charged_jobs() == [take.job_id for take in course.takes]
        # The film was paid for with its shots.
        assert await rows(process, "SELECT 1 FROM ledger WHERE job_id > 3") == []
        assert course.has_film
        assert await process.database.write(recount_lanes) == 0
        with pytest.raises(FilmTakenAgainError):
            await process.submissions.take_again(film.job_id, asker(), viewer=viewer(), edits=None)


async def test_what_a_process_left_goes_on_in_the_next_and_nothing_is_made_twice(
    world: World, gateway: Gateway
) -> None:
    async with world.process() as process:
        board = await started(process, *CHAIN)
        await process.scheduler.start()
        course = await process.storyboards.courses.of(board.storyboard_id)
        assert course is not None
        await process.delivered(course.takes[0])
    async with world.process() as process:
        await reroute_waiting(process.tools)
        await run(process)
        course = await at_rest(process, board)
        assert made(course)
        assert course.film is not None
    async with world.process() as process:
        await run(process)
        again = await at_rest(process, board)
        assert again.film == course.film
        assert len(world.channel.posts) == 4
        assert len(await gateway.charged_jobs()) == 3


async def test_where_a_shot_fails_those_that_wait_for_it_end_for_nothing_and_a_retake_mends_all(
    world: World, gateway: Gateway
) -> None:
    async with world.process() as process:
        await gateway.order("create", "error 400 1301")
        board = await started(process, *CHAIN, False)
        await run(process)
        course = await at_rest(process, board)
        assert states(course) == [JobState.FAILED] * 3 + [JobState.DELIVERED]
        assert [take.reason for take in course.takes[1:3]] == [OutcomeReason.NO_FIRST_FRAME] * 2
        assert course.film is None
        kinds = await rows(process, "SELECT kind, count(*) FROM ledger GROUP BY kind")
        assert sorted(kinds) == [("release", 4), ("reserve", 4), ("settle", 1)]
        retake = await process.storyboards.retake_of(board.storyboard_id, 0, asker())
        assert [shot.number for shot in retake.followers] == [2, 3]
        assert retake.price == Money(micros=600_000, currency="USD")
        same = replace(retake.shot, prompt=f"  {OPTIONS.prompt} ")
        jobs = await process.storyboards.retake(board.storyboard_id, retake, same, None, asker())
        assert jobs[0].request.prompt == OPTIONS.prompt
        assert [job.parent_job_id for job in jobs] == [take.job_id for take in course.takes[:3]]
        with pytest.raises(ShotUnderWayError):
            await process.storyboards.retake(board.storyboard_id, retake, same, None, asker())
        course = await at_rest(process, board)
        assert made(course)
        assert course.film is not None
        assert course.film.request.prompt == " / ".join([OPTIONS.prompt] * 4)


async def test_a_shot_that_is_retaken_gives_another_film_and_only_its_member_may(
    world: World,
) -> None:
    async with world.process() as process:
        board = await started(process, False, False)
        await run(process)
        first = (await at_rest(process, board)).film
        assert first is not None
        number = board.storyboard_id
        with pytest.raises(NotAllowedError):
            await process.storyboards.retake_of(number, 1, asker(user_id=BOB))
        with pytest.raises(NoSuchShotError):
            await process.storyboards.retake_of(number, 1, asker(guild_id=2))
        with pytest.raises(NoSuchShotError):
            await process.storyboards.retake_of(number, 2, asker())
        retake = await process.storyboards.retake_of(number, 1, asker())
        cheaper = replace(retake, price=Money(micros=1, currency="USD"))
        with pytest.raises(RetakePriceError):
            await process.storyboards.retake(number, cheaper, retake.shot, None, asker())
        await process.storyboards.retake(number, retake, retake.shot, None, asker())
        second = (await at_rest(process, board)).film
        assert second is not None
        assert second.job_id != first.job_id


async def test_a_retake_may_have_settings_and_an_image_of_its_own_and_keeps_them(
    world: World, attach: Attach
) -> None:
    async with world.process() as process:
        board = await started(process, False, True)
        await run(process)
        await at_rest(process, board)
        number, who, retake_of = board.storyboard_id, asker(), process.storyboards.retake_of
        told = await retake_of(number, 0, who)
        assert (told.request.duration_s, told.request.quality) == (5, None)
        own = replace(told.request, prompt="", quality="quality", duration_s=10)
        wanted = replace(told.shot, settings=own, is_chained=True)  # there is none before it
        image = attach("image", picture())
        first, _ = await process.storyboards.retake(number, told, wanted, image, who)
        assert (first.request.quality, first.request.duration_s) == ("quality", 10)
        assert first.request.prompt == OPTIONS.prompt
        assert len(first.request.images) == 1
        second = (await at_rest(process, board)).takes[1]
        assert (second.request.quality, second.request.duration_s) == (None, 5)

        again = await retake_of(number, 0, who)
        assert again.request.mode is Mode.FIRST_FRAME
        assert again.shot.image_id == first.request.images[0]
        unknown = replace(again.shot, settings=replace(own, duration_s=7))
        with pytest.raises(InvalidOptionError, match="7 s"):
            await process.storyboards.retake(number, again, unknown, None, who)
        words_alone = replace(again.shot, image_id=None)
        third, _ = await process.storyboards.retake(number, again, words_alone, None, who)
        assert (third.request.images, third.request.quality) == ((), "quality")
        await at_rest(process, board)

        told = await retake_of(number, 1, who)
        assert told.request.mode is Mode.FIRST_FRAME
        with pytest.raises(ShotStartsTwiceError):
            await process.storyboards.retake(number, told, told.shot, image, who)
        unchained = replace(told.shot, is_chained=False)
        (alone,) = await process.storyboards.retake(number, told, unchained, None, who)
        assert (alone.route, alone.request.images) == ("cogvideox-3 main", ())
        course = await at_rest(process, board)
        assert [shot.is_chained for shot in course.board.shots] == [False, False]
        assert course.film is not None


async def test_all_shots_are_reserved_or_none(world: World) -> None:
    async with world.process() as process:
        day = QuotaRule(scope=Scope.SERVER, subject_id=GUILD, window=Window.DAY, limit=2)
        await limit(process, day)
        board = await drafted(process, *CHAIN)
        with pytest.raises(QuotaExceededError):
            await process.storyboards.start(board.storyboard_id, asker(), is_agreed=False)
        assert await rows(process, "SELECT 1 FROM job UNION ALL SELECT 1 FROM ledger") == []
        preview = await process.drafts.remove_shot(board.storyboard_id, asker(), 0)
        assert [shot.is_chained for shot in preview.board.shots] == [False, True]
        pause = QuotaRule(
            scope=Scope.SERVER, subject_id=GUILD, measure=Measure.COOLDOWN, limit=3600
        )
        await limit(process, pause)
        begun = await process.storyboards.start(board.storyboard_id, asker(), is_agreed=False)
        same = await process.storyboards.start(board.storyboard_id, asker(), is_agreed=False)
        assert begun == same
        assert len(await rows(process, "SELECT 1 FROM job")) == 2


async def test_above_a_price_a_storyboard_is_asked_about_once_and_as_a_whole(
    world: World,
) -> None:
    async with world.process() as process:
        await process.policies.confirm_above(
            GUILD, Money(micros=300_000, currency="USD"), by=MODERATOR
        )
        board = await drafted(process, False, False)
        number = board.storyboard_id
        with pytest.raises(StoryboardCostError, match=r"USD 0\.40"):
            await process.storyboards.start(number, asker(), is_agreed=False)
        assert await rows(process, "SELECT 1 FROM job") == []
        begun = await process.storyboards.start(number, asker(), is_agreed=True)
        assert begun.started_at is not None


async def test_what_is_taken_down_of_a_storyboard_takes_its_film_along_and_ends_it(
    world: World,
) -> None:
    async with world.process() as process:
        board = await started(process, False, True)
        await run(process)
        course = await at_rest(process, board)
        await take_down(process, course.takes[1])
        assert course.film is not None
        assert (await process.job(course.film.job_id)).taken_down_at is not None
        with pytest.raises(StoryboardClosedError):
            await process.storyboards.retake_of(board.storyboard_id, 0, asker())


async def test_a_shot_does_not_start_from_what_was_taken_down(
    world: World, gateway: Gateway
) -> None:
    async with world.process() as process:
        board = await started(process, False, True)
        await gateway.turn(render_delay_s=36_000)
        await run(process)
        course = await process.storyboards.courses.of(board.storyboard_id)
        assert course is not None
        await process.until(course.takes[0], JobState.RENDERING)
        await take_down(process, course.takes[0])
        await gateway.turn(render_delay_s=0, advance_s=36_000)
        course = await at_rest(process, board)
        assert [take.reason for take in course.takes] == [
            OutcomeReason.TAKEN_DOWN,
            OutcomeReason.NO_FIRST_FRAME,
        ]
        assert course.film is None


async def test_takes_that_cannot_be_joined_stay_posted_each_by_itself(world: World) -> None:
    async with world.process() as process:
        board = await started(process, False, False)
        await process.scheduler.start()
        course = await process.storyboards.courses.of(board.storyboard_id)
        assert course is not None
        await process.delivered(*course.takes)
        for path in await asyncio.to_thread(lambda: list(world.files_dir.glob("*.mp4"))):
            await asyncio.to_thread(path.unlink)
        await process.director.start()
        course = await at_rest(process, board)
        assert made(course)
        assert course.film is None
        assert course.board.join_failure == "a shot's file is not there any more"


async def test_a_member_takes_their_shots_with_them_and_has_their_words_deleted(
    world: World,
) -> None:
    async with world.process() as process:
        board = await started(process, False, False)
        await run(process)
        await at_rest(process, board)
        counted = await process.database.read(lambda db: holdings.counts(db, ALICE))
        assert counted["shots"] == 2
        await process.privacy.withdraw(ALICE)
        for job in await process.takedowns.to_clear_away():
            await process.takedowns.remove_files(job)
            await process.takedowns.record_done(job.job_id)
        assert await rows(process, "SELECT prompt, image_id FROM shot") == [("", None)] * 2
        assert not await asyncio.to_thread(lambda: list(world.files_dir.glob("*.mp4")))
