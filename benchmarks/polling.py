"""How late a finished clip is found, and with how many calls, in virtual time.

Every schedule follows the same tasks, 2,000 of each setting in random order. Ours begins with
assumptions and learns from what its own polls see, as the product does.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import dataclass
from itertools import accumulate, chain, product, repeat
from typing import TYPE_CHECKING

from benchmarks.figures import Figure
from benchmarks.optimum import best
from benchmarks.renders_drawn import SETTINGS, Score, Task, drawn, followed
from bot.domain.polling import POLL_COST_S, wait_before_poll_s
from bot.domain.render_times import RenderTimes, assumed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

SEED = 8
TASKS = 2000  # per setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """What one poll is worth, and what that has to achieve.

    Attributes:
        name: Of its figures.
        cost_s: Seconds of waiting that a poll is worth.
        against_s: The wait of the fixed schedule that it is compared with.
        delay_at_most: Of that schedule's delay, as a factor.
        polls_at_most: Likewise of its polls.
    """

    name: str
    cost_s: float
    against_s: float
    delay_at_most: float
    polls_at_most: float


# With a fixed wait, delay and polls cannot both be had: each aim beats one that chose one of them.
STEADY = Aim(
    name="polling", cost_s=POLL_COST_S, against_s=10.0, delay_at_most=0.65, polls_at_most=1.0
)
PROMPT = Aim(
    name="polling_prompt", cost_s=0.07, against_s=5.0, delay_at_most=1.0, polls_at_most=0.65
)
AGAINST_BEST = 1.15

WRONG_BY = {"_assumed_fast": 1 / 3, "_assumed_slow": 3.0}
LEARNT_AFTER = 50  # tasks of a setting
STARTS = 20  # so many times anew, as fifty tasks are few

ALL_KNOWN: Mapping[str, str] = {}
# In the product both are one setting: nobody tells it the hour.
ONE_FLASH = {
    "cogvideox-flash off-peak": "cogvideox-flash",
    "cogvideox-flash peak": "cogvideox-flash",
}
ONE_FLASH_ASSUMED = ("cogvideox-flash", (160.0, 640.0))

DAY_S = 86_400.0

NAMES = (
    *(
        aim.name + what
        for aim in (STEADY, PROMPT)
        for what in ("_delay", "_polls", "_best", *WRONG_BY)
    ),
    "polling_mixed",
    "polling_never_done",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Our schedule beside a fixed one and the best, on the same tasks."""

    aim: Aim
    ours: Score
    fixed: Score
    best: Score

    @property
    def beats_fixed(self) -> bool:
        """By what the aim demands."""
        return (
            self.ours.delay_s <= self.aim.delay_at_most * self.fixed.delay_s
            and self.ours.polls <= self.aim.polls_at_most * self.fixed.polls
        )

    def __str__(self) -> str:
        return f"ours {self.ours}; fixed {self.fixed}; best {self.best}"


class Learner:
    """Our schedule, and what it has learnt so far."""

    def __init__(self, assumptions: Mapping[str, RenderTimes], *, cost_s: float) -> None:
        self._times = dict(assumptions)
        self._cost_s = cost_s
        self._chance = random.Random(SEED)  # noqa: S311  # repeatable, guards no secret

    def follow(self, setting: str, took_s: float) -> tuple[float, int]:
        """Poll until a task is seen to be done, and learn of it; its delay, and its polls."""
        times = self._times[setting]
        seen_s = now_s = 0.0
        polls = 0
        while polls == 0 or now_s < took_s:
            seen_s = now_s
            jitter = self._chance.uniform(-1, 1)
            now_s += wait_before_poll_s(
                times, elapsed_s=now_s, jitter=jitter, poll_cost_s=self._cost_s
            )
            polls += 1
        self._times[setting] = times.after_render(seen_s, now_s)
        return now_s - took_s, polls


async def measure(say: Callable[[str], None]) -> list[Figure]:
    """All figures of following."""
    return await asyncio.to_thread(_measure, say)


