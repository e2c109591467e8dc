"""A person looks through their videos, their favourites, and the takes of one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from bot.domain.history import NEWEST, Cursor
from storage import history, job_queries

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from bot.domain.history import HistoryFilter
    from bot.domain.job import Job
    from bot.services.viewer import Viewer
    from storage.database import Database

PAGE_JOBS = 6  # what one message can carry, with links and takes
TAKES_SHOWN = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPage:
    """Some of a person's videos.

    Attributes:
        jobs: Newest first.
        takes: The newest takes of each that has any, by its number: those that the person may know.
        newer: Where the page before begins; None where this is the first.
        older: Where the next one begins; None where this is the last.
    """

    jobs: list[Job]
    takes: Mapping[int, list[int]]
    newer: Cursor | None
    older: Cursor | None


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Only a person themselves may ask; that is the caller's to see to."""

    database: Database

    async def page(self, viewer: Viewer, wanted: HistoryFilter, cursor: Cursor) -> HistoryPage:
        """A page of the viewer's videos on their server.

        Among favourites may be others' that they can see no more: see `Viewer`.
        """
        numbers = await self._look(viewer, wanted, cursor, PAGE_JOBS + 1)
        goes_on, numbers = len(numbers) > PAGE_JOBS, numbers[:PAGE_JOBS]
        if cursor.newer:
            numbers.reverse()
        jobs, takes = await self.database.read(partial(_jobs_with_takes, numbers=numbers))
        newer = older = None
        if numbers and (goes_on if cursor.newer else cursor != NEWEST):
            newer = Cursor(job_id=numbers[0], newer=True)
        if numbers and (goes_on or cursor.newer):
            older = Cursor(job_id=numbers[-1])
        return HistoryPage(
            jobs=jobs,
            takes={job_id: _numbers(of_it, viewer) for job_id, of_it in takes.items()},
            newer=newer,
            older=older,
        )

    async def takes_of(self, viewer: Viewer, job_id: int) -> list[int]:
        """The newest takes of a job that the viewer may know of, oldest first."""
        _, takes = await self.database.read(partial(_jobs_with_takes, numbers=[job_id]))
        return _numbers(takes[job_id], viewer)

    async def _look(
        self, viewer: Viewer, wanted: HistoryFilter, cursor: Cursor, limit: int
    ) -> list[int]:
        """Read by read, so that others come in between."""
        found: list[int] = []
        at: Cursor | None = cursor
        while at is not None and len(found) < limit:
            some, at = await self.database.read(
                partial(
                    history.look,
                    guild_id=viewer.guild_id,
                    user_id=viewer.user_id,
                    wanted=wanted,
                    cursor=at,
                    limit=limit - len(found),
                )
            )
            found += some
        return found


def _jobs_with_takes(
    db: sqlite3.Connection, numbers: list[int]
) -> tuple[list[Job], dict[int, list[Job]]]:
    found = [job_queries.get_job(db, number) for number in numbers]
    jobs = [job for job in found if job is not None]
    takes = {
        job.job_id: [
            take
            for number in history.takes_of(db, job.job_id, limit=TAKES_SHOWN)
            if (take := job_queries.get_job(db, number)) is not None
        ]
        for job in jobs
    }
    return jobs, takes


def _numbers(takes: list[Job], viewer: Viewer) -> list[int]:
    return [take.job_id for take in takes if viewer.may_know_of(take)]
