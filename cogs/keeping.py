"""What people do with a finished video by button and by reaction: collect, send, report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.errors import DestinationGoneError, MemberError, MissingPermissionsError
from bot.domain.language import _
from cogs.message_links import link_to

if TYPE_CHECKING:
    from bot.domain.job import Job
    from cogs.services import Services


class DirectMessagesClosedError(MemberError):
    """Discord does not let the bot write to somebody.

    Attributes:
        job_id: What was to be sent.
    """

    def __init__(self, *, job_id: int) -> None:
        self.job_id = job_id
        super().__init__(
            _(
                "I may not send you direct messages, so video #{job_id} was not sent. Try again "
                "once you allow direct messages from members of this server."
            ).format(job_id=job_id)
        )


async def toggle_favourite(services: Services, job: Job, user_id: int) -> str:
    """Collect a result, or do so no more; what the person is told.

    Raises:
        MemberError: Says why not.
    """
    is_favourite = await services.keeping.favourites.toggle(job.job_id, user_id)
    text = (
        _(
            "⭐ Video #{number} is one of your favourites now. "
            "`/video history favourites:yes` lists them; press again to take it out."
        )
        if is_favourite
        else _("Video #{number} is none of your favourites any more.")
    )
    return text.format(number=job.job_id)


async def send(services: Services, job: Job, user_id: int) -> str:
    """Send a result to a person; what they are told.

    Raises:
        MemberError: Says why not.
        DeliveryError: Discord is in trouble.
    """
    try:
        await services.keeping.further_poster.send_to(job, user_id)
    except (MissingPermissionsError, DestinationGoneError) as exc:
        raise DirectMessagesClosedError(job_id=job.job_id) from exc
    return _("✉️ Video #{number} is in your direct messages.").format(number=job.job_id)


async def report(
    services: Services, job: Job, user_id: int, *, channel_id: int, message_id: int
) -> str:
    """Report a result to the moderators; what the person is told.

    Raises:
        MemberError: Says why not.
    """
    link = link_to(job.place.guild_id, channel_id, message_id)
    is_news = await services.keeping.reports.report(job.job_id, user_id, link=link)
    text = (
        _("🚩 Your report of video #{number} was passed on to the moderators of this server.")
        if is_news
        else _("You reported video #{number} before. The moderators of this server have it.")
    )
    return text.format(number=job.job_id)