def _measure(say: Callable[[str], None]) -> list[Figure]:
    tasks = drawn(TASKS, seed=SEED)
    say(f"every 10 s: {_blind(tasks, repeat(10.0))}")
    say(f"every 5 s: {_blind(tasks, repeat(5.0))}")
    say(
        f"after 5, 10, 20, then every 30 s: {_blind(tasks, chain((5.0, 10.0, 20.0), repeat(30.0)))}"
    )
    figures: list[Figure] = []
    for aim in (STEADY, PROMPT):
        compared = _compared(aim, tasks, _learning(aim, tasks))
        say(f"{aim.name}: {compared}")
        figures += _beside_fixed(aim, compared)
    mixed = _compared(STEADY, tasks, _learning(STEADY, tasks, ONE_FLASH), ONE_FLASH)
    say(f"polling_mixed: {mixed}")
    figures.append(
        _beside_best("polling_mixed", mixed, "cogvideox-flash at peak and off-peak as one setting")
    )
    for aim, (name, factor) in product((STEADY, PROMPT), WRONG_BY.items()):
        again, ours = _after_a_wrong_start(aim, factor)
        compared = _compared(aim, again, ours)
        say(f"{aim.name}{name}: {compared}")
        note = (
            f"assumed {factor:.2f} times as long at first; tasks {LEARNT_AFTER + 1} to "
            f"{2 * LEARNT_AFTER} of each setting, {STARTS} times"
        )
        figures.append(_beside_best(f"{aim.name}{name}", compared, note))
    return [*figures, _never()]


def _compared(
    aim: Aim, tasks: Sequence[Task], ours: Score, known_as: Mapping[str, str] = ALL_KNOWN
) -> Comparison:
    return Comparison(
        aim=aim,
        ours=ours,
        fixed=_blind(tasks, repeat(aim.against_s)),
        best=best(tasks, polls=ours.polls, known_as=known_as),
    )


def _learning(aim: Aim, tasks: Sequence[Task], known_as: Mapping[str, str] = ALL_KNOWN) -> Score:
    """Ours on tasks one after the other, from assumptions that are right."""
    learner = Learner(_assumptions(), cost_s=aim.cost_s)
    return Score.of(
        learner.follow(known_as.get(task.setting, task.setting), task.took_s) for task in tasks
    )


def _after_a_wrong_start(aim: Aim, factor: float) -> tuple[list[Task], Score]:
    """Tasks after fifty of their setting, from assumptions wrong by a factor; and ours."""
    tasks: list[Task] = []
    found: list[tuple[float, int]] = []
    for start in range(STARTS):
        learner = Learner(_assumptions(factor), cost_s=aim.cost_s)
        seen: Counter[str] = Counter()
        for task in drawn(2 * LEARNT_AFTER, seed=SEED + start):
            one = learner.follow(task.setting, task.took_s)
            seen[task.setting] += 1
            if seen[task.setting] > LEARNT_AFTER:
                tasks.append(task)
                found.append(one)
    return tasks, Score.of(found)


def _blind(tasks: Sequence[Task], waits_s: Iterable[float]) -> Score:
    """A schedule that is the same for every task."""
    longest_s = max(task.took_s for task in tasks)
    polls_s: list[float] = []
    for at_s in accumulate(waits_s):
        polls_s.append(at_s)
        if at_s >= longest_s:
            break
    return followed(tasks, dict.fromkeys(SETTINGS, polls_s))


def _assumptions(factor: float = 1.0) -> dict[str, RenderTimes]:
    """The truth but for a factor, in the little weight of an assumption."""
    return {
        setting: assumed(median_s=median_s * factor, p95_s=p95_s * factor)
        for setting, (median_s, p95_s) in (*SETTINGS.items(), ONE_FLASH_ASSUMED)
    }


def _beside_fixed(aim: Aim, compared: Comparison) -> list[Figure]:
    every = f"baseline: every {aim.against_s:g} s"
    return [
        Figure(
            name=f"{aim.name}_delay",
            value=compared.ours.delay_s,
            unit="s",
            baseline=compared.fixed.delay_s,
            target=aim.delay_at_most,
            target_of="ratio",
            note=f"{every}; {TASKS} tasks of each setting, a poll worth {aim.cost_s:g} s",
        ),
        Figure(
            name=f"{aim.name}_polls",
            value=compared.ours.polls,
            unit="polls",
            baseline=compared.fixed.polls,
            target=aim.polls_at_most,
            target_of="ratio",
            note=every,
        ),
        _beside_best(f"{aim.name}_best", compared, "times known beforehand, as many polls"),
    ]


def _beside_best(name: str, compared: Comparison, note: str) -> Figure:
    return Figure(
        name=name,
        value=compared.ours.delay_s,
        unit="s",
        baseline=compared.best.delay_s,
        target=AGAINST_BEST,
        target_of="ratio",
        sound=compared.beats_fixed,
        note=f"baseline: the best schedule; {note}",
    )


def _never() -> Figure:
    """Polls of a task that never ends, in a day."""
    learner = Learner(_assumptions(), cost_s=POLL_COST_S)
    _, polls = learner.follow("cogvideox-3", DAY_S)
    return Figure(
        name="polling_never_done",
        value=polls,
        unit="polls",
        baseline=DAY_S / STEADY.against_s,
        target=0.05,
        target_of="ratio",
        note="of a task that is never done, in a day",
    )
