from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from bot.domain.errors import MigrationError
from bot.domain.request import VideoRequest
from storage import migrate as migrations
from storage.database import Database
from storage.lanes import claim_next
from storage.migrate import dump_schema, migrate, schema_version, statements
from storage.recount import recount_lanes
from storage.request_codec import encode_request
from tests.accounts import rooms

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


def test_what_waited_before_fair_queueing_keeps_its_turn(
    at: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fair = next(file for file in migrations.FOLDER.iterdir() if "fair_queueing" in file.name)
    for file in migrations.FOLDER.iterdir():
        if file.name < fair.name:
            (tmp_path / file.name).write_bytes(file.read_bytes())
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as old:
        with monkeypatch.context() as before:
            before.setattr(migrations, "FOLDER", tmp_path)
            migrate(old, at=at)
        old.execute(
            "INSERT INTO installation (only_row, installation_id, claims)"
            " VALUES (1, '0123456789ab', 9)"
        )
        for guild_id, user_id, served in ((1, 1, 8), (1, 2, 7), (2, 3, 5)):
            old.execute(
                "INSERT INTO job (state, state_at_ms, created_at_ms, guild_id, user_id, request,"
                " model, origin, channel_id, in_thread, route)"
                " VALUES ('queued', 0, 0, ?, ?, ?, 'm', 'command', 1, 0, 'm main')",
                (guild_id, user_id, encode_request(VideoRequest(model="m", prompt="p"))),
            )
            old.execute("INSERT INTO member_lane VALUES (?, ?, 1, ?)", (guild_id, user_id, served))
        old.execute("INSERT INTO guild_lane VALUES (1, 2, 8), (2, 1, 5)")
        old.execute("INSERT INTO route_lane VALUES ('m main', 3)")
        migrate(old, at=at)
        assert recount_lanes(old) == 0
        claimed = [claim_next(old, rooms=rooms({"m": 9}), at=at) for _ in range(4)]
    assert [job and job.user_id for job in claimed] == [3, 2, 1, None]
