"""Moderators block words: no prompt with one makes a job, however it is asked for."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.domain.errors import StorageError
from bot.domain.job import Origin
from bot.domain.words import WordKind, WordRule
from bot.services.words import (
    RULES_TOLD,
    SERVERS_REMEMBERED,
    BlockedWordsError,
    Words,
    is_met,
    rule_of,
)
from cogs.audit_texts import entry_line
from storage import audit, job_queries, words
from tests.services.world import BOB, GUILD, OPTIONS, asker, viewer

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from tests.services.attachments import Attach
    from tests.services.world import Process, World

MODERATOR = 9
BAD = rule_of(WordKind.WORD, "bad")
BAD_OPTIONS = replace(OPTIONS, prompt="A B\u0430D sea")


async def block(process: Process, kind: WordKind, text: str, *, guild_id: int = GUILD) -> None:
    assert await process.words.add(guild_id, rule_of(kind, text), added_by=MODERATOR)


async def job_count(process: Process) -> int:
    counts = await process.database.read(job_queries.counts_by_state)
    return sum(counts.values())


async def test_a_blocked_word_stops_a_prompt_before_an_image_is_fetched(
    world: World, attach: Attach
) -> None:
    async with world.process() as process:
        await block(process, WordKind.WORD, "bad")
        with pytest.raises(BlockedWordsError, match="`bad`") as refused:
            await process.submissions.submit(BAD_OPTIONS, (attach("image"),), asker())
        assert refused.value.found == [BAD]
        assert await job_count(process) == 0
    assert list(world.files_dir.iterdir()) == []


async def test_a_blocked_pattern_stops_a_prompt(world: World) -> None:
    async with world.process() as process:
        await block(process, WordKind.PATTERN, "calm.*sea")
        with pytest.raises(BlockedWordsError, match=r"the pattern `calm\.\*sea`"):
            await process.submit()
        assert await job_count(process) == 0


async def test_a_blocked_word_stops_again_edit_and_reaction(world: World) -> None:
    async with world.process() as process:
        calm = await process.submit()
        storm = await process.submit(replace(OPTIONS, prompt="A storm"))
        await block(process, WordKind.WORD, "calm")
        for origin in (Origin.AGAIN, Origin.REACTION):
            with pytest.raises(BlockedWordsError):
                await process.submissions.take_again(
                    calm.job_id, asker(origin=origin), viewer=viewer(), edits=None
                )
        for job, prompt in ((storm, "A c4lm day"), (calm, "A c.a.l.m day")):
            with pytest.raises(BlockedWordsError):
                await process.submissions.take_again(
                    job.job_id,
                    asker(origin=Origin.EDIT),
                    viewer=viewer(),
                    edits=replace(OPTIONS, prompt=prompt),
                )
        assert await job_count(process) == 2
        # Edited out, it may be made.
        take = await process.submissions.take_again(
            calm.job_id,
            asker(origin=Origin.EDIT),
            viewer=viewer(),
            edits=replace(OPTIONS, prompt="A quiet sea"),
        )
        assert take.request.prompt == "A quiet sea"


async def test_a_word_is_blocked_on_its_server_alone_and_until_it_is_removed(world: World) -> None:
    async with world.process() as process:
        await block(process, WordKind.WORD, "Calm")
        await process.submit(guild_id=2)
        with pytest.raises(BlockedWordsError):
            await process.submit()
        assert await process.words.remove(GUILD, " CALM ", removed_by=MODERATOR) == [
            rule_of(WordKind.WORD, "calm")
        ]
        await process.submit()
        assert await process.words.remove(GUILD, "calm", removed_by=MODERATOR) == []


async def test_words_hold_after_a_restart(world: World) -> None:
    async with world.process() as process:
        await block(process, WordKind.WORD, "calm")
    async with world.process() as process:
        with pytest.raises(BlockedWordsError):
            await process.submit()


async def test_a_word_added_while_the_rules_were_being_read_holds_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world.process() as process:
        read, was_read, may_arrive = process.database.read, asyncio.Event(), asyncio.Event()

        async def late(function: Callable[[sqlite3.Connection], object]) -> object:
            answer = await read(function)
            was_read.set()
            await may_arrive.wait()
            return answer

        monkeypatch.setattr(process.database, "read", late)
        listing = asyncio.create_task(process.words.rules(GUILD))
        await was_read.wait()
        await block(process, WordKind.WORD, "calm")
        may_arrive.set()
        assert await listing == []  # true when it was read
        assert await process.words.found_in(GUILD, "A calm sea") == [rule_of(WordKind.WORD, "calm")]


async def test_many_servers_are_told_apart(world: World) -> None:
    async with world.process() as process:
        servers = range(1, SERVERS_REMEMBERED + 10)
        for server in servers:
            await block(process, WordKind.WORD, f"word{server}", guild_id=server)
        for server in (*servers, *servers):
            found = await process.words.found_in(server, f"word{server} word{server + 1}")
            assert [rule.text for rule in found] == [f"word{server}"]


async def test_what_is_blocked_allowed_and_refused_is_on_record(world: World) -> None:
    async with world.process() as process:
        rule = rule_of(WordKind.PATTERN, "calm|_")
        for _ in range(2):  # what changes nothing is no act
            await process.words.add(GUILD, rule, added_by=MODERATOR)
        for _ in range(2):
            with pytest.raises(BlockedWordsError):
                await process.submit(user_id=BOB)
        for _ in range(2):
            await process.words.remove(GUILD, rule.text, removed_by=MODERATOR)
        assert (await process.database.read(audit.prove)).fault is None
        entries = await process.database.read(
            lambda db: audit.entries_of_guild(db, guild_id=GUILD, limit=9)
        )
    assert [entry_line(entry).split("> ", 1)[1] for entry in reversed(entries)] == [
        f"<@{MODERATOR}> blocked the pattern calm\\|\\_ in prompts.",
        f"<@{BOB}> was refused a video: the pattern calm\\|\\_ is blocked in prompts.",
        f"<@{MODERATOR}> allowed the pattern calm\\|\\_ in prompts again.",
    ]


async def test_where_the_rules_cannot_be_read_nothing_passes(world: World) -> None:
    async with world.process() as process:
        await process.database.write(lambda db: db.execute("DROP TABLE word_rule").rowcount)
        with pytest.raises(StorageError):
            await process.submit()
        assert await job_count(process) == 0


async def test_a_rule_can_be_tried_before_it_is_saved(world: World) -> None:
    assert await is_met(BAD, "b.a.d")
    assert not await is_met(BAD, "badly")
    assert await is_met(rule_of(WordKind.PATTERN, "bad"), "badly")
    async with world.process() as process:
        assert await process.words.rules(GUILD) == []


async def test_a_word_and_a_pattern_of_one_text_are_removed_together(world: World) -> None:
    async with world.process() as process:
        await block(process, WordKind.WORD, "bad")
        await block(process, WordKind.PATTERN, "bad")
        await block(process, WordKind.PATTERN, "(ba+d)+")
        assert len(await process.words.found_in(GUILD, "BAD")) == 3
        assert len(await process.words.remove(GUILD, "bad", removed_by=MODERATOR)) == 2
        assert len(await process.words.remove(GUILD, "(ba+d)+", removed_by=MODERATOR)) == 1


async def test_a_stored_pattern_that_is_none_any_more_leaves_the_others_working(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async with world.process() as process:
        await block(process, WordKind.WORD, "calm")
        broken = WordRule(kind=WordKind.PATTERN, text="secret(")
        await process.database.write(
            lambda db: words.add(db, GUILD, broken, added_by=MODERATOR, at=world.clock.now())
        )
        fresh = Words(database=process.database, clock=world.clock)
        assert await fresh.found_in(GUILD, "A calm secret(") == [rule_of(WordKind.WORD, "calm")]
    assert "cannot be used any more" in caplog.text
    assert "secret" not in caplog.text


async def test_a_refusal_names_a_few_rules_and_counts_the_rest() -> None:
    rules = [rule_of(WordKind.WORD, f"word{number}") for number in range(RULES_TOLD + 2)]
    told = str(BlockedWordsError(found=rules))
    assert "`word2` and 2 more. Nothing was started." in told
    assert "`word3`" not in told
