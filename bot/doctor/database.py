"""The database, opened to be looked at, also while the bot runs on it. Blocks."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from bot.clock import from_ms
from bot.doctor.finding import Finding, fault, note, ok
from bot.domain.errors import MigrationError, StartupError
from bot.domain.own_key import SealBrokenError
from bot.own_accounts import sealer_of
from bot.services.own_keys import use_of
from storage.account_pauses import pauses
from storage.audit import prove
from storage.backup import needed_files
from storage.balances import differences
from storage.database import FILE_NAME
from storage.migrate import known_migrations, schema_version
from storage.own_accounts import all_own_accounts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from bot.settings import Settings

LOCK_WAIT_S = 3.0
PART = "database"
RESTORE = (
    "Stop the bot, keep a copy of the folder, and restore a backup: "
    "`python -m bot restore FILE --replace`."
)


def database(settings: Settings, *, at: datetime) -> Iterator[Finding]:
    """Whether it can be read and written, is whole, and says nothing that needs somebody."""
    path = settings.state_dir / FILE_NAME
    if not path.exists():
        yield note(PART, f"there is none in {settings.state_dir} yet", "The first start makes it.")
        return
    try:
        yield from _looked_at(settings, path, at)
    except (sqlite3.DatabaseError, OSError) as exc:
        yield fault(PART, f"{path} cannot be read: {exc}", RESTORE)


def _looked_at(settings: Settings, path: Path, at: datetime) -> Iterator[Finding]:
    with closing(_opened(path, "ro")) as db:
        found = _version(db)
        yield found
        if found.mend:
            return
        (said,) = db.execute("PRAGMA quick_check(1)").fetchone()
        if said != "ok":
            yield fault(PART, f"it is damaged: {said}", RESTORE)
            return
        yield ok(PART, "it is whole")
        yield from _locked(path)
        yield from _books(db)
        yield from _work(db, settings.state_dir / "files", at)
        yield from _sealed_keys(db, settings)


def _opened(path: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=LOCK_WAIT_S,
        isolation_level=None,
    )


def _version(db: sqlite3.Connection) -> Finding:
    ours = len(known_migrations())
    try:
        version = schema_version(db)
    except MigrationError:
        return fault(
            PART,
            "the file is another program's",
            "Set COGREEL_STATE_DIR to a folder of the bot's own.",
        )
    if version > ours:
        return fault(
            PART,
            f"it is of a newer program: schema {version}, this one knows {ours}",
            "Start the version that wrote it, or a newer one.",
        )
    if version < ours:
        return note(
            PART,
            f"it has schema {version}, this program {ours}",
            "Take a backup with the program from before; the next start brings it up to date. "
            "The rest of it was not looked at.",
        )
    return ok(PART, f"schema {version}")


def _locked(path: Path) -> Iterator[Finding]:
    """Nothing is written: the transaction that may write is given up at once."""
    try:
        with closing(_opened(path, "rw")) as db:
            db.execute("BEGIN IMMEDIATE")
            db.execute("ROLLBACK")
    except sqlite3.OperationalError as exc:
        yield fault(
            PART,
            f"nothing could be written for {LOCK_WAIT_S:g} s: {exc}",
            "Another program holds it: close every sqlite3 shell, viewer and copying program that "
            "has it open (`fuser` names them). A read-only disk has to be made writable.",
        )


def _books(db: sqlite3.Connection) -> Iterator[Finding]:
    off = differences(db)
    if off:
        yield fault(
            "ledger",
            f"{off} balances are not what the ledger adds up to",
            "A defect, or a changed file: report it with the log, and keep a copy of the folder.",
        )
    verdict = prove(db, noted_hash=None)
    if verdict.fault is not None:
        yield fault(
            "audit",
            f"its chain breaks at entry {verdict.broken_seq}",
            "`python -m bot audit verify` says more. Somebody changed the file, or it is damaged.",
        )
    if not off and verdict.fault is None:
        yield ok("ledger and audit", f"balances agree, {verdict.sound.seq} entries are sound")


def _work(db: sqlite3.Connection, files: Path, at: datetime) -> Iterator[Finding]:
    (held,) = db.execute("SELECT count(*) FROM job WHERE state = 'held'").fetchone()
    if held:
        yield note(
            "jobs",
            f"{held} are held: whether they were paid is not known",
            "Look for them in the gateway's console, then say so with /jobs settle; they count as "
            "used until then.",
        )
    for name, reason in pauses(db).items():
        (since_ms,) = db.execute(
            "SELECT since_ms FROM account_pause WHERE account = ?", (name,)
        ).fetchone()
        yield fault(
            "accounts",
            f"{name} is refused since {from_ms(since_ms):%Y-%m-%d %H:%M} UTC: {reason}",
            "Look at its key, balance and plan in the gateway's console. It is tried again by "
            "itself.",
        )
    lost = [name for name in needed_files(db, at=at) if not (files / name).is_file()]
    for name in lost:
        yield fault(
            "files",
            f"{name} is missing, and an unfinished video or a link needs it",
            "Restore it into the folder from a backup; without it the video fails or is a "
            "link, and a link leads nowhere.",
        )
    if not lost:
        yield ok("files", "what unfinished videos and links need is there")


def _sealed_keys(db: sqlite3.Connection, settings: Settings) -> Iterator[Finding]:
    kept = all_own_accounts(db)
    if not kept:
        return
    try:
        sealer = sealer_of(settings)
    except StartupError:
        return  # told with the settings
    if sealer is None:
        yield fault(
            "servers' keys",
            f"{len(kept)} are kept, and no secrets key is set to open them",
            "Set COGREEL_SECRETS_KEY to the one that they were sealed with.",
        )
        return
    shut: list[int] = []
    for own in kept:
        try:
            sealer.open(own.sealed_key, use_of(own.guild_id, own.gateway))
        except SealBrokenError:
            shut.append(own.guild_id)
    if shut:
        yield fault(
            "servers' keys",
            f"COGREEL_SECRETS_KEY does not open those of {len(shut)} servers, such as {shut[0]}",
            "Put the secrets key that sealed them behind yours, with a comma between; else their "
            "moderators have to give them again.",
        )
    else:
        yield ok("servers' keys", f"all {len(kept)} can be opened")
