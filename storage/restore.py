"""Puts a backup in place: all of it or nothing, and never under a running bot. Blocks."""

from __future__ import annotations

import shutil
import sqlite3
import tarfile
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot.clock import from_ms, to_ms
from bot.domain.errors import AlreadyRunningError, BackupError, StorageError
from storage.backup import FILES, read_manifest, unpack
from storage.database import FILE_NAME
from storage.durable import sync, sync_folder
from storage.lockfile import ProcessLock
from storage.migrate import migrate, schema_version
from storage.taken_back import know_further_posts, take_back_again

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

MARKER = "restored-at"
# Numbers that the bot may have given to jobs after the backup was made. Never given again: request
# ids are made of them, and a repeated one would adopt somebody else's video.
SKIPPED_NUMBERS = 100_000
_UNPACKED = ".restore-"
_DATABASE_FILES = (FILE_NAME, f"{FILE_NAME}-wal", f"{FILE_NAME}-shm")


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """A backup that is in place.

    Attributes:
        made_at: When the backup was made.
        migrations: How many migrations its database took.
        files: How many files came with it.
        set_aside: Where what was there before is now; None where nothing was.
        taken_back: How many jobs were taken down or withdrawn since, and are so again; None where
            no database says it.
    """

    made_at: datetime
    migrations: int
    files: int
    set_aside: Path | None
    taken_back: int | None


def restore_backup(source: Path, state_dir: Path, *, replace: bool, at: datetime) -> Restored:
    """Put a backup in place.

    Args:
        source: The backup.
        state_dir: Where database and files live; made where it is not there.
        replace: Whether a database that is there may be set aside.
        at: Now.

    Raises:
        BackupError: It cannot be used, the bot runs, or there is a database; nothing was changed.
    """
    try:
        state_dir.mkdir(parents=True, exist_ok=True)
        lock = ProcessLock(state_dir / f"{FILE_NAME}.lock")
    except AlreadyRunningError as exc:
        raise BackupError(f"the bot runs on {state_dir} ({exc}): stop it first") from exc
    except OSError as exc:
        raise BackupError(f"{state_dir} cannot be used: {exc.strerror}") from exc
    try:
        if (state_dir / FILE_NAME).exists() and not replace:
            raise BackupError(
                f"there is a database in {state_dir} already: --replace sets it aside"
            )
        return _restored(source, state_dir, at)
    except (OSError, tarfile.TarError) as exc:
        raise BackupError(f"{source} cannot be restored: {exc}") from exc
    finally:
        lock.release()


def restored_at(state_dir: Path) -> datetime | None:
    """When the latest backup was put in place; None for never.

    Jobs that are older may have been posted by the bot that ran on after the backup was made.
    """
    try:
        return from_ms(int((state_dir / MARKER).read_text(encoding="ascii")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as exc:
        raise StorageError(f"{MARKER} cannot be read") from exc


def _restored(source: Path, state_dir: Path, at: datetime) -> Restored:
    for left_over in state_dir.glob(f"{_UNPACKED}*"):  # of a restore that was killed
        shutil.rmtree(left_over)
    with tempfile.TemporaryDirectory(prefix=_UNPACKED, dir=state_dir) as unpacked:
        folder = Path(unpacked)
        with tarfile.open(source, "r:") as tar:
            manifest = read_manifest(tar)
            unpack(tar, manifest, folder)
        migrations, taken_back = _made_ready(
            folder / FILE_NAME, state_dir / FILE_NAME, schema=manifest.schema, at=at
        )
        set_aside = _set_aside(state_dir, at)
        (state_dir / FILES).mkdir(exist_ok=True)
        for path in (folder / FILES).iterdir():
            path.replace(state_dir / FILES / path.name)
        sync_folder(state_dir / FILES)
        marker = folder / MARKER
        marker.write_text(str(to_ms(at)), encoding="ascii")
        sync(marker)
        marker.replace(state_dir / MARKER)
        (folder / FILE_NAME).replace(state_dir / FILE_NAME)  # last: from here on it counts
        sync_folder(state_dir)
    return Restored(
        made_at=from_ms(manifest.made_at_ms),
        migrations=migrations,
        files=len(manifest.contents) - 1,
        set_aside=set_aside,
        taken_back=taken_back,
    )


def _made_ready(
    database: Path, replaced: Path, *, schema: int, at: datetime
) -> tuple[int, int | None]:
    """Check and migrate a database that nobody uses yet, and repeat what was taken back since.

    Returns:
        How many migrations that took, and what `take_back_again` says.
    """
    try:
        with closing(sqlite3.connect(database, isolation_level=None)) as db:
            (said,) = db.execute("PRAGMA integrity_check(1)").fetchone()
            if said != "ok":
                raise BackupError(f"its database is damaged: {said}")
            if schema_version(db) != schema:
                raise BackupError("its database is not the one of its manifest")
            migrations = migrate(db, at=at)
            for table in ("job", "further_post"):  # a number may have been given since
                _skip_numbers(db, table)
            if replaced.exists():
                know_further_posts(db, replaced)
            taken_back = take_back_again(db, replaced, at=at) if replaced.exists() else None
    except (sqlite3.Error, StorageError) as exc:
        if isinstance(exc, BackupError):
            raise
        raise BackupError(f"its database cannot be used: {exc}") from exc
    sync(database)
    return migrations, taken_back


def _skip_numbers(db: sqlite3.Connection, table: str) -> None:
    last = db.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)).fetchone()
    db.execute("DELETE FROM sqlite_sequence WHERE name = ?", (table,))
    db.execute(
        "INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)",
        (table, (0 if last is None else last[0]) + SKIPPED_NUMBERS),
    )


def _set_aside(state_dir: Path, at: datetime) -> Path | None:
    """Move what is there into a folder beside, with the log that belongs to the database."""
    there = list(_there(state_dir))
    if not there:
        return None
    aside = state_dir / f"before-restore-{at:%Y%m%dT%H%M%SZ}"
    aside.mkdir()
    for path in there:
        shutil.move(path, aside / path.name)
    sync_folder(aside)
    return aside


def _there(state_dir: Path) -> Iterator[Path]:
    for name in (*_DATABASE_FILES, FILES, MARKER):
        if (state_dir / name).exists():
            yield state_dir / name
