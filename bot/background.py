"""What goes on beside everything else, until it is stopped."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Coroutine


class Background:
    """One task, for as long as its owner wants it. Its work catches what may go wrong itself."""

    def __init__(self, name: str) -> None:
        """Begin nothing yet.

        Args:
            name: Of the task, where tasks are listed.
        """
        self._name = name
        self._task: asyncio.Task[None] | None = None

    def begin(self, work: Coroutine[None, None, None]) -> None:
        """Have it done from now on; at most once."""
        self._task = asyncio.create_task(work, name=self._name)

    async def end(self) -> None:
        """Stop at the work's next await. Nothing where it was not begun."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
