"""``python -m bot export ledger``: every server's rows, while the bot runs."""

from __future__ import annotations

import csv
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.ledger_table import OF_ALL
from storage.database import FILE_NAME
from storage.installation import ensure_installation
from storage.lockfile import ProcessLock
from storage.migrate import migrate

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
FIRST = datetime(2026, 1, 14, tzinfo=UTC)
DAYS = 3
ROWS = 2500  # more than two pages


def started(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    settings = {
        "COGREEL_DISCORD_TOKEN": "made-up",
        "COGREEL_API_KEY": "made-up",
        "COGREEL_STATE_DIR": str(folder),
    }
    return subprocess.Popen(
        [sys.executable, "-m", "bot", "export", "ledger", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def exported(folder: Path, *arguments: str) -> list[dict[str, str]]:
    with started(folder, *arguments) as program:
        told, complaints = program.communicate(timeout=30)
    assert (program.returncode, complaints) == (0, "")
    return list(csv.DictReader(told.splitlines()))


@pytest.fixture
def held(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A database with rows of two servers on three days, as a running bot holds it."""
    path = tmp_path / FILE_NAME
    lock = ProcessLock(path.with_name(path.name + ".lock"))
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        migrate(db, at=FIRST)
        db.execute("PRAGMA journal_mode = WAL")
        ensure_installation(db)
        db.execute("BEGIN")
        for number in range(ROWS):
            at = FIRST + timedelta(days=number % DAYS, hours=23)
            at_ms = int(at.timestamp() * 1000)
            db.execute(
                "INSERT INTO ledger (at_ms, kind, guild_id, user_id, grant_id, videos, micros,"
                " currency, counts_at_ms, for_operator, by_user_id)"
                " VALUES (?, 'grant', ?, 10, 1, 5, 0, '', ?, 1, 9)",
                (at_ms, 1 + number % 2, at_ms),
            )
        db.execute("COMMIT")
        db.execute("BEGIN IMMEDIATE")  # the bot is in the middle of a write
        yield db
        db.execute("ROLLBACK")
    lock.release()


@pytest.mark.usefixtures("held")
def test_all_rows_come_in_their_order_while_the_bot_writes(tmp_path: Path) -> None:
    rows = exported(tmp_path)
    assert [int(row["entry"]) for row in rows] == list(range(1, ROWS + 1))
    assert list(rows[0]) == list(OF_ALL)
    assert {row["server_id"] for row in rows} == {"1", "2"}
    assert rows[0]["at"] == "2026-01-14T23:00:00.000+00:00"


@pytest.mark.usefixtures("held")
def test_days_are_whole_and_both_included_and_a_server_is_one(tmp_path: Path) -> None:
    rows = exported(tmp_path, "--from", "2026-01-15", "--to", "2026-01-15", "--guild", "2")
    assert {row["at"][:10] for row in rows} == {"2026-01-15"}
    assert {row["server_id"] for row in rows} == {"2"}
    assert len(exported(tmp_path, "--to", "2026-01-15")) == len(
        [number for number in range(ROWS) if number % DAYS < 2]
    )
    assert exported(tmp_path, "--from", "2026-01-17") == []


@pytest.mark.usefixtures("held")
def test_who_has_read_enough_may_go(tmp_path: Path) -> None:
    with started(tmp_path) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        assert program.stdout.readline().startswith("server_id,entry,at")
        program.stdout.close()
        assert program.wait(timeout=30) == 1
        assert program.stderr.read() == ""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "cannot be exported: there is no such file."),
        (("--from", "yesterday"), "yesterday is no day such as 2026-11-30"),
        (("--guild", "9" * 20), "is no id of a server"),
        (("--from", "2026-01-15", "--to", "2026-01-14"), "There are no days from 2026-01-15 to"),
    ],
)
def test_what_cannot_be_exported_is_said_in_one_line(
    tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    with started(tmp_path, *arguments) as program:
        told, complaints = program.communicate(timeout=30)
    assert (program.returncode, told) == (2, "")
    assert words in complaints
    assert "Traceback" not in complaints
