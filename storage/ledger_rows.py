"""The ledger's rows as they stand, for looking at them elsewhere; read in pages by their number.

A page is a read of its own: one that lasts would keep the write-ahead log from being cut.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.clock import to_ms

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

COLUMNS = (
    "entry_id",
    "at_ms",
    "kind",
    "guild_id",
    "user_id",
    "job_id",
    "grant_id",
    "videos",
    "micros",
    "currency",
    "counts_at_ms",
    "account",
    "for_operator",
    "by_user_id",
)
LedgerRow = dict[str, int | str | None]
"""A row's values by `COLUMNS`."""

_PAGE = f"""
SELECT {", ".join(COLUMNS)} FROM ledger
WHERE entry_id > :after AND entry_id <= :last AND at_ms >= :since_ms AND at_ms < :until_ms
AND (:guild_id IS NULL OR guild_id = :guild_id)
ORDER BY entry_id LIMIT :limit
"""  # noqa: S608  # constants of this module
_EVER_MS = 2**62


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """Which rows are wanted; None for no bound.

    Attributes:
        guild_id: Of one server.
        since: Written at this instant or later.
        until: Written before this one.
    """

    guild_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


def last_entry_id(db: sqlite3.Connection) -> int:
    """The number of the newest row; 0 where there is none."""
    (last,) = db.execute("SELECT coalesce(max(entry_id), 0) FROM ledger").fetchone()
    return int(last)


def page(
    db: sqlite3.Connection, wanted: Extract, *, after: int, last: int, limit: int
) -> list[LedgerRow]:
    """The next rows after the one of this number, up to another one."""
    rows = db.execute(
        _PAGE,
        {
            "after": after,
            "last": last,
            "since_ms": 0 if wanted.since is None else to_ms(wanted.since),
            "until_ms": _EVER_MS if wanted.until is None else to_ms(wanted.until),
            "guild_id": wanted.guild_id,
            "limit": limit,
        },
    ).fetchall()
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows]
