"""``python -m bot audit``: what the operator does with the record of moderators' acts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.audit import Fault
from bot.domain.errors import StartupError, StorageError
from storage.audit import prove
from storage.proof import opened_for_proof

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bot.domain.audit import Verdict

FAULTS: dict[Fault, str] = {
    Fault.GAP: "Entry {seq} is missing.",
    Fault.WRONG_PREVIOUS: "Entry {seq} does not follow from the one before it.",
    Fault.CHANGED: "Entry {seq} is not what was recorded.",
    Fault.CUT_OFF: "Entry {seq} is missing, and all after it.",
    Fault.WRONG_HEAD: "Entry {seq} is not the end that was recorded.",
    Fault.NOT_AS_NOTED: (
        "The entries to {seq} hang together, but none of them has the noted hash: "
        "they were written anew, or an older copy was put back."
    ),
}


def verify(path: Path, *, noted_hash: str | None, say: Callable[[str], None]) -> int:
    """Prove the chain in a database, also while the bot runs, and say what was found.

    Args:
        path: The database.
        noted_hash: The head of an earlier proof, which must still be in the chain.
        say: Takes each line.

    Returns:
        The exit code: 0 where the chain is whole, 1 where it is broken.

    Raises:
        StartupError: There is no database, or it cannot be read.
    """
    try:
        with opened_for_proof(path) as db:
            verdict = prove(db, noted_hash=noted_hash)
    except StorageError as exc:
        raise StartupError(f"{path} cannot be proved: {exc}.") from exc
    for line in _told(verdict):
        say(line)
    return 0 if verdict.fault is None else 1


def _told(verdict: Verdict) -> list[str]:
    sound = verdict.sound
    if verdict.fault is not None:
        broken = FAULTS[verdict.fault].format(seq=verdict.broken_seq)
        return [f"The audit is broken. {broken}", f"Sound to entry {sound.seq}: {sound.own_hash}"]
    entries = "1 entry" if sound.seq == 1 else f"{sound.seq} entries"
    return [f"The audit is whole: {entries}.", f"Head: {sound.own_hash}"]
