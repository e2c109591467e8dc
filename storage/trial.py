"""Does something to see whether it would be refused, and keeps nothing of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable


def try_out(db: sqlite3.Connection, function: Callable[[sqlite3.Connection], object]) -> None:
    """Run a function in a transaction, and undo what it did.

    Raises:
        Exception: What the function raised. The caller's transaction is to be rolled back then.
    """
    db.execute("SAVEPOINT trial")
    function(db)
    db.execute("ROLLBACK TO trial")
    db.execute("RELEASE trial")
