"""What the bot's own process holds in memory: at rest, with much under way, and after much work."""

from __future__ import annotations

import tempfile
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.figures import Figure
from benchmarks.load import Answers, Crowd
from benchmarks.programs import CLOCK, Program, emulator, product, until
from playground.server import Playground

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

REST_S = 5.0  # from READY until the figure is read
REST_TARGET_MIB = 100.0

RENDERING = 1000
RENDERING_TARGET_MIB = 25.0
ASKED_PER_S = 50
NEVER_S = 86_400.0  # the emulator renders for so long
RENDERING_WITHIN_S = 180.0
FOLLOWED_S = 20.0  # long enough for each to be polled

JOBS = 5000
FIRST_JOBS = 1000
# Live objects grow by about 2 MiB, which is discord.py's; docs/benchmarks.md tells of the rest.
GROWTH_TARGET_MIB = 5.0
OPEN_AT_MOST = 100  # asked for and not yet delivered
BATCH = 50
BATCH_WITHIN_S = 120.0
WORK_IN_FLIGHT = 40
WORK_POLL_PACE = 0.001
# The smallest clip that the emulator makes; one and the same, because drawing is not measured.
SMALL_PROMPT, SMALL_SIZE = "Desert at noon", "1024x1024"


@asynccontextmanager
async def _bot(
    *, in_flight: int, render_s: float, **settings: object
) -> AsyncGenerator[tuple[Program, Crowd]]:
    answers = Answers()
    with tempfile.TemporaryDirectory(prefix="cogreel-bench-") as folder:
        async with (
            Playground(observer=answers, rate_limits=False, log=False) as playground,
            emulator(in_flight=in_flight, render_delay_s=render_s) as video_api,
            product(
                playground,
                video_api,
                Path(folder),
                account_in_flight=in_flight,
                max_waiting_per_member=100_000,
                **settings,
            ) as bot,
        ):
            yield bot, Crowd(playground, answers)


async def rest(say: Callable[[str], None]) -> list[Figure]:
    """Connected, and nothing to do."""
    async with _bot(in_flight=1, render_s=0) as (bot, _):
        value = await _settled_mib(bot)
    say(f"at rest: {value:.1f} MiB")
    return [
        Figure(
            name="memory_rest",
            value=value,
            unit="MiB",
            target=REST_TARGET_MIB,
            note=f"RSS of the bot's process {REST_S:.0f} s after it connected",
        )
    ]


async def rendering(say: Callable[[str], None]) -> list[Figure]:
    """A thousand jobs under way at the gateway, followed at the pace of a real one."""
    async with _bot(in_flight=RENDERING, render_s=NEVER_S, poll_pace=1) as (bot, crowd):
        before = await _settled_mib(bot)
        await crowd.ask(RENDERING, per_s=ASKED_PER_S, prompt="A paper boat on a quiet lake")

        async def all_render() -> bool:
            return await bot.count("state = 'rendering'") == RENDERING

        await until(all_render, within_s=RENDERING_WITHIN_S, what="all jobs render")
        await CLOCK.sleep(FOLLOWED_S)
        after = bot.rss_mib()
    say(f"{before:.1f} MiB at rest, {after:.1f} MiB with {RENDERING} jobs rendering")
    return [
        Figure(
            name="memory_1000_rendering",
            value=after - before,
            unit="MiB",
            target=RENDERING_TARGET_MIB,
            note=f"more than the {before:.1f} MiB of the same process at rest",
        )
    ]


async def growth(say: Callable[[str], None]) -> list[Figure]:
    """Jobs from the command to the clip in the thread, many times over.

    The first ones make a thread each. Discord allows 1,000 active ones on a server, so the others
    are asked for inside those, where they stay.
    """
    async with _bot(in_flight=WORK_IN_FLIGHT, render_s=0, poll_pace=WORK_POLL_PACE) as (bot, crowd):
        await _carry(bot, crowd, FIRST_JOBS, say)
        first = await _settled_mib(bot)
        threads = crowd.move_into_threads()
        say(f"{FIRST_JOBS} jobs delivered in {threads} threads: {first:.1f} MiB")
        await _carry(bot, crowd, JOBS, say)
        last = await _settled_mib(bot)
        say(f"{JOBS} jobs delivered: {last:.1f} MiB")
    return [
        Figure(
            name="memory_5000_jobs",
            value=last - first,
            unit="MiB",
            target=GROWTH_TARGET_MIB,
            note=f"growth of the {first:.1f} MiB after the first {FIRST_JOBS} jobs",
        )
    ]


async def _carry(bot: Program, crowd: Crowd, total: int, say: Callable[[str], None]) -> None:
    """Ask until there are ``total`` jobs, no faster than they are delivered; wait for the last."""
    asked = await bot.count("true")

    async def most_are_delivered() -> bool:
        still_open = 0 if asked == total else OPEN_AT_MOST - BATCH
        return await bot.count("state = 'delivered'") >= asked - still_open

    while asked < total:
        await crowd.ask(BATCH, per_s=2 * BATCH, prompt=SMALL_PROMPT, size=SMALL_SIZE)
        asked += BATCH
        await until(most_are_delivered, within_s=BATCH_WITHIN_S, what="jobs are delivered")
        if asked % (total // 5) == 0:
            say(f"{asked} jobs, {bot.rss_mib():.1f} MiB")


async def _settled_mib(bot: Program) -> float:
    """The process's memory, a while after the last change."""
    await CLOCK.sleep(REST_S)
    return bot.rss_mib()
