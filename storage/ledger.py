"""The ledger: every change of what is used, as a row that never changes; balances follow it.

A job is reserved at the most that it may cost. Settled, that is given back, and what the account
that made it asked is written instead; a job that fails gives it back and that is all.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from bot.clock import from_ms, to_ms
from bot.domain.account import is_own
from bot.domain.cost import Charge, Cost
from bot.domain.money import Money
from bot.domain.quota import Grant, Scope
from storage.balances import Counted, count

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from bot.domain.job import NewJob
    from bot.domain.money import Rates
    from storage.balances import Holder

RESERVE, RELEASE, SETTLE, GRANT, ADJUST = "reserve", "release", "settle", "grant", "adjust"

_encoder = json.JSONEncoder(separators=(",", ":"))  # json.dumps would make one for each job


class Entry(NamedTuple):
    """A row of the ledger. Its fields are the columns."""

    kind: str
    guild_id: int
    user_id: int
    videos: int
    counts_at_ms: int
    micros: int = 0
    currency: str = ""
    job_id: int | None = None
    grant_id: int | None = None
    for_operator: bool = True
    account: str | None = None
    prices: str | None = None
    by_user_id: int | None = None

    @property
    def cost(self) -> Cost:
        """Of a reservation: what each account asked when the job came."""
        return _decoded(self.prices or "{}")

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """Whose balances it changes; see ``storage/balances.py``."""
        if self.kind == GRANT:
            return ()
        found: tuple[Scope, ...] = () if self.grant_id is not None else (Scope.MEMBER,)
        if self.job_id is not None:
            found += (Scope.SERVER, Scope.BOT) if self.for_operator else (Scope.SERVER,)
        return found


_INSERT = (
    f"INSERT INTO ledger (at_ms, {', '.join(Entry._fields)})"  # noqa: S608  # our own words
    f" VALUES (?{', ?' * len(Entry._fields)})"
)


def reserve(
    db: sqlite3.Connection,
    job_id: int,
    new: NewJob,
    *,
    rates: Rates,
    grant: Grant | None,
    at: datetime,
) -> None:
    """Hold a video, and the most that it may cost. See `storage.quotas.check` before."""
    price = new.cost.highest(rates)
    _write(
        db,
        Entry(
            kind=RESERVE,
            guild_id=new.place.guild_id,
            user_id=new.user_id,
            job_id=job_id,
            grant_id=None if grant is None else grant.grant_id,
            videos=1,
            micros=0 if price is None else price.micros,
            currency="" if price is None else price.currency,
            counts_at_ms=to_ms(at),
            for_operator=new.cost.is_operators,
            prices=_encoded(new.cost),
        ),
        at,
    )


def release(db: sqlite3.Connection, job_id: int, *, at: datetime) -> None:
    """What was held for a job is given back, to the window that it was held in."""
    held = reservation_of(db, job_id)
    if held is not None:
        _write(db, _given_back(held), at)


def settle(db: sqlite3.Connection, job_id: int, *, at: datetime) -> None:
    """The video was made, and costs what the account that made it asked when the job came.

    Of an account that was not known then, it is what was reserved.
    """
    held = reservation_of(db, job_id)
    if held is None:
        return
    (account,) = db.execute("SELECT account FROM job WHERE job_id = ?", (job_id,)).fetchone()
    price = held.cost.by_account.get(account)
    _write(db, _given_back(held), at)
    settled = held._replace(kind=SETTLE, account=account, prices=None)
    if account is not None:
        settled = settled._replace(for_operator=not is_own(account))
    if price is not None:
        settled = settled._replace(micros=price.micros, currency=price.currency)
    _write(db, settled, at)


def charge_of(db: sqlite3.Connection, job_id: int) -> Charge | None:
    """What is held for a job, or was paid for it; None where nothing is, or not any more."""
    row = db.execute(
        "SELECT kind, micros, currency FROM ledger WHERE job_id = ? ORDER BY entry_id DESC LIMIT 1",
        (job_id,),
    ).fetchone()
    if row is None or row[0] == RELEASE:
        return None
    kind, micros, currency = row
    money = Money(micros=micros, currency=currency) if currency else None
    return Charge(money=money, is_final=kind == SETTLE)


def known_prices(held: Entry, offer: Cost) -> Cost:
    """An offer at the prices of a reservation: they stay as they were when the job came."""
    known = held.cost.by_account
    by_account = {account: known.get(account, price) for account, price in offer.by_account.items()}
    return Cost(by_account=by_account, of=offer.of)


def hold_instead(
    db: sqlite3.Connection, held: Entry, cost: Cost, *, rates: Rates, at: datetime
) -> None:
    """Hold this for the job of an entry that was given back, in the window of that one."""
    price = cost.highest(rates)
    _write(
        db,
        held._replace(
            micros=0 if price is None else price.micros,
            currency="" if price is None else price.currency,
            for_operator=cost.is_operators,
            prices=_encoded(cost),
        ),
        at,
    )


def give(
    db: sqlite3.Connection,
    member: Holder,
    *,
    videos: int,
    expires_at: datetime,
    given_by: int,
    at: datetime,
) -> Grant:
    """Give a member videos besides their limits."""
    guild_id, user_id = member.guild_id, member.user_id
    ((grant_id,),) = db.execute(
        "INSERT INTO quota_grant"
        " (guild_id, user_id, videos, videos_left, expires_at_ms, given_by, given_at_ms)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING grant_id",
        (guild_id, user_id, videos, videos, to_ms(expires_at), given_by, to_ms(at)),
    ).fetchall()
    entry = Entry(
        kind=GRANT,
        guild_id=guild_id,
        user_id=user_id,
        grant_id=grant_id,
        videos=videos,
        counts_at_ms=to_ms(at),
        by_user_id=given_by,
    )
    _append(db, entry, at)
    return Grant(grant_id=grant_id, videos=videos, left=videos, expires_at=expires_at)


def grants_of(db: sqlite3.Connection, guild_id: int, user_id: int, *, at: datetime) -> list[Grant]:
    """A member's grants with something left, the one that expires first at the front."""
    rows = db.execute(
        "SELECT grant_id, videos, videos_left, expires_at_ms FROM quota_grant"
        " WHERE guild_id = ? AND user_id = ? AND expires_at_ms > ? AND videos_left > 0"
        " ORDER BY expires_at_ms, grant_id",
        (guild_id, user_id, to_ms(at)),
    ).fetchall()
    return [
        Grant(grant_id=grant_id, videos=videos, left=left, expires_at=from_ms(expires_at_ms))
        for grant_id, videos, left, expires_at_ms in rows
    ]


