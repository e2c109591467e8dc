"""What our database, the gateway's ledger and the channel say of every job, held together."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.job import JobState, OutcomeReason
from cogs.texts import OUTCOMES
from storage import job_queries
from storage.balances import differences
from storage.recount import recount_lanes

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping, Sequence

    from bot.domain.job import Job
    from tests.services.world import Process

REFUSED = frozenset(
    {
        OutcomeReason.CONTENT_REFUSED,
        OutcomeReason.REQUEST_REJECTED,
        OutcomeReason.MODEL_UNAVAILABLE,
    }
)
# Ended before anything was accepted.
FREE = REFUSED | {OutcomeReason.CANCELLED_BY_MEMBER}
# The only ways in which a paid task may come to nothing: all of them the gateway's own.
NO_CLIP = frozenset(
    {
        OutcomeReason.RENDER_FAILED,
        OutcomeReason.TASK_LOST,
        OutcomeReason.LINK_DEAD,
        OutcomeReason.CLIP_UNUSABLE,
    }
)
REASONS: dict[JobState, frozenset[OutcomeReason | None]] = {
    JobState.DELIVERED: frozenset({None}),
    JobState.FAILED: REFUSED | {OutcomeReason.RENDER_FAILED, OutcomeReason.CLIP_UNUSABLE},
    JobState.CANCELLED: frozenset({OutcomeReason.CANCELLED_BY_MEMBER}),
    JobState.EXPIRED: frozenset({OutcomeReason.TASK_LOST, OutcomeReason.LINK_DEAD}),
    JobState.HELD: frozenset({OutcomeReason.SUBMISSION_UNKNOWN}),
}
RESERVATIONS = {
    JobState.DELIVERED: "settled",
    JobState.HELD: "reserved",
    JobState.FAILED: "released",
    JobState.CANCELLED: "released",
    JobState.EXPIRED: "released",
}


@dataclass(frozen=True, slots=True)
class Charge:
    """One entry of the ledger, and what became of its task.

    Attributes:
        names: The task's id, and the number that stands for it.
        failed: Whether the task ended as FAIL.
    """

    request_id: str
    model: str
    names: frozenset[str]
    failed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """Everybody's word on the jobs of one test.

    Attributes:
        jobs: All of them.
        reservations: By job.
        charges: All of them.
        posts: By job, how many.
        lanes_off: Lane counters that were wrong.
        files: Names in the folder of files.
    """

    jobs: Sequence[Job]
    reservations: Mapping[int, str]
    charges: Sequence[Charge]
    posts: Mapping[int, int]
    lanes_off: int
    files: frozenset[str]

    def disagreements(self) -> list[str]:
        """What does not fit together, one line each; nothing where all is well."""
        found = list(self._of_the_whole())
        charges: defaultdict[int, list[Charge]] = defaultdict(list)
        for charge in self.charges:
            charges[int(charge.request_id.split("-")[2])].append(charge)
        for job in self.jobs:
            said = f"job {job.job_id}, {job.state}, {job.reason}, {job.request.model}: "
            paid = charges.pop(job.job_id, [])
            found += [said + line for line in (*self._of_ending(job), *_of_charges(job, paid))]
        return [*found, *(f"job {job_id} is charged for and does not exist" for job_id in charges)]

    def _of_the_whole(self) -> Iterator[str]:
        if self.lanes_off:
            yield f"{self.lanes_off} lane counters are off"
        kept = {f"{job.clip.artifact_id}.mp4" for job in self.jobs if job.clip is not None}
        if off := self.files ^ kept:
            yield f"files without a job, or the reverse: {sorted(off)}"

    def _of_ending(self, job: Job) -> Iterator[str]:
        if job.state not in REASONS:
            yield "it is not finished"
            return
        if job.reason not in REASONS[job.state]:
            yield "the reason does not belong to the state"
        if job.reason is not None and job.reason not in OUTCOMES:
            yield "its member is told nothing"
        if self.reservations[job.job_id] != RESERVATIONS[job.state]:
            yield f"its place in the quota is {self.reservations[job.job_id]}"
        posts = self.posts.get(job.job_id, 0)
        if posts != (job.state is JobState.DELIVERED):
            yield f"it was posted {posts} times"


def _of_charges(job: Job, charges: Sequence[Charge]) -> Iterator[str]:
    if len(charges) > 1:
        yield f"it was paid for {len(charges)} times"
    if not charges and (job.state is JobState.DELIVERED or job.reason in NO_CLIP):
        yield "nobody was paid for it"
    if charges and job.reason in FREE:
        yield "it was paid for, and its member is told that it was free"
    for charge in charges:
        yield from _of_charge(job, charge)


def _of_charge(job: Job, charge: Charge) -> Iterator[str]:
    if (charge.request_id, charge.model) != (job.request_id, job.request.model):
        yield f"{charge.request_id} was paid for, with {charge.model}"
    if job.provider_task_id is not None and job.provider_task_id not in charge.names:
        yield f"it follows task {job.provider_task_id}; paid for is one of {charge.names}"
    if job.reason is OutcomeReason.RENDER_FAILED and not charge.failed:
        yield "its task did not fail"
    # Of a failed task the gateway may say in the end that it knows none.
    if charge.failed and job.state is not JobState.HELD and job.reason not in NO_CLIP:
        yield "its task failed"


async def read_books(process: Process) -> Books:
    """Ask everybody."""
    world = process.world
    tasks = await world.gateway.tasks()

    def reservations(db: sqlite3.Connection) -> dict[int, str]:
        assert differences(db) == 0
        rows = db.execute("SELECT job_id, kind FROM ledger ORDER BY entry_id").fetchall()
        return {job_id: f"{kind.removesuffix('e')}ed" for job_id, kind in rows}  # the last word

    return Books(
        jobs=await process.database.read(
            lambda db: [
                job
                for (job_id,) in db.execute("SELECT job_id FROM job ORDER BY job_id").fetchall()
                if (job := job_queries.get_job(db, job_id)) is not None
            ]
        ),
        reservations=await process.database.read(reservations),
        charges=[
            Charge(
                request_id=entry["request_id"],
                model=entry["model"],
                names=frozenset({entry["task_id"], str(tasks[entry["task_id"]]["number"])}),
                failed=tasks[entry["task_id"]]["status"] == "FAIL",
            )
            for entry in await world.gateway.ledger()
        ],
        posts={job_id: len(posts) for job_id, posts in world.channel.posts.items()},
        lanes_off=await process.database.write(recount_lanes),
        files=frozenset(path.name for path in world.files_dir.iterdir()),
    )
