"""Spans of time as people write them: ``2h``, ``3 days``, ``1w 2d``, ``for ever``."""

from __future__ import annotations

import re
from datetime import timedelta

from bot.domain.errors import MemberError
from bot.domain.validation import shortened

LONGEST = timedelta(days=3650)
MINUTE_S, HOUR_S, DAY_S, WEEK_S = 60, 3600, 86_400, 604_800
UNITS_S = {"minute": MINUTE_S, "hour": HOUR_S, "day": DAY_S, "week": WEEK_S}
_FOR_EVER = {"", "ever", "forever", "always", "permanent", "permanently"}
_PART = re.compile(r"([0-9]{1,6}) ?(minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|w)(?![a-z])")
_BETWEEN = re.compile(r"(?:,| and )? ?")


class DurationNotUsableError(MemberError):
    """What somebody typed is no span of time, or is too long a one."""

    def __init__(self, typed: str) -> None:
        super().__init__(
            f"`{shortened(typed)}` is no span of time that could be used. Use one like `30m`, "
            "`2h`, `3d` or `1w 2d`, at most ten years, or `for ever`."
        )


def parse_duration(typed: str) -> timedelta | None:
    """The span that somebody means; None for ever, which nothing at all means too.

    Raises:
        DurationNotUsableError: It is none, or nothing at all, or longer than `LONGEST`.
    """
    text = " ".join(typed.lower().split()).removeprefix("for").strip()
    if text in _FOR_EVER:
        return None
    seconds, at = 0, 0
    while at < len(text):
        part = _PART.match(text, at)
        if part is None:
            raise DurationNotUsableError(typed)
        seconds += int(part[1]) * next(s for unit, s in UNITS_S.items() if part[2][0] == unit[0])
        between = _BETWEEN.match(text, part.end())
        at = part.end() if between is None else between.end()
    if not 0 < seconds <= LONGEST.total_seconds():
        raise DurationNotUsableError(typed)
    return timedelta(seconds=seconds)


def duration_in_words(span: timedelta) -> str:
    """``3 days 2 hours``: whole minutes, in units that a person counts in; no weeks."""
    left = int(span.total_seconds())
    words: list[str] = []
    for unit in ("day", "hour", "minute"):
        count, left = divmod(left, UNITS_S[unit])
        if count:
            words.append(f"{count} {unit}" if count == 1 else f"{count} {unit}s")
    return " ".join(words) or "0 minutes"
