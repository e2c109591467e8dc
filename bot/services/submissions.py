"""A member asks for a video: by command, by Again, by Edit, by reaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.capability import check_request, normalised_size
from bot.domain.errors import JobNotFoundError
from bot.domain.job import Job, NewJob, Origin, Place
from bot.domain.request import VideoRequest
from storage import enqueue, job_queries

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.clock import Clock
    from bot.domain.capability import Capability
    from bot.services.intake import Attachment, ImageIntake
    from bot.services.viewer import Viewer
    from storage.database import Database

# Stands for an image that is not taken in yet, so that a request can be checked whole before.
NOT_YET_TAKEN_IN = "0" * 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a member chose; None where they left it to the model. See `VideoRequest`."""

    prompt: str
    size: str | None = None
    duration_s: int | None = None
    quality: str | None = None
    fps: int | None = None
    with_audio: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asks, where, and by what.

    Attributes:
        user_id: The member.
        role_ids: Their roles, the server's id (@everyone) included.
        place: Where the job will live.
        origin: What caused it.
        origin_key: Unique per cause, or None; see `NewJob`.
    """

    user_id: int
    role_ids: tuple[int, ...]
    place: Place
    origin: Origin
    origin_key: str | None


class Submissions:
    """Turns wishes into jobs. All checks and the reservation are one transaction."""

    def __init__(  # the composition root hands over what it owns
        self,
        *,
        database: Database,
        intake: ImageIntake,
        clock: Clock,
        capability: Capability,
        max_waiting_per_member: int,
        job_arrived: Callable[[], None],
    ) -> None:
        self._database = database
        self._intake = intake
        self._clock = clock
        self.capability = capability
        self._max_waiting_per_member = max_waiting_per_member
        self._job_arrived = job_arrived

    def check(self, options: Options, attachments: tuple[Attachment, ...]) -> None:
        """Check everything that needs no download and no database: free, and before any answer.

        Raises:
            InvalidOptionError: An option is outside what the model accepts.
            UnusableImageError: An image is too large by its claimed size.
        """
        check_request(
            self._request(options, (NOT_YET_TAKEN_IN,) * len(attachments)), self.capability
        )
        for attachment in attachments:
            self._intake.check_size(attachment)

    def check_edits(self, job: Job, edits: Options) -> None:
        """Check the changed options of another take of ``job``; free, and before any answer.

        Raises:
            InvalidOptionError: An option is outside what the model accepts.
        """
        check_request(self._request(edits, job.request.images), self.capability)

    async def submit(
        self, options: Options, attachments: tuple[Attachment, ...], asker: Asker
    ) -> Job:
        """Take the images in and enqueue.

        Raises:
            MemberError: Refused; nothing was reserved. See `check` and ``storage.enqueue``.
        """
        self.check(options, attachments)
        images = [await self._intake.take_in(image, self.capability) for image in attachments]
        return await self._enqueue(self._request(options, tuple(images)), asker)

    async def take_again(
        self, parent_job_id: int, asker: Asker, *, viewer: Viewer, edits: Options | None
    ) -> Job:
        """Make another take of a job on the same server, with the same images.

        Args:
            parent_job_id: The job that is taken again.
            asker: Whose quota it is under.
            viewer: The same person, with what they may know of.
            edits: The changed options, or None for the same ones.

        Raises:
            JobNotFoundError: No such job on this server, or none that the viewer may know of.
            MemberError: Refused; nothing was reserved.
        """
        parent = await self._database.read(lambda db: job_queries.get_job(db, parent_job_id))
        if parent is None or not viewer.may_know_of(parent):
            raise JobNotFoundError(job_id=parent_job_id)
        request = parent.request if edits is None else self._request(edits, parent.request.images)
        check_request(request, self.capability)
        return await self._enqueue(request, asker, parent_job_id=parent_job_id)

    def _request(self, options: Options, images: tuple[str, ...]) -> VideoRequest:
        return VideoRequest(
            model=self.capability.model,
            prompt=options.prompt.strip(),
            images=images,
            size=None if options.size is None else normalised_size(options.size),
            duration_s=options.duration_s,
            quality=options.quality,
            fps=options.fps,
            with_audio=options.with_audio,
        )

    async def _enqueue(
        self, request: VideoRequest, asker: Asker, *, parent_job_id: int | None = None
    ) -> Job:
        new = NewJob(
            request=request,
            user_id=asker.user_id,
            role_ids=asker.role_ids,
            place=asker.place,
            origin=asker.origin,
            origin_key=asker.origin_key,
            parent_job_id=parent_job_id,
        )
        at = self._clock.now()
        job = await self._database.write(
            lambda db: enqueue.enqueue(
                db, new, at=at, max_waiting_per_member=self._max_waiting_per_member
            )
        )
        self._job_arrived()
        return job
