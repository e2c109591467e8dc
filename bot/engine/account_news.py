"""An account is refused, or is so no more: both are written down, and told to the operator once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.account_pauses import begin_pause, end_pause

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from bot.domain.account import Account


def paused(db: sqlite3.Connection, account: Account, *, reason: str, at: datetime) -> None:
    """The gateway refuses the account.

    Args:
        db: In a transaction.
        account: Which.
        reason: What the gateway said, redacted.
        at: Now.
    """
    begin_pause(db, account.name, reason=reason, at=at)


def works_again(db: sqlite3.Connection, account: Account) -> None:
    """The gateway took a job again."""
    end_pause(db, account.name)
