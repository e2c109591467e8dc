"""What is posted of a job: its file made to fit, what Discord refused, how long a link works."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.clock import to_ms
from storage.artifacts import register

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelRecord:
    """What was done so far so that a job's clip can be posted.

    Attributes:
        fit_limit_bytes: What its file was, or is being, made to fit; None where it was not.
        fit_tries: How often that was begun for this limit.
        fitted_artifact_id: The file that fits, once there is one.
        fitted_bytes: Its length.
        was_encoded: Whether that took an encode.
        fit_failure: Why there will be none for this limit.
        at_most_bytes: Discord refused a larger file; 0 for any file. None where it refused none.
    """

    fit_limit_bytes: int | None = None
    fit_tries: int = 0
    fitted_artifact_id: str | None = None
    fitted_bytes: int | None = None
    was_encoded: bool = False
    fit_failure: str | None = None
    at_most_bytes: int | None = None


def parcel_of(db: sqlite3.Connection, job_id: int) -> ParcelRecord:
    """What is known; empty where nothing was done yet."""
    row = db.execute(
        "SELECT fit_limit_bytes, fit_tries, fitted_artifact_id, artifact.size_bytes, was_encoded,"
        " fit_failure, at_most_bytes FROM parcel"
        " LEFT JOIN artifact ON artifact.artifact_id = fitted_artifact_id WHERE job_id = ?",
        (job_id,),
    ).fetchone()
    if row is None:
        return ParcelRecord()
    limit_bytes, tries, artifact_id, size_bytes, was_encoded, failure, at_most_bytes = row
    return ParcelRecord(
        fit_limit_bytes=limit_bytes,
        fit_tries=tries,
        fitted_artifact_id=artifact_id,
        fitted_bytes=size_bytes,
        was_encoded=bool(was_encoded),
        fit_failure=failure,
        at_most_bytes=at_most_bytes,
    )


def begin_fit(db: sqlite3.Connection, job_id: int, *, limit_bytes: int) -> None:
    """The intent: the file is about to be made to fit. An earlier file of another limit is let go.

    Housekeeping removes what no job refers to any more.
    """
    db.execute(
        "INSERT INTO parcel (job_id, fit_limit_bytes, fit_tries) VALUES (:job_id, :limit, 1)"
        " ON CONFLICT (job_id) DO UPDATE SET"
        " fit_tries = CASE WHEN fit_limit_bytes = :limit THEN fit_tries + 1 ELSE 1 END,"
        " fit_limit_bytes = :limit, fitted_artifact_id = NULL, fit_failure = NULL",
        {"job_id": job_id, "limit": limit_bytes},
    )


def put_off_fit(db: sqlite3.Connection, job_id: int) -> None:
    """The try that was begun does not count: the file was not to blame."""
    db.execute("UPDATE parcel SET fit_tries = max(0, fit_tries - 1) WHERE job_id = ?", (job_id,))


def record_fitted(
    db: sqlite3.Connection,
    job_id: int,
    *,
    artifact_id: str,
    size_bytes: int,
    was_encoded: bool,
    at: datetime,
) -> None:
    """The outcome: the file is on the disk as an artifact."""
    register(db, artifact_id, kind="clip", size_bytes=size_bytes, at=at)
    db.execute(
        "UPDATE parcel SET fitted_artifact_id = ?, was_encoded = ? WHERE job_id = ?",
        (artifact_id, int(was_encoded), job_id),
    )


def record_fit_failure(db: sqlite3.Connection, job_id: int, *, why: str) -> None:
    """The other outcome: it cannot be made to fit this limit."""
    db.execute("UPDATE parcel SET fit_failure = ? WHERE job_id = ?", (why, job_id))


def record_refused(db: sqlite3.Connection, job_id: int, *, at_most_bytes: int) -> None:
    """Discord refused a file for its size: nothing larger than this is tried for the job again."""
    db.execute(
        "INSERT INTO parcel (job_id, at_most_bytes) VALUES (:job_id, :most)"
        " ON CONFLICT (job_id) DO UPDATE SET"
        " at_most_bytes = min(coalesce(at_most_bytes, :most), :most)",
        {"job_id": job_id, "most": at_most_bytes},
    )


def record_link(db: sqlite3.Connection, job_id: int, *, until: datetime) -> None:
    """A link to the clip is about to be posted, and works until then: the file has to stay."""
    db.execute(
        "INSERT INTO parcel (job_id, link_until_ms) VALUES (:job_id, :until_ms)"
        " ON CONFLICT (job_id) DO UPDATE SET"
        " link_until_ms = max(coalesce(link_until_ms, 0), :until_ms)",
        {"job_id": job_id, "until_ms": to_ms(until)},
    )
