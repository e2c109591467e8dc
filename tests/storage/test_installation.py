"""What is true of one database alone."""

from __future__ import annotations

import hashlib
import hmac
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from storage import migrate as migrations
from storage.installation import ensure_installation, installation_id, pseudonym_of
from storage.migrate import migrate

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def fresh() -> sqlite3.Connection:
    db = sqlite3.connect(":memory:", isolation_level=None)
    migrate(db, at=NOW)
    ensure_installation(db)
    return db


def test_a_member_has_one_pseudonym_in_a_database_and_another_in_the_next() -> None:
    with closing(fresh()) as here, closing(fresh()) as elsewhere:
        assert pseudonym_of(here, 7) == pseudonym_of(here, 7)
        ensure_installation(here)  # as each start does
        found = {pseudonym_of(here, 7), pseudonym_of(here, 8), pseudonym_of(elsewhere, 7)}
        assert len(found) == 3
        assert all(len(pseudonym) == 32 for pseudonym in found)


def test_what_a_gateway_is_told_anyway_does_not_make_the_pseudonym() -> None:
    with closing(fresh()) as db:
        known = installation_id(db).encode()  # it is in every request id
        guessed = hmac.new(known, b"7", hashlib.sha256).hexdigest()
        assert pseudonym_of(db, 7) != guessed[:32]


def test_an_older_database_gets_a_key_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for file in migrations.FOLDER.iterdir():
        if file.name < "0016":
            (tmp_path / file.name).write_bytes(file.read_bytes())
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as old, closing(fresh()) as new:
        with monkeypatch.context() as before:
            before.setattr(migrations, "FOLDER", tmp_path)
            migrate(old, at=NOW)
        old.execute(
            "INSERT INTO installation (only_row, installation_id) VALUES (1, ?)",
            (installation_id(new),),
        )
        migrate(old, at=NOW)
        ensure_installation(old)
        ((key,),) = old.execute("SELECT pseudonym_key FROM installation").fetchall()
        assert len(key) == 64
        assert pseudonym_of(old, 7) != pseudonym_of(new, 7)
