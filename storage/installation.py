"""What is true of this database alone: its name and its members' at the gateways, its claims."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3


def ensure_installation(db: sqlite3.Connection) -> None:
    """Name a new database; an old one keeps its name."""
    db.execute(
        "INSERT INTO installation (only_row, installation_id, pseudonym_key) VALUES (1, ?, ?)"
        " ON CONFLICT (only_row) DO NOTHING",
        (secrets.token_hex(6), secrets.token_hex(32)),
    )


def installation_id(db: sqlite3.Connection) -> str:
    """12 hexadecimal digits, drawn when the database was created."""
    (found,) = db.execute("SELECT installation_id FROM installation").fetchone()
    return str(found)


def pseudonym_of(db: sqlite3.Connection, user_id: int) -> str:
    """A stable stand-in for a member at the gateways, which have no use for Discord's ids.

    32 hexadecimal digits, keyed by what only this database knows: nobody else can tell whose it
    is by trying ids, and two bots of one member cannot be linked by it.
    """
    (key,) = db.execute("SELECT pseudonym_key FROM installation").fetchone()
    return hmac.new(key.encode(), str(user_id).encode(), hashlib.sha256).hexdigest()[:32]


def next_claim_number(db: sqlite3.Connection) -> int:
    """Count one more claim, from 1. Numbers are not used again, so no two turns are equal."""
    (claims,) = db.execute(
        "UPDATE installation SET claims = claims + 1 RETURNING claims"
    ).fetchall()[0]
    return int(claims)
