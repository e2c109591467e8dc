"""Every fault of the gateway, at every step: a video, or an end free of charge with a reason."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import pytest

from bot.domain.job import AT_REST_STATES, OutcomeReason
from bot.engine import follow
from bot.engine.follow import LINK_DEAD_AFTER_FETCHES, LOST_AFTER_POLLS, UNUSABLE_AFTER_FETCHES
from bot.engine.submit import HELD_AFTER_UNANSWERED
from emulator.faults import KINDS
from tests.services.books import FREE, read_books
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
from tests.services.world import PATIENCE_S

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.services.gateway import Gateway
    from tests.services.world import World

MANY = 6  # in a row, where nothing is ever given up
HANG_S = 0.15  # in place of the minute that an answer may take
LARGEST_BYTES = 4 * 1024 * 1024  # so that a file without end is soon too long
MODEL = "cogvideox-3"
HELD = OutcomeReason.SUBMISSION_UNKNOWN


@dataclass(frozen=True)
class Row:
    """A fault, and where it leads.

    Attributes:
        on: ``create``, ``poll`` or ``file``.
        do: The fault, as it is ordered.
        times: How often it strikes the one job: once, or as often as one job can meet it.
        end: Why there is no video; None where there is one.
    """

    on: str
    do: str
    times: int = 1
    end: OutcomeReason | None = None

    @property
    def is_paid(self) -> bool:
        """Whether the gateway's ledger has it."""
        accepted = self.end not in {*FREE, OutcomeReason.SUBMISSION_UNKNOWN}
        return accepted or self.do in ACCEPTED_UNHEARD


def refused_for_now() -> list[Row]:
    return [Row("create", do, times) for do in BUSY_OR_AWAY for times in (1, MANY)]


def refused_for_what_it_is() -> list[Row]:
    return [Row("create", do, 1, end) for do, end in REFUSED.items()]


def unanswered(*, repeats: bool) -> list[Row]:
    if not repeats:
        return [Row("create", do, 1, HELD) for do in UNANSWERED]
    most = HELD_AFTER_UNANSWERED
    ends = ((1, None), (most - 1, None), (most, HELD))
    return [Row("create", do, times, end) for do in UNANSWERED for times, end in ends]


def accepted(*, repeats: bool) -> list[Row]:
    heard = [Row("create", do, 1, end) for do, end in ACCEPTED.items()]
    return heard + [Row("create", do, 1, None if repeats else HELD) for do in ACCEPTED_UNHEARD]


def trouble_with_polls() -> list[Row]:
    oddities = [Row("poll", do) for do in POLL_ODDITY]
    return oddities + [Row("poll", do, times) for do in POLL_TROUBLE for times in (1, often(do))]


def trouble_with_files() -> list[Row]:
    oddities = [Row("file", do) for do in FILE_ODDITY]
    return oddities + [Row("file", do, times) for do in FILE_TROUBLE for times in (1, often(do))]


def gives_up(on: str, dos: Iterable[str], *, after: int, end: OutcomeReason) -> list[Row]:
    """Met once less often than that, the video comes all the same."""
    return [row for do in dos for row in (Row(on, do, after - 1), Row(on, do, after, end))]


def often(do: str) -> int:
    return 3 if do.startswith("hang") else MANY  # each takes real time


def table(*, repeats: bool) -> dict[str, list[Row]]:
    """All rows; of a gateway that recognises a repeated ``request_id``, or of one that does not."""
    return {
        "create, refused for now": refused_for_now(),
        "create, refused for what it is": refused_for_what_it_is(),
        "create, refused for its model": [
            Row("create", "error 400 1211", 1, OutcomeReason.MODEL_UNAVAILABLE)
        ],
        "create, known already, by no name": [Row("create", "error 400 1231", 1, HELD)],
        "create, unanswered": unanswered(repeats=repeats),
        "create, accepted": accepted(repeats=repeats),
        "poll, trouble": trouble_with_polls(),
        "poll, no such task": gives_up(
            "poll", NO_SUCH_TASK, after=LOST_AFTER_POLLS, end=OutcomeReason.TASK_LOST
        ),
        "poll, failed": [Row("poll", "fail", 1, OutcomeReason.RENDER_FAILED)],
        "file, trouble": trouble_with_files(),
        "file, no such link": gives_up(
            "file", DEAD_LINK, after=LINK_DEAD_AFTER_FETCHES, end=OutcomeReason.LINK_DEAD
        ),
        "file, no video": gives_up(
            "file", UNUSABLE, after=UNUSABLE_AFTER_FETCHES, end=OutcomeReason.CLIP_UNUSABLE
        ),
    }


