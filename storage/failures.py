"""The one place that knows the errors of `sqlite3`: they cross into no other layer."""

from __future__ import annotations

import sqlite3

from bot.domain.errors import StorageBusyError, StorageError, StorageFullError

FOREIGN_ERRORS = (sqlite3.Error, OverflowError, UnicodeError)
"""What a statement raises. The last two: a number over 64 bits, text with a lone surrogate."""

_PRIMARY_CODE = 0xFF  # extended result codes keep the primary one in the low byte
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_FULL = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY}


def storage_error(exc: Exception) -> StorageError:
    """Our error for one of `FOREIGN_ERRORS`. Raise it from that."""
    code = getattr(exc, "sqlite_errorcode", None)  # absent where the module raised it itself
    primary = code & _PRIMARY_CODE if isinstance(code, int) else None
    if primary in _BUSY:
        return StorageBusyError(str(exc))
    if primary in _FULL:
        return StorageFullError(str(exc))
    return StorageError(f"{type(exc).__name__}: {exc}")
