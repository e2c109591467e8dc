"""Several transactions in one COMMIT: the part that runs on the database's thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from bot.fault_points import FaultPoint, reached

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one function of a group ended.

    Attributes:
        value: What it returned.
        error: What it raised; then nothing of it was kept.
    """

    value: Any = None
    error: Exception | None = None


def run_group(
    db: sqlite3.Connection, functions: Sequence[Callable[[sqlite3.Connection], Any]]
) -> list[Outcome]:
    """Run functions one after another between one BEGIN IMMEDIATE and one COMMIT.

    Where one of several raises, nothing is kept of any, and all of them run once more, each in a
    savepoint of its own that undoes its work alone. A savepoint copies every page that is changed
    in it, so there are none while nobody raises, which is nearly always.

    Raises:
        BaseException: The transaction as a whole failed; nothing of any function was kept.
    """
    db.execute("BEGIN IMMEDIATE")
    try:
        try:
            outcomes = [Outcome(value=function(db)) for function in functions]
        except Exception as exc:  # one function's failure is its own caller's
            if not db.in_transaction:  # rolled back as a whole, with the work of the others
                raise
            db.execute("ROLLBACK")
            if len(functions) == 1:
                return [Outcome(error=exc)]
            db.execute("BEGIN IMMEDIATE")
            outcomes = [_run_in_savepoint(db, function) for function in functions]
        reached(FaultPoint.BEFORE_COMMIT)
        db.execute("COMMIT")
        reached(FaultPoint.AFTER_COMMIT)
    except BaseException:  # no transaction may stay open, whatever ended it
        # SQLite may have rolled back by itself: a full disk, an I/O error.
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
    return outcomes


def run_snapshot(db: sqlite3.Connection, function: Callable[[sqlite3.Connection], T]) -> T:
    """Run a function that only reads, on one consistent state of the database."""
    db.execute("BEGIN")
    try:
        return function(db)
    finally:
        if db.in_transaction:
            db.execute("ROLLBACK")  # nothing to keep; it also ends what a failed read left open


def _run_in_savepoint(
    db: sqlite3.Connection, function: Callable[[sqlite3.Connection], Any]
) -> Outcome:
    db.execute("SAVEPOINT one_function")
    try:
        value = function(db)
    except Exception as exc:  # one function's failure is its own caller's
        if not db.in_transaction:  # rolled back as a whole, with the work of the others
            raise
        db.execute("ROLLBACK TO one_function")
        db.execute("RELEASE one_function")
        return Outcome(error=exc)
    db.execute("RELEASE one_function")
    return Outcome(value=value)
