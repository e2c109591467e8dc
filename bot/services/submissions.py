"""A member asks for a video: by command, by a button under one, in a menu, by reaction."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.domain.confirmation import origin_key_of
from bot.domain.errors import JobNotFoundError
from bot.domain.takedown import check_may_be_taken_again
from bot.domain.takes import TAKES_AT_ONCE
from bot.domain.validation import check_pictures
from bot.services.entrance import Asker, Entrance
from bot.services.options import Options, mode_of, request_from
from storage import job_queries

if TYPE_CHECKING:
    from bot.domain.capability import Capability
    from bot.domain.catalogues import Catalogues
    from bot.domain.confirmation import Confirmation
    from bot.domain.gates import Visitor
    from bot.domain.job import Job
    from bot.domain.request import VideoRequest
    from bot.services.blocks import Blocks
    from bot.services.intake import Attachment, ImageIntake
    from bot.services.policies import Policies
    from bot.services.viewer import Viewer
    from bot.services.words import Words
    from storage.database import Database

# Stands for an image that is not taken in yet, so that a request can be checked whole before.
NOT_YET_TAKEN_IN = "0" * 64


class Submissions:
    """Turns wishes into jobs. All checks and the reservation are one transaction."""

    def __init__(  # noqa: PLR0913  # the composition root hands over what it owns
        self,
        *,
        database: Database,
        intake: ImageIntake,
        catalogues: Catalogues,
        policies: Policies,
        blocks: Blocks,
        words: Words,
        entrance: Entrance,
    ) -> None:
        self._database = database
        self._intake = intake
        self._catalogues = catalogues
        self._policies = policies
        self._blocks = blocks
        self._words = words
        self._entrance = entrance

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

    def asks_about(self, request: VideoRequest, *, guild_id: int, takes: int = 1) -> bool:
        """Whether a member has to confirm what this costs, as things stand; free."""
        return self._entrance.asks_about(request, guild_id=guild_id, takes=takes)

    async def admit(self, asker: Asker, *, model: str | None = None) -> None:
        """Check whether this person may make videos here at all, before any answer.

        Everything that makes a job does so too, with the model.

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
        await self._let_in(wanted, asker)
        images = await self._take_in(attachments, options, row)
        request, row = self._checked(options, images, guild_id)
        (job,) = await self._entrance.enter(request, row, asker)
        return job

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
        (job,) = await self._entrance.enter(request, row, asker, parent_job_id=parent_job_id)
        return job

    async def take_several(self, parent_job_id: int, asker: Asker, *, viewer: Viewer) -> list[Job]:
        """Make `TAKES_AT_ONCE` other takes of a job, all or none, as `take_again` makes one.

        Raises:
            NotAllFitError: A limit lets some of them pass, and not all.
            MemberError: Refused; nothing was reserved.
        """
        parent = await self._parent(parent_job_id, viewer)
        request = parent.request
        await self.admit(asker, model=request.model)
        row = self._catalogues.of(parent.place.guild_id).check(request)
        await self._check_words(request.prompt, asker)
        return await self._entrance.enter(
            request, row, asker, parent_job_id=parent_job_id, takes=TAKES_AT_ONCE
        )

    async def make_confirmed(
        self, asked: Confirmation, visitor: Visitor, *, viewer: Viewer
    ) -> list[Job]:
        """Make what a member was asked about; every limit and gate is looked at again.

        Args:
            asked: The question, as it stood a moment ago.
            visitor: The member, as the gates see them now.
            viewer: The same person, with what they may know of.

        Returns:
            The jobs; the same ones however often this is done.

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
        )
        request = asked.request
        await self.admit(asker, model=request.model)
        row = self._catalogues.of(asked.place.guild_id).check(request)
        await self._check_words(request.prompt, asker)
        return await self._entrance.enter(
            request,
            row,
            asker,
            parent_job_id=asked.parent_job_id,
            confirmed=asked,
            takes=asked.takes,
        )

    async def _let_in(self, wanted: VideoRequest, asker: Asker) -> None:
        """Gates, blocks and words, before anything is downloaded."""
        await self.admit(asker, model=wanted.model)
        await self._check_words(wanted.prompt, asker)

    async def _check_words(self, prompt: str, asker: Asker) -> None:
        visitor = asker.visitor
        await self._words.check(
            asker.place.guild_id,
            prompt,
            user_id=visitor.user_id,
            in_age_restricted=visitor.in_age_restricted,
        )

    async def _parent(self, job_id: int, viewer: Viewer) -> Job:
        parent = await self._database.read(lambda db: job_queries.get_job(db, job_id))
        if parent is None or not viewer.may_know_of(parent):
            raise JobNotFoundError(job_id=job_id)
        check_may_be_taken_again(parent)
        return parent

    async def _take_in(
        self, attachments: tuple[Attachment, ...], options: Options, row: Capability
    ) -> tuple[str, ...]:
        """The artifacts of the images, checked against what the model wants of them."""
        if not attachments or row.images is None:
            return ()
        taken = [await self._intake.take_in(image, row.images) for image in attachments]
        pictures = {
            attachment.option: image.picture
            for attachment, image in zip(attachments, taken, strict=True)
        }
        check_pictures(pictures, mode_of(options, len(taken)), row)
        return tuple(image.artifact_id for image in taken)

    def _checked(
        self, options: Options, images: tuple[str, ...], guild_id: int
    ) -> tuple[VideoRequest, Capability]:
        """The request that the options mean, and the row whose limits it is within."""
        here = self._catalogues.of(guild_id)
        row = here.choose(options.model, mode_of(options, len(images)))
        request = request_from(options, row, images)
        return request, here.check(request)

    def _edited(self, job: Job, edits: Options) -> tuple[VideoRequest, Capability]:
        """The request of another take: other options, the same model and images."""
        request = job.request
        same = replace(edits, model=request.model, from_references=bool(request.references))
        return self._checked(same, request.inputs, job.place.guild_id)
