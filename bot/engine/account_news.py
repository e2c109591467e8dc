"""What an account did that the operator is told of, once each: written down with the fact."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.clock import from_ms, to_ms
from storage.account_pauses import begin_pause, end_pause
from storage.notices import add_notice

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from bot.domain.account import Account
    from bot.domain.job import Job


def paused(db: sqlite3.Connection, account: Account, *, reason: str, at: datetime) -> None:
    """The gateway refuses the account; no news where that is written down already.

    Args:
        db: In a transaction.
        account: Which.
        reason: What the gateway said, redacted.
        at: Now.
    """
    if begin_pause(db, account.name, reason=reason, at=at):
        add_notice(
            db,
            key=f"paused:{account.name}:{to_ms(at)}",
            text=f"**{account.title}** (`{account.name}`) takes no videos: {reason}. "
            "What waits for it keeps its place, or goes to another account that may stand in. "
            f"{_who_mends(account)} It is tried again by itself, with one video at a time.",
            at=at,
        )


def works_again(db: sqlite3.Connection, account: Account, *, at: datetime) -> None:
    """The gateway took a job; news only where it is written down that it refused."""
    since_ms = end_pause(db, account.name)
    if since_ms is not None:
        since = int(from_ms(since_ms).timestamp())
        add_notice(
            db,
            key=f"works:{account.name}:{since_ms}",
            text=f"**{account.title}** (`{account.name}`) takes videos again; it took none since "
            f"<t:{since}:f>.",
            at=at,
        )


def held(db: sqlite3.Connection, job: Job, title: str, *, at: datetime) -> None:
    """Nobody knows whether the gateway took a job; in the transaction that holds it."""
    add_notice(
        db,
        key=f"held:{job.job_id}:{job.attempt}",
        text=f"Video #{job.job_id} is on hold: **{title}** did not say whether it took it, and "
        "asking twice could cost twice. Look in its console for the request "
        f"`{job.request_id}`, then settle it with `/jobs settle`; `/jobs list` shows all.",
        at=at,
    )


def _who_mends(account: Account) -> str:
    if account.guild_id is None:
        return "Look at its key, its balance and its plan in the gateway's console."
    return f"Its key is that of the server {account.guild_id}, whose moderators can mend it."
