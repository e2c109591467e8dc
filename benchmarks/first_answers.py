"""How soon everything is answered, with ten thousand videos made before; and completions."""

from __future__ import annotations

import asyncio
import gc
import json
import random
import tempfile
from collections import defaultdict
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any

import aiohttp

from benchmarks.acts import IN_FLIGHT, PROMPT, SIZE, Stage, kind_of
from benchmarks.figures import Figure
from benchmarks.history import lived_through
from benchmarks.load import ANSWER_WITHIN_S, CALLBACK, Answers, Crowd
from benchmarks.programs import (
    CLOCK,
    DATABASE,
    BenchmarkError,
    bare_bot,
    before_others,
    emulator,
    product,
)
from bot.services.sealing import new_secrets_key
from playground.person import PeopleApi, RefusedError
from playground.server import Playground
from playground.world.events import InteractionStarted
from playground.world.interactions import InteractionKind
from playground.world.seed import VIDEO_LAB

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable

    from playground.rest.dispatcher import RestRecord
    from playground.world.events import Event

JOBS = 10_000
ROUNDS = 30  # of everything that there is to do
PER_S = 20.0
COMPLETIONS_PER_S, COMPLETIONS = 20.0, 600
BARE_ASKED = 1_200  # half of them before our bot runs, half after it
SEED = 1
NEVER_S = 86_400.0
ENOUGH = ROUNDS // 2  # answers of one kind, for a p99 of its own
SHOWN = 20  # of the kinds, the slowest ones
NAMES = ("answers_10000_p99", "answers_10000_slowest", "completion_10000_p99")
RATIO = 2.0
COMPLETION_MS = 50.0


@dataclass(slots=True)
class Heard:
    """When each interaction was told of, and when it was first answered; the playground's observer.

    Attributes:
        took_ms: Of each kind of interaction.
        refused: Answers that the playground refused, because they came late or twice.
        crowd: What `Crowd` is told of the same.
    """

    took_ms: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    refused: int = 0
    crowd: Answers = field(default_factory=Answers)
    _told: dict[str, tuple[float, str]] = field(default_factory=dict[str, tuple[float, str]])

    def told(self, event: Event, at_s: float) -> None:
        """Note an interaction just before it is encoded for the bot."""
        if isinstance(event, InteractionStarted):
            of = event.interaction
            by = of.triggered_by or of
            what = by.command or kind_of(str(by.data["custom_id"]))
            if of.kind is InteractionKind.MODAL:
                what += ", its form"
            elif of.kind is InteractionKind.AUTOCOMPLETE:
                what = "completion"
            self._told[of.id] = (at_s, what)

    def __call__(self, record: RestRecord) -> None:
        """Take one request of the bot."""
        self.crowd(record)
        if record.route != CALLBACK:
            return
        told = self._told.pop(record.path_params["interaction_id"], None)
        if told is None or record.status not in {200, 204}:
            self.refused += 1
            return
        self.took_ms[told[1]].append(1000 * (record.arrived_s - told[0]))

    @property
    def unanswered(self) -> int:
        """How many have not been answered so far."""
        return len(self._told)

    def clear(self) -> None:
        """Begin anew."""
        self.took_ms.clear()
        self._told.clear()
        self.crowd.clear()
        self.refused = 0


