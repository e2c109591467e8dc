"""Whether the account takes jobs at present: backpressure without losing a place in the queue."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.errors import AccountError, ProviderError
from bot.domain.polling import wait_after_error_s

if TYPE_CHECKING:
    from datetime import datetime

    from bot.clock import Clock

log = logging.getLogger(__name__)

# Key, balance and plan are mended by a person: asking more often than this only fills the log.
ACCOUNT_PAUSE_S = 60.0


class AccountGate:
    """Closed for a while after each refusal that is not about the job, whose place is kept."""

    def __init__(self, clock: Clock, *, pace: float) -> None:
        self._clock = clock
        self._pace = pace
        self._refusals = 0
        self._account_error: str | None = None
        self._opens_at: datetime | None = None

    @property
    def account_error(self) -> str | None:
        """Why the account itself is refused, for the operator; None while it works."""
        return self._account_error

    def closed_for_s(self) -> float:
        """Seconds until jobs may be claimed again; 0 when they may now."""
        if self._opens_at is None:
            return 0.0
        return max(0.0, (self._opens_at - self._clock.now()).total_seconds())

    def refused(self, error: ProviderError) -> None:
        """The gateway was busy, away or refused the account: close, longer each time in a row."""
        self._refusals += 1
        pause_s = wait_after_error_s(errors=self._refusals, jitter=0) * self._pace
        if isinstance(error, AccountError):
            pause_s = max(pause_s, ACCOUNT_PAUSE_S * self._pace)
            if self._account_error is None:
                log.error(
                    "the gateway refuses the account; jobs wait until the operator mends it: %s",
                    error,
                )
            self._account_error = str(error)
        elif self._refusals == 1:
            log.warning("the gateway takes no job at present; jobs keep their place: %s", error)
        self._opens_at = self._clock.now() + timedelta(seconds=pause_s)

    def accepted(self) -> None:
        """A create was accepted: open."""
        if self._refusals:
            log.info("the gateway takes jobs again")
        self._refusals, self._account_error, self._opens_at = 0, None, None
