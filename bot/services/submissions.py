"""A member asks for a video: by command, by Again, by Edit, by reaction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.domain.cost import Cost
from bot.domain.errors import JobNotFoundError, QueueFullError, QuotaExceededError
from bot.domain.job import Job, NewJob, Origin, Place
from bot.domain.render_setting import setting_of
from bot.domain.request import MODE_BY_IMAGE_COUNT, Mode, VideoRequest
from bot.domain.takedown import check_may_be_taken_again
from bot.domain.validation import check_pictures, normalised_size
from bot.services.refusals import record_refusal
from providers.capabilities import PRICES_OF
from storage import enqueue, job_queries

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.clock import Clock
    from bot.domain.capability import Capability
    from bot.domain.catalogues import Catalogues
    from bot.domain.gates import Visitor
    from bot.domain.quota import Terms
    from bot.services.blocks import Blocks
    from bot.services.intake import Attachment, ImageIntake
    from bot.services.policies import Policies
    from bot.services.viewer import Viewer
    from bot.services.words import Words
    from storage.database import Database

# Stands for an image that is not taken in yet, so that a request can be checked whole before.
NOT_YET_TAKEN_IN = "0" * 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a member chose; None where they left it to the model. See `VideoRequest`.

    Attributes:
        model: As typed; None for the account's default.
        from_references: Whether the images are references instead of frames.
    """

    prompt: str
    model: str | None = None
    from_references: bool = False
    size: str | None = None
    duration_s: int | None = None
    quality: str | None = None
    fps: int | None = None
    with_audio: bool = False
    aspect_ratio: str | None = None
    style: str | None = None
    movement: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asks, where, and by what.

    Attributes:
        visitor: The member, as the gates see them.
        place: Where the job will live.
        origin: What caused it.
        origin_key: Unique per cause, or None; see `NewJob`.
    """

    visitor: Visitor
    place: Place
    origin: Origin
    origin_key: str | None

    @property
    def user_id(self) -> int:
        """The member."""
        return self.visitor.user_id

    @property
    def role_ids(self) -> tuple[int, ...]:
        """Their roles, the server's id (@everyone) included."""
        return self.visitor.role_ids


