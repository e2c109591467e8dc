"""Members who want to be told when their video or film is done."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from bot.domain.errors import MemberError, NotAllowedError
from bot.domain.job import TellBy
from bot.domain.language import _
from bot.domain.storyboard import NoSuchShotError
from storage import telling

if TYPE_CHECKING:
    from datetime import datetime

    from bot.clock import Clock
    from bot.domain.job import Job, Untold
    from bot.services.courses import Course, Courses
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


class NoFilmToTellError(MemberError):
    """Nothing goes on with a storyboard by itself, so that no film of it is on its way."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "The film is there already, or none is on its way, so there is nothing to tell. "
                "See the status of the storyboard for which."
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class UntoldStoryboard:
    """One that stands still without a film, whose member is to be told so.

    Attributes:
        course: How far it is.
        by: How they want to be told.
        tried_at: Since when they may have been told; None where it was not tried.
    """

    course: Course
    by: TellBy
    tried_at: datetime | None


class Tellings:
    """Who is to be told; `cogs/telling.py` tells them."""

    def __init__(self, *, database: Database, clock: Clock, jobs: Jobs, courses: Courses) -> None:
        self._database = database
        self._clock = clock
        self._jobs = jobs
        self._courses = courses

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

    # --- of storyboards ---------------------------------------------------------------------------

    async def wish_of_film(
        self, storyboard_id: int, by: TellBy | None, *, user_id: int, guild_id: int
    ) -> Course:
        """Tell a member of the film of their storyboard, or do not after all.

        Args:
            storyboard_id: Which; may be forged.
            by: How; None for not at all.
            user_id: Who wants it.
            guild_id: Where.

        Raises:
            NoSuchShotError: There is no such storyboard here.
            NotAllowedError: Somebody else's.
            NoFilmToTellError: Its film is there, or none is on its way.
        """
        course = await self._courses.of(storyboard_id)
        if course is None or course.board.place.guild_id != guild_id:
            raise NoSuchShotError
        if course.board.user_id != user_id:
            raise NotAllowedError(
                action=_("be told when this film is done"),
                needed=_("the member who asked for it"),
            )
        # Who pressed twice, or said more exactly before, is not told otherwise by that.
        by = by and (course.board.tell_by or by)
        wish = partial(telling.wish_of_film, storyboard_id=storyboard_id, by=by)
        if not await self._database.write(wish):
            raise NoFilmToTellError
        return course

    async def untold_storyboards(self) -> list[UntoldStoryboard]:
        """Those that stand still without a film, and whose members are still to be told so."""
        found = await self._database.read(lambda db: telling.without_film(db, limit=AT_ONCE))
        untold: list[UntoldStoryboard] = []
        for storyboard_id, tried_at in found:
            course = await self._courses.of(storyboard_id)
            # One may go on again since the first look.
            if course is not None and course.board.tell_by and not course.board.is_open:
                by = course.board.tell_by
                untold.append(UntoldStoryboard(course=course, by=by, tried_at=tried_at))
        return untold

    async def record_try_without_film(self, storyboard_id: int) -> None:
        """Remember, before a message, that there may be one from now on."""
        at = self._clock.now()
        await self._database.write(
            lambda db: telling.record_try_without_film(db, storyboard_id, at=at)
        )

    async def record_told_without_film(self, storyboard_id: int) -> None:
        """Remember that there is nothing more to tell, unless it goes on again."""
        told = partial(telling.record_told_without_film, storyboard_id=storyboard_id)
        await self._database.write(told)
