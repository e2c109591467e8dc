"""What is posted of a job: the best that the place takes, made ready when a place asks for it."""

from __future__ import annotations

import asyncio
import logging
import secrets
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from bot.domain.delivery import ClipLink, LinkReason, Rung, limit_after_refusal, plan
from bot.domain.errors import ClipError, MediaError, StorageError
from bot.domain.job import JobState
from bot.engine.fit_step import fitted_file
from bot.fault_points import FaultPoint, reached
from storage import artifacts, parcels

if TYPE_CHECKING:
    from pathlib import Path

    from bot.domain.job import Clip, Job
    from bot.engine.tools import Tools
    from storage.parcels import ParcelRecord

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What one message gets.

    Attributes:
        file: The MP4 to attach; None where only a link is posted.
        was_encoded: Whether that is a smaller copy of what the model made.
        poster: Pictures of it on one sheet, to attach beside a link; None where there is none.
        link: To the clip as it came; None where there is none, or where the file says it all.
        why_link: Why only a link is posted.
    """

    file: Path | None = None
    was_encoded: bool = False
    poster: Path | None = None
    link: ClipLink | None = None
    why_link: LinkReason | None = None

    @property
    def is_something(self) -> bool:
        """Whether people can watch the clip by it."""
        return self.file is not None or self.link is not None


class Packing:
    """Makes the parcels of one job. What was made, and what Discord refused, is written down."""

    def __init__(self, tools: Tools, job: Job, clip: Clip, *, is_further: bool = False) -> None:
        """Hold what it works with.

        Args:
            tools: Of the engine.
            job: Fetched, or delivered.
            clip: Its clip.
            is_further: It is for a further post. No file is made to fit for one, as it is asked
                for lightly and an encode takes minutes; and where the file is gone there is
                nothing, as the result itself still shows it.
        """
        self._tools = tools
        self._job = job
        self._clip = clip
        self._path = tools.files_dir / artifacts.clip_file_name(clip.artifact_id)
        # Several further posts of a job may be made at the same time.
        mark = f"-{secrets.token_hex(4)}" if is_further else ""
        self._poster_path = tools.files_dir / f"poster-{job.job_id}{mark}.jpg"
        self._poster_is_refused = False
        self._is_further = is_further

    async def for_place(
        self, *, limit_bytes: int, may_attach: bool, with_poster: bool = True
    ) -> Parcel:
        """The best parcel for a place; an encode is waited for.

        Args:
            limit_bytes: The largest file there.
            may_attach: Whether the bot may attach any.
            with_poster: Whether pictures are made for a link; without them it is known at once.

        Raises:
            TakenDownMeanwhileError: The video was taken down meanwhile.
            StorageError: The database does not take the record of it.
        """
        record = await self._tools.database.read(
            partial(parcels.parcel_of, job_id=self._job.job_id)
        )
        if record.at_most_bytes is not None:
            limit_bytes = min(limit_bytes, record.at_most_bytes)
        if self._is_further:
            return await self._of_what_is_kept(
                record, limit_bytes, may_attach=may_attach, with_poster=with_poster
            )
        if not await asyncio.to_thread(self._path.exists):
            return await self._link_alone(LinkReason.NOT_AT_HAND, may_attach=False)
        found = plan(self._clip, limit_bytes=limit_bytes, may_attach=may_attach)
        if found.rung is Rung.ATTACH:
            return Parcel(file=self._path)
        if found.rung is Rung.LINK:
            return await self._link_alone(found.why_link, may_attach=may_attach)
        fitted = await fitted_file(self._tools, self._job, self._clip, found, limit_bytes)
        if fitted is None:
            return await self._link_alone(LinkReason.NOT_MADE_TO_FIT, may_attach=may_attach)
        link = await self._link() if fitted.was_encoded else None
        return Parcel(file=fitted.path, was_encoded=fitted.was_encoded, link=link)

    async def was_refused(self, parcel: Parcel) -> bool:
        """Discord refused a parcel for its size: go one rung down from now on.

        Returns:
            Whether there is a rung below; False where the parcel had no file at all.
        """
        if parcel.file is not None:
            size_bytes = (await asyncio.to_thread(parcel.file.stat)).st_size
            at_most = limit_after_refusal(size_bytes, was_encoded=parcel.was_encoded)
            log.warning(
                "job %d: Discord refused a file of %d bytes; at most %d are tried now",
                self._job.job_id,
                size_bytes,
                at_most,
            )
            reached(FaultPoint.AFTER_SIZE_REFUSED)
            await self._tools.database.write(
                partial(parcels.record_refused, job_id=self._job.job_id, at_most_bytes=at_most)
            )
            reached(FaultPoint.AFTER_SIZE_REFUSAL_RECORDED)
        elif parcel.poster is not None:
            self._poster_is_refused = True
        return parcel.file is not None or parcel.poster is not None

    async def put_away(self) -> None:
        """Remove what was made for one post alone."""
        await asyncio.to_thread(self._poster_path.unlink, missing_ok=True)

    async def _of_what_is_kept(
        self, record: ParcelRecord, limit_bytes: int, *, may_attach: bool, with_poster: bool
    ) -> Parcel:
        """What is on the disk already, as it is."""
        is_kept = await asyncio.to_thread(self._path.exists)
        fits = self._clip.attachable and self._clip.size_bytes <= limit_bytes
        if may_attach and is_kept and fits:
            return Parcel(file=self._path)
        name = artifacts.clip_file_name(record.fitted_artifact_id or "")
        path = self._tools.files_dir / name
        fits = record.fitted_bytes is not None and record.fitted_bytes <= limit_bytes
        if may_attach and fits and await asyncio.to_thread(path.exists):
            link = await self._link() if record.was_encoded and is_kept else None
            return Parcel(file=path, was_encoded=record.was_encoded, link=link)
        if not is_kept:
            return Parcel(why_link=LinkReason.NOT_AT_HAND)
        why = LinkReason.TOO_LARGE
        if not may_attach:
            why = LinkReason.FILES_NOT_PERMITTED
        elif self._clip.size_bytes <= limit_bytes:
            why = LinkReason.NOT_MADE_TO_FIT
        return await self._link_alone(why, may_attach=may_attach and with_poster)

    async def _link_alone(self, why: LinkReason | None, *, may_attach: bool) -> Parcel:
        poster = await self._poster() if may_attach else None
        return Parcel(poster=poster, link=await self._link(), why_link=why)

    async def _link(self) -> ClipLink | None:
        """Our own link where there is one, else the gateway's; None where neither works."""
        tools, job = self._tools, self._job
        now = tools.clock.now()
        if tools.links is not None and await asyncio.to_thread(self._path.exists):
            link = tools.links.link(job.job_id, now=now)
            # First: the file must stay from the moment that somebody may have the link.
            await tools.database.write(
                partial(parcels.record_link, job_id=job.job_id, until=link.until)
            )
            return link
        lifetime = timedelta(seconds=tools.catalogues.row_of(job).link_lifetime_s)
        # How old the link is at the most: it was given when the job was fetched, or before.
        is_new = job.state is JobState.FETCHED
        until = (job.state_at if is_new else job.submitted_at or job.created_at) + lifetime
        if not job.result_url or until <= now:
            return None
        return ClipLink(job.result_url, until, is_own=False)

    async def _poster(self) -> Path | None:
        """Pictures of it on one sheet; None where there are none: a link does without."""
        if self._poster_is_refused or not self._clip.width_px:
            return None
        try:
            await self._tools.media.write_poster(self._path, self._poster_path)
        except (MediaError, ClipError, StorageError) as exc:
            log.warning("job %d is posted without a picture: %s", self._job.job_id, exc)
            return None
        return self._poster_path
