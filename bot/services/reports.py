"""Members report videos to the moderators of their server: on record, and in its log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.audit import Act, AuditAction, SubjectKind
from bot.domain.errors import MemberError
from bot.domain.further_post import check_is_there
from bot.domain.language import _
from storage import audit
from storage.job_rows import require_job

if TYPE_CHECKING:
    import sqlite3

    from bot.clock import Clock
    from storage.database import Database

REPORTS_MAX = 5  # of one member on one server, within:
REPORTS_WITHIN = timedelta(hours=1)


class TooManyReportsError(MemberError):
    """A member reported many videos lately.

    Attributes:
        limit: So many within an hour are the most.
    """

    def __init__(self, *, limit: int) -> None:
        self.limit = limit
        super().__init__(
            _(
                "You reported {limit} videos in the last hour, so this one was not passed on. "
                "Ask a moderator to look at it."
            ).format(limit=limit)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reports:
    """Whether a member may know of a job is the caller's to see to."""

    database: Database
    clock: Clock

    async def report(self, job_id: int, user_id: int, *, link: str) -> bool:
        """Pass a video on to the moderators, once for each member; whether that is news.

        Args:
            job_id: Which.
            user_id: Who reports it.
            link: To the message in which they saw it.

        Raises:
            NotDoneError: There is nothing to be seen of it.
            NothingLeftError: It is taken down already.
            TooManyReportsError: They reported many lately.
        """
        at = self.clock.now()

        def write(db: sqlite3.Connection) -> bool:
            job = require_job(db, job_id)
            check_is_there(job)
            act = Act(
                guild_id=job.place.guild_id,
                actor_id=user_id,
                action=AuditAction.VIDEO_REPORTED,
                subject_kind=SubjectKind.JOB,
                subject_id=job_id,
                detail={"member_id": job.user_id, "link": link},
            )
            if audit.is_on_record(db, act):
                return False
            if audit.count_since(db, act, since=at - REPORTS_WITHIN) >= REPORTS_MAX:
                raise TooManyReportsError(limit=REPORTS_MAX)
            audit.append(db, act, at=at)
            return True

        return await self.database.write(write)
