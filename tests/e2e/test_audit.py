"""``python -m bot audit verify``: what the operator is told, and the exit code."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.domain.audit import Act, AuditAction, SubjectKind
from storage import audit
from storage.database import FILE_NAME
from storage.installation import ensure_installation
from storage.lockfile import ProcessLock
from storage.migrate import migrate

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
AT = datetime(2026, 1, 14, 12, tzinfo=UTC)
ACT = Act(
    guild_id=1,
    actor_id=9,
    action=AuditAction.QUOTA_CLEARED,
    subject_kind=SubjectKind.SERVER,
    subject_id=1,
    detail={"window": "day"},
)


def verify(folder: Path, *arguments: str) -> tuple[int, str]:
    """The exit code and everything it said."""
    settings = {
        "COGREEL_DISCORD_TOKEN": "made-up",
        "COGREEL_API_KEY": "made-up",
        "COGREEL_STATE_DIR": str(folder),
    }
    done = subprocess.run(
        [sys.executable, "-m", "bot", "audit", "verify", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=30,
        check=False,
    )
    assert "Traceback" not in done.stdout
    return done.returncode, done.stdout


@pytest.fixture
def held(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A database in the hands of a running bot, with three entries that no checkpoint has seen."""
    path = tmp_path / FILE_NAME
    lock = ProcessLock(path.with_name(path.name + ".lock"))
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        migrate(db, at=AT)
        db.execute("PRAGMA journal_mode = WAL")
        ensure_installation(db)
        for _ in range(3):
            audit.append(db, ACT, at=AT)
        yield db
    lock.release()


def test_a_whole_chain_is_proved_while_the_bot_runs(
    tmp_path: Path, held: sqlite3.Connection
) -> None:
    head = audit.head(held).own_hash
    assert verify(tmp_path) == (0, f"The audit is whole: 3 entries.\nHead: {head}\n")
    audit.append(held, ACT, at=AT)
    code, said = verify(tmp_path, "--noted", head)
    assert (code, said.splitlines()[0]) == (0, "The audit is whole: 4 entries.")


def test_a_stopped_bots_chain_is_proved_too(tmp_path: Path, held: sqlite3.Connection) -> None:
    held.close()
    assert verify(tmp_path)[0] == 0


def test_the_first_broken_entry_is_named(tmp_path: Path, held: sqlite3.Connection) -> None:
    held.execute("DROP TRIGGER audit_entry_is_never_changed")
    held.execute("UPDATE audit_entry SET actor_id = 8 WHERE seq > 1")
    code, said = verify(tmp_path)
    broken, sound = said.splitlines()
    assert (code, broken) == (1, "The audit is broken. Entry 2 is not what was recorded.")
    assert sound.startswith("Sound to entry 1: ")


@pytest.mark.usefixtures("held")
def test_a_chain_without_the_noted_hash_is_broken(tmp_path: Path) -> None:
    code, said = verify(tmp_path, "--noted", "0" * 64)
    assert code == 1
    assert "none of them has the noted hash: they were written anew" in said


def test_a_missing_database_is_said_in_one_line(tmp_path: Path) -> None:
    code, said = verify(tmp_path)
    assert (code, said.count("\n")) == (2, 1)
    assert said == f"{tmp_path / FILE_NAME} cannot be proved: there is no such file.\n"
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_database_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("no database, " * 100)
    code, said = verify(tmp_path)
    assert (code, said.count("\n")) == (2, 1)
    assert "file is not a database" in said
