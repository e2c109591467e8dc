"""One process per database: an advisory lock beside the file, held until the process ends.

The kernel drops it with the process, so a crash leaves nothing to clean up.
"""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

from bot.domain.errors import AlreadyRunningError

if TYPE_CHECKING:
    from pathlib import Path

PID_MAX_BYTES = 20


class ProcessLock:
    """The held lock. Its file names the process for people and is never deleted.

    Deleting it would let a second process lock a new file of the same name.
    """

    def __init__(self, path: Path) -> None:
        """Take the lock, without waiting. Blocks for a moment: call it in a thread.

        Raises:
            AlreadyRunningError: Another process holds it, or this one does already.
        """
        # Python opens files non-inheritable, so no child process can hold the lock on.
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            holder = os.pread(self._fd, PID_MAX_BYTES, 0).decode("ascii", "replace").strip()
            os.close(self._fd)
            who = f"process {holder}" if holder.isdigit() else "another process"
            raise AlreadyRunningError(f"{path.name} is held by {who}") from exc
        os.ftruncate(self._fd, 0)
        os.pwrite(self._fd, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Give the lock back."""
        os.close(self._fd)
