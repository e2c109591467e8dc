"""Killed with ten thousand open jobs: how soon the bot serves again, and has asked what is due."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
import time
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.backlog import AT_ONCE, new_job, put
from benchmarks.figures import Figure
from benchmarks.load import Answers, Crowd
from benchmarks.programs import CLOCK, DATABASE, product, until
from bot.domain.job import Place
from emulator.server import Emulator
from playground.server import Playground
from playground.world.seed import ALICE, DARKROOM, GENERAL
from storage.database import Database

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.domain.job import NewJob

JOBS, RENDERING = 10_000, 1_000
NEVER_S = 86_400.0
LONG_AGO_MS = 600_000  # so long ago each render began that its next poll is due
NAMES = ("restart_10000_s", "restart_10000_polls_s")
SERVES_TARGET_S = 5.0
POLLS_TARGET_S = 30.0
WITHIN_S = 240.0
# As deploy/cogreel.service has it. What a killed program had used up of Discord's limits its
# successor cannot know: the first request would be one too many.
RESTART_S = 15.0
PROMPT, SIZE = "Desert at noon", "1024x1024"


async def measure(say: Callable[[str], None]) -> list[Figure]:
    """SIGKILL with most jobs waiting and a thousand rendering; then a start, and an interaction."""
    answers = Answers()
    with tempfile.TemporaryDirectory(prefix="cogreel-bench-") as name:
        folder = Path(name)
        await _fill(folder)
        async with (
            Emulator(in_flight_limit=RENDERING, render_delay_s=NEVER_S) as video_api,
            Playground(observer=answers, log=False) as playground,
        ):
            start = partial(
                product,
                playground,
                {"api_base": video_api.api_base, "api_key": video_api.api_key},
                folder,
                account_in_flight=RENDERING,
                max_waiting_per_member=100_000,
                poll_pace=1,
            )
            async with start() as bot:

                async def all_render() -> bool:
                    return await bot.count("state = 'rendering'") == RENDERING

                await until(all_render, within_s=WITHIN_S, what="all places in flight are taken")
                bot.process.kill()
            say(f"killed with {RENDERING} jobs rendering and {JOBS - RENDERING} waiting")
            await asyncio.to_thread(_begun_long_ago, folder)
            answers.clear()
            await CLOCK.sleep(RESTART_S)
            began_s = time.perf_counter()
            async with start() as bot:
                await Crowd(playground, answers).ask(1, per_s=100, prompt=PROMPT, size=SIZE)
                serves_s = time.perf_counter() - began_s
                say(f"serves after {serves_s:.1f} s")
                video_api.knobs.update({"render_delay_s": 0, "advance_s": NEVER_S})

                async def all_were_asked() -> bool:
                    return await bot.count("result_url_at_ms IS NOT NULL") >= RENDERING

                await until(all_were_asked, within_s=WITHIN_S, what="every due poll is made")
                polls_s = time.perf_counter() - began_s
                jobs = await bot.count("true")
            say(f"{answers.limited} requests were one too many for a rate limit of Discord's")
    return [
        Figure(
            name=NAMES[0],
            value=serves_s,
            unit="s",
            target=SERVES_TARGET_S,
            sound=answers.refused == 0 and jobs == JOBS + 1,
            note="from the start of the program to its first answer",
        ),
        Figure(
            name=NAMES[1],
            value=polls_s,
            unit="s",
            target=POLLS_TARGET_S,
            sound=answers.limited == 0,
            note=f"until each of {RENDERING} renders was asked for, and its end written down",
        ),
    ]


async def _fill(folder: Path) -> None:
    async with await Database.open(folder / DATABASE) as database:
        for begin in range(0, JOBS, AT_ONCE):
            count = min(AT_ONCE, JOBS - begin)
            await database.write(partial(put, jobs=[_job() for _ in range(count)]))


def _job() -> NewJob:
    place = Place(guild_id=int(DARKROOM), channel_id=int(GENERAL), in_thread=False)
    job = replace(new_job(int(DARKROOM), int(ALICE)), place=place)
    return replace(job, request=replace(job.request, prompt=PROMPT, size=SIZE))


def _begun_long_ago(folder: Path) -> None:
    with closing(sqlite3.connect(folder / DATABASE)) as db, db:
        db.execute(
            "UPDATE job SET submitted_at_ms = submitted_at_ms - :ms,"
            " state_at_ms = state_at_ms - :ms WHERE state = 'rendering'",
            {"ms": LONG_AGO_MS},
        )
