"""Five hundred jobs, faults at random on every call, and a bot that is restarted all the while."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from bot.domain.errors import NotCancellableError
from bot.domain.job import AT_REST_STATES, JobState, OutcomeReason
from bot.engine import follow
from bot.services.options import Options
from providers.capabilities import capability_for
from storage import job_queries
from tests.services.books import Books, read_books
from tests.services.gateway_faults import (
    ACCEPTED,
    ACCEPTED_UNHEARD,
    BUSY_OR_AWAY,
    DEAD_LINK,
    FILE_ODDITY,
    FILE_TROUBLE,
    NO_SUCH_TASK,
    POLL_ODDITY,
    POLL_TROUBLE,
    REFUSED,
    UNANSWERED,
    UNUSABLE,
)
from tests.services.world import OPTIONS, viewer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.domain.job import Job
    from tests.services.gateway import Gateway
    from tests.services.world import Process, World

JOBS = 500
GUILDS, MEMBERS = range(1, 5), range(10, 16)
RECOGNISED, FORGOTTEN = "cogvideox-3", "viduq1-text"  # what the gateway does with a repeat of these
WISHES = {RECOGNISED: OPTIONS, FORGOTTEN: Options(prompt="A calm sea", model=FORGOTTEN)}
LONGEST_RUN = 3  # of one fault
FAULT_CHANCE = 0.3
CANCEL_CHANCE = 0.1
ENOUGH = 100  # faults on each kind of call
HANG_S = 0.5  # in place of the minute that an answer may take
ALL_S = 110.0  # with a machine that is busy with other tests; 20 s where it is not
# By call: kinds of fault, one of which is drawn before the fault itself. The refusal of a model is
# not among them: nobody can choose the model after it.
FAULTS: dict[str, Sequence[Sequence[str]]] = {
    "create": (
        BUSY_OR_AWAY,
        UNANSWERED,
        ACCEPTED_UNHEARD,
        tuple(ACCEPTED),
        (*REFUSED, "error 400 1231"),
    ),
    "poll": (POLL_TROUBLE, (*NO_SUCH_TASK, "fail"), POLL_ODDITY),
    "file": (FILE_TROUBLE, DEAD_LINK, UNUSABLE, FILE_ODDITY),
}


def plan(random: Random, requests: int) -> list[dict[str, Any]]:
    """Orders for so many requests of each kind, most of which nothing happens to."""
    orders: list[dict[str, Any]] = []
    for on, kinds in FAULTS.items():
        left = requests
        while left > 0:
            faulty = random.random() < FAULT_CHANCE
            do = random.choice(random.choice(kinds)) if faulty else "nothing"
            times = random.randint(1, LONGEST_RUN)
            orders.append({"on": on, "do": do, "times": times})
            left -= times
    return orders


def faults(orders: Sequence[dict[str, Any]], on: str) -> int:
    return sum(one["times"] for one in orders if one["on"] == on and one["do"] != "nothing")


@pytest.fixture
def impatient(world: World, gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> World:
    """A world that waits as briefly for what hangs as a test can, and takes no large files."""
    gateway.create_total_s = gateway.poll_total_s = HANG_S
    monkeypatch.setattr(follow, "FETCH_TOTAL_S", HANG_S)
    world.clip_max_bytes = 4 * 1024 * 1024
    world.in_flight = 8
    world.offer(RECOGNISED, FORGOTTEN)
    return world


def stand_in(world: World) -> None:
    """Give the world a second account at another gateway, which takes over what the first cannot.

    It has the same prices and promises no more about repeats.
    """
    spare = [
        replace(
            capability_for("bigmodel", row.model),
            price=row.price,
            repeat_is_safe=row.repeat_is_safe,
        )
        for row in world.rows
    ]
    world.further["spare"] = ("bigmodel", tuple(spare))


async def ask(process: Process, random: Random, jobs: int) -> None:
    """So many members ask for a video, and now and then one of them thinks better of it."""
    asked: list[Job] = []
    for _ in range(jobs):
        job = await process.submit(
            WISHES[random.choice((RECOGNISED, FORGOTTEN))],
            guild_id=random.choice(GUILDS),
            user_id=random.choice(MEMBERS),
        )
        asked.append(job)
        if random.random() < CANCEL_CHANCE:
            unwanted = random.choice(asked)
            who = viewer(user_id=unwanted.user_id, guild_id=unwanted.place.guild_id)
            with suppress(NotCancellableError):  # too late
                await process.jobs.cancel(who, unwanted.job_id)


async def until_at_rest(process: Process, jobs: int) -> None:
    """Wait until so many jobs have come to rest."""
    while True:
        counts = await process.database.read(job_queries.counts_by_state)
        if sum(counts[state] for state in AT_REST_STATES) >= jobs:
            return
        await process.world.channel.next_change()


async def carry_all(world: World, random: Random, *, jobs: int, restarts: int) -> Books:
    """Have all jobs asked for and carried to their ends, by one process after the other."""
    batches = [jobs // restarts + (number < jobs % restarts) for number in range(restarts)]
    asked = 0
    for batch in batches:
        async with world.process() as process:
            await process.scheduler.start()
            await ask(process, random, batch)
            asked += batch
            # Then it is killed, in the middle of whatever the others of its jobs are at.
            await until_at_rest(process, asked - random.randrange(batch))
    async with world.process() as process:
        await process.scheduler.start()
        await until_at_rest(process, jobs)
    async with world.process() as process:  # one more, so that left-overs of the last would show
        return await read_books(process)


@pytest.mark.timeout(ALL_S + 10)
@pytest.mark.parametrize("seed", [20_261_121])
async def test_of_five_hundred_jobs_each_is_delivered_or_free_or_held_and_paid_for_once_at_most(
    impatient: World, gateway: Gateway, seed: int
) -> None:
    random = Random(seed)  # noqa: S311  # chance that can be repeated, no secret
    orders = plan(random, JOBS * 2)
    impatient.without_safe_repeats(FORGOTTEN)
    stand_in(impatient)
    await gateway.turn(
        faults=orders, forgetful_models=[FORGOTTEN], render_delay_s=0.03, in_flight_limit=6
    )
    async with asyncio.timeout(ALL_S):
        books = await carry_all(impatient, random, jobs=JOBS, restarts=25)
    left = await gateway.faults_left()
    await gateway.turn(faults=[])
    assert (seed, books.disagreements()) == (seed, [])
    assert len(books.jobs) == JOBS
    struck = {on: faults(orders, on) - faults(left, on) for on in FAULTS}
    assert min(struck.values()) > ENOUGH, struck
    assert {*await gateway.charged_at()} == {"zai", "bigmodel"}


async def test_a_create_that_is_repeated_where_that_is_not_safe_shows_in_the_books(
    impatient: World, gateway: Gateway
) -> None:
    # The engine believes of both models that a repeat is recognised.
    orders = [{"on": "create", "do": "lost_answer", "times": 3}]
    await gateway.turn(faults=orders, forgetful_models=[RECOGNISED])
    async with impatient.process() as process:
        await process.scheduler.start()
        jobs = [await process.submit() for _ in range(5)]
        await process.delivered(*jobs)
        books = await read_books(process)
    assert any("it was paid for" in line for line in books.disagreements())


def with_first_job(books: Books, **facts: Any) -> Books:  # noqa: ANN401  # each has its own type
    first, *others = books.jobs
    return replace(books, jobs=[replace(first, **facts), *others])


def with_first_charge(books: Books, **facts: Any) -> Books:  # noqa: ANN401  # each has its own type
    first, *others = books.charges
    return replace(books, charges=[replace(first, **facts), *others])


DOCTORED: dict[str, Callable[[Books], Books]] = {
    "a charge that is missing": lambda it: replace(it, charges=it.charges[1:]),
    "a charge twice": lambda it: replace(it, charges=[*it.charges, it.charges[0]]),
    "a charge for no job": lambda it: replace(it, jobs=it.jobs[1:]),
    "a charge for another request": lambda it: with_first_charge(it, request_id="cogreel-x-1-2"),
    "a charge for another model": lambda it: with_first_charge(it, model=FORGOTTEN),
    "a charge for another task": lambda it: with_first_charge(it, names=frozenset({"another"})),
    "a task that failed": lambda it: with_first_charge(it, failed=True),
    "a job that is not finished": lambda it: with_first_job(it, state=JobState.RENDERING),
    "a job that failed for no reason": lambda it: with_first_job(it, state=JobState.FAILED),
    "a job that is called free": lambda it: with_first_job(
        it, state=JobState.FAILED, reason=OutcomeReason.CONTENT_REFUSED
    ),
    "a place in the quota": lambda it: replace(
        it, reservations={**it.reservations, it.jobs[0].job_id: "released"}
    ),
    "a post that is missing": lambda it: replace(it, posts={}),
    "a post twice": lambda it: replace(it, posts={**it.posts, it.jobs[0].job_id: 2}),
    "a lane": lambda it: replace(it, lanes_off=1),
    "a file": lambda it: replace(it, files=it.files | {"incoming-1.mp4"}),
}


async def test_books_that_were_doctored_disagree(world: World) -> None:
    async with world.process() as process:
        await process.scheduler.start()
        await process.delivered(await process.submit())
        books = await read_books(process)
    assert books.disagreements() == []
    unseen = [how for how, doctor in DOCTORED.items() if not doctor(books).disagreements()]
    assert unseen == []