class Submissions:
    """Turns wishes into jobs. All checks and the reservation are one transaction."""

    def __init__(  # noqa: PLR0913  # the composition root hands over what it owns
        self,
        *,
        database: Database,
        intake: ImageIntake,
        clock: Clock,
        catalogues: Catalogues,
        policies: Policies,
        blocks: Blocks,
        words: Words,
        max_waiting_per_member: int,
        max_waiting_per_guild: int | None,
        terms: Terms,
        job_arrived: Callable[[], None],
    ) -> None:
        self._database = database
        self._intake = intake
        self._clock = clock
        self._catalogues = catalogues
        self._policies = policies
        self._blocks = blocks
        self._words = words
        self._max_waiting_per_member = max_waiting_per_member
        self._max_waiting_per_guild = max_waiting_per_guild
        self._terms = terms
        self._job_arrived = job_arrived

    def check(
        self, options: Options, attachments: tuple[Attachment, ...], *, guild_id: int
    ) -> None:
        """Check everything that needs no download and no database: free, and before any answer.

        Args:
            options: What was chosen.
            attachments: The images.
            guild_id: The server, whose accounts it is for.

        Raises:
            InvalidOptionError: An option is outside what the model accepts.
            UnusableImageError: An image is too large by its claimed size.
        """
        self._checked(options, (NOT_YET_TAKEN_IN,) * len(attachments), guild_id)
        for attachment in attachments:
            self._intake.check_size(attachment)

    async def admit(self, asker: Asker, *, model: str | None = None) -> None:
        """Check whether this person may make videos here at all, before any answer.

        `submit` and `take_again` do so too, with the model.

        Raises:
            GateClosedError: The server asks for something that they, or the channel, have not.
            BlockedMemberError: Moderators have blocked them.
        """
        guild_id = asker.place.guild_id
        await self._policies.check(guild_id, asker.visitor, model=model)
        await self._blocks.check(guild_id, asker.user_id)

    def check_edits(self, job: Job, edits: Options) -> None:
        """Check the changed options of another take of ``job``; free, and before any answer.

        Raises:
            InvalidOptionError: An option is outside what the model accepts.
        """
        self._edited(job, edits)

    async def submit(
        self, options: Options, attachments: tuple[Attachment, ...], asker: Asker
    ) -> Job:
        """Take the images in and enqueue.

        Raises:
            MemberError: Refused; nothing was reserved. See `check` and ``storage.enqueue``.
        """
        guild_id = asker.place.guild_id
        self.check(options, attachments, guild_id=guild_id)
        _, row = self._checked(options, (NOT_YET_TAKEN_IN,) * len(attachments), guild_id)
        await self.admit(asker, model=row.model)
        await self._check_words(options.prompt, asker)
        images: tuple[str, ...] = ()
        if attachments and row.images is not None:
            taken = [await self._intake.take_in(image, row.images) for image in attachments]
            images = tuple(image.artifact_id for image in taken)
            pictures = {
                attachment.option: image.picture
                for attachment, image in zip(attachments, taken, strict=True)
            }
            check_pictures(pictures, _mode(options, len(images)), row)
        request, row = self._checked(options, images, guild_id)
        return await self._enqueue(request, row, asker)

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
        check_may_be_taken_again(parent)
        await self.admit(asker, model=parent.request.model)
        if edits is not None:
            request, row = self._edited(parent, edits)
        else:
            request = parent.request
            row = self._catalogues.of(parent.place.guild_id).check(request)
        await self._check_words(request.prompt, asker)
        return await self._enqueue(request, row, asker, parent_job_id=parent_job_id)

    async def _check_words(self, prompt: str, asker: Asker) -> None:
        visitor = asker.visitor
        await self._words.check(
            asker.place.guild_id,
            prompt,
            user_id=visitor.user_id,
            in_age_restricted=visitor.in_age_restricted,
        )

    def _checked(
        self, options: Options, images: tuple[str, ...], guild_id: int
    ) -> tuple[VideoRequest, Capability]:
        """The request that the options mean, and the row whose limits it is within."""
        here = self._catalogues.of(guild_id)
        row = here.choose(options.model, _mode(options, len(images)))
        request = _request(options, row, images)
        return request, here.check(request)

    def _edited(self, job: Job, edits: Options) -> tuple[VideoRequest, Capability]:
        """The request of another take: other options, the same model and images."""
        request = job.request
        same = replace(edits, model=request.model, from_references=bool(request.references))
        return self._checked(same, request.inputs, job.place.guild_id)

    async def _enqueue(
        self,
        request: VideoRequest,
        row: Capability,
        asker: Asker,
        *,
        parent_job_id: int | None = None,
    ) -> Job:
        here = self._catalogues.of(asker.place.guild_id)
        route = here.route_of(request)
        new = NewJob(
            request=request,
            user_id=asker.user_id,
            role_ids=asker.role_ids,
            place=asker.place,
            origin=asker.origin,
            origin_key=asker.origin_key,
            parent_job_id=parent_job_id,
            route=str(route),
            setting=setting_of(request, row),
            cost=Cost(by_account=here.prices_of(route), of=PRICES_OF),
        )
        at = self._clock.now()
        try:
            job = await self._database.write(
                lambda db: enqueue.enqueue(
                    db,
                    new,
                    at=at,
                    max_waiting_per_member=self._max_waiting_per_member,
                    max_waiting_per_guild=self._max_waiting_per_guild,
                    terms=self._terms,
                )
            )
        except (QuotaExceededError, QueueFullError) as refusal:
            await record_refusal(self._database, refusal, new, at=at)
            raise
        self._job_arrived()
        return job


def _mode(options: Options, images: int) -> Mode:
    return Mode.REFERENCES if options.from_references else MODE_BY_IMAGE_COUNT[images]


def _request(options: Options, row: Capability, images: tuple[str, ...]) -> VideoRequest:
    return VideoRequest(
        model=row.model,
        prompt=options.prompt.strip(),
        images=() if options.from_references else images,
        references=images if options.from_references else (),
        size=None if options.size is None else normalised_size(options.size),
        duration_s=options.duration_s,
        quality=options.quality,
        fps=options.fps,
        with_audio=options.with_audio,
        aspect_ratio=options.aspect_ratio,
        style=options.style,
        movement=options.movement,
    )
