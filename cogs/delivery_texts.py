"""What people read of the way that a result takes, where it is not the usual one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.destination import DestinationKind

if TYPE_CHECKING:
    from bot.domain.job import Job
    from bot.engine.claims import Claimed

NOTHING_WAITS = (
    "No finished video of yours waits here: what is done is posted by itself. "
    "`/video status` tells where your newest one stands."
)
OPEN_DIRECT_MESSAGES = (
    "Use this command in the channel that it was asked for in, or allow direct messages from "
    "members of this server in its privacy settings, and use it again."
)


def note_of(job: Job, kind: DestinationKind, why: str) -> str | None:
    """Under a result: why it is here, and that it comes late; None where there is nothing."""
    lines: list[str] = []
    if kind is DestinationKind.DIRECT:
        lines.append(f"-# It was asked for in <#{job.place.channel_id}>. It is here because {why}.")
    elif why:
        lines.append(f"-# This is here because {why}.")
    if job.late_at is not None:
        lines.append("-# This comes late: it took the video service much longer than usual.")
    return "\n".join(lines) or None


def delivered_where(job: Job) -> str:
    """Of a delivered job: where, if that is not the channel of its status message."""
    if job.place.result_is_direct:
        return f" in the direct messages of <@{job.user_id}>"
    return f" in <#{job.place.thread_id}>" if job.place.thread_id else ""


def waits_for_claim(job: Job) -> str:
    """Of a parked job: why, and what its member can do."""
    return (
        f"is ready, but I can post it nowhere, because {job.parked_why}. "
        f"<@{job.user_id}> gets it with `/video claim`"
    )


def claimed(came_of: Claimed) -> str:
    """What a member is told who fetched what waits for them."""
    lines = [_posted(job) for job in came_of.posted]
    lines += [f"Video #{job.job_id} is on its way." for job in came_of.under_way]
    lines += [
        f"Video #{job.job_id} can be posted nowhere, because {job.parked_why}. "
        f"{OPEN_DIRECT_MESSAGES}"
        for job in came_of.waiting
    ]
    lines += [
        f"Video #{job.job_id} is late. It is paid for: I ask for it again now, and it is posted "
        "when it comes."
        for job in came_of.late
    ]
    return "\n".join(lines) or NOTHING_WAITS


def _posted(job: Job) -> str:
    place = job.place
    if place.result_is_direct:
        return f"Video #{job.job_id} is in your direct messages."
    where = place.thread_id or place.channel_id
    return (
        f"Video #{job.job_id} is posted: "
        f"https://discord.com/channels/{place.guild_id}/{where}/{place.result_message_id}"
    )
