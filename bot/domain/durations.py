"""Spans of time as people write them: ``2h``, ``3 days``, ``1w 2d``, ``for ever``."""

from __future__ import annotations

import re
from datetime import timedelta

from bot.domain.errors import MemberError
from bot.domain.language import _, ngettext
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
            _(
                "`{given}` is no span of time that could be used. Use one like `30m`, `2h`, `3d` "
                "or `1w 2d`, at most ten years, or `for ever`."
            ).format(given=shortened(typed))
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
    minutes, _seconds = divmod(int(span.total_seconds()), MINUTE_S)
    hours, minutes = divmod(minutes, HOUR_S // MINUTE_S)
    days, hours = divmod(hours, DAY_S // HOUR_S)
    words = [
        ngettext("{count} day", "{count} days", days).format(count=days) if days else "",
        ngettext("{count} hour", "{count} hours", hours).format(count=hours) if hours else "",
        ngettext("{count} minute", "{count} minutes", minutes).format(count=minutes)
        if minutes or not (days or hours)
        else "",
    ]
    return " ".join(filter(None, words))
