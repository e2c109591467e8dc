"""A backup: the database and the files that jobs, questions and links need, in one tar. Blocks.

The tar holds ``manifest.json`` first, then what the manifest lists, each with size and SHA-256.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import sqlite3
import tarfile
import tempfile
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from pydantic import TypeAdapter

from bot.clock import from_ms, to_ms
from bot.domain.errors import BackupError
from storage.database import FILE_NAME
from storage.durable import sync, sync_folder
from storage.migrate import known_migrations, schema_version

if TYPE_CHECKING:
    from datetime import datetime

FORMAT = 1
MANIFEST = "manifest.json"
FILES = "files"
MANIFEST_MAX_BYTES = 64 * 1024 * 1024  # some 400,000 files
_PIECE_BYTES = 1024 * 1024
_NAME = re.compile(r"cogreel\.sqlite3|files/[0-9a-f]{64}\.(jpg|mp4)")
_NEEDED = """
SELECT artifact.file_name FROM job
    JOIN job_input ON job_input.job_id = job.job_id
    JOIN artifact ON artifact.artifact_id = job_input.artifact_id
    WHERE job.state IN ('queued', 'submitting', 'rendering', 'fetched', 'held')
UNION SELECT artifact.file_name FROM job
    JOIN artifact ON artifact.artifact_id = job.clip_artifact_id
    WHERE job.state = 'fetched'
UNION SELECT artifact.file_name FROM confirmation_input
    JOIN artifact ON artifact.artifact_id = confirmation_input.artifact_id
UNION SELECT artifact.file_name FROM shot
    JOIN artifact ON artifact.artifact_id = shot.image_id
UNION SELECT artifact.file_name FROM storyboard
    JOIN job ON job.storyboard_id = storyboard.storyboard_id
    JOIN artifact ON artifact.artifact_id = job.clip_artifact_id
    WHERE storyboard.is_open = 1 AND job.erased_at_ms IS NULL AND job.taken_down_at_ms IS NULL
UNION SELECT artifact.file_name FROM parcel JOIN job ON job.job_id = parcel.job_id
    JOIN artifact ON artifact.artifact_id = parcel.fitted_artifact_id
    WHERE job.state = 'fetched'
UNION SELECT artifact.file_name FROM parcel JOIN job ON job.job_id = parcel.job_id
    JOIN artifact ON artifact.artifact_id = job.clip_artifact_id
    WHERE parcel.link_until_ms >= :now_ms
    AND job.taken_down_at_ms IS NULL AND job.erased_at_ms IS NULL
ORDER BY 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A file in a backup: its name there, its length in bytes, its SHA-256."""

    name: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup says of itself.

    Attributes:
        format: `FORMAT` of the program that wrote it.
        schema: The version of the database's schema.
        made_at_ms: When.
        contents: The database, then the files.
    """

    format: int
    schema: int
    made_at_ms: int
    contents: tuple[Content, ...]


