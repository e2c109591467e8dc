"""A database opened to be looked at and not touched, also while the bot runs on it."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from bot.domain.errors import MigrationError, StorageError
from storage.failures import FOREIGN_ERRORS, storage_error
from storage.migrate import known_migrations, schema_version

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def opened_to_look(path: Path) -> Generator[sqlite3.Connection]:
    """A read-only connection beside the bot and without its lock; each query sees its own moment.

    Blocks: not for the event loop.

    Raises:
        MigrationError: It is not of this program's version, or another program's.
        StorageError: There is no such file, or it cannot be read.
    """
    if not path.is_file():
        raise StorageError("there is no such file")
    try:
        with closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
        ) as db:
            _check_version(db)
            yield db
    except FOREIGN_ERRORS as exc:
        raise storage_error(exc) from exc


@contextmanager
def opened_for_proof(path: Path) -> Generator[sqlite3.Connection]:
    """Likewise on one consistent state, as long as it is open.

    Text that is no UTF-8 comes as lone surrogates: a changed byte is found, not stumbled over.

    Raises:
        MigrationError: It is not of this program's version, or another program's.
        StorageError: There is no such file, or it cannot be read.
    """
    with opened_to_look(path) as db:
        db.text_factory = _as_it_is
        db.execute("BEGIN")  # the bot goes on writing; this stays as it was
        yield db


def _as_it_is(text: bytes) -> str:
    return text.decode("utf-8", "surrogateescape")


def _check_version(db: sqlite3.Connection) -> None:
    version, ours = schema_version(db), len(known_migrations())
    if version < ours:
        raise MigrationError(
            f"it has schema {version}, this program {ours}: start the bot once to bring it up"
        )
    if version > ours:
        raise MigrationError(f"it has schema {version}, this program knows {ours}: use a newer one")