TABLES = {repeats: table(repeats=repeats) for repeats in (True, False)}


@pytest.mark.parametrize("repeats", TABLES, ids=lambda known: f"repeats known: {known}")
@pytest.mark.parametrize("on", KINDS)
def test_the_table_leaves_out_no_fault_that_the_emulator_has(on: str, *, repeats: bool) -> None:
    rows = chain.from_iterable(TABLES[repeats].values())
    assert {row.do.split()[0] for row in rows if row.on == on} == KINDS[on]


@pytest.fixture
def impatient(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> Callable[[Row], None]:
    """Where a row hangs, wait for that answer, and no other, as briefly as a test can."""

    def wait_briefly(row: Row) -> None:
        hangs = row.on if row.do.startswith("hang") else ""
        gateway.create_total_s = HANG_S if hangs == "create" else PATIENCE_S
        gateway.poll_total_s = HANG_S if hangs == "poll" else PATIENCE_S
        monkeypatch.setattr(follow, "FETCH_TOTAL_S", HANG_S if hangs == "file" else PATIENCE_S)

    return wait_briefly


@pytest.mark.parametrize("repeats", TABLES, ids=lambda known: f"repeats known: {known}")
@pytest.mark.parametrize("kind", TABLES[True])
async def test_whatever_goes_wrong_a_job_is_delivered_or_free_or_held_and_paid_for_once_at_most(
    world: World, gateway: Gateway, impatient: Callable[[Row], None], kind: str, *, repeats: bool
) -> None:
    world.clip_max_bytes = LARGEST_BYTES
    if not repeats:
        world.without_safe_repeats()
        await gateway.turn(forgetful_models=[MODEL])
    paid: list[int] = []
    for row in TABLES[repeats][kind]:
        impatient(row)
        await gateway.order(row.on, row.do, row.times)
        async with world.process() as process:
            await process.scheduler.start()
            ended = await process.until(await process.submit(), *AT_REST_STATES)
            assert (row, ended.reason) == (row, row.end)
            assert (row, await gateway.faults_left()) == (row, [])
            paid += [ended.job_id] if row.is_paid else []
            assert (row, await gateway.charged_jobs()) == (row, paid)
            assert (row, (await read_books(process)).disagreements()) == (row, [])


REPEATS: dict[str, OutcomeReason | None] = {
    **dict.fromkeys(BUSY_OR_AWAY),
    **dict.fromkeys(do for do in UNANSWERED if not do.startswith("hang")),
    # What is refused now says nothing of the create before, which may be paid for.
    **dict.fromkeys(REFUSED, HELD),
    "error 400 1211": HELD,  # last: nobody can choose the model after it
}


async def test_what_the_repeat_meets_never_costs_a_job_the_task_that_was_accepted_unheard(
    world: World, gateway: Gateway
) -> None:
    for number, (do, end) in enumerate(REPEATS.items(), start=1):
        orders = [{"on": "create", "do": "lost_answer"}, {"on": "create", "do": do}]
        await gateway.turn(faults=orders)
        async with world.process() as process:
            await process.scheduler.start()
            ended = await process.until(await process.submit(), *AT_REST_STATES)
            assert (do, ended.reason) == (do, end)
            assert (do, await gateway.charged_jobs()) == (do, list(range(1, number + 1)))
            assert (do, (await read_books(process)).disagreements()) == (do, [])


async def test_a_bot_that_is_stopped_in_a_paid_call_pays_no_second_time_where_repeats_are_forgotten(
    world: World, gateway: Gateway
) -> None:
    world.without_safe_repeats()
    await gateway.turn(forgetful_models=[MODEL])
    await gateway.order("create", "hang_after")
    async with world.process() as process:
        await process.scheduler.start()
        job = await process.submit()
        async with asyncio.timeout(PATIENCE_S):
            await gateway.fault_struck()
    async with world.process() as process:
        await process.scheduler.start()
        assert (await process.until(job, *AT_REST_STATES)).reason is HELD
        books = await read_books(process)
    assert books.disagreements() == []
    assert await gateway.charged_jobs() == [job.job_id]
