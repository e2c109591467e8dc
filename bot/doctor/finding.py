"""What one look found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Level(Enum):
    """How much a finding matters; the value is what stands before it."""

    OK = "ok"
    NOTE = "note"  # worth knowing; nothing is broken
    FAULT = "FAULT"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's.

    Attributes:
        level: How much it matters.
        part: What was looked at.
        said: What is so.
        mend: What to do about it; empty where there is nothing to do.
    """

    level: Level
    part: str
    said: str
    mend: str = ""


def ok(part: str, said: str) -> Finding:
    """Nothing is wrong."""
    return Finding(Level.OK, part, said)


def note(part: str, said: str, mend: str) -> Finding:
    """Something is worth knowing."""
    return Finding(Level.NOTE, part, said, mend)


def fault(part: str, said: str, mend: str) -> Finding:
    """Something is wrong."""
    return Finding(Level.FAULT, part, said, mend)
