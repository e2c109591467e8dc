from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from bot.domain.errors import MigrationError
from storage import migrate as migrations
from storage.database import Database
from storage.migrate import dump_schema, migrate, schema_version, statements

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

SCHEMA = migrations.FOLDER.with_name("schema.sql")


def test_the_committed_schema_is_what_the_migrations_make(db: sqlite3.Connection) -> None:
    assert SCHEMA.read_text(encoding="utf-8").split("\n\n", 1)[1] == dump_schema(db), (
        "run: python -m storage > storage/schema.sql"
    )


def test_the_committed_schema_can_be_executed(db: sqlite3.Connection) -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as fresh:
        fresh.executescript(SCHEMA.read_text(encoding="utf-8"))
        assert dump_schema(fresh) == dump_schema(db)


def test_every_table_is_strict(db: sqlite3.Connection) -> None:
    tables = db.execute(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
    ).fetchall()
    assert tables
    assert [name for name, sql in tables if not sql.endswith("STRICT")] == []


def test_migrating_again_does_nothing(db: sqlite3.Connection, at: datetime) -> None:
    assert migrate(db, at=at) == 0
    records = db.execute("SELECT version, name FROM migration").fetchall()
    assert records[0] == (1, "initial")
    assert len(records) == len(migrations.known_migrations())


def test_a_failing_migration_leaves_nothing_of_itself(
    at: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "0001_initial.sql").write_text(
        "CREATE TABLE migration (version INTEGER PRIMARY KEY, name TEXT, applied_at_ms INTEGER);"
    )
    (tmp_path / "0002_broken.sql").write_text("CREATE TABLE half (x INTEGER);\nCREATE NONSENSE;\n")
    monkeypatch.setattr(migrations, "FOLDER", tmp_path)
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as fresh:
        with pytest.raises(MigrationError, match="NONSENSE"):
            migrate(fresh, at=at)
        assert schema_version(fresh) == 1
        assert "half" not in dump_schema(fresh)


@pytest.mark.parametrize("name", ["0002_gap.sql", "1_short.sql", "0001_Capital.sql"])
def test_a_misnumbered_migration_is_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / name).touch()
    monkeypatch.setattr(migrations, "FOLDER", tmp_path)
    with pytest.raises(MigrationError, match=name):
        migrations.known_migrations()


def test_semicolons_in_text_and_comments_end_no_statement() -> None:
    script = "CREATE TABLE a (x TEXT DEFAULT ';\n'); -- one;\n/* two;\n*/ CREATE TABLE b (x);\n"
    assert len(list(statements(script))) == 2


async def test_a_database_newer_than_the_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cogreel.sqlite3"
    async with await Database.open(path) as database:
        await database.write(
            lambda db: db.execute("INSERT INTO migration VALUES (99, 'future', 0)").rowcount
        )
    with pytest.raises(MigrationError, match="schema 99"):
        await Database.open(path)


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    path = tmp_path / "other.sqlite3"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE theirs (x)")
    return path


async def test_another_programs_database_is_refused_and_left_alone(theirs: Path) -> None:
    before = await asyncio.to_thread(theirs.read_bytes)
    with pytest.raises(MigrationError, match="another program"):
        await Database.open(theirs)
    assert await asyncio.to_thread(theirs.read_bytes) == before