def reset(
    db: sqlite3.Connection, member: Holder, *, since: datetime, reset_by: int, at: datetime
) -> int:
    """Take back what a member has used since some instant, but for what is under way.

    What is under way may still fail and give back what it holds: taken back twice, it would be one
    video more than anybody allowed.

    Returns:
        How many videos that were.
    """
    guild_id, user_id = member.guild_id, member.user_id
    rows = db.execute(
        """
        SELECT counts_at_ms, currency, sum(videos), sum(micros) FROM (
            SELECT counts_at_ms, currency, ledger.videos, ledger.micros
                FROM job JOIN ledger ON ledger.job_id = job.job_id
                WHERE job.user_id = :user_id AND job.guild_id = :guild_id
                AND job.created_at_ms >= :since AND ledger.grant_id IS NULL
                AND job.state NOT IN ('queued', 'submitting', 'rendering', 'fetched', 'held')
            UNION ALL SELECT counts_at_ms, currency, videos, micros FROM ledger
                WHERE guild_id = :guild_id AND user_id = :user_id AND kind = 'adjust'
                AND counts_at_ms >= :since
        ) AS counted
        GROUP BY counts_at_ms, currency HAVING sum(videos) <> 0 OR sum(micros) <> 0
        ORDER BY counts_at_ms
        """,
        {"guild_id": guild_id, "user_id": user_id, "since": to_ms(since)},
    ).fetchall()
    for counts_at_ms, currency, videos, micros in rows:
        entry = Entry(
            kind=ADJUST,
            guild_id=guild_id,
            user_id=user_id,
            videos=-videos,
            micros=-micros,
            currency=currency,
            counts_at_ms=counts_at_ms,
            by_user_id=reset_by,
        )
        _write(db, entry, at)
    return sum(videos for _, _, videos, _ in rows)


def reservation_of(db: sqlite3.Connection, job_id: int) -> Entry | None:
    """The reservation that is open for a job: its last row, where that is one."""
    row = db.execute(
        "SELECT kind, guild_id, user_id, grant_id, videos, micros, currency, counts_at_ms,"
        " for_operator, prices FROM ledger WHERE job_id = ? ORDER BY entry_id DESC LIMIT 1",
        (job_id,),
    ).fetchone()
    if row is None or row[0] != RESERVE:
        return None
    _, guild_id, user_id, grant_id, videos, micros, currency, counts_at_ms, operators, prices = row
    return Entry(
        kind=RESERVE,
        guild_id=guild_id,
        user_id=user_id,
        job_id=job_id,
        grant_id=grant_id,
        videos=videos,
        micros=micros,
        currency=currency,
        counts_at_ms=counts_at_ms,
        for_operator=bool(operators),
        prices=prices,
    )


def _given_back(held: Entry) -> Entry:
    return held._replace(kind=RELEASE, videos=-held.videos, micros=-held.micros, prices=None)


def _write(db: sqlite3.Connection, entry: Entry, at: datetime) -> None:
    """A row that counts, with the balances that follow from it."""
    _append(db, entry, at)
    row = Counted(
        entry.guild_id,
        entry.user_id,
        entry.counts_at_ms,
        entry.currency,
        entry.videos,
        entry.micros,
    )
    count(db, entry.scopes, row)
    if entry.grant_id is not None:
        db.execute(
            "UPDATE quota_grant SET videos_left = videos_left - ? WHERE grant_id = ?",
            (entry.videos, entry.grant_id),
        )


def _append(db: sqlite3.Connection, entry: Entry, at: datetime) -> None:
    db.execute(_INSERT, (to_ms(at), *entry))


def _encoded(cost: Cost) -> str:
    return _encoded_prices(cost.of, tuple(cost.by_account.items()))


@lru_cache(maxsize=256)  # the same few for every video
def _encoded_prices(of: str, by_account: tuple[tuple[str, Money | None], ...]) -> str:
    prices = {
        account: None if price is None else [price.micros, price.currency]
        for account, price in by_account
    }
    return _encoder.encode({"of": of, "by_account": prices})


def _decoded(text: str) -> Cost:
    read = json.loads(text)
    return Cost(
        by_account={
            account: None if price is None else Money(micros=price[0], currency=price[1])
            for account, price in read["by_account"].items()
        },
        of=read["of"],
    )
