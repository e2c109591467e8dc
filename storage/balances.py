"""The sums of the ledger, kept in rows: how much of a limit is used is a look at a few dozen.

Each row of the ledger is counted for up to three holders: for a member in the quarter of an hour of
its instant, for a server in that and in its day (UTC), for the bot in its day. A window is whole
days with quarters at either end, wherever its midnights are; so another time zone, another window
or another limit needs no new count. A member's is quarters alone: there are no more of them than
the member made videos. The bot's is days alone, as its limits have the calendar of UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache, reduce
from itertools import islice
from operator import add
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from bot.clock import from_ms, to_ms
from bot.domain.quota import Scope, Use
from bot.domain.windows import GRAIN

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from bot.domain.windows import Span

GRAIN_MS = GRAIN // timedelta(milliseconds=1)
DAY_MS = timedelta(days=1) // timedelta(milliseconds=1)
_FOR_EVER_MS = 2**62
_NO_MONEY: Mapping[str, int] = MappingProxyType({})
_GRAIN_OF_ROW = f"'grain', ?3 % {GRAIN_MS} - ?3"
_DAY_OF_ROW = f"'day', ?3 - ?3 % {DAY_MS}"
# Of a `Counted`.
_ROWS = {
    Scope.MEMBER: (f"'member', ?1, ?2, {_GRAIN_OF_ROW}",),
    Scope.SERVER: (f"'server', ?1, 0, {_GRAIN_OF_ROW}", f"'server', ?1, 0, {_DAY_OF_ROW}"),
    Scope.BOT: (f"'bot', 0, 0, {_DAY_OF_ROW}",),
}
_BY_CURRENCY = (
    "SELECT currency, sum(videos), sum(micros) FROM balance"
    " WHERE scope = ? AND guild_id = ? AND user_id = ? AND span = ?"
    " AND place_ms >= ? AND place_ms < ? GROUP BY currency"
)
_OF_HOLDER = {
    Scope.MEMBER: "scope = 'member' AND guild_id = ?1 AND user_id = ?2",
    Scope.SERVER: "scope = 'server' AND guild_id = ?1 AND user_id = 0",
    Scope.BOT: "scope = 'bot' AND guild_id = 0 AND user_id = 0",
}
_Part = tuple[str, int, int]
"""Rows of one holder that follow one another: of which span, from which place, until which."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom use is counted for.

    Attributes:
        scope: ``member``, ``server`` or ``bot``.
        guild_id: The server; 0 for the bot.
        user_id: The member; 0 but for one.
    """

    scope: Scope
    guild_id: int = 0
    user_id: int = 0


BOT = Holder(Scope.BOT)


class Counting(NamedTuple):
    """What is counted for whoever asks: as a member, of their server, or of the bot.

    Attributes:
        scope: Whose: ``member``, ``server`` or ``bot``.
        span: When; its ends are on the grain, of the bot on the day.
        currency: In which money is expected; what was paid in others is found as well. None where
            videos alone matter.
    """

    scope: Scope
    span: Span
    currency: str | None = None


class Reading(NamedTuple):
    """How several `Counting` are read at once: made by `reading` for all who ask for the same.

    Attributes:
        query: In SQL.
        values: What it is given after the server and the member.
        parts: What each of its rows is about.
        lengths: How many of them each `Counting` has.
    """

    query: str
    values: tuple[int | str, ...]
    parts: tuple[tuple[Counting, _Part], ...]
    lengths: tuple[int, ...]


# Which rows count for whom: a granted video is not the member's own use, an adjustment is nobody
# else's, and the operator does not pay what a server's own account renders.
_DERIVED = f"""
SELECT scope, guild_id, user_id, span,
    (counts_at_ms - counts_at_ms % length_ms) * direction AS place_ms,
    currency, sum(videos) AS videos, sum(micros) AS micros
