"""A member's videos are deleted as they wish, handed out to them, and not kept for ever."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.domain.errors import DestinationGoneError
from bot.domain.job import JobState, OutcomeReason
from bot.domain.takedown import NotKeptError
from bot.engine.retention import DEPARTED_KEPT
from bot.services.options import Options
from storage import words
from storage.balances import differences
from tests.services.keeping import KEEP_DAYS, retention
from tests.services.world import ALICE, BOB, GUILD, OPTIONS, asker, viewer

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from bot.domain.job import Job
    from tests.services.world import Process, World

NEVER = 10**18  # bytes: no disk is so large


async def clear_away(process: Process) -> None:
    """What the Discord side does after it deleted a post."""
    for job in await process.takedowns.to_clear_away():
        await process.takedowns.remove_files(job)
        await process.takedowns.record_done(job.job_id)


async def keep_here(process: Process, days: int) -> None:
    await process.database.write(
        lambda db: db.execute(
            "INSERT INTO guild_setting (guild_id, keep_days) VALUES (?, ?)", (GUILD, days)
        )
    )


def clips(world: World) -> list[Path]:
    return list(world.files_dir.glob("*.mp4"))


def is_forgotten(job: Job) -> bool:
    return job.erased_at is not None and job.request.prompt == ""


async def test_a_members_videos_go_with_their_words_and_nobody_elses_do(world: World) -> None:
    async with world.process() as process:
        await process.scheduler.start()
        mine = await process.submit()
        other = await process.submit(user_id=BOB)
        await process.delivered(mine, other)
        assert await process.privacy.withdraw(ALICE) == [mine.job_id]
        await clear_away(process)
        assert is_forgotten(await process.job(mine.job_id))
        theirs = await process.job(other.job_id)
        assert (theirs.request, theirs.erased_at, theirs.taken_down_at) == (
            other.request,
            None,
            None,
        )
        assert len(clips(world)) == 1, "the same clip is Bob's too"
        assert await process.privacy.withdraw(ALICE) == []
        assert await process.database.read(differences) == 0


async def test_what_waits_is_cancelled_for_nothing(world: World) -> None:
    async with world.process() as process:
        job = await process.submit()
        await process.privacy.withdraw(ALICE)
        now = await process.job(job.job_id)
        assert (now.state, now.reason) == (JobState.CANCELLED, OutcomeReason.CANCELLED_BY_MEMBER)
        assert await process.reservation(job) == "released"
        await clear_away(process)
        assert is_forgotten(await process.job(job.job_id))


async def test_what_is_made_is_paid_not_posted_and_forgotten_after(world: World) -> None:
    world.channel.refusals.append(DestinationGoneError("no channel is left"))
    async with world.process() as process:
        await process.scheduler.start()
        job = await process.submit()
        await process.until(job, JobState.FETCHED)
        await process.privacy.withdraw(ALICE)
        await clear_away(process)
        assert not is_forgotten(await process.job(job.job_id)), "it has not ended"
    async with world.process() as process:
        await process.scheduler.start()
        while not (ended := await process.job(job.job_id)).is_terminal:
            await world.channel.next_change()
        assert (ended.state, ended.reason) == (JobState.FAILED, OutcomeReason.WITHDRAWN)
        assert await process.reservation(job) == "settled"
        assert world.channel.posts == {}
        await clear_away(process)
        assert is_forgotten(await process.job(job.job_id))
        assert clips(world) == []


async def test_deleting_gives_no_limit_back(world: World) -> None:
    async with world.process() as process:
        await process.scheduler.start()
        await process.delivered(await process.submit())
        before = await process.quotas.standings(GUILD, user_id=ALICE, role_ids=())
        await process.privacy.withdraw(ALICE)
        await clear_away(process)
        assert await process.quotas.standings(GUILD, user_id=ALICE, role_ids=()) == before
        kept = await process.privacy.kept(ALICE)
        assert kept.counts["what_counted"] == 3  # reserved, given back, settled
        assert kept.with_words == 0


async def test_of_what_is_forgotten_no_other_take_is_made(world: World) -> None:
    async with world.process() as process:
        job = await process.submit()
        await process.privacy.withdraw(ALICE)
        with pytest.raises(NotKeptError):
            await process.submissions.take_again(job.job_id, asker(), viewer=viewer(), edits=None)


async def test_the_file_has_the_words_and_nothing_of_others(world: World) -> None:
    async with world.process() as process:
        await process.submit(Options(prompt='My "secret" lake\n', size=OPTIONS.size))
        await process.submit(Options(prompt="Bob's", size=OPTIONS.size), user_id=BOB)
        await process.quotas.give(GUILD, user_id=ALICE, videos=2, days=9, given_by=9)
        async with process.privacy.exported(ALICE) as path:
            text = path.read_text(encoding="utf-8")
        found = json.loads(text)
        assert [each["request"]["prompt"] for each in found["videos"]] == ['My "secret" lake']
        assert [each["kind"] for each in found["what_counted"]] == ["reserve"]
        assert [each["kind"] for each in found["counted_besides"]] == ["grant"]
        assert [each["videos"] for each in found["grants"]] == [2]
        assert "Bob" not in text
        assert {len(found[kind]) for kind in ("limits", "blocks")} == {0}
        assert not path.exists()


async def test_a_long_history_is_written_page_by_page(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.services.privacy.ROWS_AT_ONCE", 2)
    async with world.process() as process:
        jobs = [await process.submit() for _ in range(5)]
        async with process.privacy.exported(ALICE) as path:
            found = json.loads(path.read_text(encoding="utf-8"))
        assert [each["number"] for each in found["videos"]] == [job.job_id for job in jobs]


async def test_words_and_clips_go_by_age_and_open_videos_stay(world: World) -> None:
    async with world.process() as process:
        await process.scheduler.start()
        old = await process.submit()
        await process.delivered(old)
        await process.scheduler.stop()
        waiting = await process.submit()
        world.clock.advance(KEEP_DAYS * 86_400 - 60)
        assert await retention(process).sweep() == 0
        world.clock.advance(120)
        assert await retention(process).sweep() == 1
        assert clips(world) == []
        assert is_forgotten(await process.job(old.job_id))
        assert (await process.job(old.job_id)).state is JobState.DELIVERED
        assert (await process.job(waiting.job_id)).request == waiting.request


@pytest.mark.parametrize(("days", "kept"), [(3, False), (KEEP_DAYS * 2, True)])
async def test_a_server_may_want_fewer_days_and_gets_no_more(
    world: World, *, days: int, kept: bool
) -> None:
    async with world.process() as process:
        await process.scheduler.start()
        here = await process.submit()
        elsewhere = await process.submit(guild_id=GUILD + 1)
        await process.delivered(here, elsewhere)
        await keep_here(process, days)
        world.clock.advance(4 * 86_400)
        await retention(process).sweep()
        assert is_forgotten(await process.job(here.job_id)) is not kept
        assert not is_forgotten(await process.job(elsewhere.job_id))
        assert len(clips(world)) == 1, "it is the other server's too"
        world.clock.advance(KEEP_DAYS * 86_400)
        await retention(process).sweep()
        assert is_forgotten(await process.job(here.job_id))
        assert clips(world) == []


async def test_a_full_disk_takes_posted_clips_and_never_one_that_is_to_be_posted(
    world: World,
) -> None:
    world.channel.refusals.append(DestinationGoneError("no channel is left"))
    async with world.process() as process:
        await process.scheduler.start()
        job = await process.submit()
        await process.until(job, JobState.FETCHED)
        assert await retention(process, min_free_bytes=NEVER).sweep() == 0
        assert len(clips(world)) == 1
        world.clock.advance(3600)  # the channel is back
        await process.delivered(job)
        assert await retention(process, min_free_bytes=NEVER).sweep() == 1
        assert clips(world) == []
        assert not is_forgotten(await process.job(job.job_id)), "the disk is no reason for that"


async def test_a_server_that_was_left_is_forgotten_after_a_while(world: World) -> None:
    def blocked(db: sqlite3.Connection) -> int:
        return len(words.rules_of_guild(db, GUILD))

    async with world.process() as process:
        await process.scheduler.start()
        job = await process.submit()
        await process.delivered(job)
        await process.database.write(
            lambda db: db.execute(
                "INSERT INTO word_rule (guild_id, kind, text, added_by, added_at_ms)"
                " VALUES (?, 'word', 'glitter', 9, 0)",
                (GUILD,),
            )
        )
        await process.privacy.there({GUILD})
        assert await process.database.read(left) == []
        await process.privacy.there({99})
        world.clock.advance(DEPARTED_KEPT.total_seconds() - 60)
        await retention(process).sweep()
        assert await process.database.read(blocked) == 1
        world.clock.advance(120)
        await retention(process).sweep()
        assert await process.database.read(blocked) == 0
        assert is_forgotten(await process.job(job.job_id))
        assert clips(world) == []
        assert await process.database.read(left) == []
        assert await process.database.read(differences) == 0


async def test_a_server_that_is_back_in_time_keeps_everything(world: World) -> None:
    async with world.process() as process:
        job = await process.submit()
        await process.privacy.left(GUILD)
        world.clock.advance(timedelta(days=20).total_seconds())
        await process.privacy.there({GUILD})
        world.clock.advance(timedelta(days=20).total_seconds())
        await retention(process).sweep()
        assert not is_forgotten(await process.job(job.job_id))


def left(db: sqlite3.Connection) -> list[int]:
    rows = db.execute("SELECT guild_id FROM guild_departure").fetchall()
    return [guild_id for (guild_id,) in rows]
