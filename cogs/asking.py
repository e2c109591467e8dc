"""From an interaction to a job: who asks, whether the bot may work here, and the public answer."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import discord

from bot.domain.errors import MemberError
from bot.domain.gates import Visitor
from bot.domain.job import Origin, Place
from bot.domain.language import _, ngettext
from bot.domain.request import Mode
from bot.services.entrance import Asker
from cogs import permissions
from cogs.services import catalogue_for

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.domain.job import Job, TellBy
    from bot.domain.request import VideoRequest
    from bot.services.intake import Attachment
    from bot.services.options import Options
    from cogs.answer import Answer
    from cogs.services import Interaction


class ChannelNotUsableError(MemberError):
    """The bot may not work in the channel that the command was used in."""

    def __init__(self, missing: tuple[str, ...]) -> None:
        super().__init__(
            ngettext(
                "I may not write in this channel: {permissions} is missing. Nothing was started. "
                "Use another channel, or ask a moderator to allow it.",
                "I may not write in this channel: {permissions} are missing. Nothing was started. "
                "Use another channel, or ask a moderator to allow it.",
                len(missing),
            ).format(permissions=permissions.in_words(missing))
        )


def check_channel(interaction: Interaction) -> None:
    """Refuse before anything is begun where the result could not be posted.

    Raises:
        ChannelNotUsableError: Names what is missing.
    """
    in_thread = isinstance(interaction.channel, discord.Thread)
    check_may_work(interaction.app_permissions, in_thread=in_thread)


def check_may_work(may: discord.Permissions, *, in_thread: bool) -> None:
    """Refuse where the bot may not post anything at all.

    Raises:
        ChannelNotUsableError: Names what is missing.
    """
    missing = permissions.missing_to_work(may, in_thread=in_thread)
    if missing:
        raise ChannelNotUsableError(missing)


def asker_of(interaction: Interaction, answer: Answer, origin: Origin) -> Asker:
    """The person behind an interaction, and the place of the job that it causes."""
    guild_id = interaction.guild_id or 0
    return Asker(
        visitor=visitor_of(interaction.user, interaction.channel, guild_id),
        place=Place(
            guild_id=guild_id,
            channel_id=interaction.channel_id or 0,
            in_thread=isinstance(interaction.channel, discord.Thread),
            status_message_id=answer.message_id,
            parent_channel_id=public_parent_id(interaction.channel),
        ),
        origin=origin,
        origin_key=f"interaction:{interaction.id}",
    )


def public_parent_id(channel: object) -> int | None:
    """The channel above a public thread, whose results may also be posted there.

    Those of a private thread may not: not everybody who sees the channel sees the thread.
    """
    if isinstance(channel, discord.Thread) and not channel.is_private():
        return channel.parent_id
    return None


def visitor_of(person: discord.User | discord.Member, channel: object, guild_id: int) -> Visitor:
    """Somebody in a channel, or in a thread, for which the channel above it decides."""
    channel_id, is_restricted = 0, False
    if isinstance(channel, discord.Thread):
        channel_id, is_restricted = channel.parent_id, channel.is_nsfw()
    elif isinstance(channel, discord.TextChannel | discord.VoiceChannel | discord.StageChannel):
        channel_id, is_restricted = channel.id, channel.is_nsfw()
    return Visitor(
        user_id=person.id,
        role_ids=role_ids(person, guild_id),
        channel_id=channel_id,
        in_age_restricted=is_restricted,
        joined_at=person.joined_at if isinstance(person, discord.Member) else None,
    )


def role_ids(person: discord.User | discord.Member, guild_id: int) -> tuple[int, ...]:
    """The person's roles; @everyone, whose id is the server's, always among them."""
    roles = [role.id for role in person.roles] if isinstance(person, discord.Member) else []
    return tuple(dict.fromkeys([guild_id, *roles]))


async def admit(interaction: Interaction, answer: Answer, origin: Origin) -> None:
    """Refuse before anything is begun who may not make videos here; see `Submissions.admit`."""
    submissions = interaction.client.services.submissions
    await submissions.admit(asker_of(interaction, answer, origin))


async def submit_in_public(  # noqa: PLR0913  # what is asked for, by whom, and of what it is made
    interaction: Interaction,
    answer: Answer,
    origin: Origin,
    request: VideoRequest,
    submit: Callable[[Asker], Awaitable[Job | list[Job]]],
    *,
    before: VideoRequest | None = None,
    takes: int = 1,
) -> list[Job]:
    """Answer at once, enqueue, then turn the answer into the job's status message.

    Where the request has to be confirmed, the answer is private from its beginning.

    Of several jobs the answer shows the first; the others get messages of their own.

    The order matters: the answer comes before the first slow step, and the job is written down
    with the answer's message id, so that a restart right after finds both.
    """
    check_channel(interaction)
    await admit(interaction, answer, origin)
    services = interaction.client.services
    asker = asker_of(interaction, answer, origin)
    if not services.submissions.asks_about(request, asker, before=before, takes=takes):
        await answer.begin()
        jobs = _all_of(await submit(asker_of(interaction, answer, origin)))
        await services.board.show_first(jobs[0].job_id, answer)
        for job in jobs[1:]:
            services.board.job_changed(job.job_id)
        return jobs
    await answer.begin_in_private()
    jobs = _all_of(await submit(asker_of(interaction, answer, origin)))
    # The moderators changed their minds at this moment: it is made without a question.
    for job in jobs:
        services.board.job_changed(job.job_id)
    await answer.tell(asked_for(jobs))
    return jobs


async def create(
    interaction: Interaction,
    answer: Answer,
    options: Options,
    attachments: tuple[Attachment, ...] = (),
    tell_by: TellBy | None = None,
) -> None:
    """Make a video of what somebody typed, with their defaults where they left something out."""
    services, guild_id = interaction.client.services, interaction.guild_id or 0
    fill = partial(
        services.defaults.fill,
        images=len(attachments),
        user_id=interaction.user.id,
        guild_id=guild_id,
    )
    options = await fill(options)
    cheapest = catalogue_for(interaction).cheapest(Mode.REFERENCES)
    if options.from_references and options.model is None and cheapest is not None:
        options = await fill(replace(options, model=cheapest.model))
    submissions = services.submissions
    request = submissions.check(options, attachments, guild_id=guild_id)
    await submit_in_public(
        interaction,
        answer,
        Origin.COMMAND,
        request,
        lambda asker: submissions.submit(options, attachments, replace(asker, tell_by=tell_by)),
    )


def asked_for(jobs: list[Job]) -> str:
    """What a member is told in private whose video's status is posted as a message of its own."""
    if len(jobs) > 1:
        numbers = ", ".join(f"#{job.job_id}" for job in jobs)
        text = _("Videos {numbers} are asked for. I post in this channel where each stands.")
        return text.format(numbers=numbers)
    return _("Video #{number} is asked for. I post in this channel where it stands.").format(
        number=jobs[0].job_id
    )


def _all_of(made: Job | list[Job]) -> list[Job]:
    return made if isinstance(made, list) else [made]
