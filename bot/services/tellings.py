"""Members who want to be told when their video is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.errors import MemberError, NotAllowedError
from bot.domain.job import TellBy
from bot.domain.language import _
from storage import telling

if TYPE_CHECKING:
    from bot.clock import Clock
    from bot.domain.job import Job, Untold
    from bot.services.jobs import Jobs
    from bot.services.viewer import Viewer
    from storage.database import Database

AT_ONCE = 20


class NothingToTellError(MemberError):
    """The video has ended already.

    Attributes:
        job_id: Which.
    """

    def __init__(self, *, job_id: int) -> None:
        self.job_id = job_id
        super().__init__(
            _(
                "Video #{job_id} has ended already, so there is nothing to tell any more. "
                "See `/video status` for how it ended and where it is."
            ).format(job_id=job_id)
        )


class Tellings:
    """Who is to be told; `cogs/telling.py` tells them."""

    def __init__(self, *, database: Database, clock: Clock, jobs: Jobs) -> None:
        self._database = database
        self._clock = clock
        self._jobs = jobs

    async def ask(self, viewer: Viewer, job_id: int) -> Job:
        """Mention the viewer when their video is done, if they are not told otherwise.

        Raises:
            JobNotFoundError: No such job on this server, or none that the viewer may know of.
            NotAllowedError: Somebody else's.
            NothingToTellError: It has ended.
        """
        job = await self._own(viewer, job_id)
        by = job.tell_by or TellBy.MENTION
        if not await self._database.write(lambda db: telling.ask(db, job_id, by)):
            raise NothingToTellError(job_id=job_id)
        return (await self._jobs.seen_by(viewer, job_id)).job

    async def take_back(self, viewer: Viewer, job_id: int) -> None:
        """Do not tell the viewer after all, however they had asked for it.

        Raises:
            JobNotFoundError: No such job on this server, or none that the viewer may know of.
            NotAllowedError: Somebody else's.
            NothingToTellError: It has ended; who is told of it is told by now, or soon.
        """
        await self._own(viewer, job_id)
        if not await self._database.write(lambda db: telling.take_back(db, job_id)):
            raise NothingToTellError(job_id=job_id)

    async def _own(self, viewer: Viewer, job_id: int) -> Job:
        job = (await self._jobs.seen_by(viewer, job_id)).job
        if job.user_id != viewer.user_id:
            raise NotAllowedError(
                action=_("be told when this video is done"),
                needed=_("the member who asked for it"),
            )
        return job

    async def untold(self) -> list[Untold]:
        """Those whose video has ended, and who are still to be told."""
        return await self._database.read(lambda db: telling.untold(db, limit=AT_ONCE))

    async def record_try(self, job_id: int) -> None:
        """Remember, before a message, that there may be one from now on."""
        at = self._clock.now()
        await self._database.write(lambda db: telling.record_try(db, job_id, at=at))

    async def record_told(self, job_id: int) -> None:
        """Remember that there is nothing more to tell."""
        at = self._clock.now()
        await self._database.write(lambda db: telling.record_told(db, job_id, at=at))
