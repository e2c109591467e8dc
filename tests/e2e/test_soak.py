"""A short soak, and what shows that its check would find what is wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.domain.job import JobState, OutcomeReason
from tests.e2e.soak.run import soak

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bot.domain.job import Job
    from tests.e2e.whole_books import WholeBooks

pytestmark = pytest.mark.asyncio(loop_scope="session")

JOBS, KILLS, SEED = 60, 10, 20_261_121


def plain(books: WholeBooks) -> Job:
    """A job that was delivered and stands."""
    return next(
        job for job in books.jobs if job.state is JobState.DELIVERED and job.taken_down_at is None
    )


def with_job(books: WholeBooks, changed: Job) -> WholeBooks:
    jobs = [changed if job.job_id == changed.job_id else job for job in books.jobs]
    return replace(books, jobs=jobs)


DOCTORED: dict[str, Callable[[WholeBooks], WholeBooks]] = {
    "a charge twice": lambda it: replace(it, charges={**it.charges, plain(it).job_id: 2}),
    "a charge that is missing": lambda it: replace(it, charges={**it.charges, plain(it).job_id: 0}),
    "a charge for no job": lambda it: replace(it, charges={**it.charges, 9_999: 1}),
    "a post twice": lambda it: replace(it, posts={**it.posts, plain(it).job_id: 2}),
    "a post that is missing": lambda it: replace(it, posts={**it.posts, plain(it).job_id: 0}),
    "a reservation": lambda it: replace(it, endings={**it.endings, plain(it).job_id: "reserve"}),
    "a clip that was called free": lambda it: with_job(
        it, replace(plain(it), state=JobState.FAILED, reason=OutcomeReason.CONTENT_REFUSED)
    ),
    "a job that is not finished": lambda it: with_job(
        it, replace(plain(it), state=JobState.RENDERING)
    ),
    "a job on hold": lambda it: with_job(it, replace(plain(it), state=JobState.HELD)),
    "an ending without a reason": lambda it: with_job(
        it, replace(plain(it), state=JobState.FAILED, reason=None)
    ),
    "a status of yesterday": lambda it: replace(
        it, statuses={**it.statuses, plain(it).job_id: "**Video #1** is rendering, started at noon"}
    ),
    "a last word unsaid": lambda it: replace(it, unshown=[plain(it).job_id]),
    "a balance": lambda it: replace(it, balances_off=1),
    "a broken chain": lambda it: replace(it, damage=["the audit's chain: wrong_head"]),
    "a file left behind": lambda it: replace(it, files=it.files | {"incoming-1.mp4"}),
    "a file that is missing": lambda it: replace(it, files=frozenset()),
}


@pytest.mark.timeout(300)
async def test_after_many_kills_and_faults_everybody_agrees_and_a_doctored_record_shows(
    tmp_path: Path,
) -> None:
    books, tally = await soak(
        tmp_path, jobs=JOBS, kills=KILLS, seed=SEED, say=print, longest_life_s=2.5
    )
    assert books.disagreements() == []
    assert tally.jobs >= JOBS
    assert tally.kills == KILLS
    assert tally.video_api_faults
    assert tally.discord_faults
    unseen = [how for how, doctor in DOCTORED.items() if not doctor(books).disagreements()]
    assert unseen == []