_MANIFEST = TypeAdapter(Manifest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A backup that was written.

    Attributes:
        files: How many files besides the database.
        size_bytes: Its length.
        missing: Names of files that are needed and not there.
    """

    files: int
    size_bytes: int
    missing: tuple[str, ...]


def write_backup(state_dir: Path, target: Path, *, at: datetime) -> Written:
    """Back up a folder of state, also while the bot runs on it.

    Args:
        state_dir: Where database and files live.
        target: The file to write; its folder needs room for the database twice.
        at: Now.

    Raises:
        BackupError: There is no database, it cannot be read, or the target cannot be written.
    """
    if target.exists():
        raise BackupError(f"{target} is there already: name a file that is not")
    try:
        with tempfile.TemporaryDirectory(prefix=".cogreel-backup-", dir=target.parent) as folder:
            snapshot = Path(folder) / FILE_NAME
            schema, needed = _snapshot(state_dir / FILE_NAME, snapshot, at)
            part = Path(folder) / "part.tar"
            written = _pack(part, snapshot, state_dir / FILES, needed, schema=schema, at=at)
            sync(part)
            _give_its_name(part, target)
            sync_folder(target.parent)
    except OSError as exc:
        raise BackupError(f"{target} cannot be written: {exc.strerror}") from exc
    return written


def needed_files(db: sqlite3.Connection, *, at: datetime) -> list[str]:
    """What unfinished jobs, unanswered questions, storyboards and working links need, by name."""
    return [name for (name,) in db.execute(_NEEDED, {"now_ms": to_ms(at)})]


def read_manifest(tar: tarfile.TarFile) -> Manifest:
    """What a backup says of itself.

    Raises:
        BackupError: It is no backup, another format's, or of a newer program.
    """
    first = tar.next()
    file = None if first is None or first.name != MANIFEST else _plain(tar, first)
    if file is None or first is None or first.size > MANIFEST_MAX_BYTES:
        raise BackupError("this is no backup of Cogreel's")
    try:
        manifest = _MANIFEST.validate_json(file.read(), strict=True)
        from_ms(manifest.made_at_ms)
    except (ValueError, OverflowError) as exc:
        raise BackupError("its manifest cannot be read") from exc
    ours = len(known_migrations())
    if manifest.format != FORMAT or manifest.schema > ours:
        raise BackupError(
            f"it is of a newer program (format {manifest.format}, schema {manifest.schema}; "
            f"this one knows {FORMAT} and {ours}): restore it with that one"
        )
    names = [each.name for each in manifest.contents]
    if names[:1] != [FILE_NAME] or len(set(names)) != len(names) or not all(map(_is_ours, names)):
        raise BackupError("its manifest lists what no backup holds")
    return manifest


def unpack(tar: tarfile.TarFile, manifest: Manifest, folder: Path) -> None:
    """Write what a backup holds into an empty folder, and compare it with the manifest.

    Raises:
        BackupError: Something is missing, cut off, or not as it was.
    """
    (folder / FILES).mkdir()
    for content in manifest.contents:
        try:
            member = tar.next()
            source = None if member is None else _plain(tar, member)
            if source is None or member is None or member.name != content.name:
                raise BackupError(f"{content.name} is missing in it")
            path = folder / content.name
            with path.open("xb") as file:
                found = _copied(source, file, most_bytes=content.size_bytes)
            sync(path)
        except tarfile.TarError as exc:
            raise BackupError(f"it is cut off or damaged at {content.name}") from exc
        if found != content.sha256 or member.size != content.size_bytes:
            raise BackupError(f"{content.name} is damaged in it")


def _plain(tar: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes] | None:
    """The bytes of a member that is a file and has them all; None for a link, or one with holes."""
    return tar.extractfile(member) if member.isreg() and not member.issparse() else None


def _is_ours(name: str) -> bool:
    return _NAME.fullmatch(name) is not None


def _snapshot(database: Path, snapshot: Path, at: datetime) -> tuple[int, list[str]]:
    """One consistent state, beside a bot that goes on writing; its schema, and files it needs."""
    if not database.is_file():
        raise BackupError(f"there is no database in {database.parent}")
    try:
        with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as db:
            db.execute("VACUUM INTO ?", (str(snapshot),))
        # Asked of the copy: what it needs, not what the running bot needs by now.
        with closing(sqlite3.connect(snapshot)) as db:
            schema = schema_version(db)
            if schema != len(known_migrations()):
                raise BackupError(
                    f"the database has schema {schema}, this program {len(known_migrations())}: "
                    "back it up with the program that runs it"
                )
            return schema, needed_files(db, at=at)
    except sqlite3.Error as exc:
        raise BackupError(f"the database cannot be copied: {exc}") from exc


def _pack(  # the parts of one tar
    part: Path, snapshot: Path, files: Path, needed: list[str], *, schema: int, at: datetime
) -> Written:
    found = [name for name in needed if (files / name).is_file()]
    sources = {FILE_NAME: snapshot} | {f"{FILES}/{name}": files / name for name in found}
    contents = tuple(_content(name, path) for name, path in sources.items())
    manifest = Manifest(format=FORMAT, schema=schema, made_at_ms=to_ms(at), contents=contents)
    with tarfile.open(part, "x") as tar:
        told = json.dumps(asdict(manifest)).encode()
        _add(tar, MANIFEST, io.BytesIO(told), len(told), at)
        for content in contents:
            with sources[content.name].open("rb") as file:
                _add(tar, content.name, file, content.size_bytes, at)
    missing = tuple(name for name in needed if name not in set(found))
    return Written(files=len(found), size_bytes=part.stat().st_size, missing=missing)


def _content(name: str, path: Path) -> Content:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Content(name=name, size_bytes=path.stat().st_size, sha256=digest)


def _add(tar: tarfile.TarFile, name: str, file: IO[bytes], size: int, at: datetime) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mtime, member.mode = size, int(at.timestamp()), 0o600
    tar.addfile(member, file)


def _give_its_name(part: Path, target: Path) -> None:
    """At once, and never over another file."""
    part.chmod(0o600)  # sealed keys, prompts and ids are in it
    try:
        os.link(part, target)
    except FileExistsError:
        raise BackupError(f"{target} is there already: name a file that is not") from None
    except OSError:  # a file system without hard links
        part.rename(target)


def _copied(source: IO[bytes], file: IO[bytes], *, most_bytes: int) -> str:
    """Copy so many bytes at most; their SHA-256."""
    digest, left = hashlib.sha256(), most_bytes
    while left > 0 and (piece := source.read(min(left, _PIECE_BYTES))):
        digest.update(piece)
        file.write(piece)
        left -= len(piece)
    return digest.hexdigest()
