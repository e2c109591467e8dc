"""What a call of the video API costs us, against a bare aiohttp call and the vendor's client."""

from __future__ import annotations

import asyncio
import json
import os
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any

import aiohttp

from benchmarks.figures import Figure
from benchmarks.programs import BenchmarkError, emulator
from bot.demo.programs import program

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Rounds = Sequence[dict[str, dict[str, float]]]  # seconds by call and client

ROUNDS = 301  # odd, so that one is in the middle
CALLS = 10  # creates of each client in a round: so few that all see the same machine
POLLED = 20  # tasks, each once in a round: the most that a gateway has in flight for one account
TARGETS = {"bare": 1.3, "vendor": 0.5}  # the second: twice as many calls in a processor second
ITEMS = tuple((call, other) for call in ("create", "poll") for other in TARGETS)
NAMES = tuple(f"client_{call}_{other}" for call, other in ITEMS)
CREATES = POLLED + (ROUNDS + 1) * CALLS * (1 + len(TARGETS))  # with those of the warm-up
NEVER_S = 86_400.0  # the emulator renders for so long
GIVEN_UP_AFTER_S = 300.0
MICROS = 1_000_000


async def measure(say: Callable[[str], None]) -> list[Figure]:
    """All of `NAMES`, from one run of the program that makes the calls."""
    async with emulator(in_flight=CREATES, render_delay_s=NEVER_S) as video_api:
        rounds = await _rounds(video_api)
        sound = await _each_create_came_once_and_alike(video_api)
    for call, other in ITEMS:
        say(f"{call}, {other}: {_medians(rounds, call, other)}")
    return [figure(rounds, call, other, sound=sound) for call, other in ITEMS]


async def _rounds(video_api: dict[str, Any]) -> Rounds:
    """What each round cost.

    Raises:
        BenchmarkError: A call went wrong, or it took too long.
    """
    environment = dict(os.environ) | {
        "COGREEL_GATEWAY_URL": video_api["api_base"],
        "COGREEL_API_KEY": video_api["api_key"],
    }
    async with program("benchmarks.api_calls", environment=environment) as process:
        try:
            async with asyncio.timeout(GIVEN_UP_AFTER_S):
                output, _ = await process.communicate()
        except TimeoutError:
            raise BenchmarkError(f"not within {GIVEN_UP_AFTER_S:.0f} s: all calls") from None
    if process.returncode:
        raise BenchmarkError(f"the program that calls ended with {process.returncode}")
    return [json.loads(line) for line in output.splitlines()]


async def _each_create_came_once_and_alike(video_api: dict[str, Any]) -> bool:
    async with aiohttp.ClientSession() as session, session.get(video_api["ledger"]) as response:
        entries = (await response.json())["entries"]
    alike = len({entry["request_digest"] for entry in entries}) == 1
    return alike and len({entry["request_id"] for entry in entries}) == len(entries) == CREATES


def figure(rounds: Rounds, call: str, other: str, *, sound: bool) -> Figure:
    """One of `NAMES`. Value and baseline are those of the round whose ratio is in the middle."""
    by_ratio = sorted(rounds, key=lambda each: each[call]["ours"] / each[call][other])
    middle = by_ratio[len(by_ratio) // 2][call]
    quartiles = quantiles([each[call]["ours"] / each[call][other] for each in by_ratio], n=4)
    return Figure(
        name=f"client_{call}_{other}",
        value=MICROS * middle["ours"],
        baseline=MICROS * middle[other],
        unit="CPU us",
        target=TARGETS[other],
        target_of="ratio",
        sound=sound,
        note=(
            f"per call, in the middle one of {len(rounds)} rounds; half of them had between "
            f"{quartiles[0]:.2f} and {quartiles[2]:.2f} x; {_medians(rounds, call, other)}"
        ),
    )


def _medians(rounds: Rounds, call: str, other: str) -> str:
    ours, others = (1 / median(each[call][name] for each in rounds) for name in ("ours", other))
    return f"median {ours:.0f} calls in a processor second to {others:.0f}"
