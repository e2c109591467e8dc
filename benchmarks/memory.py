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
        after = await _settled_mib(bot)
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


async def _settled_mib(bot: Program) -> float:
    """The process's memory, a while after the last change."""
    await CLOCK.sleep(REST_S)
    return bot.rss_mib()
