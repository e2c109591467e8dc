"""Listings that one message can carry."""

from __future__ import annotations

LISTED_MAX = 20  # lines of a listing: more are not read
LISTING_MAX_CHARACTERS = 2000  # Discord's, for a message


def fitting_lines(lines: list[str], more: str, room: int = LISTING_MAX_CHARACTERS) -> str:
    """As many lines as so many characters take, and ``more`` where that is not all."""
    text = ""
    for shown, line in enumerate(lines):
        too_long = len(text) + len(line) + len(more) + 1 > room
        if too_long or shown == LISTED_MAX:
            return text + more
        text = f"{text}\n{line}" if text else line
    return text
