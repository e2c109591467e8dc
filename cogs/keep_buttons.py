"""Favourite, Send to me and Report under a finished video, in a row of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.language import N_
from cogs import keeping
from cogs.answer import Answer
from cogs.buttons import JobButton
from cogs.failures import told
from cogs.sight import viewer_of

if TYPE_CHECKING:
    from bot.domain.job import Job
    from cogs.services import AnyInteraction, Services


class KeepButton(JobButton, template=r"cogreel:never-kept:(?P<job_id>[0-9]{1,18})"):
    """What the three share: a private answer."""

    verb, label, emoji = "never-kept", "", "⭐"

    async def job(self, interaction: AnyInteraction) -> Job:
        """The video.

        Raises:
            JobNotFoundError: There is none that the presser may know of.
        """
        services: Services = interaction.client.services
        return (await services.jobs.seen_by(viewer_of(interaction), self.job_id)).job


class StarButton(KeepButton, template=r"cogreel:star:(?P<job_id>[0-9]{1,18})"):
    """Collects the video for the presser, or does so no more."""

    verb, label, emoji = "star", N_("Favourite"), "⭐"

    async def callback(self, interaction: AnyInteraction) -> None:
        """Do it, and say so."""
        answer = Answer(interaction)
        async with told(answer):
            await answer.begin_in_place()
            services, job = interaction.client.services, await self.job(interaction)
            await answer.say(await keeping.toggle_favourite(services, job, interaction.user.id))


class SendButton(KeepButton, template=r"cogreel:send:(?P<job_id>[0-9]{1,18})"):
    """Sends the video to the presser."""

    verb, label, emoji = "send", N_("Send to me"), "✉️"

    async def callback(self, interaction: AnyInteraction) -> None:
        """Do it, which may take a while, and say so."""
        answer = Answer(interaction)
        async with told(answer):
            await answer.begin_in_private()
            services, job = interaction.client.services, await self.job(interaction)
            await answer.tell(await keeping.send(services, job, interaction.user.id))


class ReportButton(KeepButton, template=r"cogreel:report:(?P<job_id>[0-9]{1,18})"):
    """Reports the video to the moderators."""

    verb, label, emoji = "report", N_("Report"), "🚩"

    async def callback(self, interaction: AnyInteraction) -> None:
        """Pass it on, and say so."""
        answer = Answer(interaction)
        async with told(answer):
            await answer.begin_in_place()
            services, job = interaction.client.services, await self.job(interaction)
            text = await keeping.report(
                services,
                job,
                interaction.user.id,
                channel_id=interaction.channel_id or 0,
                message_id=0 if interaction.message is None else interaction.message.id,
            )
            await answer.say(text)


KEEP_BUTTONS: tuple[type[KeepButton], ...] = (StarButton, SendButton, ReportButton)


def keep_row(job_id: int) -> list[KeepButton]:
    """The three."""
    return [kind(job_id) for kind in KEEP_BUTTONS]
