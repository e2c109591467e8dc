"""Which accounts are refused by their gateway until a person mends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.clock import from_ms, to_ms

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime


def begin_pause(db: sqlite3.Connection, account: str, *, reason: str, at: datetime) -> bool:
    """Remember that an account is refused; whether that is news.

    Args:
        db: In a transaction.
        account: Its name.
        reason: What the gateway said, redacted.
        at: Now.
    """
    inserted = db.execute(
        "INSERT INTO account_pause (account, since_ms, reason) VALUES (?, ?, ?)"
        " ON CONFLICT (account) DO NOTHING",
        (account, to_ms(at), reason),
    ).rowcount
    return inserted == 1


def end_pause(db: sqlite3.Connection, account: str) -> int | None:
    """It is refused no more; since when it was, in milliseconds, or None where it was not."""
    ended = db.execute(
        "DELETE FROM account_pause WHERE account = ? RETURNING since_ms", (account,)
    ).fetchall()
    return int(ended[0][0]) if ended else None


def name_the_first_account(db: sqlite3.Connection, name: str) -> None:
    """Jobs from before there were several accounts are the first one's, whatever it is called."""
    for table in ("job", "job_attempt"):
        db.execute(f"UPDATE {table} SET account = ? WHERE account = 'main'", (name,))  # noqa: S608  # the two names above


def pauses(db: sqlite3.Connection) -> dict[str, str]:
    """The reason of each account that is refused."""
    return dict(db.execute("SELECT account, reason FROM account_pause").fetchall())


def paused_since(db: sqlite3.Connection, account: str) -> datetime | None:
    """Since when an account is refused; None where it is not."""
    found = db.execute(
        "SELECT since_ms FROM account_pause WHERE account = ?", (account,)
    ).fetchone()
    return None if found is None else from_ms(found[0])
