"""What is true of this database alone: its name at the gateway, and the count of its claims."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3


def ensure_installation(db: sqlite3.Connection) -> None:
    """Name a new database; an old one keeps its name."""
    db.execute(
        "INSERT INTO installation (only_row, installation_id) VALUES (1, ?)"
        " ON CONFLICT (only_row) DO NOTHING",
        (secrets.token_hex(6),),
    )


def prove_writable(db: sqlite3.Connection) -> None:
    """Write what is there already, so that a disk that takes no write is found."""
    db.execute("UPDATE installation SET claims = claims")


def installation_id(db: sqlite3.Connection) -> str:
    """12 hexadecimal digits, drawn when the database was created."""
    (found,) = db.execute("SELECT installation_id FROM installation").fetchone()
    return str(found)


def next_claim_number(db: sqlite3.Connection) -> int:
    """Count one more claim, from 1. Numbers are not used again, so no two turns are equal."""
    (claims,) = db.execute(
        "UPDATE installation SET claims = claims + 1 RETURNING claims"
    ).fetchall()[0]
    return int(claims)
