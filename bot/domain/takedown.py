"""Videos that moderators took down: how they are named, and what is said of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.errors import DeliveryError, MemberError
from bot.domain.language import _
from bot.domain.storyboard import FilmTakenAgainError

if TYPE_CHECKING:
    from bot.domain.job import Job

# Discord's ids are that large since its first days; no bot makes so many videos.
MESSAGE_ID_MIN = 10**15
_LINK = re.compile(r"https://(?:\w+\.)?discord(?:app)?\.com/channels/[0-9]+/[0-9]+/([0-9]{1,19})/?")
_NUMBER = re.compile(r"#?([0-9]{1,19})")


class NoVideoThereError(MemberError):
    """What a moderator named is no video of this server."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "That is no video of mine on this server. Use the link of the message with the "
                "video, "
                "or the video's number, like `#12`."
            )
        )


class TakenDownError(MemberError):
    """A video that was taken down is not made again.

    Attributes:
        job_id: The video.
    """

    def __init__(self, *, job_id: int) -> None:
        self.job_id = job_id
        super().__init__(
            _(
                "Video #{job_id} was taken down by the moderators of this server, so it is not "
                "made again. Start another one with `/video create`."
            ).format(job_id=job_id)
        )


class NotKeptError(MemberError):
    """What a video was made from is deleted, so no other take of it can be made.

    Attributes:
        job_id: The video.
    """

    def __init__(self, *, job_id: int) -> None:
        self.job_id = job_id
        super().__init__(
            _(
                "The words and images of video #{job_id} are deleted: they are not kept for ever. "
                "Start another one with `/video create`."
            ).format(job_id=job_id)
        )


def check_may_be_taken_again(job: Job) -> None:
    """Let another take of a video be made, or not.

    Raises:
        FilmTakenAgainError: It was joined from shots.
        TakenDownError: Moderators took it down.
        NotKeptError: What it was made from is deleted, or about to be.
    """
    if job.is_film:
        raise FilmTakenAgainError(job_id=job.job_id)
    if job.withdrawn_at is not None or job.erased_at is not None:
        raise NotKeptError(job_id=job.job_id)
    if job.taken_down_at is not None:
        raise TakenDownError(job_id=job.job_id)


class TakenDownMeanwhileError(DeliveryError):
    """The video was taken down while it was made ready to be posted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakedownTarget:
    """What is to be taken down: by its number, or by a message of it; one of the two."""

    job_id: int | None = None
    message_id: int | None = None


def target_of(typed: str) -> TakedownTarget:
    """What somebody means who typed a link, an id or a number.

    Raises:
        NoVideoThereError: It is none of these.
    """
    link = _LINK.fullmatch(typed.strip())
    number = link or _NUMBER.fullmatch(typed.strip())
    if number is None or int(number[1]) >= 2**63:
        raise NoVideoThereError
    if link is not None or int(number[1]) >= MESSAGE_ID_MIN:
        return TakedownTarget(message_id=int(number[1]))
    return TakedownTarget(job_id=int(number[1]))
