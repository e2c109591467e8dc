"""Finished videos are collected, wanted in galleries, posted again, reported."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bot.domain.delivery import MIB, LinkReason
from bot.domain.further_post import (
    FurtherPostKind,
    NotDoneError,
    NothingLeftError,
    TooManyPostsError,
)
from bot.domain.takedown import TakedownTarget
from bot.engine.packing import Packing
from bot.services.favourites import Favourites
from bot.services.further_posts import POSTS_MAX, POSTS_WITHIN, FurtherPosts
from bot.services.reports import REPORTS_MAX, REPORTS_WITHIN, Reports, TooManyReportsError
from storage import audit
from tests.media.making import clip_maker, pad
from tests.services.world import GUILD

if TYPE_CHECKING:
    from pathlib import Path

    from bot.domain.job import Job
    from tests.services.world import Process, World

ALICE, BOB, CHEN, DORA, MODERATOR = 10, 11, 12, 13, 9
LINK = "https://discord.com/channels/1/2/3"


def favourites_of(process: Process, told: list[None]) -> Favourites:
    return Favourites(
        database=process.database,
        clock=process.world.clock,
        policies=process.policies,
        gallery_wanted=lambda: told.append(None),
    )


def posts_of(process: Process) -> FurtherPosts:
    return FurtherPosts(database=process.database, clock=process.world.clock)


async def wanted(process: Process) -> list[int]:
    found = await posts_of(process).wanted_in_galleries(after=0)
    return [job.job_id for _, job in found]


async def test_others_stars_bring_a_video_into_the_gallery_and_a_posted_one_stays(
    world: World,
) -> None:
    async with world.process() as process:
        await process.scheduler.start()
        job = await process.submit()
        told: list[None] = []
        favourites, posts = favourites_of(process, told), posts_of(process)
        await process.delivered(job)
        await process.policies.put_gallery(GUILD, 77, by=MODERATOR)
        await process.policies.ask_for_stars(GUILD, 2, by=MODERATOR)
        for person in (ALICE, BOB, BOB):  # one's own, and one more twice
            await favourites.add(job.job_id, person)
        assert await wanted(process) == []
        await favourites.add(job.job_id, CHEN)
        assert await wanted(process) == [job.job_id]
        await favourites.remove(job.job_id, CHEN)  # before it was posted
        assert await wanted(process) == []
        assert await favourites.toggle(job.job_id, DORA)
        ((post, _),) = await posts.wanted_in_galleries(after=0)
        tried = await posts.record_try(post, 77)
        assert tried is not None
        assert not await favourites.toggle(job.job_id, DORA)  # it may be there by now
        assert await wanted(process) == [job.job_id]
        await posts.record_posted(tried, 999)
        await favourites.add(job.job_id, DORA)
        assert await wanted(process) == []
        assert len(told) == 2


async def test_what_is_taken_down_or_not_done_is_not_collected_posted_or_reported(
    world: World,
) -> None:
    async with world.process() as process:
        waiting = await process.submit()
        favourites, posts = favourites_of(process, []), posts_of(process)
        reports = Reports(database=process.database, clock=world.clock)
        with pytest.raises(NotDoneError):
            await favourites.add(waiting.job_id, BOB)
        await process.scheduler.start()
        (job,) = await process.delivered(waiting)
        await process.policies.put_gallery(GUILD, 77, by=MODERATOR)
        await process.policies.ask_for_stars(GUILD, 1, by=MODERATOR)
        await favourites.add(job.job_id, BOB)
        ((post, _),) = await posts.wanted_in_galleries(after=0)
        target = TakedownTarget(job_id=job.job_id)
        await process.takedowns.take_down(GUILD, target, reason=None, by=MODERATOR)
        assert await posts.record_try(post, 77) is None
        with pytest.raises(NothingLeftError, match="moderators"):
            await favourites.add(job.job_id, CHEN)
        with pytest.raises(NothingLeftError):
            await posts.begin(job.job_id, FurtherPostKind.SENT, channel_id=5, by_user_id=BOB)
        with pytest.raises(NothingLeftError):
            await reports.report(job.job_id, BOB, link=LINK)
        await process.takedowns.record_done(job.job_id)
        assert await wanted(process) == []


async def test_a_member_reports_a_video_once_and_not_many_at_a_time(world: World) -> None:
    async with world.process() as process:
        await process.scheduler.start()
        jobs = [await process.submit() for _ in range(REPORTS_MAX + 1)]
        *some, last = [job.job_id for job in await process.delivered(*jobs)]
        reports = Reports(database=process.database, clock=world.clock)
        for job_id in some:
            assert await reports.report(job_id, BOB, link=LINK)
            assert not await reports.report(job_id, BOB, link=LINK)
        with pytest.raises(TooManyReportsError):
            await reports.report(last, BOB, link=LINK)
        assert await reports.report(last, CHEN, link=LINK)
        world.clock.advance(REPORTS_WITHIN.total_seconds() + 1)
        assert await reports.report(last, BOB, link=LINK)
        entries = await process.database.read(
            lambda db: audit.entries_of_guild(db, GUILD, limit=50)
        )
        assert len(entries) == REPORTS_MAX + 2


async def test_a_member_has_so_many_posted_again_within_some_minutes(world: World) -> None:
    async with world.process() as process:
        await process.scheduler.start()
        (job,) = await process.delivered(await process.submit())
        posts = posts_of(process)

        async def begin() -> None:
            await posts.begin(job.job_id, FurtherPostKind.SENT, channel_id=5, by_user_id=BOB)

        for _ in range(POSTS_MAX):
            await begin()
        with pytest.raises(TooManyPostsError):
            await begin()
        world.clock.advance(POSTS_WITHIN.total_seconds())
        await begin()


def again(process: Process, job: Job) -> Packing:
    assert job.clip is not None
    return Packing(process.tools, job, job.clip, is_further=True)


async def test_what_fits_is_posted_again_as_it_is_and_else_a_link_with_pictures_of_it(
    world: World,
) -> None:
    async with world.process() as process:
        await process.scheduler.start()
        (job,) = await process.delivered(await process.submit())
        packing = again(process, job)
        assert job.clip is not None
        size_bytes = job.clip.size_bytes
        fits = await packing.for_place(limit_bytes=size_bytes, may_attach=True)
        assert fits.file is not None
        too_large = await packing.for_place(limit_bytes=size_bytes - 1, may_attach=True)
        assert (too_large.file, too_large.why_link) == (None, LinkReason.TOO_LARGE)
        assert too_large.link is not None
        assert too_large.poster is not None
        assert too_large.poster.exists()
        other = await again(process, job).for_place(limit_bytes=0, may_attach=True)
        assert other.poster != too_large.poster, "both may be on their way at the same time"
        await packing.put_away()
        assert not too_large.poster.exists()
        soon = await packing.for_place(limit_bytes=0, may_attach=True, with_poster=False)
        barred = await packing.for_place(limit_bytes=size_bytes, may_attach=False)
        assert (soon.poster, barred.poster) == (None, None)
        assert barred.why_link is LinkReason.FILES_NOT_PERMITTED

        world.clock.advance(process.catalogues.row_of(job).link_lifetime_s)
        dead = await packing.for_place(limit_bytes=0, may_attach=True)
        assert not dead.is_something, "the gateway's link has ended"
        fits.file.unlink()
        gone = await packing.for_place(limit_bytes=size_bytes, may_attach=True)
        assert not gone.is_something


async def test_what_was_made_to_fit_is_posted_again_and_nothing_is_made_anew(
    world: World, tmp_path: Path
) -> None:
    path = await asyncio.to_thread(clip_maker(tmp_path / "result.mp4"))
    await asyncio.to_thread(pad, path, 10 * MIB + 1)
    await world.gateway.turn(result_file=str(path))
    world.channel.limit_bytes = 10 * MIB
    async with world.process() as process:
        await process.scheduler.start()
        (job,) = await process.delivered(await process.submit())
        packing = again(process, job)
        found = await packing.for_place(limit_bytes=10 * MIB, may_attach=True)
        assert found.was_encoded
        assert found.link is not None
        assert found.file is not None
        smaller = found.file.stat().st_size - 1
        found = await packing.for_place(limit_bytes=smaller, may_attach=True)
        assert (found.file, found.why_link) == (None, LinkReason.TOO_LARGE)
        await packing.put_away()
        assert len(list(world.files_dir.glob("*.mp4"))) == 2


async def test_who_has_everything_deleted_leaves_no_favourite_and_no_name_behind(
    world: World,
) -> None:
    async with world.process() as process:
        await process.scheduler.start()
        mine, theirs = await process.delivered(
            await process.submit(), await process.submit(user_id=BOB)
        )
        favourites, posts = favourites_of(process, []), posts_of(process)
        for job in (mine, theirs):
            for person in (ALICE, BOB):
                await favourites.add(job.job_id, person)
        await posts.begin(theirs.job_id, FurtherPostKind.SENT, channel_id=5, by_user_id=ALICE)
        assert (await process.privacy.kept(ALICE)).counts["favourites"] == 2
        assert (await process.privacy.kept(ALICE)).counts["posted_again"] == 1
        await process.privacy.withdraw(ALICE)
        left = await process.database.read(
            lambda db: db.execute("SELECT user_id, job_id FROM favourite").fetchall()
        )
        assert left == [(BOB, theirs.job_id)]
        assert (await process.privacy.kept(ALICE)).counts["posted_again"] == 0
        assert len(await posts.of_job(theirs.job_id)) == 1
