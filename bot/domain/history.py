"""What a person looks for among the videos that they asked for, or that are their favourites."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Ended(StrEnum):
    """How the videos that are looked for ended. Part of the ids of buttons: never rename one."""

    ALL = "all"
    DONE = "done"
    FAILED = "failed"  # failed, cancelled or expired
    OPEN = "open"  # not ended


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryFilter:
    """Which videos are looked for.

    Attributes:
        ended: How they ended.
        favourites: Whether it is the person's favourites, whoever asked for them; else the videos
            that they asked for.
        words: What their prompts have to have in them, each word of it; empty for anything.
    """

    ended: Ended = Ended.ALL
    favourites: bool = False
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """Where a page of a history begins.

    Attributes:
        job_id: The number that it begins beside, which is not on it.
        newer: Whether the page has the next newer ones; else the next older ones.
    """

    job_id: int
    newer: bool = False


NEWEST = Cursor(job_id=2**62)  # below every number that Discord takes, and above every job's


def has_words(prompt: str, words: str) -> bool:
    """Whether a prompt has each of some words, in whatever case, also as a part of a longer one."""
    folded = prompt.casefold()
    return all(word in folded for word in words.casefold().split())
