"""What is said to members who want to be told when their video is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.job import AT_REST_STATES, JobState, TellBy
from bot.domain.language import N_, _

if TYPE_CHECKING:
    from bot.domain.job import Job
    from bot.services.courses import Course

WILL_BE_TOLD = {
    TellBy.MENTION: N_("-# 🔔 {member} is mentioned when it is done."),
    TellBy.DIRECT: N_("-# 🔔 {member} gets a direct message when it is done."),
}
DONE = N_("Video #{number} is done.")
FILM_DONE = N_("The film of storyboard #{storyboard} is done: video #{number}.")
AGREED = {
    TellBy.MENTION: N_(
        "I mention you when video #{number} is done. **Do not tell me** takes that back."
    ),
    TellBy.DIRECT: N_(
        "I send you a direct message when video #{number} is done. "
        "**Do not tell me** takes that back."
    ),
}
AGREED_OF_FILM = N_(
    "You are told when the film is done, or when none comes. **Do not tell me** takes that back."
)
TAKEN_BACK_OF_FILM = N_("I do not tell you of this film.")


def will_be_told(job: Job) -> str:
    """In a status: that its member is told; empty where nobody is, or was."""
    if job.tell_by is None or job.state in AT_REST_STATES:
        return ""
    return told_by(job.tell_by, job.user_id)


def told_by(by: TellBy, user_id: int) -> str:
    """In a status: how its member is told."""
    return _(WILL_BE_TOLD[by]).format(member=f"<@{user_id}>")


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
        outcome = FILM_DONE if job.is_film else DONE
        outcome = _(outcome).format(number=job.job_id, storyboard=job.storyboard_id)
        where, message = place.thread_id or place.channel_id, place.result_message_id
    else:
        where, message = place.channel_id, place.thread_root_id
    return f"🔔 {outcome}", f"-# #{job.job_id} {_link(place.guild_id, where, message)}"


def told_of_no_film(course: Course, headed: str) -> tuple[str, str]:
    """The news that a storyboard stands still, and a last line that leads there.

    Args:
        course: It stands still without a film.
        headed: How its status begins.
    """
    place = course.board.place
    link = _link(place.guild_id, place.channel_id, place.status_message_id)
    return f"🔔 {headed}", f"-# #{course.newest_take_id} {link}"


def _link(guild_id: int, channel_id: int, message_id: int | None) -> str:
    return f"https://discord.com/channels/{guild_id}/{channel_id}/{message_id or ''}"
