"""Whether one account takes jobs at present: backpressure without losing a place in the queue."""

from __future__ import annotations

import logging
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.errors import AccountError, ProviderBusyError, ProviderError
from bot.domain.polling import wait_after_error_s
from bot.domain.routing import Room

if TYPE_CHECKING:
    from collections.abc import Generator
    from datetime import datetime

    from bot.clock import Clock

log = logging.getLogger(__name__)

# Key, balance and plan are mended by a person: asking more often than this only fills the log.
ACCOUNT_PAUSE_S = 60.0
# Refusals in a row, some six seconds of them at the least, after which other accounts take over.
BROKEN_AFTER = 3


@dataclass(slots=True)
class _Pause:
    """Refusals in a row, and since and until when nothing is asked for them."""

    refusals: int = 0
    closed_at: datetime | None = None
    opens_at: datetime | None = None


class AccountGate:
    """Closed for a while after each refusal that is not about the job, whose place is kept.

    The vendor counts concurrency per model: one that is busy holds up none of the others.
    """

    def __init__(self, clock: Clock, *, name: str, pace: float) -> None:
        """Open the gate.

        Args:
            clock: Says when a pause is over.
            name: The account's, for the log.
            pace: Multiplies the pauses.
        """
        self._clock = clock
        self._name = name
        self._pace = pace
        self._account = _Pause()
        self._models: defaultdict[str, _Pause] = defaultdict(_Pause)
        self._account_error: str | None = None
        self._lost: set[str] = set()  # models that the gateway has disowned
        self._repeating = 0

    @property
    def account_error(self) -> str | None:
        """Why the account itself is refused, for the operator; None while it works."""
        return self._account_error

    def room(self, model: str, *, limit: int) -> Room:
        """Whether jobs of a model may be claimed now.

        Args:
            model: The model.
            limit: How many of its jobs may be in flight at once.
        """
        if model in self._lost:
            return Room(limit=limit, is_closed=True, is_broken=True)
        return Room(
            limit=limit,
            is_closed=self.closed_for_s() > 0 or self.closed_for_s(model) > 0,
            is_broken=self._account_error is not None or self._account.refusals >= BROKEN_AFTER,
            is_trying=self._account.refusals > 0,
            repeating=self._repeating,
        )

    def closed_for_s(self, model: str | None = None) -> float:
        """Seconds until jobs may be claimed again; 0 when they may now.

        Args:
            model: For jobs of this model; None for any at all.
        """
        pause, now = self._account if model is None else self._models[model], self._clock.now()
        if pause.opens_at is None or pause.closed_at is None or now < pause.closed_at:
            return 0.0  # before it was closed is after a clock was set back, which says nothing
        return max(0.0, (pause.opens_at - now).total_seconds())

    def refused(self, error: ProviderError, *, model: str) -> None:
        """It was busy, away, silent or refused the account: close, longer each time in a row.

        What was refused while it is closed was asked before, and counts as the same time.

        Args:
            error: What it said.
            model: Which model was asked for; alone in being closed where that one is busy.
        """
        busy = isinstance(error, ProviderBusyError)
        pause = self._models[model] if busy else self._account
        now, is_first = self._clock.now(), not pause.refusals
        was_set_back = pause.closed_at is not None and now < pause.closed_at
        if pause.opens_at is None or pause.opens_at <= now or was_set_back:
            pause.refusals, pause.closed_at, pause.opens_at = pause.refusals + 1, now, None
        pause_s = wait_after_error_s(errors=pause.refusals, jitter=0) * self._pace
        if isinstance(error, AccountError):
            pause_s = max(pause_s, ACCOUNT_PAUSE_S * self._pace)
            if self._account_error is None:
                log.error(
                    "the gateway refuses the account %s; the operator has to mend it: %s",
                    self._name,
                    error,
                )
            self._account_error = str(error)
        elif is_first:
            log.warning(
                "%s takes no job%s at present; jobs keep their place: %s",
                self._name,
                f" for {model}" if busy else "",
                error,
            )
        pause.opens_at = max(now + timedelta(seconds=pause_s), pause.opens_at or now)

    @contextmanager
    def repeating(self) -> Generator[None]:
        """Meanwhile a job waits to repeat its create, and stands in no other's way."""
        self._repeating += 1
        try:
            yield
        finally:
            self._repeating -= 1

    def lose(self, model: str) -> None:
        """The gateway does not serve this model to the account: it takes none until a restart."""
        self._lost.add(model)

    def still_refused(self, reason: str) -> None:
        """The account was refused when an earlier process ended: ask with one job at a time."""
        self._account.refusals = BROKEN_AFTER
        self._account_error = reason

    def accepted(self, model: str) -> None:
        """A create for this model was accepted: the account is open, and so is the model."""
        if self._account.refusals:
            log.info("%s takes jobs again", self._name)
        elif self._models[model].refusals:
            log.info("%s takes jobs for %s again", self._name, model)
        self._account, self._account_error = _Pause(), None
        self._models[model] = _Pause()
