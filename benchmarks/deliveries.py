"""What the bot's own process holds while many large results are fetched and delivered at once."""

from __future__ import annotations

import asyncio
import json
import tempfile
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import av

from benchmarks.figures import Figure
from benchmarks.load import Answers, Crowd
from benchmarks.programs import CLOCK, MIB, BenchmarkError, emulator, product, until
from playground.server import Playground

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.programs import Program

RESULTS = 50
RESULT_BYTES = 60 * MIB
LIMIT_BYTES, PREMIUM_TIER = 100 * MIB, 3
TARGET_MIB = 60.0
REST_S = 5.0
LOOK_S = 0.05
NEVER_S = 86_400.0  # no render ends before all do
ASKED_PER_S = 25
POLL_PACE = 0.01
RENDERING_WITHIN_S = 120.0
DELIVERED_WITHIN_S = 600.0


async def memory(say: Callable[[str], None]) -> list[Figure]:
    """All renders end at the same instant, each with a file of 60 MiB that fits its server."""
    answers = Answers()
    with tempfile.TemporaryDirectory(prefix="cogreel-bench-") as name:
        folder = Path(name)
        result = folder / "result.mp4"
        await asyncio.to_thread(_write_result, result)
        async with (
            Playground(observer=answers, rate_limits=False, log=False) as playground,
            emulator(in_flight=RESULTS, render_delay_s=NEVER_S) as video_api,
        ):
            playground.world.knobs.attachment_limit_bytes = LIMIT_BYTES
            for guild in playground.world.guilds.values():
                guild.premium_tier = PREMIUM_TIER
            await _turn(video_api, result_file=str(result))
            async with product(
                playground,
                video_api,
                folder,
                account_in_flight=RESULTS,
                max_waiting_per_member=RESULTS,
                poll_pace=POLL_PACE,
            ) as bot:
                crowd = Crowd(playground, answers)
                await crowd.ask(RESULTS, per_s=ASKED_PER_S, prompt="A paper boat")
                await until(
                    lambda: _are(bot, "rendering"), within_s=RENDERING_WITHIN_S, what="all render"
                )
                await CLOCK.sleep(REST_S)
                before_mib = bot.rss_mib()
                say(f"{before_mib:.1f} MiB with {RESULTS} jobs rendering")
                peak_mib = await _peak(bot, video_api)
            sizes = [
                attachment.size
                for channel in playground.world.channels.values()
                for message in channel.messages.values()
                for attachment in message.attachments
            ]
    say(f"{peak_mib:.1f} MiB at the highest")
    return [
        Figure(
            name="deliver_memory",
            value=peak_mib - before_mib,
            unit="MiB",
            target=TARGET_MIB,
            sound=sizes == [RESULT_BYTES] * RESULTS,
            note=f"more than the {before_mib:.1f} MiB of the same process while all still rendered",
        )
    ]


async def _peak(bot: Program, video_api: dict[str, Any]) -> float:
    found = [bot.rss_mib()]

    async def watch() -> None:
        while True:
            await CLOCK.sleep(LOOK_S)
            found.append(bot.rss_mib())

    watching = asyncio.create_task(watch())
    try:
        await _turn(video_api, advance_s=2 * NEVER_S)
        await until(
            lambda: _are(bot, "delivered"), within_s=DELIVERED_WITHIN_S, what="all are delivered"
        )
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
    return max(found)


async def _are(bot: Program, state: str) -> bool:
    return await bot.count(f"state = '{state}'") == RESULTS


async def _turn(video_api: dict[str, Any], **knobs: object) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.post(video_api["url"] + "/emulator/knobs", data=json.dumps(knobs)) as answer,
    ):
        if answer.status != 200:
            raise BenchmarkError(f"the emulator refused a knob: {await answer.text()}")


def _write_result(path: Path) -> None:
    """A short clip, made as long as a large one by a box that players skip."""
    output: Any  # PyAV types its writing side only in part
    with av.open(str(path), "w", format="mp4", options={"movflags": "faststart"}) as output:
        stream = output.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        for number in range(30):
            frame = av.VideoFrame(640, 360, "yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, 30)
            output.mux(stream.encode(frame))
        output.mux(stream.encode())
    rest_bytes = RESULT_BYTES - path.stat().st_size
    with path.open("ab") as file:
        file.write(rest_bytes.to_bytes(4, "big") + b"free")
        file.truncate(RESULT_BYTES)