async def measure(say: Callable[[str], None]) -> list[Figure]:
    """All of `NAMES`."""
    heard = Heard()
    with tempfile.TemporaryDirectory(prefix="cogreel-bench-") as name:
        folder = Path(name)
        held_job_id = await lived_through(folder / DATABASE, jobs=JOBS, until=CLOCK.now())
        say(f"{JOBS} videos were made and posted")
        async with emulator(in_flight=IN_FLIGHT) as video_api:
            with before_others() as priority:
                async with _playground(heard) as playground:
                    bare = await _bare(playground, heard)
                    ours = await _ours(playground, video_api, folder, heard, held_job_id, say)
                    bare += await _bare(playground, heard)
    return _figures(ours, bare, priority, say)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was heard of our bot.

    Attributes:
        took_ms: By kind, of all but completions.
        completions_ms: Of completions.
        sound: Whether each was answered, once and in time.
    """

    took_ms: dict[str, list[float]]
    completions_ms: list[float]
    sound: bool


@asynccontextmanager
async def _playground(heard: Heard) -> AsyncGenerator[Playground]:
    playground = Playground(observer=heard, rate_limits=False, log=False)
    clock = playground.world.clock
    # Before it serves: so it listens before the gateway does, which encodes.
    playground.world.listen(lambda event: heard.told(event, clock.steady_s()))
    async with playground:
        yield playground


async def _bare(playground: Playground, heard: Heard) -> list[float]:
    async with bare_bot(playground):
        crowd = Crowd(playground, heard.crowd)
        await crowd.ask(20, per_s=20, prompt=PROMPT, size=SIZE)
        heard.clear()
        with _collected():
            await crowd.ask(BARE_ASKED // 2, per_s=PER_S, prompt=PROMPT, size=SIZE)
        return heard.took_ms["video create"].copy()


async def _ours(
    playground: Playground,
    video_api: dict[str, Any],
    folder: Path,
    heard: Heard,
    held_job_id: int,
    say: Callable[[str], None],
) -> Found:
    async with (
        product(
            playground,
            video_api,
            folder,
            account_in_flight=IN_FLIGHT,
            max_waiting_per_member=100_000,
            secrets_key=new_secrets_key(),
        ) as bot,
        aiohttp.ClientSession() as session,
    ):
        api = PeopleApi(session, playground.people_api)
        alice, chen, mara = [await api.person(name) for name in ("Alice", "Chen", "Mara")]
        stage = Stage(api=api, alice=alice, chen=chen, mara=mara, held_job_id=held_job_id)
        await stage.make_result()
        bot.put_children_behind()
        await _hold(session, video_api)
        commands, components = await stage.commands(), await stage.components()
        say(f"{len(commands)} commands, {len(components)} components")
        acts = [*commands, *components]
        await _in_turn((act.do for act in acts), per_s=20)  # warm
        heard.clear()
        with _collected():
            await _in_turn((act.do for _ in range(ROUNDS) for act in acts), per_s=PER_S)
        took_ms = dict(heard.took_ms)
        sound = not heard.refused and not heard.unanswered
        heard.clear()
        typing = cycle(stage.focused)
        with _collected():
            await _in_turn(
                (_completing(stage, *next(typing)) for _ in range(COMPLETIONS)),
                per_s=COMPLETIONS_PER_S,
            )
        completions_ms = heard.took_ms["completion"]
    return Found(
        took_ms=took_ms,
        completions_ms=completions_ms.copy(),
        sound=sound and not heard.refused and len(completions_ms) == COMPLETIONS,
    )


def _completing(stage: Stage, command: str, option: str) -> Callable[[], Awaitable[object]]:
    return lambda: stage.mara.autocomplete(VIDEO_LAB, command, option)


async def _hold(session: aiohttp.ClientSession, video_api: dict[str, Any]) -> None:
    """From now on no render ends."""
    body = json.dumps({"render_delay_s": NEVER_S})
    async with session.post(video_api["url"] + "/emulator/knobs", data=body) as answer:
        if answer.status != 200:
            raise BenchmarkError(f"the emulator refused a knob: {await answer.text()}")


async def _in_turn(deeds: Iterable[Callable[[], Awaitable[object]]], *, per_s: float) -> None:
    """Begin them one after the other with Poisson arrivals; wait until all are answered."""
    arrivals = random.Random(SEED)  # noqa: S311  # the same arrivals in each run
    loop = asyncio.get_running_loop()
    due_s = loop.time()
    under_way: set[asyncio.Task[None]] = set()
    for deed in deeds:
        due_s += arrivals.expovariate(per_s)
        await CLOCK.sleep(due_s - loop.time())
        task = asyncio.create_task(_done(deed))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
    while under_way:
        await asyncio.wait(under_way)


async def _done(deed: Callable[[], Awaitable[object]]) -> None:
    try:
        await deed()
    except RefusedError:
        return  # a button that its press took away, as that of a question


class _collected:  # noqa: N801  # used as a word in a `with`
    """The playground's own pauses are not the bot's."""

    def __enter__(self) -> None:
        gc.collect()
        gc.disable()

    def __exit__(self, *_: object) -> None:
        gc.enable()


def _figures(
    ours: Found, bare_ms: list[float], priority: str, say: Callable[[str], None]
) -> list[Figure]:
    bare_p99 = _p99(bare_ms)
    everything = [each for of_kind in ours.took_ms.values() for each in of_kind]
    by_kind = sorted(
        ((_p99(each), what) for what, each in ours.took_ms.items() if len(each) >= ENOUGH),
        reverse=True,
    )
    for p99, what in by_kind[:SHOWN]:
        say(f"{what}: {median(ours.took_ms[what]):.2f} / {p99:.2f} ms")
    say(f"all: {_p99(everything):.2f} ms, bare: {bare_p99:.2f} ms")
    say(f"completions: {_p99(ours.completions_ms):.2f} ms")
    slowest_ms, slowest = by_kind[0]
    # The p99 of so few is the last of them: like is compared with like.
    in_groups = [bare_ms[at : at + ROUNDS] for at in range(0, len(bare_ms) - ROUNDS + 1, ROUNDS)]
    in_time = max(everything) <= 1000 * ANSWER_WITHIN_S
    return [
        Figure(
            name=NAMES[0],
            value=_p99(everything),
            baseline=bare_p99,
            unit="ms",
            target=RATIO,
            target_of="ratio",
            sound=ours.sound and in_time,
            note=(
                f"{len(everything)} first answers of {len(ours.took_ms)} kinds, {PER_S:g} a "
                f"second; baseline: {len(bare_ms)} of the bare bot; {priority}"
            ),
        ),
        Figure(
            name=NAMES[1],
            value=slowest_ms,
            baseline=max(map(_p99, in_groups)),
            unit="ms",
            target=RATIO,
            target_of="ratio",
            sound=ours.sound and in_time,
            note=(
                f"p99 of the slowest of {len(by_kind)} kinds with {ENOUGH} answers or more: "
                f"{slowest}; baseline: the slowest of {len(in_groups)} groups of {ROUNDS} answers"
            ),
        ),
        Figure(
            name=NAMES[2],
            value=_p99(ours.completions_ms),
            unit="ms",
            target=COMPLETION_MS,
            sound=ours.sound,
            note=f"{COMPLETIONS} while people type, {COMPLETIONS_PER_S:g} a second",
        ),
    ]


def _p99(times_ms: list[float]) -> float:
    return quantiles(times_ms, n=100, method="inclusive")[98]
