"""The accounts that servers brought. Their keys come and go sealed; nobody here can open them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.clock import from_ms, to_ms
from bot.domain.account import name_of_own
from storage.account_pauses import end_pause
from storage.job_states import CLAIMED

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

_SELECT = (
    "SELECT own_account_id, guild_id, gateway, sealed_key, set_by, set_at_ms, removed_at_ms"
    " FROM own_account "
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnAccount:
    """One key that a server brought.

    Attributes:
        own_account_id: Never used again.
        guild_id: The server.
        gateway: Whose key it is.
        sealed_key: See ``bot/services/sealing.py``.
        set_by: Who brought it.
        set_at: When.
        is_removed: Whether it was taken away, or another one brought, and it only ends what it has.
    """

    own_account_id: int
    guild_id: int
    gateway: str
    sealed_key: str
    set_by: int
    set_at: datetime
    is_removed: bool

    @property
    def name(self) -> str:
        """Its account's name."""
        return name_of_own(self.own_account_id)


def bring(  # the facts of one key
    db: sqlite3.Connection,
    guild_id: int,
    *,
    gateway: str,
    sealed_key: str,
    set_by: int,
    at: datetime,
) -> OwnAccount:
    """Keep a server's key, in place of the one that it had."""
    remove(db, guild_id, at=at)
    rows = db.execute(
        "INSERT INTO own_account (guild_id, gateway, sealed_key, set_by, set_at_ms)"
        " VALUES (?, ?, ?, ?, ?)"
        " RETURNING own_account_id, guild_id, gateway, sealed_key, set_by, set_at_ms,"
        " removed_at_ms",
        (guild_id, gateway, sealed_key, set_by, to_ms(at)),
    ).fetchall()
    return _own_account(rows[0])


def remove(db: sqlite3.Connection, guild_id: int, *, at: datetime) -> bool:
    """The server's key takes no more jobs; whether there was one. It stays until `forget_ended`."""
    return (
        db.execute(
            "UPDATE own_account SET removed_at_ms = ? WHERE guild_id = ? AND removed_at_ms IS NULL",
            (to_ms(at), guild_id),
        ).rowcount
        == 1
    )


def forget_ended(db: sqlite3.Connection, *, removed_before: datetime) -> list[str]:
    """Delete the keys that were taken away and have nothing under way, or are so for too long.

    A job that is held may be under way too: whoever settles it will know.

    Returns:
        The names of their accounts.
    """
    rows = db.execute(
        "DELETE FROM own_account WHERE removed_at_ms IS NOT NULL"  # noqa: S608  # constants
        " AND (removed_at_ms <= ? OR NOT EXISTS ("
        " SELECT 1 FROM job WHERE job.guild_id = own_account.guild_id"
        # The whole list, as the index has it, and then what of it matters.
        f" AND {CLAIMED}"
        " AND job.state <> 'fetched'"
        " AND job.account = 'own-' || own_account.own_account_id))"
        " RETURNING own_account_id",
        (to_ms(removed_before),),
    ).fetchall()
    names = [name_of_own(own_account_id) for (own_account_id,) in rows]
    for name in names:
        end_pause(db, name)
    return names


def all_own_accounts(db: sqlite3.Connection) -> list[OwnAccount]:
    """Every server's, with those that only end what they have; the oldest first."""
    return [_own_account(row) for row in db.execute(_SELECT + "ORDER BY own_account_id")]


def own_account_of(db: sqlite3.Connection, guild_id: int) -> OwnAccount | None:
    """The account that a server has brought; None without one."""
    row = db.execute(
        _SELECT + "WHERE guild_id = ? AND removed_at_ms IS NULL", (guild_id,)
    ).fetchone()
    return None if row is None else _own_account(row)


def is_kept(db: sqlite3.Connection, own_account_id: int) -> bool:
    """Whether a key is still there, removed or not."""
    found = db.execute("SELECT 1 FROM own_account WHERE own_account_id = ?", (own_account_id,))
    return found.fetchone() is not None


def seal_anew(db: sqlite3.Connection, own_account_id: int, *, sealed_key: str) -> None:
    """Keep the same key under another seal."""
    db.execute(
        "UPDATE own_account SET sealed_key = ? WHERE own_account_id = ?",
        (sealed_key, own_account_id),
    )


def _own_account(row: tuple[int, int, str, str, int, int, int | None]) -> OwnAccount:
    own_account_id, guild_id, gateway, sealed_key, set_by, set_at_ms, removed_at_ms = row
    return OwnAccount(
        own_account_id=own_account_id,
        guild_id=guild_id,
        gateway=gateway,
        sealed_key=sealed_key,
        set_by=set_by,
        set_at=from_ms(set_at_ms),
        is_removed=removed_at_ms is not None,
    )
