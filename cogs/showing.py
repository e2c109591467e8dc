"""A finished video is posted again, as the answer to somebody who asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from bot.domain.errors import (
    DeliveryError,
    NotAllowedError,
    UploadTooLargeError,
)
from bot.domain.further_post import (
    FurtherPostKind,
    NotForHereError,
    check_is_there,
)
from bot.domain.language import _
from bot.languages import speaking
from cogs import permissions
from cogs.asking import check_channel
from cogs.result_texts import Reason
from cogs.sight import shows_nobody_new, viewer_of
from cogs.spoken import language_of_server

if TYPE_CHECKING:
    from bot.domain.job import Job
    from cogs.answer import Answer
    from cogs.services import Interaction


async def show_again(interaction: Interaction, answer: Answer, job_id: int) -> None:
    """Post a video where somebody asks for it, as the answer to them.

    Raises:
        MemberError: Says why not.
        DeliveryError: Discord did not take it.
    """
    services, viewer = interaction.client.services, viewer_of(interaction)
    poster = services.keeping.further_poster
    job = (await services.jobs.seen_by(viewer, job_id)).job
    check_is_there(job)
    _check_place(interaction, job)
    guild, guild_id = interaction.guild, interaction.guild_id or 0
    limit_bytes = 0 if guild is None else guild.filesize_limit
    may_attach = interaction.app_permissions.attach_files
    if not await poster.has_something(job, limit_bytes=limit_bytes, may_attach=may_attach):
        await poster.refuse_without_file(job)
    reason = Reason(
        kind=FurtherPostKind.SHOWN,
        by_user_id=viewer.user_id,
        takes=await services.keeping.history.takes_of(viewer, job_id),
    )
    await answer.begin()
    # From here on a takedown finds it: the message is there before the clip is in it.
    post = await services.keeping.further_posts.begin(
        job_id,
        reason.kind,
        channel_id=interaction.channel_id or 0,
        by_user_id=viewer.user_id,
        message_id=answer.message_id,
    )
    try:
        with speaking(language_of_server(interaction.client, services.policies, guild_id)):
            await poster.post(
                job, reason, answer.lay_out, limit_bytes=limit_bytes, may_attach=may_attach
            )
    except (DeliveryError, OSError) as exc:
        await services.keeping.further_posts.forget(post)  # the refusal takes the message back
        if isinstance(exc, UploadTooLargeError | OSError):
            await poster.refuse_without_file(job)
        raise


def _check_place(interaction: Interaction, job: Job) -> None:
    """Let a video be posted where somebody asks for it, or not.

    Raises:
        ChannelNotUsableError: The bot may not post there.
        NotAllowedError: The person may not.
        NotForHereError: People would see it who could not see it where it was made.
    """
    check_channel(interaction)
    here, guild = interaction.channel, interaction.guild
    in_thread = isinstance(here, discord.Thread)
    if permissions.missing_to_work(interaction.permissions, in_thread=in_thread):
        raise NotAllowedError(
            action=_("post a video here"), needed=_("those who may write in this channel")
        )
    if (
        guild is None
        or not isinstance(here, discord.abc.GuildChannel | discord.Thread)
        or not shows_nobody_new(guild, here, job.place)
    ):
        raise NotForHereError(job_id=job.job_id)
