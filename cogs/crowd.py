"""Bounds on what one person's reactions can cause at once.

Who presses a button waits for its answer, and Discord slows them down; a reaction can be put on
and taken off as fast as a program can ask for it.
"""

from __future__ import annotations

from collections import Counter, deque
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator
    from datetime import datetime

SERVED_AT_ONCE = 5  # reactions of one person
TOLD_PER_MINUTE = 3  # direct messages to one person
MINUTE_S = 60
REMEMBERED_MAX = 1_000  # people; those told last stay


class Crowd:
    """Whose reactions are being served, and who was told something lately."""

    def __init__(self) -> None:
        self._served: Counter[int] = Counter()
        self._told: dict[int, deque[datetime]] = {}

    @property
    def people(self) -> int:
        """Of how many anything is held."""
        return len(self._served.keys() | self._told.keys())

    @contextmanager
    def served(self, user_id: int) -> Generator[bool]:
        """Serve a person, or not where so many other reactions of theirs are; yields which."""
        is_served = self._served[user_id] < SERVED_AT_ONCE
        self._served[user_id] += is_served
        try:
            yield is_served
        finally:
            self._served[user_id] -= is_served
            if not self._served[user_id]:
                del self._served[user_id]

    def may_be_told(self, user_id: int, *, at: datetime) -> bool:
        """Whether a person is told one more thing; it counts as told."""
        told = self._told.pop(user_id, deque())
        self._told[user_id] = told  # at the end: the newest
        while len(self._told) > REMEMBERED_MAX:
            del self._told[next(iter(self._told))]
        while told and (at - told[0]).total_seconds() >= MINUTE_S:
            told.popleft()
        if len(told) >= TOLD_PER_MINUTE:
            return False
        told.append(at)
        return True
