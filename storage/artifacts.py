"""The files that we hold: which, since when, and what refers to them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.clock import from_ms, to_ms

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime


class ArtifactKind(StrEnum):
    """What a file is for."""

    IMAGE = "image"
    CLIP = "clip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """A file that we hold.

    Attributes:
        artifact_id: SHA-256 of its bytes, hexadecimal.
        kind: What it is for.
        file_name: Relative to the folder of artifacts.
        size_bytes: Its length.
        media_type: E.g. ``image/png``.
        created_at: When it was last registered, aware UTC.
    """

    artifact_id: str
    kind: ArtifactKind
    file_name: str
    size_bytes: int
    media_type: str
    created_at: datetime


def register(db: sqlite3.Connection, artifact: Artifact) -> None:
    """Record a file that is on the disk. Known bytes become young again, so they are kept."""
    db.execute(
        "INSERT INTO artifact"
        " (artifact_id, kind, file_name, size_bytes, media_type, created_at_ms)"
        " VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (artifact_id) DO UPDATE SET created_at_ms = excluded.created_at_ms",
        (
            artifact.artifact_id,
            artifact.kind.value,
            artifact.file_name,
            artifact.size_bytes,
            artifact.media_type,
            to_ms(artifact.created_at),
        ),
    )


def get(db: sqlite3.Connection, artifact_id: str) -> Artifact | None:
    """A file by its id."""
    row = db.execute(
        "SELECT artifact_id, kind, file_name, size_bytes, media_type, created_at_ms"
        " FROM artifact WHERE artifact_id = ?",
        (artifact_id,),
    ).fetchone()
    return None if row is None else _artifact(row)


def images_of_job(db: sqlite3.Connection, job_id: int) -> list[Artifact]:
    """What the job's request starts from: first frame, then last frame."""
    rows = db.execute(
        "SELECT artifact_id, kind, file_name, size_bytes, media_type, created_at_ms"
        " FROM job_image JOIN artifact USING (artifact_id)"
        " WHERE job_id = ? ORDER BY position",
        (job_id,),
    ).fetchall()
    return [_artifact(row) for row in rows]


def unreferenced(db: sqlite3.Connection, older_than: datetime) -> list[Artifact]:
    """Files of no job, last registered before this instant; oldest first."""
    rows = db.execute(
        "SELECT artifact_id, kind, file_name, size_bytes, media_type, created_at_ms"
        " FROM artifact WHERE created_at_ms < ?"
        " AND NOT EXISTS"
        " (SELECT 1 FROM job_image WHERE job_image.artifact_id = artifact.artifact_id)"
        " AND NOT EXISTS (SELECT 1 FROM job WHERE job.clip_artifact_id = artifact.artifact_id)"
        " ORDER BY created_at_ms, artifact_id",
        (to_ms(older_than),),
    ).fetchall()
    return [_artifact(row) for row in rows]


def forget(db: sqlite3.Connection, artifact_id: str, older_than: datetime) -> bool:
    """Drop the record of a file if it still is as `unreferenced` found it.

    Delete the file after this returned True, not before: a job may have taken it up meanwhile.
    """
    return (
        db.execute(
            "DELETE FROM artifact WHERE artifact_id = ? AND created_at_ms < ?"
            " AND NOT EXISTS"
            " (SELECT 1 FROM job_image WHERE job_image.artifact_id = artifact.artifact_id)"
            " AND NOT EXISTS (SELECT 1 FROM job WHERE job.clip_artifact_id = artifact.artifact_id)",
            (artifact_id, to_ms(older_than)),
        ).rowcount
        == 1
    )


def _artifact(row: tuple[str, str, str, int, str, int]) -> Artifact:
    artifact_id, kind, file_name, size_bytes, media_type, created_at_ms = row
    return Artifact(
        artifact_id=artifact_id,
        kind=ArtifactKind(kind),
        file_name=file_name,
        size_bytes=size_bytes,
        media_type=media_type,
        created_at=from_ms(created_at_ms),
    )
