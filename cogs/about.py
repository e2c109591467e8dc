"""About this video: everything there is to know about it, privately."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands

from bot.domain.job import JobState, Origin
from bot.domain.language import N_, _
from bot.domain.takedown import NoVideoThereError
from cogs import texts
from cogs.answer import Answer
from cogs.failures import told
from cogs.services import Interaction
from cogs.sight import viewer_of

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.catalogues import Catalogues
    from bot.domain.cost import Charge
    from bot.domain.job import Job
    from bot.services.jobs import Standing
    from cogs.services import AnyInteraction

PROMPT_MAX_CHARACTERS = 250  # escaped it is twice that, and each take takes a link
CAUSES = {
    Origin.COMMAND: N_("with a command"),
    Origin.AGAIN: N_("with **Again**"),
    Origin.EDIT: N_("with **Edit**"),
    Origin.REACTION: N_("with 🔁"),
    Origin.TAKES: N_("with **3 more**"),
    Origin.EXTEND: N_("by extending another one"),
    Origin.REMIX: N_("with `/video remix`"),
    Origin.ANIMATE: N_("from the menu of a picture"),
}


@app_commands.context_menu(name="About this video")
@app_commands.guild_only()
async def about_this(interaction: Interaction, message: discord.Message) -> None:
    """Tell about the video of a status message or a result."""
    answer = Answer(interaction)
    async with told(answer):
        job = await interaction.client.services.jobs.for_message(message.id)
        if job is None:
            raise NoVideoThereError
        await answer.say(await about(interaction, job.job_id))


async def about(interaction: AnyInteraction, job_id: int) -> str:
    """Everything about one video that the person may know of.

    Raises:
        JobNotFoundError: There is none.
    """
    services = interaction.client.services
    viewer = viewer_of(interaction)
    standing = await services.jobs.seen_by(viewer, job_id)
    parent, takes = await services.jobs.lineage(viewer, standing.job)
    if standing.job.taken_down_at is not None:
        return texts.status(standing, services.catalogues, services.clock.now())
    return about_text(standing, parent, takes, services.catalogues)


def about_text(
    standing: Standing, parent: Job | None, takes: list[Job], catalogues: Catalogues
) -> str:
    """The whole answer; what is unknown, or not there yet, has no line."""
    job = standing.job
    lines = [
        _("**About video #{number}**").format(number=job.job_id),
        texts.quoted(job, longest=PROMPT_MAX_CHARACTERS),
        _("Settings: {settings}").format(settings=texts.settings_line(job, catalogues)),
        _("Model: `{model}`").format(model=job.request.model) + _through(job, catalogues),
        _("Asked for by {member} {when}, {how}").format(
            member=f"<@{job.user_id}>", when=_moment(job.created_at), how=_(CAUSES[job.origin])
        ),
        _times(job),
        _("Cost: {cost}").format(cost=_cost(standing.charge)),
    ]
    if parent is not None:
        lines.append(_("Made of: {videos}").format(videos=_named(parent)))
    if takes:
        listed = ", ".join(map(_named, takes))
        lines.append(_("What was made of it: {videos}").format(videos=listed))
    links = _links(job)
    if links:
        lines.append(_("Messages: {links}").format(links=" · ".join(links)))
    return "\n".join(filter(None, lines))[: texts.MESSAGE_MAX_CHARACTERS]


def _through(job: Job, catalogues: Catalogues) -> str:
    if job.account is None or job.state is JobState.QUEUED:
        return ""
    return " · " + catalogues.account_title(job.account)


def _cost(charge: Charge | None) -> str:
    if charge is None:
        return _("nothing")
    if charge.money is None or not charge.money.micros:
        return texts.cost(charge)
    return (
        str(charge.money) if charge.is_final else _("at most {amount}").format(amount=charge.money)
    )


def _times(job: Job) -> str:
    if job.submitted_at is None:
        return ""
    if job.state is not JobState.DELIVERED:
        return _("Begun {begun}").format(begun=_moment(job.submitted_at))
    return _("Begun {begun}, posted {posted}, {span} after it was asked for").format(
        begun=_moment(job.submitted_at),
        posted=_moment(job.state_at),
        span=texts.duration((job.state_at - job.created_at).total_seconds()),
    )


def _links(job: Job) -> list[str]:
    place = job.place
    found: list[str] = []
    if place.status_message_id is not None:
        url = _link(place.guild_id, place.channel_id, place.status_message_id)
        found.append(_linked(_("where it stands"), url))
    if place.result_message_id is not None and not place.result_is_direct:
        channel_id = place.thread_id or place.channel_id
        url = _link(place.guild_id, channel_id, place.result_message_id)
        found.append(_linked(_("the video"), url))
    return found


def _named(job: Job) -> str:
    place = job.place
    if place.result_message_id is None or place.result_is_direct or job.taken_down_at is not None:
        return f"#{job.job_id}"
    channel_id = place.thread_id or place.channel_id
    return f"[#{job.job_id}]({_link(place.guild_id, channel_id, place.result_message_id)})"


def _linked(said: str, url: str) -> str:
    return f"[{said}]({url})"


def _link(guild_id: int, channel_id: int, message_id: int) -> str:
    return f"https://discord.com/channels/{guild_id}/{channel_id}/{message_id}"


def _moment(at: datetime) -> str:
    return f"<t:{int(at.timestamp())}:f>"
