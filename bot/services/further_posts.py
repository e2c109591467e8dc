"""Results are posted again: the record of each such post."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from bot.domain.further_post import TooManyPostsError, check_is_there
from storage import favourites, further_posts
from storage.job_rows import require_job

if TYPE_CHECKING:
    import sqlite3

    from bot.clock import Clock
    from bot.domain.further_post import FurtherPost, FurtherPostKind
    from bot.domain.job import Job
    from storage.database import Database

POSTS_MAX = 10  # of one member, within:
POSTS_WITHIN = timedelta(minutes=10)
GALLERY_AT_ONCE = 20


class FurtherPosts:
    """The record of them, and how many a member may have made."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def stars(self, job: Job) -> int:
        """How many members but its own collect a job's result."""
        return await self._database.read(partial(favourites.stars, job=job))

    async def begin(
        self,
        job_id: int,
        kind: FurtherPostKind,
        *,
        channel_id: int,
        by_user_id: int,
        message_id: int | None = None,
    ) -> FurtherPost:
        """Write down that a person's post is about to be made; see `further_posts.begin`.

        Raises:
            NotDoneError: There is no clip.
            NothingLeftError: It was taken down meanwhile.
            TooManyPostsError: The person had many posted lately.
        """
        at = self._clock.now()

        def write(db: sqlite3.Connection) -> FurtherPost:
            job = require_job(db, job_id)
            check_is_there(job)
            if further_posts.count_since(db, by_user_id, at - POSTS_WITHIN) >= POSTS_MAX:
                raise TooManyPostsError(limit=POSTS_MAX)
            return further_posts.begin(
                db,
                job,
                kind,
                channel_id=channel_id,
                by_user_id=by_user_id,
                at=at,
                message_id=message_id,
            )

        return await self._database.write(write)

    async def record_posted(self, post: FurtherPost, message_id: int) -> bool:
        """Remember the message; False where everything was cleared away before it came to be."""
        record = partial(
            further_posts.record_posted,
            post_id=post.post_id,
            channel_id=post.channel_id,
            message_id=message_id,
        )
        return await self._database.write(record)

    async def forget(self, post: FurtherPost) -> None:
        """It is not there, for certain."""
        await self._database.write(partial(further_posts.forget, post_id=post.post_id))

    async def of_job(self, job_id: int) -> list[FurtherPost]:
        """Every further post of a job that may be there."""
        return await self._database.read(partial(further_posts.of_job, job_id=job_id))

    async def wanted_in_galleries(self, *, after: int) -> list[tuple[FurtherPost, Job]]:
        """Some of what is not known to be in its gallery yet, after a number; none at the end."""

        def read(db: sqlite3.Connection) -> list[tuple[FurtherPost, Job]]:
            found = further_posts.wanted_in_galleries(db, after=after, limit=GALLERY_AT_ONCE)
            return [(post, require_job(db, post.job_id)) for post in found]

        return await self._database.read(read)

    async def record_try(self, post: FurtherPost, channel_id: int) -> FurtherPost | None:
        """Write down that it is about to be posted here; None where it may not be any more."""
        at = self._clock.now()

        def write(db: sqlite3.Connection) -> FurtherPost | None:
            if require_job(db, post.job_id).taken_down_at is not None:
                return None
            return further_posts.record_try(db, post.post_id, channel_id=channel_id, at=at)

        return await self._database.write(write)

    async def record_refused(self, post: FurtherPost) -> None:
        """It is not where it was tried, for certain."""
        await self._database.write(partial(further_posts.record_refused, post_id=post.post_id))
