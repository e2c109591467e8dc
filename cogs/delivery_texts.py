"""What people read of the way that a result takes, where it is not the usual one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.destination import DestinationKind
from bot.domain.job import JobState
from bot.domain.language import N_, _
from cogs import obstacles

if TYPE_CHECKING:
    from bot.domain.job import Job, Place
    from bot.engine.claims import Claimed

NOTHING_WAITS = N_(
    "No finished video of yours waits here: what is done is posted by itself. "
    "`/video status` tells where your newest one stands."
)
OPEN_DIRECT_MESSAGES = N_(
    "Use this command in the channel that it was asked for in, or allow direct messages from "
    "members of this server in its privacy settings, and use it again."
)


def note_of(job: Job, kind: DestinationKind, why: str) -> str | None:
    """Under a result: why it is here, and that it comes late; None where there is nothing."""
    lines: list[str] = []
    why = why and obstacles.in_words(why)
    if kind is DestinationKind.DIRECT:
        text = _("-# It was asked for in {channel}. It is here because {why}.")
        lines.append(text.format(channel=f"<#{job.place.channel_id}>", why=why))
    elif why:
        lines.append(_("-# This is here because {why}.").format(why=why))
    if job.late_at is not None:
        lines.append(_("-# This comes late: it took the video service much longer than usual."))
    return "\n".join(lines) or None


def done(job: Job, took: str) -> str:
    """Of a delivered job: where, if that is not the channel of its status message."""
    if job.place.result_is_direct:
        text = _("is done in the direct messages of {member}, after {duration}")
        return text.format(member=f"<@{job.user_id}>", duration=took)
    if job.place.thread_id is None:
        return _("is done, after {duration}").format(duration=took)
    thread = f"<#{job.place.thread_id}>"
    return _("is done in {thread}, after {duration}").format(thread=thread, duration=took)


def clip_line(job: Job) -> str:
    """Where to see it again, below its status; empty where there is no post of it."""
    gone = job.taken_down_at is not None or job.withdrawn_at is not None
    if job.state is not JobState.DELIVERED or job.place.result_is_direct or gone:
        return ""
    return _("\n-# See it again: {link}").format(link=result_link(job.place))


def waits_for_claim(job: Job) -> str:
    """Of a parked job: why, and what its member can do."""
    return _(
        "is ready, but I can post it nowhere, because {why}. {member} gets it with `/video claim`"
    ).format(why=obstacles.in_words(job.parked_why or ""), member=f"<@{job.user_id}>")


def claimed(came_of: Claimed) -> str:
    """What a member is told who fetched what waits for them."""
    lines = [_posted(job) for job in came_of.posted]
    under_way = _("Video #{number} is on its way.")
    lines += [under_way.format(number=job.job_id) for job in came_of.under_way]
    lines += [_still_waits(job) for job in came_of.waiting]
    late = _(
        "Video #{number} is late. It is paid for: I ask for it again now, and it is posted "
        "when it comes."
    )
    lines += [late.format(number=job.job_id) for job in came_of.late]
    return "\n".join(lines) or _(NOTHING_WAITS)


def _still_waits(job: Job) -> str:
    return _("Video #{number} can be posted nowhere, because {why}. {what_to_do}").format(
        number=job.job_id,
        why=obstacles.in_words(job.parked_why or ""),
        what_to_do=_(OPEN_DIRECT_MESSAGES),
    )


def _posted(job: Job) -> str:
    if job.place.result_is_direct:
        return _("Video #{number} is in your direct messages.").format(number=job.job_id)
    return _("Video #{number} is posted: {link}").format(
        number=job.job_id, link=result_link(job.place)
    )


def result_link(place: Place) -> str:
    """Leads to the message with the clip, for those who see its place."""
    where = place.thread_id or place.channel_id
    return f"https://discord.com/channels/{place.guild_id}/{where}/{place.result_message_id}"
