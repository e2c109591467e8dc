"""What happened in a soak, counted."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from storage.database import FILE_NAME

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.whole_books import WholeBooks

# By how they were settled; one whose task was found and that ended otherwise is among its reasons.
SETTLED = """SELECT job.state, coalesce(job.reason, ''), count(*) FROM job WHERE job_id IN (
SELECT subject_id FROM audit_entry WHERE action = 'held_settled' AND subject_kind = 'job')
GROUP BY 1, 2"""


@dataclass(slots=True)
class Tally:
    """The counts.

    Attributes:
        kills_at_points: Those that struck at a fault point, not at random.
        points: How many different ones.
        ended_for_discord: The program ended by itself, as Discord did not let it in.
        ended_free: Jobs whose reservation was given back.
        held: Jobs that were on hold, and were settled with ``/jobs settle``: by how they ended.
        deleted_by_members: Jobs of ``/privacy delete``.
        files: On the disk at the end, each with a record.
    """

    jobs: int = 0
    kills: int = 0
    kills_at_points: int = 0
    points: int = 0
    ended_for_discord: int = 0
    delivered: int = 0
    ended_free: int = 0
    ended_paid: int = 0
    held: dict[str, int] = field(default_factory=dict[str, int])
    deleted_by_members: int = 0
    taken_down_by_moderators: int = 0
    video_api_charges: int = 0
    video_api_faults: int = 0
    discord_calls: int = 0
    discord_faults: int = 0
    files: int = 0
    seconds: int = 0
    reasons: dict[str, int] = field(default_factory=dict[str, int])

    def count(self, books: WholeBooks, state_dir: Path) -> None:
        """Add what the books say at the end."""
        jobs = books.jobs
        self.jobs = len(jobs)
        self.delivered = sum(job.state == "delivered" for job in jobs)
        self.ended_free = sum(kind == "release" for kind in books.endings.values())
        self.ended_paid = self.jobs - self.delivered - self.ended_free
        self.deleted_by_members = sum(job.withdrawn_at is not None for job in jobs)
        taken_down = sum(job.taken_down_at is not None for job in jobs)
        self.taken_down_by_moderators = taken_down - self.deleted_by_members
        self.video_api_charges = sum(books.charges.values())
        self.files = len(books.files)
        self.reasons = dict(Counter(str(job.reason) for job in jobs if job.reason))
        with closing(sqlite3.connect(state_dir / FILE_NAME)) as db:
            self.held = {
                f"{state} {reason}".strip(): count
                for state, reason, count in db.execute(SETTLED).fetchall()
            }
