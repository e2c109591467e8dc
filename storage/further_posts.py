"""Posts of a result besides its first one: the intent is written, and then the message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.clock import from_ms, to_ms
from bot.domain.further_post import FurtherPost, FurtherPostKind

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from bot.domain.job import Job

_SELECT = (
    "SELECT post_id, job_id, guild_id, kind, channel_id, tried_at_ms, message_id FROM further_post "
)


def begin(  # noqa: PLR0913  # the facts of one intent
    db: sqlite3.Connection,
    job: Job,
    kind: FurtherPostKind,
    *,
    channel_id: int,
    by_user_id: int,
    at: datetime,
    message_id: int | None = None,
) -> FurtherPost:
    """A post is about to be made: from now on it may be in the channel.

    Args:
        db: In a transaction.
        job: Whose result.
        kind: What for.
        channel_id: Where.
        by_user_id: Who wants it.
        at: Now.
        message_id: The message, where that is there already and will only be filled.
    """
    ((post_id,),) = db.execute(
        "INSERT INTO further_post (job_id, guild_id, kind, by_user_id, wanted_at_ms, channel_id,"
        " tried_at_ms, message_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING post_id",
        (
            job.job_id,
            job.place.guild_id,
            kind.value,
            by_user_id,
            to_ms(at),
            channel_id,
            to_ms(at),
            message_id,
        ),
    ).fetchall()
    return _one(db, post_id)


def record_posted(
    db: sqlite3.Connection, post_id: int, *, channel_id: int | None, message_id: int
) -> bool:
    """The outcome: it is this message, also where no try is known since a backup was restored.

    Returns:
        False where the video was taken down, and its posts cleared away, before it came to be.
    """
    recorded = db.execute(
        "UPDATE further_post SET channel_id = ?, message_id = ?,"
        " tried_at_ms = coalesce(tried_at_ms, wanted_at_ms) WHERE post_id = ?",
        (channel_id, message_id, post_id),
    )
    return recorded.rowcount == 1


def forget(db: sqlite3.Connection, post_id: int) -> None:
    """It is not there, for certain, and is not wanted any more."""
    db.execute("DELETE FROM further_post WHERE post_id = ?", (post_id,))


def forget_all(db: sqlite3.Connection, job_id: int) -> None:
    """No further post of a job is there any more, or wanted."""
    db.execute("DELETE FROM further_post WHERE job_id = ?", (job_id,))


def forget_who(db: sqlite3.Connection, user_id: int) -> None:
    """Nobody needs to know any more what a member wanted posted."""
    db.execute("UPDATE further_post SET by_user_id = NULL WHERE by_user_id = ?", (user_id,))


def of_job(db: sqlite3.Connection, job_id: int) -> list[FurtherPost]:
    """Every further post of a job that may be there."""
    rows = db.execute(
        _SELECT + "WHERE job_id = ? AND tried_at_ms IS NOT NULL ORDER BY post_id", (job_id,)
    ).fetchall()
    return [_post(row) for row in rows]


def count_since(db: sqlite3.Connection, user_id: int, since: datetime) -> int:
    """How many a member has wanted since an instant."""
    ((count,),) = db.execute(
        "SELECT count(*) FROM further_post WHERE by_user_id = ? AND wanted_at_ms > ?",
        (user_id, to_ms(since)),
    ).fetchall()
    return int(count)


def want_in_gallery(db: sqlite3.Connection, job: Job, *, at: datetime) -> bool:
    """A job's result is to be in the gallery of its server; whether that is news."""
    added = db.execute(
        "INSERT INTO further_post (job_id, guild_id, kind, wanted_at_ms)"
        " VALUES (?, ?, 'gallery', ?) ON CONFLICT DO NOTHING",
        (job.job_id, job.place.guild_id, to_ms(at)),
    )
    return added.rowcount == 1


def want_no_more_in_gallery(db: sqlite3.Connection, job_id: int) -> None:
    """It need not be there; one that is there, or may be, stays."""
    db.execute(
        "DELETE FROM further_post WHERE job_id = ? AND kind = 'gallery' AND tried_at_ms IS NULL",
        (job_id,),
    )


def wanted_in_galleries(db: sqlite3.Connection, *, after: int, limit: int) -> list[FurtherPost]:
    """What is not known to be in its gallery yet, by number, after one."""
    rows = db.execute(
        _SELECT + "WHERE kind = 'gallery' AND message_id IS NULL AND post_id > ?"
        " ORDER BY post_id LIMIT ?",
        (after, limit),
    ).fetchall()
    return [_post(row) for row in rows]


def record_try(
    db: sqlite3.Connection, post_id: int, *, channel_id: int, at: datetime
) -> FurtherPost | None:
    """It is about to be posted here; None where it is wanted no more."""
    db.execute(
        "UPDATE further_post SET channel_id = ?, tried_at_ms = ? WHERE post_id = ?",
        (channel_id, to_ms(at), post_id),
    )
    rows = db.execute(_SELECT + "WHERE post_id = ?", (post_id,)).fetchall()
    return _post(rows[0]) if rows else None


def record_refused(db: sqlite3.Connection, post_id: int) -> None:
    """It is not where it was tried, for certain."""
    db.execute("UPDATE further_post SET tried_at_ms = NULL WHERE post_id = ?", (post_id,))


def _one(db: sqlite3.Connection, post_id: int) -> FurtherPost:
    (row,) = db.execute(_SELECT + "WHERE post_id = ?", (post_id,)).fetchall()
    return _post(row)


def _post(row: tuple[int, int, int, str, int | None, int | None, int | None]) -> FurtherPost:
    post_id, job_id, guild_id, kind, channel_id, tried_at_ms, message_id = row
    return FurtherPost(
        post_id=post_id,
        job_id=job_id,
        guild_id=guild_id,
        kind=FurtherPostKind(kind),
        channel_id=channel_id,
        tried_at=None if tried_at_ms is None else from_ms(tried_at_ms),
        message_id=message_id,
    )
