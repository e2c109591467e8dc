"""``python -m bot backup`` and ``restore``: what the operator does against the loss of a disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.clock import SystemClock
from storage.backup import write_backup
from storage.restore import restore_backup

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def back_up(state_dir: Path, target: Path, *, say: Callable[[str], None]) -> int:
    """Write a backup, also while the bot runs; the exit code, 1 where a needed file is missing.

    Raises:
        BackupError: It could not be written.
    """
    written = write_backup(state_dir, target, at=SystemClock().now())
    say(f"{target}: the database and {written.files} files, {written.size_bytes} bytes.")
    for name in written.missing:
        say(f"files/{name} is missing, and an unfinished video or a link needs it.")
    return 1 if written.missing else 0


def restore(source: Path, state_dir: Path, *, replace: bool, say: Callable[[str], None]) -> int:
    """Put a backup in place; the exit code.

    Raises:
        BackupError: It cannot be; nothing was changed.
    """
    done = restore_backup(source, state_dir, replace=replace, at=SystemClock().now())
    made_at = f"{done.made_at:%Y-%m-%d %H:%M:%S} UTC"
    say(f"{state_dir} is as it was at {made_at}, with {done.files} files.")
    if done.migrations:
        say(f"The schema was brought up to date by {done.migrations} migrations.")
    if done.taken_back is None:
        say("No database says what people deleted since then: see Backups in docs/operating.md.")
    elif done.taken_back:
        say(f"{done.taken_back} videos were taken down or deleted since: the bot does so again.")
    if done.set_aside is not None:
        say(f"What was there before is in {done.set_aside}; delete it once you are sure.")
    say("Start the bot: what had not ended goes on. Check COGREEL_SECRETS_KEY is the one of then.")
    return 0
