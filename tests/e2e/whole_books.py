"""What the database, the video API, Discord and the disk say of every job, held together.

Read when the bot has ended and everything is at rest.
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.job import TERMINAL_STATES, Job, JobState, OutcomeReason
from cogs.texts import OUTCOMES
from playground.world.components import words_of
from storage import audit, job_queries
from storage.balances import differences
from storage.recount import recount_lanes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from playground.world.world import World

FREE = frozenset(
    {
        OutcomeReason.CONTENT_REFUSED,
        OutcomeReason.REQUEST_REJECTED,
        OutcomeReason.MODEL_UNAVAILABLE,
        OutcomeReason.DESTINATION_GONE,
        OutcomeReason.INPUT_LOST,
        OutcomeReason.NO_FIRST_FRAME,
        OutcomeReason.CANCELLED_BY_MEMBER,
        OutcomeReason.CANCELLED_BY_MODERATOR,
        OutcomeReason.NEVER_TAKEN,
    }
)
"""Endings before anything was accepted: a charge for one of them is a clip that was lost."""
PAID_AND_COUNTED = frozenset({OutcomeReason.WITHDRAWN, OutcomeReason.TAKEN_DOWN})
RESULT = re.compile(r"🎬 \*\*Video #(\d+)\*\* for ")
UNFINISHED = ("is waiting", "is being handed", "is rendering, started", "is ready")

FILES = """SELECT clip_artifact_id || '.mp4' FROM job
WHERE clip_artifact_id IS NOT NULL AND erased_at_ms IS NULL AND taken_down_at_ms IS NULL
UNION SELECT fitted_artifact_id || '.mp4' FROM parcel JOIN job USING (job_id)
WHERE fitted_artifact_id IS NOT NULL AND taken_down_at_ms IS NULL
UNION SELECT file_name FROM artifact WHERE kind = 'image'"""


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeBooks:
    """Everybody's word.

    Attributes:
        jobs: All of them.
        endings: The ledger's last kind, by job.
        charges: Creates that the video API accepted, by job.
        posts: Messages with a result, by job.
        statuses: What the status message says, by job; None where it is gone.
        unshown: Jobs whose last word was not shown, as the database has it.
        balances_off: Balances and lanes that are not what the entries add up to.
        damage: What SQLite says of its file, and the audit's proof of its chain.
        files: Names in the folder of files.
        files_wanted: Those that a record leads to.
    """

    jobs: Sequence[Job]
    endings: Mapping[int, str]
    charges: Mapping[int, int]
    posts: Mapping[int, int]
    statuses: Mapping[int, str | None]
    unshown: Sequence[int]
    balances_off: int
    damage: Sequence[str]
    files: frozenset[str]
    files_wanted: frozenset[str]

    def disagreements(self) -> list[str]:
        """What does not fit together, one line each; nothing where all is well."""
        found = list(self._of_the_whole())
        for job in self.jobs:
            said = f"job {job.job_id}, {job.state}, {job.reason}: "
            found += [said + line for line in (*self._of_money(job), *self._of_words(job))]
        return found

    def _of_the_whole(self) -> Iterator[str]:
        if self.balances_off:
            yield f"{self.balances_off} balances or lanes are off"
        yield from self.damage
        if off := self.files ^ self.files_wanted:
            yield f"files without a record, or the reverse: {sorted(off)[:5]}"
        known = {job.job_id for job in self.jobs}
        if strange := (self.charges.keys() | self.posts.keys()) - known:
            yield f"charged or posted, and does not exist: {sorted(strange)}"

    def _of_money(self, job: Job) -> Iterator[str]:
        charges = self.charges.get(job.job_id, 0)
        if job.is_film:
            if charges or job.job_id in self.endings:
                yield "a film was paid for"
            return
        if charges > 1:
            yield f"it was paid for {charges} times"
        if job.state is JobState.DELIVERED and not charges:
            yield "nobody was paid for it"
        if charges and job.reason in FREE:
            yield "it was paid for, and its member is told that it was free"
        counted = job.state is JobState.DELIVERED or job.reason in PAID_AND_COUNTED
        expected = "settle" if counted else "release"
        if (ending := self.endings.get(job.job_id)) != expected:
            yield f"the ledger's last word on it is {ending}"

    def _of_words(self, job: Job) -> Iterator[str]:
        if job.state not in TERMINAL_STATES:  # on hold, it waits for the operator
            yield "it has not ended"
        if (job.reason is None) != (job.state is JobState.DELIVERED):
            yield "its reason does not belong to its state"
        if job.reason is not None and job.reason not in OUTCOMES:
            yield "its member is told nothing"
        posts = self.posts.get(job.job_id, 0)
        wanted = job.state is JobState.DELIVERED and job.taken_down_at is None
        if posts != wanted:
            yield f"there are {posts} posts of it"
        if job.job_id in self.unshown:
            yield "its status was not shown to the end"
        status = self.statuses.get(job.job_id)
        if status is not None and any(words in status for words in UNFINISHED):
            yield f"its status says: {status.splitlines()[0]}"


def read_whole_books(state_dir: Path, request_ids: Iterable[str], world: World) -> WholeBooks:
    """Ask everybody. Blocks; the bot has ended.

    Args:
        state_dir: The bot's.
        request_ids: Of each create that the video API accepted.
        world: The playground's.
    """
    messages = {
        int(message.id): message
        for channel in world.channels.values()
        for message in channel.messages.values()
    }
    heads = (
        RESULT.match(words_of(message.content, message.components)) for message in messages.values()
    )
    with closing(sqlite3.connect(state_dir / "cogreel.sqlite3", isolation_level=None)) as db:
        db.execute("BEGIN")  # and never committed: recounting mends what it finds
        ids = [job_id for (job_id,) in db.execute("SELECT job_id FROM job ORDER BY job_id")]
        jobs = [job for job_id in ids if (job := job_queries.get_job(db, job_id)) is not None]
        endings = db.execute(
            "SELECT job_id, kind FROM ledger WHERE job_id IS NOT NULL"
            " AND kind IN ('reserve', 'release', 'settle') ORDER BY entry_id"
        ).fetchall()
        unshown = db.execute("SELECT job_id FROM job WHERE shown_state IS NOT state").fetchall()
        books = WholeBooks(
            jobs=jobs,
            endings=dict(endings),
            charges=Counter(int(name.split("-")[2]) for name in request_ids),
            posts=Counter(int(head[1]) for head in heads if head is not None),
            statuses={job.job_id: _said(job, messages) for job in jobs},
            unshown=[job_id for (job_id,) in unshown],
            balances_off=differences(db) + recount_lanes(db),
            damage=_damage(db),
            files=frozenset(path.name for path in (state_dir / "files").iterdir()),
            files_wanted=frozenset(name for (name,) in db.execute(FILES)),
        )
        db.execute("ROLLBACK")
    return books


def _damage(db: sqlite3.Connection) -> list[str]:
    found = [line for (line,) in db.execute("PRAGMA integrity_check") if line != "ok"]
    found += [f"a row points nowhere: {row}" for row in db.execute("PRAGMA foreign_key_check")]
    if (fault := audit.prove(db).fault) is not None:
        found.append(f"the audit's chain: {fault}")
    return found


def _said(job: Job, messages: Mapping[int, object]) -> str | None:
    message = messages.get(job.place.status_message_id or 0)
    return None if message is None else str(getattr(message, "content", ""))
