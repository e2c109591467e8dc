"""Numbered migrations, each in one transaction together with its record."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot.clock import to_ms
from bot.domain.errors import MigrationError
from bot.fault_points import FaultPoint, reached

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

FOLDER = Path(__file__).parent / "migrations"
_FILE_NAME = re.compile(r"(\d{4})_([a-z0-9_]+)\.sql")


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the schema.

    Attributes:
        version: From 1, without gaps.
        name: The file's name after the number.
        script: Its SQL.
    """

    version: int
    name: str
    script: str


def known_migrations() -> tuple[Migration, ...]:
    """The migrations of this program, in order.

    Raises:
        MigrationError: A file is misnamed, or a number is missing or given twice.
    """
    found: list[Migration] = []
    for path in sorted(FOLDER.glob("*.sql")):
        named = _FILE_NAME.fullmatch(path.name)
        if named is None or int(named[1]) != len(found) + 1:
            raise MigrationError(f"{path.name} is not migration {len(found) + 1:04}_<name>.sql")
        found.append(Migration(len(found) + 1, named[2], path.read_text(encoding="utf-8")))
    return tuple(found)


def migrate(db: sqlite3.Connection, *, at: datetime) -> int:
    """Bring the schema up to this program's; returns how many migrations that took.

    Raises:
        MigrationError: The file is newer than the program, is not ours, is no database,
            or a migration failed. What had been applied before stays, and is whole.
    """
    migrations = known_migrations()
    try:
        version = schema_version(db)
        if version > len(migrations):
            raise MigrationError(
                f"the database has schema {version}, this program knows {len(migrations)}: "
                "start the version that wrote it, or a newer one"
            )
        for migration in migrations[version:]:
            _apply(db, migration, at)
    except sqlite3.DatabaseError as exc:
        raise MigrationError(f"the schema could not be brought up to date: {exc}") from exc
    return len(migrations) - version


def schema_version(db: sqlite3.Connection) -> int:
    """The number of the last migration applied; 0 for an empty file.

    Raises:
        MigrationError: The file holds tables of another program.
    """
    tables = {name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    if not tables:
        return 0
    if "migration" not in tables:
        raise MigrationError("the file is a database of another program")
    (version,) = db.execute("SELECT coalesce(max(version), 0) FROM migration").fetchone()
    return int(version)


def dump_schema(db: sqlite3.Connection) -> str:
    """Every table and index as SQL, in the order in which they were made."""
    rows = db.execute(
        "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%'"
        " ORDER BY rowid"
    )
    return "\n\n".join(f"{sql};" for (sql,) in rows) + "\n"


def statements(script: str) -> Iterator[str]:
    """The statements of a script, one by one.

    `executescript` would commit the open transaction first, and so break a migration in two.
    """
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""


def _apply(db: sqlite3.Connection, migration: Migration, at: datetime) -> None:
    db.execute("BEGIN IMMEDIATE")
    try:
        for statement in statements(migration.script):
            db.execute(statement)
        db.execute(
            "INSERT INTO migration (version, name, applied_at_ms) VALUES (?, ?, ?)",
            (migration.version, migration.name, to_ms(at)),
        )
        reached(FaultPoint.DURING_MIGRATION)
        db.execute("COMMIT")
        reached(FaultPoint.AFTER_MIGRATION)
    except BaseException:  # no half migration may stay, whatever ended it
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
