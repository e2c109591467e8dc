"""What its member confirms before it is made.

That is what costs more than the server's moderators let pass unasked, and what has a prompt that
its model is known to handle badly.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.errors import MemberError
from bot.domain.language import _

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.job import Origin, Place, TellBy
    from bot.domain.money import Money, Rates
    from bot.domain.request import VideoRequest

GOOD_FOR = timedelta(minutes=15)
"""How long a question stands."""
PENDING_MAX = 5
"""Questions of one member that stand at once; a further one takes the oldest's place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """A question whether a video is to be made as it was asked for. It counts against nothing.

    Attributes:
        confirmation_id: From 1.
        request: What is asked for.
        user_id: Who asked, and alone may answer.
        place: Where the job would live.
        origin: What the member did.
        parent_job_id: The job that it is a take of.
        price: The most that it may cost, as they were told; None where nobody knows.
        expires_at: From when on it does not stand any more.
        message_id: The question itself, where everybody sees it, once it is posted.
        takes: How many videos it is about.
        tell_by: How the member is told that the video is done; None for not at all.
    """

    confirmation_id: int
    request: VideoRequest
    user_id: int
    place: Place
    origin: Origin
    parent_job_id: int | None
    price: Money | None
    expires_at: datetime
    message_id: int | None = None
    takes: int = 1
    tell_by: TellBy | None = None


class ConfirmationNeededError(MemberError):
    """The member has to say that it is to be made so. Nothing was started.

    Attributes:
        confirmation: The question.
        notes: What the member should know of their prompt.
        is_about_cost: Whether the price alone would have been asked about.
    """

    def __init__(
        self,
        confirmation: Confirmation,
        *,
        above: Money | None,
        was_told: bool = False,
        notes: tuple[str, ...] = (),
    ) -> None:
        """Make the question.

        Args:
            confirmation: As it was written down.
            above: What the server makes without asking; None where this is asked for its notes.
            was_told: Whether the member agreed to another price before.
            notes: What the member should know of their prompt.
        """
        self.confirmation, self.notes, self.is_about_cost = confirmation, notes, above is not None
        price, parent, takes = (
            confirmation.price,
            confirmation.parent_job_id,
            confirmation.takes,
        )
        if takes > 1:
            costs = (
                _("What {takes} more takes of #{parent} will cost is not known.")
                if price is None
                else _("{takes} more takes of #{parent} will cost up to **{price}** together.")
            )
        elif price is None:
            costs = (
                _("What this video will cost is not known.")
                if parent is None
                else _("What another take of #{parent} will cost is not known.")
            )
        elif not price.micros:
            costs = _("It is free.")
        else:
            costs = (
                _("This video will cost up to **{price}**.")
                if parent is None
                else _("Another take of #{parent} will cost up to **{price}**.")
            )
        until = f"<t:{int(confirmation.expires_at.timestamp())}:t>"
        if was_told:
            text = _(
                "The price is another one by now. {costs} Make it?\n"
                "-# Nothing was started: this server asks about everything that may cost more "
                "than {above}. Choose before {until}."
            )
        elif not notes:
            text = _(
                "{costs} Make it?\n"
                "-# Nothing was started: this server asks about everything that may cost more "
                "than {above}. Choose before {until}."
            )
        elif above is not None:
            text = _(
                "{notes}\n{costs} Make it anyway?\n"
                "-# Nothing was started: this server asks about everything that may cost more "
                "than {above}. Choose before {until}."
            )
        else:
            text = _(
                "{notes}\n{costs} Make it anyway?\n"
                "-# Nothing was started. Choose before {until}; you are told this once of a prompt."
            )
        costs = costs.format(parent=parent, price=price, takes=takes)
        super().__init__(text.format(notes="\n".join(notes), costs=costs, above=above, until=until))


class ConfirmationGoneError(MemberError):
    """The question was answered, has expired, or gave way to newer ones."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "This question does not stand any more. Nothing was started. "
                "Use the command, button or reaction again to be asked anew."
            )
        )


class AlreadyConfirmedError(MemberError):
    """The member says no after they said yes.

    Attributes:
        job_id: What was made of their yes.
    """

    def __init__(self, *, job_id: int) -> None:
        self.job_id = job_id
        super().__init__(
            _(
                "This was answered with yes before: it is video #{job_id}. "
                "Use `/video cancel` while it waits."
            ).format(job_id=job_id)
        )


def is_asked_about(price: Money | None, *, above: Money | None, rates: Rates) -> bool:
    """Whether a member has to confirm a video before it is made.

    Args:
        price: The most that it may cost; None where nobody knows, which is above everything.
        above: What the moderators let pass unasked; None for everything. What is free passes.
        rates: To compare amounts in different currencies.
    """
    if above is None or (price is not None and not price.micros):
        return False
    return rates.may_be_dearer(price, above)


def is_confirmed(price: Money | None, *, told: Money | None, rates: Rates) -> bool:
    """Whether somebody who agreed to a price also agreed to this one; to None, to any."""
    return told is None or not rates.may_be_dearer(price, told)


def origin_key_of(confirmation_id: int) -> str:
    """The origin of the one job that is made of a question."""
    return f"confirmation:{confirmation_id}"
