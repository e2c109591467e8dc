"""Edit, remix, extend: one form each, filled with an earlier video, and what becomes of it."""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import discord

from bot.domain.capability import images_taken
from bot.domain.confirmation import ConfirmationNeededError
from bot.domain.errors import DeliveryError
from bot.domain.gates import Gate, GateClosedError
from bot.domain.job import Job, Origin
from bot.domain.language import _
from bot.domain.request import Mode
from bot.domain.takedown import check_may_be_taken_again
from bot.services.options import request_from
from bot.services.submissions import NOT_YET_TAKEN_IN
from cogs.asking import admit, submit_in_public, visitor_of
from cogs.result_post import posted_clip_url
from cogs.sight import viewer_of
from cogs.wish_modal import WishModal

if TYPE_CHECKING:
    from bot.domain.capability import Capability
    from bot.domain.job import TellBy
    from bot.domain.request import VideoRequest
    from bot.services.entrance import Asker
    from bot.services.intake import Attachment
    from bot.services.options import Options
    from cogs.answer import Answer
    from cogs.services import AnyInteraction, Services

log = logging.getLogger(__name__)


async def open_edit(interaction: AnyInteraction, answer: Answer, job_id: int) -> None:
    """Open the form for another take with other words or settings."""
    job, row = await _to_take_again(interaction, answer, job_id, Origin.EDIT)
    title = _("Edit video #{number}").format(number=job_id)
    await answer.open(WishModal(title, job.request, row, partial(_take, job, Origin.EDIT)))


async def open_remix(
    interaction: AnyInteraction, answer: Answer, job_id: int, *, tell_by: TellBy | None
) -> None:
    """Open the form for something else made of a video: words, settings, and a new image."""
    job, row = await _to_take_again(interaction, answer, job_id, Origin.REMIX)
    title = _("Remix video #{number}").format(number=job_id)
    sent = partial(_take, job, Origin.REMIX, tell_by=tell_by)
    images = _images_most(row, from_references=bool(job.request.references))
    await answer.open(WishModal(title, job.request, row, sent, new_images=images))


async def open_extend(interaction: AnyInteraction, answer: Answer, job_id: int) -> None:
    """Open the form for what comes after a video."""
    services = interaction.client.services
    standing = await services.jobs.seen_by(viewer_of(interaction), job_id)
    check_age(interaction, standing.job)
    options = services.submissions.what_goes_on(standing.job)
    row = services.catalogues.of(standing.job.place.guild_id).choose(
        options.model, Mode.FIRST_FRAME
    )
    await admit(interaction, answer, Origin.EXTEND)
    title = _("What comes after video #{number}").format(number=job_id)
    filled = request_from(options, row, (NOT_YET_TAKEN_IN,))
    await answer.open(WishModal(title, filled, row, partial(_extend, standing.job)))


async def extend(
    interaction: AnyInteraction,
    answer: Answer,
    job_id: int,
    *,
    prompt: str | None,
    model: str | None,
    tell_by: TellBy | None,
) -> None:
    """Make what comes after a video, and show the picture that it begins with."""
    services = interaction.client.services
    standing = await services.jobs.seen_by(viewer_of(interaction), job_id)
    check_age(interaction, standing.job)
    options = services.submissions.what_goes_on(standing.job, prompt=prompt, model=model)
    await _extend(standing.job, interaction, answer, options, (), tell_by=tell_by)


def check_age(interaction: AnyInteraction, job: Job) -> None:
    """Keep what was made in an age-restricted channel to such channels, whatever is made of it.

    Raises:
        GateClosedError: This is none.
    """
    guild_id, guild = interaction.guild_id or 0, interaction.guild
    source_id = job.place.parent_channel_id or job.place.channel_id
    source = None if guild is None else guild.get_channel_or_thread(source_id)
    there, here = (
        visitor_of(interaction.user, channel, guild_id).in_age_restricted
        for channel in (source, interaction.channel)
    )
    if there and not here:
        raise GateClosedError(
            gate=Gate.AGE_RESTRICTION,
            why=_("Video #{number} was made in an age-restricted channel.").format(
                number=job.job_id
            ),
            next_step=_("Use an age-restricted channel for what is made of it."),
        )


async def _to_take_again(
    interaction: AnyInteraction, answer: Answer, job_id: int, origin: Origin
) -> tuple[Job, Capability]:
    services = interaction.client.services
    standing = await services.jobs.seen_by(viewer_of(interaction), job_id)
    job: Job = standing.job
    check_may_be_taken_again(job)
    check_age(interaction, job)
    row = services.catalogues.of(job.place.guild_id).choose(job.request.model, job.request.mode)
    await admit(interaction, answer, origin)
    return job, row


async def _take(  # noqa: PLR0913  # all that a form's sender knows
    job: Job,
    origin: Origin,
    interaction: AnyInteraction,
    answer: Answer,
    edits: Options,
    attachments: tuple[Attachment, ...],
    *,
    tell_by: TellBy | None = None,
) -> None:
    services = interaction.client.services
    request = services.submissions.check_edits(job, edits, attachments)
    await submit_in_public(
        interaction,
        answer,
        origin,
        request,
        lambda asker: services.submissions.take_again(
            job.job_id,
            replace(asker, tell_by=tell_by),
            viewer=viewer_of(interaction),
            edits=edits,
            attachments=attachments,
        ),
        before=job.request,
    )


async def _extend(
    job: Job,
    interaction: AnyInteraction,
    answer: Answer,
    options: Options,
    attachments: tuple[Attachment, ...],
    *,
    tell_by: TellBy | None = None,
) -> None:
    del attachments  # its form takes none
    services = interaction.client.services
    request = services.submissions.check_extension(job, options)

    async def submit(asker: Asker) -> Job:
        try:
            made: Job = await services.submissions.extend(
                job.job_id,
                replace(asker, tell_by=tell_by),
                viewer=viewer_of(interaction),
                options=options,
                posted=lambda: posted_clip_url(interaction.client, job),
            )
        except ConfirmationNeededError as question:  # who is asked sees what it would begin with
            asked = question.confirmation.request
            answer.picture = partial(_first_frame, services, asked, job, name="first-frame")
            raise
        return made

    (made,) = await submit_in_public(
        interaction, answer, Origin.EXTEND, request, submit, before=job.request
    )
    try:
        name = f"first-frame-{made.job_id}"
        await answer.attach(_first_frame(services, made.request, job, name=name))
    except (DeliveryError, OSError) as exc:  # it is made without being shown too
        log.info("the first picture of job %d is not shown: %s", made.job_id, exc)


def _first_frame(
    services: Services, request: VideoRequest, parent: Job, *, name: str
) -> discord.File:
    """The picture that a clip begins with.

    Raises:
        OSError: It is gone by now.
    """
    return discord.File(
        services.submissions.image_file(request.images[0]),
        filename=f"{name}.jpg",
        description=_("The last frame of video #{number}").format(number=parent.job_id),
        spoiler=services.policies.of(parent.place.guild_id).spoilers,
    )


def _images_most(row: Capability, *, from_references: bool) -> int:
    """How many images a model takes at the most."""
    modes = [Mode.REFERENCES] if from_references else [*Mode]
    return max(
        (
            images_taken(row, mode)[1]
            for mode in modes
            if mode in row.modes and (from_references or mode is not Mode.REFERENCES)
        ),
        default=0,
    )
