"""What is said to members who want to be told when their video is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.job import AT_REST_STATES, JobState, TellBy
from bot.domain.language import N_, _

if TYPE_CHECKING:
    from bot.domain.job import Job

WILL_BE_TOLD = {
    TellBy.MENTION: N_("-# 🔔 {member} is mentioned when it is done."),
    TellBy.DIRECT: N_("-# 🔔 {member} gets a direct message when it is done."),
}
AGREED = {
    TellBy.MENTION: N_(
        "I mention you when video #{number} is done. **Do not tell me** takes that back."
    ),
    TellBy.DIRECT: N_(
        "I send you a direct message when video #{number} is done. "
        "**Do not tell me** takes that back."
    ),
}


def will_be_told(job: Job) -> str:
    """In a status: that its member is told; empty where nobody is, or was."""
    if job.tell_by is None or job.state in AT_REST_STATES:
        return ""
    return _(WILL_BE_TOLD[job.tell_by]).format(member=f"<@{job.user_id}>")


def agreed(job: Job) -> str:
    """What a member is answered who pressed the button for it."""
    return _(AGREED[job.tell_by or TellBy.MENTION]).format(number=job.job_id)


def taken_back(job_id: int) -> str:
    """What a member is answered who does not want it after all."""
    return _("I do not tell you when video #{number} is done.").format(number=job_id)


def told(job: Job, outcome: str) -> tuple[str, str]:
    """The news, and a last line that leads there and is no other job's.

    Args:
        job: It has ended.
        outcome: How, where it was not delivered.
    """
    place = job.place
    if job.state is JobState.DELIVERED:
        outcome = _("Video #{number} is done.").format(number=job.job_id)
        where, message = place.thread_id or place.channel_id, place.result_message_id
    else:
        where, message = place.channel_id, place.status_message_id
    link = f"https://discord.com/channels/{place.guild_id}/{where}/{message or ''}"
    return f"🔔 {outcome}", f"-# #{job.job_id} {link}"
