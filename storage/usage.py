"""What was made on a server, and how long it waited: read from two indexes alone."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from bot.clock import to_ms
from bot.domain.quota import Use
from bot.domain.usage import Made

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from bot.domain.windows import Span

WAITS_PER_DAY_MAX = 1_000  # the newest of a day, or of a server: what one answer looks at
WAITS_MAX = 20_000
_FOR_EVER_MS = 2**62
_MADE = (
    " FROM ledger WHERE kind = 'settle' AND guild_id = :guild_id"
    " AND counts_at_ms >= :start_ms AND counts_at_ms < :end_ms"
    " AND (:user_id IS NULL OR user_id = :user_id) GROUP BY "
)
_OF_SPAN = f"SELECT currency, count(*), sum(micros){_MADE}currency"
_OF_MEMBERS = (
    f"SELECT user_id, currency, count(*), sum(micros){_MADE}user_id, currency ORDER BY user_id"
)
_WAITS = """
SELECT user_id, submitted_at_ms - created_at_ms, fetched_at_ms - created_at_ms
FROM job WHERE state = 'delivered' AND guild_id = :guild_id
AND created_at_ms >= :start_ms AND created_at_ms < :end_ms
AND (:user_id IS NULL OR user_id = :user_id)
ORDER BY created_at_ms DESC LIMIT :limit
"""
_Wait = tuple[int, int, int]
"""Of whom; in line and in all, in milliseconds."""


def made_in(db: sqlite3.Connection, guild_id: int, span: Span, *, user_id: int | None) -> Made:
    """What was made of what a server, or one of its members, asked for in some span."""
    rows = db.execute(_OF_SPAN, _asked(guild_id, span, user_id)).fetchall()
    return _made(rows)


def made_by_member(db: sqlite3.Connection, guild_id: int, span: Span) -> dict[int, Made]:
    """Likewise by member, of whom something was made."""
    rows = db.execute(_OF_MEMBERS, _asked(guild_id, span, None)).fetchall()
    return {
        user_id: _made((currency, videos, micros) for _, currency, videos, micros in some)
        for user_id, some in groupby(rows, itemgetter(0))
    }


def waits_in(db: sqlite3.Connection, guild_id: int, span: Span, *, user_id: int | None) -> Made:
    """How long what was asked for in some span, and posted, waited.

    Of more than `WAITS_PER_DAY_MAX` the newest.
    """
    asked = {**_asked(guild_id, span, user_id), "limit": WAITS_PER_DAY_MAX}
    return _waited(db.execute(_WAITS, asked).fetchall())


def waits_by_member(db: sqlite3.Connection, guild_id: int, span: Span) -> dict[int, Made]:
    """Likewise by member; of more than `WAITS_MAX` the newest."""
    asked = {**_asked(guild_id, span, None), "limit": WAITS_MAX}
    rows: list[_Wait] = sorted(db.execute(_WAITS, asked).fetchall())
    return {user_id: _waited(list(some)) for user_id, some in groupby(rows, itemgetter(0))}


def _asked(guild_id: int, span: Span, user_id: int | None) -> dict[str, int | None]:
    return {
        "guild_id": guild_id,
        "start_ms": to_ms(span.start),
        "end_ms": _FOR_EVER_MS if span.end is None else to_ms(span.end),
        "user_id": user_id,
    }


def _made(rows: Iterable[tuple[str, int, int]]) -> Made:
    videos, paid = 0, dict[str, int]()
    for currency, count, micros in rows:
        videos += count
        if micros:
            paid[currency] = micros
    return Made(use=Use(videos=videos, micros=paid))


def _waited(rows: list[_Wait]) -> Made:
    # A clock that was set back makes nobody wait for less than nothing.
    return Made(
        in_line_s=tuple(max(0, in_line_ms) / 1000 for _, in_line_ms, _ in rows),
        in_all_s=tuple(max(0, in_all_ms) / 1000 for _, _, in_all_ms in rows),
    )
