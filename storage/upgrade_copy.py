"""Before a newer program changes the schema, the database is copied beside itself.

The copy of the last upgrade is kept, and goes at the next one: who wants to go back to the program
from before puts it in the database's place.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from bot.domain.errors import MigrationError
from storage.durable import sync, sync_folder
from storage.migrate import known_migrations, schema_version

if TYPE_CHECKING:
    from pathlib import Path

_MARK = ".before-upgrade-from-"


def copy_before_upgrade(db: sqlite3.Connection, path: Path) -> Path | None:
    """Copy the database as it is, where migrations are about to change it.

    Returns:
        The copy; None where there is nothing to migrate, or nothing in the database yet.

    Raises:
        MigrationError: The copy could not be written, so nothing should be changed.
    """
    try:
        version = schema_version(db)
        if not 0 < version < len(known_migrations()):
            return None
        copy = path.with_name(f"{path.name}{_MARK}{version:04}")
        part = copy.with_name(copy.name + ".part")
        part.unlink(missing_ok=True)  # of an earlier try that was cut off
        db.execute("VACUUM INTO ?", (str(part),))
        sync(part)
        part.replace(copy)
        sync_folder(copy.parent)
    except (sqlite3.Error, OSError) as exc:
        raise MigrationError(
            f"the copy that is kept before an upgrade could not be written ({exc}): "
            f"there must be room for {path.name} once more"
        ) from exc
    return copy


def forget_earlier_copies(path: Path, *, kept: Path) -> None:
    """After the upgrade: remove the copies of earlier ones, so that one is kept."""
    for copy in path.parent.glob(f"{path.name}{_MARK}*"):
        if copy != kept:
            copy.unlink(missing_ok=True)
