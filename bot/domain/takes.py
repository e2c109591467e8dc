"""Several takes in one click: all of them, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.errors import MemberError
from bot.domain.language import _

if TYPE_CHECKING:
    from bot.domain.errors import QueueFullError, QuotaExceededError

TAKES_AT_ONCE = 3
"""How many one click makes."""


class NotAllFitError(MemberError):
    """A limit lets some of the takes pass, and not all; none was started.

    Attributes:
        refusal: What stands in the way of the first that does not fit.
    """

    def __init__(
        self, refusal: QuotaExceededError | QueueFullError, *, fitting: int, wanted: int
    ) -> None:
        """Say what would fit.

        Args:
            refusal: Of the next one.
            fitting: How many would pass; at least 1.
            wanted: How many were asked for.
        """
        self.refusal = refusal
        super().__init__(
            _(
                "There is room for {fitting} of {wanted} videos, so none was started. Use "
                "**Again** for a single one. Why no more: {refusal}"
            ).format(fitting=fitting, wanted=wanted, refusal=refusal)
        )


def origin_keys(first: str, count: int) -> list[str]:
    """The keys of several jobs that have one cause; the first is the cause's own."""
    return [first, *(f"{first}/{number}" for number in range(2, count + 1))]
