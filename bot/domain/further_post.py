"""Posts of a finished video besides its result, and why there may be none."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.domain.errors import MemberError
from bot.domain.job import JobState
from bot.domain.language import N_, _

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.job import Job

BY_MODERATORS = N_("the moderators of this server took it down")
BY_ITS_MEMBER = N_("the member who asked for it deleted it")
WITHOUT_FILE = N_("its file is not kept any more, and its post is gone")


class FurtherPostKind(StrEnum):
    """What a further post is for. Stored: never rename one."""

    SHOWN = "shown"  # a person showed it again, where everybody sees it
    SENT = "sent"  # to a person, by direct message
    GALLERY = "gallery"


@dataclass(frozen=True, slots=True, kw_only=True)
class FurtherPost:
    """A post of a finished video besides its result.

    Attributes:
        post_id: Its number.
        job_id: Of which video.
        guild_id: On whose server that was made.
        kind: What it is for.
        channel_id: Where it is, or may be; None where none was tried yet.
        tried_at: When it was first about to be posted there; None where it was not.
        message_id: The message; None where it is not known to be there.
    """

    post_id: int
    job_id: int
    guild_id: int
    kind: FurtherPostKind
    channel_id: int | None
    tried_at: datetime | None
    message_id: int | None

    @property
    def nonce(self) -> str:
        """What Discord knows it by for some minutes; at most 25 characters."""
        return f"cogreel-f-{self.post_id}"


class NotDoneError(MemberError):
    """There is no clip of it yet, or there never will be.

    Attributes:
        job_id: The video.
    """

    def __init__(self, *, job_id: int) -> None:
        self.job_id = job_id
        super().__init__(
            _("Video #{job_id} is not done. See `/video status` for where it stands.").format(
                job_id=job_id
            )
        )


class NothingLeftError(MemberError):
    """It was done, and is gone.

    Attributes:
        job_id: The video.
        why: In words that have a translation.
    """

    def __init__(self, *, job_id: int, why: str) -> None:
        self.job_id, self.why = job_id, why
        super().__init__(
            _(
                "There is nothing left of video #{job_id}: {why}. "
                "See `/video history` for your own videos."
            ).format(job_id=job_id, why=_(why))
        )


class NotForHereError(MemberError):
    """More people would see it than could see it where it was asked for.

    Attributes:
        job_id: The video.
    """

    def __init__(self, *, job_id: int) -> None:
        self.job_id = job_id
        super().__init__(
            _(
                "Video #{job_id} was made in a channel that is not for everybody here. "
                "Use `/video show` in that channel."
            ).format(job_id=job_id)
        )


class FileNotKeptError(MemberError):
    """What is left of it is its post.

    Attributes:
        job_id: The video.
        link: To the post.
    """

    def __init__(self, *, job_id: int, link: str) -> None:
        self.job_id, self.link = job_id, link
        super().__init__(
            _(
                "I have no file of video #{job_id} that I could post here. See its post: {link}."
            ).format(job_id=job_id, link=link)
        )


class TooManyPostsError(MemberError):
    """A member had many videos posted again lately.

    Attributes:
        limit: So many within ten minutes are the most.
    """

    def __init__(self, *, limit: int) -> None:
        self.limit = limit
        super().__init__(
            _(
                "You had {limit} videos posted again or sent to you in the last ten minutes. "
                "Wait a little."
            ).format(limit=limit)
        )


def check_is_there(job: Job) -> None:
    """Let somebody do something with a finished video, or not.

    Raises:
        NotDoneError: It is not finished, or was never made.
        NothingLeftError: It was taken down, or deleted by its member.
    """
    if job.withdrawn_at is not None:
        raise NothingLeftError(job_id=job.job_id, why=BY_ITS_MEMBER)
    if job.taken_down_at is not None:
        raise NothingLeftError(job_id=job.job_id, why=BY_MODERATORS)
    if job.state is not JobState.DELIVERED:
        raise NotDoneError(job_id=job.job_id)
