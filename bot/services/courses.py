"""How far storyboards are that were started; read by whoever shows or changes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.storyboard import is_made
from storage import storyboards
from storage.ledger import charge_of

if TYPE_CHECKING:
    import sqlite3

    from bot.domain.cost import Charge
    from bot.domain.job import Job
    from bot.domain.storyboard import Storyboard
    from storage.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A storyboard that was started, and how far it is.

    Attributes:
        board: The storyboard.
        takes: Its shots' newest takes, in the shots' order.
        film: The newest film; None without one.
        charges: What the ledger says of every take; what was given back is not among them.
    """

    board: Storyboard
    takes: tuple[Job, ...]
    film: Job | None
    charges: tuple[Charge, ...]

    @property
    def is_closed(self) -> bool:
        """Whether something of it was taken down or deleted."""
        jobs = (*self.takes, *([self.film] if self.film else []))
        return any(job.taken_down_at is not None or job.erased_at is not None for job in jobs)

    @property
    def newest_take_id(self) -> int:
        """The number of the take that was asked for last: another one with each retake."""
        return max(take.job_id for take in self.takes)

    @property
    def made(self) -> int:
        """How many of its shots are there."""
        return sum(map(is_made, self.takes))

    @property
    def has_film(self) -> bool:
        """Whether the newest film is of these takes."""
        all_made = self.made == len(self.takes)
        return self.film is not None and all_made and not self.board.is_open


@dataclass(frozen=True, slots=True, kw_only=True)
class Courses:
    """Reads are of one moment."""

    database: Database

    async def of(self, storyboard_id: int) -> Course | None:
        """A storyboard that was started, whoever asks; None where there is none."""

        def read(db: sqlite3.Connection) -> Course | None:
            board = storyboards.find(db, storyboard_id)
            if board is None or board.started_at is None:
                return None
            jobs = storyboards.jobs_of(db, storyboard_id)
            charges = (charge_of(db, job_id) for job_id in jobs)
            return Course(
                board=board,
                takes=tuple(jobs[shot.job_id] for shot in board.shots if shot.job_id in jobs),
                film=jobs.get(board.film_job_id or 0),
                charges=tuple(charge for charge in charges if charge is not None),
            )

        return await self.database.read(read)

    async def record_status_message(self, storyboard_id: int, message_id: int) -> None:
        """Remember where its status is shown."""
        await self.database.write(
            lambda db: storyboards.record_status_message(db, storyboard_id, message_id)
        )
