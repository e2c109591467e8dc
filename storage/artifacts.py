"""The files that we hold: which, since when, and what refers to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from bot.clock import from_ms, to_ms

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from bot.domain.job import Clip


ArtifactKind = Literal["image", "clip"]
"""What a file is for. It decides the format: images are normalised to JPEG, clips are MP4."""


_OF_NO_JOB = """
 AND NOT EXISTS (SELECT 1 FROM job_input WHERE job_input.artifact_id = artifact.artifact_id)
 AND NOT EXISTS (SELECT 1 FROM job WHERE job.clip_artifact_id = artifact.artifact_id)
 AND NOT EXISTS (SELECT 1 FROM confirmation_input AS pending
    WHERE pending.artifact_id = artifact.artifact_id)
 AND NOT EXISTS (SELECT 1 FROM shot WHERE shot.image_id = artifact.artifact_id)
 AND NOT EXISTS (SELECT 1 FROM parcel WHERE parcel.fitted_artifact_id = artifact.artifact_id)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """A file that we hold.

    Attributes:
        artifact_id: SHA-256 of its bytes, hexadecimal.
        kind: What it is for.
        file_name: Relative to the folder of artifacts.
        size_bytes: Its length.
        media_type: E.g. ``video/mp4``.
        created_at: When it was last registered, aware UTC.
    """

    artifact_id: str
    kind: ArtifactKind
    file_name: str
    size_bytes: int
    media_type: str
    created_at: datetime


def image_file_name(artifact_id: str) -> str:
    """Where an image lies in the folder of artifacts."""
    return f"{artifact_id}.jpg"


def clip_file_name(artifact_id: str) -> str:
    """Where a clip lies in the folder of artifacts."""
    return f"{artifact_id}.mp4"


def register(
    db: sqlite3.Connection, artifact_id: str, *, kind: ArtifactKind, size_bytes: int, at: datetime
) -> None:
    """Record a file that is on the disk. Known bytes become young again, so they are kept."""
    if kind == "image":
        file_name, media_type = image_file_name(artifact_id), "image/jpeg"
    else:
        file_name, media_type = clip_file_name(artifact_id), "video/mp4"
    db.execute(
        "INSERT INTO artifact"
        " (artifact_id, kind, file_name, size_bytes, media_type, created_at_ms)"
        " VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (artifact_id) DO UPDATE SET created_at_ms = excluded.created_at_ms",
        (artifact_id, kind, file_name, size_bytes, media_type, to_ms(at)),
    )


def register_clip(db: sqlite3.Connection, clip: Clip, *, at: datetime) -> None:
    """Record a clip that is on the disk, with what was found in it."""
    register(db, clip.artifact_id, kind="clip", size_bytes=clip.size_bytes, at=at)
    db.execute(
        "INSERT INTO clip"
        " (artifact_id, width_px, height_px, duration_s, fps, has_audio, attachable,"
        " picture_plays) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (artifact_id) DO NOTHING",
        (
            clip.artifact_id,
            clip.width_px,
            clip.height_px,
            clip.duration_s,
            clip.fps,
            int(clip.has_audio),
            int(clip.attachable),
            int(clip.picture_plays),
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
        " FROM job_input JOIN artifact USING (artifact_id)"
        " WHERE job_id = ? ORDER BY position",
        (job_id,),
    ).fetchall()
    return [_artifact(row) for row in rows]


def unreferenced(db: sqlite3.Connection, older_than: datetime) -> list[Artifact]:
    """Files of no job, and of no question, last registered before this instant; oldest first."""
    rows = db.execute(
        "SELECT artifact_id, kind, file_name, size_bytes, media_type, created_at_ms"  # noqa: S608  # our own words
        " FROM artifact WHERE created_at_ms < ?"
        + _OF_NO_JOB
        + " ORDER BY created_at_ms, artifact_id",
        (to_ms(older_than),),
    ).fetchall()
    return [_artifact(row) for row in rows]


def is_on_record(db: sqlite3.Connection, artifact_id: str, kind: ArtifactKind) -> bool:
    """Whether a file is known: as an image, or as the clip of a job that keeps it."""
    if kind == "image":
        query = "SELECT 1 FROM artifact WHERE artifact_id = :file AND kind = 'image'"
    else:  # its artifact stays on record when the file is gone
        query = (
            "SELECT 1 FROM job WHERE clip_artifact_id = :file AND erased_at_ms IS NULL"
            " AND takedown_done_at_ms IS NULL"
            " UNION ALL SELECT 1 FROM parcel WHERE fitted_artifact_id = :file LIMIT 1"
        )
    return db.execute(query, {"file": artifact_id}).fetchone() is not None


def clip_is_needed(
    db: sqlite3.Connection, artifact_id: str, *, since: datetime, now: datetime
) -> bool:
    """Whether a job or a storyboard still needs this file, or a link to it still works."""
    found = db.execute(
        "SELECT 1 FROM job LEFT JOIN parcel USING (job_id) WHERE clip_artifact_id = :file"
        " AND (state = 'fetched' OR fetched_at_ms >= :since_ms OR link_until_ms >= :now_ms)"
        " UNION ALL"
        " SELECT 1 FROM parcel JOIN job USING (job_id) WHERE fitted_artifact_id = :file"
        " AND (state = 'fetched' OR fetched_at_ms >= :since_ms)"
        " UNION ALL"  # a film is still to be made of it, or a frame to be taken from it
        " SELECT 1 FROM job JOIN storyboard USING (storyboard_id) WHERE clip_artifact_id = :file"
        " AND is_open = 1 LIMIT 1",
        {"file": artifact_id, "since_ms": to_ms(since), "now_ms": to_ms(now)},
    ).fetchone()
    return found is not None


def forget(db: sqlite3.Connection, artifact_id: str, older_than: datetime) -> bool:
    """Drop the record of a file if it still is as `unreferenced` found it.

    Delete the file after this returned True, not before: a job may have taken it up meanwhile.
    """
    return (
        db.execute(
            f"DELETE FROM artifact WHERE artifact_id = ? AND created_at_ms < ? {_OF_NO_JOB}",  # noqa: S608  # our own words
            (artifact_id, to_ms(older_than)),
        ).rowcount
        == 1
    )


def _artifact(row: tuple[str, ArtifactKind, str, int, str, int]) -> Artifact:
    artifact_id, kind, file_name, size_bytes, media_type, created_at_ms = row
    return Artifact(
        artifact_id=artifact_id,
        kind=kind,
        file_name=file_name,
        size_bytes=size_bytes,
        media_type=media_type,
        created_at=from_ms(created_at_ms),
    )
