"""Extending a video: another one that goes on from its last picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.errors import MemberError
from bot.domain.job import JobState
from bot.domain.language import _
from bot.domain.takedown import check_may_be_taken_again

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.domain.capability import Capability
    from bot.domain.job import Job


class CannotExtendError(MemberError):
    """A video cannot be gone on from.

    Attributes:
        job_id: The video.
    """

    def __init__(self, *, job_id: int, text: str) -> None:
        """Say why.

        Args:
            job_id: The video.
            text: The reason, in words, with the next step.
        """
        self.job_id = job_id
        super().__init__(
            _("Video #{job_id} cannot be extended: {why}").format(job_id=job_id, why=text)
        )


def check_may_be_extended(job: Job) -> None:
    """Let a video be gone on from, or not.

    Raises:
        TakenDownError: Moderators took it down.
        NotKeptError: What it was made from is deleted, or about to be.
        CannotExtendError: It is not finished, or ended without a clip.
    """
    check_may_be_taken_again(job)
    if job.state is not JobState.DELIVERED or job.clip is None:
        raise CannotExtendError(
            job_id=job.job_id,
            text=_("it has ended without a clip. Use **Again** for another take first.")
            if job.is_terminal
            else _("it is not finished yet. Use `/video extend` again when it is."),
        )


def takes_no_frame(job_id: int, row: Capability, others: Iterable[Capability]) -> CannotExtendError:
    """What is said of a model that starts from no picture."""
    listed = ", ".join(f"`{other.model}` ({other.price_text})" for other in others)
    why = (
        _(
            "{title} does not start from a picture. Use `/video extend` with one of these as "
            "`model`: {models}."
        )
        if listed
        else _("no model here starts from a picture. Ask the operator of this bot for one.")
    )
    return CannotExtendError(job_id=job_id, text=why.format(title=row.title, models=listed))


def clip_is_gone(job_id: int) -> CannotExtendError:
    """Neither the file nor the post of a clip is there any more."""
    why = _(
        "its file is not kept any more, and its post is gone. If you have a picture of its end, "
        "give it to `/video create` as `image`."
    )
    return CannotExtendError(job_id=job_id, text=why)


def cannot_be_read(job_id: int) -> CannotExtendError:
    """The last picture of a clip cannot be decoded."""
    why = _("its last picture could not be read. Try another take of it.")
    return CannotExtendError(job_id=job_id, text=why)