FROM (
    SELECT 'member' AS scope, guild_id, user_id, counts_at_ms, currency, videos, micros
        FROM ledger WHERE kind <> 'grant' AND grant_id IS NULL
    UNION ALL SELECT 'server', guild_id, 0, counts_at_ms, currency, videos, micros
        FROM ledger WHERE job_id IS NOT NULL
    UNION ALL SELECT 'bot', 0, 0, counts_at_ms, currency, videos, micros
        FROM ledger WHERE job_id IS NOT NULL AND for_operator = 1
) AS counted CROSS JOIN (
    SELECT 'grain' AS span, {GRAIN_MS} AS length_ms, -1 AS direction
    UNION ALL SELECT 'day', {DAY_MS}, 1
) AS spans
WHERE scope = 'server' OR (scope = 'member' AND span = 'grain') OR (scope = 'bot' AND span = 'day')
GROUP BY scope, guild_id, user_id, span, place_ms, currency
"""  # noqa: S608  # constants of this module
_KEPT = "SELECT scope, guild_id, user_id, span, place_ms, currency, videos, micros FROM balance"
_LEFT_OF_GRANTS = """
SELECT grant_id, sum(CASE WHEN kind = 'grant' THEN videos ELSE -videos END) AS videos_left
FROM ledger WHERE grant_id IS NOT NULL GROUP BY grant_id
"""


class Counted(NamedTuple):
    """What a row of the ledger counts, when, and for which member of which server."""

    guild_id: int
    user_id: int
    counts_at_ms: int
    currency: str
    videos: int
    micros: int


def count(db: sqlite3.Connection, scopes: tuple[Scope, ...], row: Counted) -> None:
    """Add a row of the ledger to the balances of its member, its server and the bot, or of some.

    In the transaction that writes the row.
    """
    db.execute(_adding(scopes), row)


def used(db: sqlite3.Connection, holder: Holder, span: Span) -> Use:
    """What counts for a holder in a span whose ends are on the grain, of the bot on the day."""
    return reduce(add, [_use_in(db, holder, part) for part in _parts(holder.scope, span)])


def reading(wanted: Sequence[Counting]) -> Reading:
    """Prepare to read all of these in one query."""
    some = [_parts(counting.scope, counting.span) for counting in wanted]
    parts = [
        (counting, part) for counting, of_it in zip(wanted, some, strict=True) for part in of_it
    ]
    queries: list[str] = []
    values: list[int | str] = []
    for number, (counting, (span, *places)) in enumerate(parts):
        place = len(values) + 3  # after the server and the member
        values += places
        # To group by currency costs more than to add up, and nearly always there is one.
        money = "0, 0"
        if counting.currency is not None:
            money = f"sum(micros), max(currency <> ?{place + 2})"
            values.append(counting.currency)
        queries.append(
            f"SELECT {number}, sum(videos), {money} FROM balance"  # noqa: S608  # numbers, and constants of this module
            f" WHERE {_OF_HOLDER[counting.scope]} AND span = '{span}'"
            f" AND place_ms >= ?{place} AND place_ms < ?{place + 1}"
        )
    return Reading(
        query=" UNION ALL ".join(queries),
        values=tuple(values),
        parts=tuple(parts),
        lengths=tuple(map(len, some)),
    )


def uses(db: sqlite3.Connection, what: Reading, guild_id: int, user_id: int) -> list[Use]:
    """What a `Reading` finds for a member of a server. Where videos alone matter, without money."""
    if not what.parts:
        return []
    rows: list[tuple[int, int | None, int | None, int | None]]
    rows = db.execute(what.query, (guild_id, user_id, *what.values)).fetchall()
    found: list[Use] = []
    for number, videos, micros, is_mixed in sorted(rows):
        counting, part = what.parts[number]
        if is_mixed:  # or there are rows without a price
            found.append(_use_in(db, holder_of(counting.scope, guild_id, user_id), part))
        elif micros and counting.currency:
            found.append(Use(videos=videos or 0, micros={counting.currency: micros}))
        else:
            found.append(Use(videos=videos or 0, micros=_NO_MONEY))
    if len(found) == len(what.lengths):
        return found
    rest = iter(found)
    return [reduce(add, islice(rest, length)) for length in what.lengths]


def holder_of(scope: Scope, guild_id: int, user_id: int) -> Holder:
    """Whose use counts for a member of a server; also for a role, which is each of its members."""
    if scope is Scope.BOT:
        return BOT
    if scope is Scope.SERVER:
        return Holder(Scope.SERVER, guild_id)
    return Holder(Scope.MEMBER, guild_id, user_id)


def counted(db: sqlite3.Connection, holder: Holder, span: Span) -> list[tuple[datetime, Use]]:
    """What counts for a holder in a span, by the quarter of an hour, oldest first."""
    rows = db.execute(
        "SELECT -place_ms, currency, videos, micros FROM balance"
        " WHERE scope = ? AND guild_id = ? AND user_id = ?"
        " AND span = 'grain' AND place_ms >= ? AND place_ms < ? ORDER BY place_ms DESC",
        (holder.scope.value, holder.guild_id, holder.user_id, *_grains(*_ends(span))),
    ).fetchall()
    return [
        (from_ms(start_ms), Use(videos=videos, micros={currency: micros} if micros else {}))
        for start_ms, currency, videos, micros in rows
    ]


def used_by_members(db: sqlite3.Connection, guild_id: int, span: Span) -> dict[int, Use]:
    """What counts in a span for each member of a server for whom something does."""
    rows = db.execute(
        "SELECT user_id, currency, sum(videos), sum(micros) FROM balance"
        " WHERE scope = 'member' AND guild_id = ? AND span = 'grain'"
        " AND place_ms >= ? AND place_ms < ? GROUP BY user_id, currency ORDER BY user_id",
        (guild_id, *_grains(*_ends(span))),
    ).fetchall()
    found: dict[int, Use] = {}
    for user_id, *of_currency in rows:
        found[user_id] = found.get(user_id, Use()) + _use([tuple(of_currency)])
    return {user_id: use for user_id, use in found.items() if use.videos}


def differences(db: sqlite3.Connection) -> int:
    """How many balances are not what the ledger adds up to. Anything but 0 is a defect."""
    (found,) = db.execute(
        f"SELECT count(*) FROM ("  # noqa: S608  # constants of this module
        f"SELECT * FROM ({_DERIVED}) AS d EXCEPT SELECT * FROM ({_KEPT}) AS k"
        f" UNION ALL SELECT * FROM"
        f" (SELECT * FROM ({_KEPT}) AS k EXCEPT SELECT * FROM ({_DERIVED}) AS d) AS other) AS off"
    ).fetchone()
    (grants,) = db.execute(
        f"SELECT count(*) FROM quota_grant LEFT JOIN ({_LEFT_OF_GRANTS}) AS derived"  # noqa: S608  # likewise
        " ON derived.grant_id = quota_grant.grant_id"
        " WHERE derived.videos_left IS NULL OR derived.videos_left <> quota_grant.videos_left"
    ).fetchone()
    return int(found) + int(grants)


def _ends(span: Span) -> tuple[int, int]:
    return to_ms(span.start), _FOR_EVER_MS if span.end is None else to_ms(span.end)


def _grains(start_ms: int, end_ms: int) -> tuple[int, int]:
    """The places of the quarters in between: theirs are below zero, the newest first."""
    return 1 - end_ms, 1 - start_ms


def _parts(scope: Scope, span: Span) -> tuple[_Part, ...]:
    """The rows that make a span up: whole days, and the quarters before and after them."""
    start, end = _ends(span)
    first_day = -(-start // DAY_MS) * DAY_MS
    last_day = end if end == _FOR_EVER_MS else end // DAY_MS * DAY_MS
    if scope is Scope.MEMBER or first_day >= last_day:
        parts = [("grain", *_grains(start, end))]
    else:
        parts = [("day", first_day, last_day)]
        parts += [("grain", *_grains(start, first_day))] if start < first_day else []
        parts += [("grain", *_grains(last_day, end))] if last_day < end else []
    if scope is Scope.BOT and parts != [("day", start, end)]:
        raise ValueError("what the bot uses is counted by the day")
    return tuple(parts)


def _use_in(db: sqlite3.Connection, holder: Holder, part: _Part) -> Use:
    key = holder.scope.value, holder.guild_id, holder.user_id
    return _use(db.execute(_BY_CURRENCY, (*key, *part)).fetchall())


def _use(rows: list[tuple[str, int, int]]) -> Use:
    return Use(
        videos=sum(videos for _, videos, _ in rows),
        micros={currency: micros for currency, _, micros in rows if micros},
    )


@lru_cache
def _adding(scopes: tuple[Scope, ...]) -> str:
    rows = ", ".join(f"({row}, ?4, ?5, ?6)" for scope in scopes for row in _ROWS[scope])
    return (
        "INSERT INTO balance"  # noqa: S608  # constants of this module
        " (scope, guild_id, user_id, span, place_ms, currency, videos, micros)"
        f" VALUES {rows}"
        " ON CONFLICT (scope, guild_id, user_id, span, place_ms, currency) DO UPDATE SET"
        " videos = balance.videos + excluded.videos, micros = balance.micros + excluded.micros"
    )
