"""Results are posted again: what there is to post, and the record of each post."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from bot.domain.further_post import TooManyPostsError, check_is_there
from storage import artifacts, further_posts, parcels
from storage.job_rows import require_job

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from bot.clock import Clock
    from bot.domain.clip_links import LinkSigner
    from bot.domain.delivery import ClipLink
    from bot.domain.further_post import FurtherPost, FurtherPostKind
    from bot.domain.job import Job
    from storage.database import Database

POSTS_MAX = 10  # of one member, within:
POSTS_WITHIN = timedelta(minutes=10)
GALLERY_AT_ONCE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class AtHand:
    """What is left of a clip that can be posted at once.

    Attributes:
        file: The MP4 to attach; None where none fits, or none is kept.
        link: A link of our own to it, where no file is attached; None without one.
    """

    file: Path | None = None
    link: ClipLink | None = None

    @property
    def is_something(self) -> bool:
        """Whether there is anything to post."""
        return self.file is not None or self.link is not None


class FurtherPosts:
    """No clip is made to fit for these: they are asked for lightly, and an encode takes minutes."""

    def __init__(
        self, *, database: Database, clock: Clock, files_dir: Path, links: LinkSigner | None
    ) -> None:
        """Hold what it works with.

        Args:
            database: Of the posts.
            clock: For the record.
            files_dir: Where the clips are.
            links: Signs links of our own; None where there are none.
        """
        self._database = database
        self._clock = clock
        self._files_dir = files_dir
        self._links = links

    async def at_hand(self, job: Job, *, limit_bytes: int, may_attach: bool) -> AtHand:
        """What can be posted of a job's clip in a place.

        Args:
            job: Delivered.
            limit_bytes: The largest file there.
            may_attach: Whether the bot may attach any.
        """
        if job.clip is None or job.erased_at is not None:
            return AtHand()
        parcel = await self._database.read(partial(parcels.parcel_of, job_id=job.job_id))
        if parcel.at_most_bytes is not None:
            limit_bytes = min(limit_bytes, parcel.at_most_bytes)
        files = {job.clip.artifact_id: job.clip.size_bytes if job.clip.attachable else None}
        if parcel.fitted_artifact_id is not None:
            files[parcel.fitted_artifact_id] = parcel.fitted_bytes
        for artifact_id, size_bytes in files.items():
            fits = size_bytes is not None and size_bytes <= limit_bytes and may_attach
            path = self._path(artifact_id)
            if fits and await asyncio.to_thread(path.exists):
                return AtHand(file=path)
        return AtHand(link=await self._link(job, job.clip.artifact_id))

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

    async def record_posted(self, post: FurtherPost, message_id: int) -> None:
        """Remember the message."""
        record = partial(
            further_posts.record_posted,
            post_id=post.post_id,
            channel_id=post.channel_id,
            message_id=message_id,
        )
        await self._database.write(record)

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

    def _path(self, artifact_id: str) -> Path:
        return self._files_dir / artifacts.clip_file_name(artifact_id)

    async def _link(self, job: Job, artifact_id: str) -> ClipLink | None:
        if self._links is None or not await asyncio.to_thread(self._path(artifact_id).exists):
            return None
        link = self._links.link(job.job_id, now=self._clock.now())
        # First: the file must stay from the moment that somebody may have the link.
        record = partial(parcels.record_link, job_id=job.job_id, until=link.until)
        await self._database.write(record)
        return link
