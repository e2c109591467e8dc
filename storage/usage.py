"""What was made on a server, and how long it waited: read from two indexes alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.clock import from_ms, to_ms
from bot.domain.quota import Use
from bot.domain.usage import Made
from storage.balances import GRAIN_MS

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

WAITS_MAX = 50_000  # the newest; what one answer looks at

_WHICH = (
    " WHERE kind = 'settle' AND guild_id = :guild_id AND counts_at_ms >= :since_ms"
    " AND (:user_id IS NULL OR user_id = :user_id)"
)
_BY_QUARTER = (
    "SELECT counts_at_ms - counts_at_ms % :grain_ms AS start_ms, currency, count(*), sum(micros)"  # noqa: S608  # constants of this module
    f" FROM ledger{_WHICH} GROUP BY start_ms, currency ORDER BY start_ms"
)
_BY_MEMBER = (
    "SELECT user_id, currency, count(*), sum(micros)"  # noqa: S608  # likewise
    f" FROM ledger{_WHICH} GROUP BY user_id, currency ORDER BY user_id"
)
# The word for word state of the partial index.
_WAITS = """
SELECT created_at_ms, user_id, submitted_at_ms - created_at_ms, fetched_at_ms - created_at_ms
FROM job WHERE state = 'delivered' AND guild_id = :guild_id AND created_at_ms >= :since_ms
AND (:user_id IS NULL OR user_id = :user_id)
ORDER BY created_at_ms DESC LIMIT :limit
"""


def made_by_quarter(
    db: sqlite3.Connection, guild_id: int, *, since: datetime, user_id: int | None
) -> list[tuple[datetime, Made]]:
    """What was posted of what a server, or one of its members, asked for since an instant.

    Returns:
        By the quarter of an hour in which it was asked for; of one quarter a row per currency.
    """
    rows = db.execute(
        _BY_QUARTER,
        {
            "guild_id": guild_id,
            "since_ms": to_ms(since),
            "user_id": user_id,
            "grain_ms": GRAIN_MS,
        },
    ).fetchall()
    return [(from_ms(start_ms), _made(row)) for start_ms, *row in rows]


def made_by_member(
    db: sqlite3.Connection, guild_id: int, *, since: datetime
) -> list[tuple[int, Made]]:
    """Likewise by member; of one member a row per currency."""
    rows = db.execute(
        _BY_MEMBER, {"guild_id": guild_id, "since_ms": to_ms(since), "user_id": None}
    ).fetchall()
    return [(user_id, _made(row)) for user_id, *row in rows]


def waits(
    db: sqlite3.Connection, guild_id: int, *, since: datetime, user_id: int | None
) -> list[tuple[datetime, int, Made]]:
    """How long each posted video waited: when it was asked for, by whom; the newest `WAITS_MAX`."""
    rows = db.execute(
        _WAITS,
        {
            "guild_id": guild_id,
            "since_ms": to_ms(since),
            "user_id": user_id,
            "limit": WAITS_MAX,
        },
    ).fetchall()
    # A clock that was set back makes nobody wait for less than nothing.
    return [
        (
            from_ms(created_at_ms),
            member_id,
            Made(in_line_s=(max(0, in_line_ms) / 1000,), in_all_s=(max(0, in_all_ms) / 1000,)),
        )
        for created_at_ms, member_id, in_line_ms, in_all_ms in rows
    ]


def _made(row: list[str | int]) -> Made:
    currency, videos, micros = row
    return Made(
        use=Use(videos=int(videos), micros={str(currency): int(micros)} if int(micros) else {})
    )
