"""A member asks for a video: by command, by Again, by Edit, by reaction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.domain.confirmation import (
    ConfirmationNeededError,
    origin_key_of,
)
from bot.domain.errors import JobNotFoundError, QueueFullError, QuotaExceededError
from bot.domain.job import Job, NewJob, Origin, Place
from bot.domain.render_setting import setting_of
from bot.domain.request import MODE_BY_IMAGE_COUNT, Mode, VideoRequest, prompt_from
from bot.domain.takedown import check_may_be_taken_again
from bot.domain.validation import check_pictures, normalised_size
from bot.fault_points import FaultPoint, reached
from bot.services.prices import Prices
from bot.services.refusals import record_refusal
from storage import confirmations, enqueue, job_queries
from storage.trial import try_out

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from datetime import datetime

    from bot.clock import Clock
    from bot.domain.capability import Capability
    from bot.domain.catalogues import Catalogues
    from bot.domain.confirmation import Confirmation
    from bot.domain.gates import Visitor
    from bot.domain.job import TellBy
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
        tell_by: How they want to be told that it is done; None for not at all.
    """

    visitor: Visitor
    place: Place
    origin: Origin
    origin_key: str | None
    tell_by: TellBy | None = None

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
        self._prices = Prices(catalogues=catalogues, policies=policies, rates=terms.rates)
        self._job_arrived = job_arrived

    def check(
        self, options: Options, attachments: tuple[Attachment, ...], *, guild_id: int
    ) -> VideoRequest:
        """Check everything that needs no download and no database: free, and before any answer.

        Args:
            options: What was chosen.
            attachments: The images.
            guild_id: The server, whose accounts it is for.

        Returns:
            The request that they mean, its images not taken in yet.

        Raises:
            InvalidOptionError: An option is outside what the model accepts.
            UnusableImageError: An image is too large by its claimed size.
        """
        request, _ = self._checked(options, (NOT_YET_TAKEN_IN,) * len(attachments), guild_id)
        for attachment in attachments:
            self._intake.check_size(attachment)
        return request

    def asks_about(self, request: VideoRequest, *, guild_id: int) -> bool:
        """Whether a member has to confirm what this costs, as things stand; free."""
        route = self._catalogues.of(guild_id).route_of(request)
        cost = self._prices.cost_of(route, guild_id=guild_id)
        return self._prices.asked_above(cost, guild_id=guild_id) is not None

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

    def check_edits(self, job: Job, edits: Options) -> VideoRequest:
        """Check the changed options of another take of ``job``; free, and before any answer.

        Returns:
            The request that they make of it.

        Raises:
            InvalidOptionError: An option is outside what the model accepts.
        """
        return self._edited(job, edits)[0]

    async def submit(
        self, options: Options, attachments: tuple[Attachment, ...], asker: Asker
    ) -> Job:
        """Take the images in and enqueue.

        Raises:
            ConfirmationNeededError: It costs more than is made here without asking.
            MemberError: Refused; nothing was reserved. See `check` and ``storage.enqueue``.
        """
        guild_id = asker.place.guild_id
        self.check(options, attachments, guild_id=guild_id)
        wanted, row = self._checked(options, (NOT_YET_TAKEN_IN,) * len(attachments), guild_id)
        await self.admit(asker, model=row.model)
        await self._check_words(wanted.prompt, asker)
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
            ConfirmationNeededError: It costs more than is made here without asking.
            MemberError: Refused; nothing was reserved.
        """
        parent = await self._parent(parent_job_id, viewer)
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

    async def make_confirmed(self, asked: Confirmation, visitor: Visitor, *, viewer: Viewer) -> Job:
        """Make what a member was asked about; every limit and gate is looked at again.

        Args:
            asked: The question, as it stood a moment ago.
            visitor: The member, as the gates see them now.
            viewer: The same person, with what they may know of.

        Returns:
            The job; the same one however often this is done.

        Raises:
            ConfirmationGoneError: The question does not stand any more.
            ConfirmationNeededError: It costs more by now: another question takes its place.
            MemberError: Refused; nothing was reserved, and the question stands.
        """
        if asked.parent_job_id is not None:
            await self._parent(asked.parent_job_id, viewer)
        asker = Asker(
            visitor=visitor,
            place=asked.place,
            origin=asked.origin,
            origin_key=origin_key_of(asked.confirmation_id),
            tell_by=asked.tell_by,
        )
        request, guild_id = asked.request, asked.place.guild_id
        await self.admit(asker, model=request.model)
        row = self._catalogues.of(guild_id).check(request)
        await self._check_words(request.prompt, asker)
        return await self._enqueue(
            request, row, asker, parent_job_id=asked.parent_job_id, confirmed=asked
        )

    async def _parent(self, job_id: int, viewer: Viewer) -> Job:
        parent = await self._database.read(lambda db: job_queries.get_job(db, job_id))
        if parent is None or not viewer.may_know_of(parent):
            raise JobNotFoundError(job_id=job_id)
        check_may_be_taken_again(parent)
        return parent

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
        confirmed: Confirmation | None = None,
    ) -> Job:
        """Put it into the queue, or ask about its cost.

        Raises:
            ConfirmationNeededError: It costs more than is made without asking, or than was told.
        """
        guild_id = asker.place.guild_id
        route = self._catalogues.of(guild_id).route_of(request)
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
            cost=self._prices.cost_of(route, guild_id=guild_id),
            tell_by=asker.tell_by,
        )
        price = new.cost.highest(self._terms.rates)
        above = self._prices.asked_above(new.cost, guild_id=guild_id, confirmed=confirmed)
        at = self._clock.now()

        def write(db: sqlite3.Connection) -> Job | ConfirmationNeededError:
            if confirmed is not None:
                made = confirmations.take(db, confirmed.confirmation_id, at=at)
                if made is not None:
                    return made
            if above is None:
                return self._put(db, new, at)
            # Nobody is to agree to a price only to be refused after it.
            try_out(db, lambda db: self._put(db, new, at))
            if confirmed is None:
                asked = confirmations.ask(db, new, price=price, at=at)
            else:  # in the same message
                shown_by = confirmed.message_id
                asked = confirmations.ask(db, new, price=price, at=at, message_id=shown_by)
                confirmations.record_message(db, confirmed.confirmation_id, message_id=None)
            return ConfirmationNeededError(asked, above=above, was_told=confirmed is not None)

        reached(FaultPoint.BEFORE_ENQUEUE)
        try:
            written = await self._database.write(write)
        except (QuotaExceededError, QueueFullError) as refusal:
            await record_refusal(self._database, refusal, new, at=at)
            raise
        reached(FaultPoint.AFTER_ENQUEUE)
        if isinstance(written, ConfirmationNeededError):
            raise written
        self._job_arrived()
        return written

    def _put(self, db: sqlite3.Connection, new: NewJob, at: datetime) -> Job:
        return enqueue.enqueue(
            db,
            new,
            at=at,
            max_waiting_per_member=self._max_waiting_per_member,
            max_waiting_per_guild=self._max_waiting_per_guild,
            terms=self._terms,
        )


def _mode(options: Options, images: int) -> Mode:
    return Mode.REFERENCES if options.from_references else MODE_BY_IMAGE_COUNT[images]


def _request(options: Options, row: Capability, images: tuple[str, ...]) -> VideoRequest:
    return VideoRequest(
        model=row.model,
        prompt=prompt_from(options.prompt),
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
