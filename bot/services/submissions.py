"""A member asks for a video: by command, by a button under one, in a menu, by reaction."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.domain.confirmation import origin_key_of
from bot.domain.errors import JobNotFoundError
from bot.domain.extension import check_may_be_extended, takes_no_frame
from bot.domain.request import Mode
from bot.domain.takedown import check_may_be_taken_again
from bot.domain.takes import TAKES_AT_ONCE
from bot.domain.validation import check_pictures
from bot.services.entrance import Asker, Entrance
from bot.services.options import Options, mode_of, options_kept, request_from
from storage import job_queries

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

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
    """Turns wishes into jobs. What limits them is checked in the transaction that reserves."""

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
        self.entrance = entrance

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

    def asks_about(
        self,
        request: VideoRequest,
        asker: Asker,
        *,
        before: VideoRequest | None = None,
        takes: int = 1,
    ) -> bool:
        """Whether a member has to confirm this, as things stand; see `Entrance.asks_about`."""
        return self.entrance.asks_about(request, asker, before=before, takes=takes)

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

    def check_edits(
        self, job: Job, edits: Options, attachments: tuple[Attachment, ...] = ()
    ) -> VideoRequest:
        """Check the changed options of another take of ``job``; free, and before any answer.

        Args:
            job: Which.
            edits: Its new options.
            attachments: Its new images; none for those that it has.

        Returns:
            The request that they make of it.

        Raises:
            InvalidOptionError: An option is outside what the model accepts.
            UnusableImageError: An image is too large by its claimed size.
        """
        for attachment in attachments:
            self._intake.check_size(attachment)
        images = (NOT_YET_TAKEN_IN,) * len(attachments) or job.request.inputs
        return self._edited(job, edits, images)[0]

    def what_goes_on(
        self, job: Job, *, prompt: str | None = None, model: str | None = None
    ) -> Options:
        """The options of a video that goes on from ``job``: its own, as far as the model has them.

        Args:
            job: What is gone on from.
            prompt: What happens next; None for the same words.
            model: Who renders it; None for the same model.

        Raises:
            CannotExtendError: The video is not finished, or its model starts from no picture.
            InvalidOptionError: There is no such model here.
            MemberError: It may not be made again.
        """
        check_may_be_extended(job)
        here = self._catalogues.of(job.place.guild_id)
        fitting = here.fitting(Mode.FIRST_FRAME, {})
        if model is None:
            known = here.find(job.request.model)
            if known is not None and known.model not in {row.model for row in fitting}:
                raise takes_no_frame(job.job_id, known, fitting)
        row = here.choose(model or job.request.model, Mode.FIRST_FRAME)
        return options_kept(job.request, row, Mode.FIRST_FRAME, prompt=prompt)

    def check_extension(self, job: Job, options: Options) -> VideoRequest:
        """Check what is to go on from ``job``; free, and before any answer.

        Raises:
            InvalidOptionError: An option is outside what the model accepts.
            MemberError: It cannot be gone on from.
        """
        check_may_be_extended(job)
        return self._checked(options, (NOT_YET_TAKEN_IN,), job.place.guild_id)[0]

    def is_discords(self, url: str) -> bool:
        """Whether Discord itself keeps this file, so that it may be downloaded."""
        return self._intake.is_discords(url)

    def image_file(self, artifact_id: str) -> Path:
        """Where an image of a job lies."""
        return self._intake.file_of(artifact_id)

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
        images = await self._take_in(attachments, wanted.mode, row)
        request, row = self._checked(options, images, guild_id)
        (job,) = await self.entrance.enter(request, row, asker)
        return job

    async def take_again(
        self,
        parent_job_id: int,
        asker: Asker,
        *,
        viewer: Viewer,
        edits: Options | None,
        attachments: tuple[Attachment, ...] = (),
    ) -> Job:
        """Make another take of a job on the same server, with the same images or new ones.

        Args:
            parent_job_id: The job that is taken again.
            asker: Whose quota it is under.
            viewer: The same person, with what they may know of.
            edits: The changed options, or None for the same ones.
            attachments: The new images, together with ``edits``; none for the same ones.

        Raises:
            JobNotFoundError: No such job on this server, or none that the viewer may know of.
            ConfirmationNeededError: It costs more than is made here without asking.
            MemberError: Refused; nothing was reserved.
        """
        parent = await self._parent(parent_job_id, viewer)
        if edits is None:
            request = parent.request
            await self.admit(asker, model=request.model)
            row = self._catalogues.of(parent.place.guild_id).check(request)
            await self.check_words(request.prompt, asker)
        else:
            images = (NOT_YET_TAKEN_IN,) * len(attachments) or parent.request.inputs
            request, row = self._edited(parent, edits, images)
            await self._let_in(request, asker)
            if attachments:
                images = await self._take_in(attachments, request.mode, row)
                request, row = self._edited(parent, edits, images)
        (job,) = await self.entrance.enter(request, row, asker, parent=parent)
        return job

    async def extend(
        self,
        parent_job_id: int,
        asker: Asker,
        *,
        viewer: Viewer,
        options: Options,
        posted: Callable[[], Awaitable[str | None]],
    ) -> Job:
        """Make a video that begins with the last picture of another one.

        Args:
            parent_job_id: What is gone on from.
            asker: Whose quota it is under.
            viewer: The same person, with what they may know of.
            options: Of the new one.
            posted: Gives Discord's link to the clip, for one whose file is not kept any more.

        Raises:
            CannotExtendError: It is not finished, or its clip is gone.
            ConfirmationNeededError: It costs more than is made here without asking.
            MemberError: Refused; nothing was reserved.
        """
        parent = await self._parent(parent_job_id, viewer)
        wanted = self.check_extension(parent, options)
        guild_id = parent.place.guild_id
        await self._let_in(wanted, asker)
        row = self._catalogues.of(guild_id).check(wanted)
        if row.images is None:
            raise takes_no_frame(parent_job_id, row, ())
        frame = await self._intake.take_last_frame(parent, row.images, posted)
        check_pictures({"job": frame.picture}, wanted.mode, row)
        request, row = self._checked(options, (frame.artifact_id,), guild_id)
        (job,) = await self.entrance.enter(request, row, asker, parent=parent)
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
        await self.check_words(request.prompt, asker)
        return await self.entrance.enter(request, row, asker, parent=parent, takes=TAKES_AT_ONCE)

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
        parent = await self._parent_of(asked, viewer)
        asker = Asker(
            visitor=visitor,
            place=asked.place,
            origin=asked.origin,
            origin_key=origin_key_of(asked.confirmation_id),
            tell_by=asked.tell_by,
        )
        request = asked.request
        await self.admit(asker, model=request.model)
        row = self._catalogues.of(asked.place.guild_id).check(request)
        await self.check_words(request.prompt, asker)
        return await self.entrance.enter(
            request, row, asker, parent=parent, confirmed=asked, takes=asked.takes
        )

    async def make_changed(
        self, asked: Confirmation, options: Options, asker: Asker, *, viewer: Viewer
    ) -> list[Job]:
        """Make something else than a member was asked about, of the same images.

        Raises:
            ConfirmationGoneError: The question does not stand any more.
            MemberError: As whatever is asked for; the question stands, but for another one.
        """
        parent = await self._parent_of(asked, viewer)
        request, row = self._checked(options, asked.request.inputs, asker.place.guild_id)
        asker = replace(asker, origin=asked.origin, tell_by=asked.tell_by)
        await self._let_in(request, asker)
        return await self.entrance.enter(request, row, asker, parent=parent, instead_of=asked)

    async def _let_in(self, wanted: VideoRequest, asker: Asker) -> None:
        """Gates, blocks and words, before anything is downloaded."""
        await self.admit(asker, model=wanted.model)
        await self.check_words(wanted.prompt, asker)

    async def check_words(self, prompt: str, asker: Asker) -> None:
        """Hold a prompt against the server's blocked words; a refusal is put on record.

        Raises:
            BlockedWordsError: It has some.
            RestrictedWordsError: It has some that are for age-restricted channels only.
        """
        visitor = asker.visitor
        await self._words.check(
            asker.place.guild_id,
            prompt,
            user_id=visitor.user_id,
            in_age_restricted=visitor.in_age_restricted,
        )

    async def _parent_of(self, asked: Confirmation, viewer: Viewer) -> Job | None:
        number = asked.parent_job_id
        return None if number is None else await self._parent(number, viewer)

    async def _parent(self, job_id: int, viewer: Viewer) -> Job:
        parent = await self._database.read(lambda db: job_queries.get_job(db, job_id))
        if parent is None or not viewer.may_know_of(parent):
            raise JobNotFoundError(job_id=job_id)
        check_may_be_taken_again(parent)
        return parent

    async def _take_in(
        self, attachments: tuple[Attachment, ...], mode: Mode, row: Capability
    ) -> tuple[str, ...]:
        """The artifacts of the images, checked against what the model wants of them."""
        if not attachments or row.images is None:
            return ()
        taken = [await self._intake.take_in(image, row.images) for image in attachments]
        pictures = {
            attachment.option: image.picture
            for attachment, image in zip(attachments, taken, strict=True)
        }
        check_pictures(pictures, mode, row)
        return tuple(image.artifact_id for image in taken)

    def _checked(
        self, options: Options, images: tuple[str, ...], guild_id: int
    ) -> tuple[VideoRequest, Capability]:
        """The request that the options mean, and the row whose limits it is within."""
        here = self._catalogues.of(guild_id)
        row = here.choose(options.model, mode_of(options, len(images)))
        request = request_from(options, row, images)
        return request, here.check(request)

    def _edited(
        self, job: Job, edits: Options, images: tuple[str, ...]
    ) -> tuple[VideoRequest, Capability]:
        """The request of another take: other options, perhaps other images, the same model."""
        request = job.request
        same = replace(edits, model=request.model, from_references=bool(request.references))
        return self._checked(same, images, job.place.guild_id)
