"""Which jobs' statuses could not be shown, and when each is tried again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

FIRST_WAIT_S = 5.0
LONGEST_WAIT_S = 300.0
TRIES_MAX = 300  # a day of trouble; what is shown next is shown anyway
JOBS_MAX = 1_000  # in memory; ended jobs are also found in the database


@dataclass(slots=True)
class _Wait:
    tries: int
    since: datetime
    until: datetime | None  # None while it is tried


class PutOff:
    """Waits that double with each failure, one per job."""

    def __init__(self) -> None:
        self._waits: dict[int, _Wait] = {}  # the one put off longest ago first

    def __contains__(self, job_id: int) -> bool:
        return job_id in self._waits

    def add(self, job_id: int, *, now: datetime) -> None:
        """It failed, once more."""
        earlier = self._waits.pop(job_id, None)
        tries = 1 if earlier is None else earlier.tries + 1
        if tries > TRIES_MAX:
            return
        if len(self._waits) >= JOBS_MAX:
            del self._waits[next(iter(self._waits))]
        wait_s = min(FIRST_WAIT_S * 2 ** min(tries - 1, 10), LONGEST_WAIT_S)
        self._waits[job_id] = _Wait(tries, now, now + timedelta(seconds=wait_s))

    def forget(self, job_id: int) -> None:
        """It succeeded."""
        self._waits.pop(job_id, None)

    def take_due(self, *, now: datetime) -> list[int]:
        """Those to be tried now; each is given once, until it fails again."""
        due: list[int] = []
        for job_id, wait in self._waits.items():
            # Before it was put off is after a clock was set back, maybe by days.
            if wait.until is not None and not wait.since <= now < wait.until:
                wait.until = None
                due.append(job_id)
        return due
