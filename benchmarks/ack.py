"""How soon a person hears that the bot has heard, against a bot that does nothing else."""

from __future__ import annotations

import gc
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any

from benchmarks.figures import Figure
from benchmarks.load import ANSWER_WITHIN_S, Answers, Crowd
from benchmarks.programs import BenchmarkError, bare_bot, before_others, emulator, product, until
from playground.server import Playground

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 5
ROUND_S = 10
WARM_UP = 20
IN_FLIGHT = 4
RENDER_S = 2.0
DONE_WITHIN_S = 60.0
PROMPT = "A paper boat sails over a quiet lake"  # one clip: another machine renders in real life
P50_TARGET = {50: 1.5, 200: 2.0}
P99_TARGET = {50: 3.0, 200: 5.0}
NOTE = (
    f"median of {ROUNDS} rounds of {ROUND_S} s, alternating; Poisson arrivals, fixed seed; "
    "rate limits off, so that the bot edits and posts as fast as it can"
)


@dataclass(slots=True)
class Rounds:
    """What the rounds of one bot gave.

    Attributes:
        p50_ms: Of each round.
        p99_ms: Of each round.
        other_requests: What else the bot asked of the playground in each: edits, threads, posts.
        sound: Whether all was answered in time, and each job written down.
    """

    p50_ms: list[float] = field(default_factory=list[float])
    p99_ms: list[float] = field(default_factory=list[float])
    other_requests: list[int] = field(default_factory=list[int])
    sound: bool = True

    def add(self, answers: Answers) -> None:
        """One round."""
        times_ms = [1000 * seconds for seconds in answers.ack_s.values()]
        cuts = quantiles(times_ms, n=100)
        self.p50_ms.append(cuts[49])
        self.p99_ms.append(cuts[98])
        self.other_requests.append(answers.other_requests)
        if answers.refused or max(times_ms) > 1000 * ANSWER_WITHIN_S:
            self.sound = False
        if len(times_ms) != len(answers.sent_s):
            self.sound = False


async def measure(per_s: int, say: Callable[[str], None]) -> list[Figure]:
    """p50 and p99 at one rate."""
    bare, full = Rounds(), Rounds()
    async with emulator(in_flight=IN_FLIGHT, render_delay_s=RENDER_S) as video_api:
        with before_others() as priority:  # all but the emulator, which stands for another machine
            await _alternate(per_s, video_api, bare, full, say)
    sound = bare.sound and full.sound
    beside = (
        f"a round has {per_s * ROUND_S} interactions; the bot sent "
        f"{median(full.other_requests):.0f} other requests during it, the bare one "
        f"{median(bare.other_requests):.0f}"
    )
    return [
        Figure(
            name=f"ack_{per_s}_p50",
            value=median(full.p50_ms),
            baseline=median(bare.p50_ms),
            unit="ms",
            target=P50_TARGET[per_s],
            target_of="ratio",
            sound=sound,
            note=f"{NOTE}; {priority}",
        ),
        Figure(
            name=f"ack_{per_s}_p99",
            value=median(full.p99_ms),
            baseline=median(bare.p99_ms),
            unit="ms",
            target=P99_TARGET[per_s],
            target_of="ratio",
            sound=sound,
            note=beside,
        ),
    ]


async def _alternate(
    per_s: int,
    video_api: dict[str, Any],
    bare: Rounds,
    full: Rounds,
    say: Callable[[str], None],
) -> None:
    answers = Answers()
    async with Playground(observer=answers, rate_limits=False, log=False) as playground:
        crowd = Crowd(playground, answers)
        for number in range(ROUNDS):
            async with bare_bot(playground):
                await crowd.ask(WARM_UP, per_s=WARM_UP, prompt=PROMPT)
                await _round(crowd, answers, per_s)
                bare.add(answers)
            await _full_round(playground, video_api, crowd, answers, per_s)
            full.add(answers)
            say(
                f"{per_s}/s, round {number + 1} of {ROUNDS}: "
                f"bare {bare.p50_ms[-1]:.2f} / {bare.p99_ms[-1]:.2f} ms, "
                f"ours {full.p50_ms[-1]:.2f} / {full.p99_ms[-1]:.2f} ms"
            )


async def _round(crowd: Crowd, answers: Answers, per_s: int) -> None:
    answers.clear()
    gc.collect()
    gc.disable()  # the playground's own pauses are not the bot's
    try:
        await crowd.ask(per_s * ROUND_S, per_s=per_s, prompt=PROMPT)
    finally:
        gc.enable()


async def _full_round(
    playground: Playground,
    video_api: dict[str, Any],
    crowd: Crowd,
    answers: Answers,
    per_s: int,
) -> None:
    """One round of the whole bot; afterwards its database must hold every job.

    Raises:
        BenchmarkError: A job is missing.
    """
    asked = WARM_UP + per_s * ROUND_S
    with tempfile.TemporaryDirectory(prefix="cogreel-bench-") as folder:
        async with product(
            playground,
            video_api,
            Path(folder),
            account_in_flight=IN_FLIGHT,
            max_waiting_per_member=100_000,
        ) as bot:
            await crowd.ask(WARM_UP, per_s=WARM_UP, prompt=PROMPT)

            async def one_is_delivered() -> bool:
                return await bot.count("state = 'delivered'") > 0

            await until(one_is_delivered, within_s=DONE_WITHIN_S, what="a first job is delivered")
            bot.put_children_behind()
            await _round(crowd, answers, per_s)

            async def all_is_done() -> bool:
                return answers.filled >= len(answers.ack_s) and await bot.count("true") >= asked

            await until(all_is_done, within_s=DONE_WITHIN_S, what="each job is written and shown")
        rows = await bot.rows("SELECT origin_key FROM job")
        missing = {f"interaction:{each}" for each in answers.ack_s} - {key for (key,) in rows}
        if missing or len(rows) != asked:
            raise BenchmarkError(f"{len(missing)} answered jobs are lost, {len(rows)} of {asked}")
