"""The key that signs links to clips: random, and of this database alone."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

KEY_BYTES = 32


def ensure_link_key(db: sqlite3.Connection) -> bytes:
    """The key; made when it is first asked for."""
    db.execute(
        "INSERT INTO link_key (only_row, key_hex) VALUES (1, ?) ON CONFLICT (only_row) DO NOTHING",
        (secrets.token_hex(KEY_BYTES),),
    )
    (key_hex,) = db.execute("SELECT key_hex FROM link_key").fetchone()
    return bytes.fromhex(key_hex)


def renew_link_key(db: sqlite3.Connection) -> None:
    """Put a new key in place of the old one: no link that was signed with that works any more."""
    db.execute("DELETE FROM link_key")
    ensure_link_key(db)
