"""Storyboards: drafts that their member changes, and what was started of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.clock import from_ms, to_ms
from bot.domain.job import Place, TellBy
from bot.domain.money import Money
from bot.domain.storyboard import Shot, Storyboard
from storage.job_rows import SELECT_JOB, select_jobs
from storage.request_codec import decode_request, encode_request

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from bot.domain.job import Job
    from bot.domain.request import VideoRequest

_SELECT = (
    "SELECT storyboard_id, user_id, guild_id, channel_id, in_thread, parent_channel_id,"
    " status_message_id, thread_under_id, request, changed_at_ms, started_at_ms, is_open,"
    " cross_fades, told_micros, told_currency, join_tries, join_failure, film_job_id,"
    " tell_by"
    " FROM storyboard"
)


def find(db: sqlite3.Connection, storyboard_id: int) -> Storyboard | None:
    """A storyboard by its number, started or not."""
    return _one(db, " WHERE storyboard_id = ?", (storyboard_id,))


def draft_of(db: sqlite3.Connection, guild_id: int, user_id: int) -> Storyboard | None:
    """A member's draft on a server."""
    where = " WHERE guild_id = ? AND user_id = ? AND started_at_ms IS NULL"
    return _one(db, where, (guild_id, user_id))


def open_ids(db: sqlite3.Connection) -> list[int]:
    """Those of which something is still to be done by itself, oldest first."""
    rows = db.execute(
        "SELECT storyboard_id FROM storyboard WHERE is_open = 1 ORDER BY storyboard_id"
    ).fetchall()
    return [storyboard_id for (storyboard_id,) in rows]


def jobs_of(db: sqlite3.Connection, storyboard_id: int) -> dict[int, Job]:
    """Every take of its shots, and its films, by number."""
    found = select_jobs(
        db, SELECT_JOB + "WHERE job.storyboard_id = ? ORDER BY job.job_id", (storyboard_id,)
    )
    return {job.job_id: job for job in found}


def begin_draft(
    db: sqlite3.Connection, place: Place, user_id: int, common: VideoRequest, *, at: datetime
) -> Storyboard:
    """A new draft; the member has none on this server."""
    ((storyboard_id,),) = db.execute(
        "INSERT INTO storyboard (guild_id, user_id, channel_id, in_thread, request, changed_at_ms)"
        " VALUES (?, ?, ?, ?, ?, ?) RETURNING storyboard_id",
        (
            place.guild_id,
            user_id,
            place.channel_id,
            int(place.in_thread),
            encode_request(common),
            to_ms(at),
        ),
    ).fetchall()
    return require(db, storyboard_id)


def require(db: sqlite3.Connection, storyboard_id: int) -> Storyboard:
    """A storyboard that must exist.

    Raises:
        LookupError: It does not.
    """
    found = find(db, storyboard_id)
    if found is None:
        raise LookupError(f"there is no storyboard {storyboard_id}")
    return found


def save_draft(db: sqlite3.Connection, board: Storyboard, *, at: datetime) -> Storyboard:
    """Write a draft's shots, settings and place as they are given. Its images are artifacts."""
    place = board.place
    db.execute(
        "UPDATE storyboard SET channel_id = ?, in_thread = ?, parent_channel_id = ?, request = ?,"
        " cross_fades = ?, tell_by = ?, changed_at_ms = ?, told_micros = NULL, told_currency = NULL"
        " WHERE storyboard_id = ? AND started_at_ms IS NULL",
        (
            place.channel_id,
            int(place.in_thread),
            place.parent_channel_id,
            encode_request(board.common),
            int(board.cross_fades),
            board.tell_by,
            to_ms(at),
            board.storyboard_id,
        ),
    )
    db.execute("DELETE FROM shot WHERE storyboard_id = ?", (board.storyboard_id,))
    db.executemany(
        "INSERT INTO shot (storyboard_id, position, prompt, image_id, is_chained)"
        " VALUES (?, ?, ?, ?, ?)",
        [
            (board.storyboard_id, shot.position, shot.prompt, shot.image_id, int(shot.is_chained))
            for shot in board.shots
        ],
    )
    return require(db, board.storyboard_id)


def record_told(db: sqlite3.Connection, storyboard_id: int, price: Money | None) -> None:
    """Its member is asked whether it may cost so much."""
    db.execute(
        "UPDATE storyboard SET told_micros = ?, told_currency = ? WHERE storyboard_id = ?",
        (
            None if price is None else price.micros,
            None if price is None else price.currency,
            storyboard_id,
        ),
    )


def discard(db: sqlite3.Connection, storyboard_id: int) -> None:
    """Delete a draft; its images are nobody's then, unless a job has them."""
    db.execute(
        "DELETE FROM storyboard WHERE storyboard_id = ? AND started_at_ms IS NULL",
        (storyboard_id,),
    )


def discard_drafts_of(db: sqlite3.Connection, user_id: int) -> None:
    """Delete a member's drafts, on every server."""
    db.execute("DELETE FROM storyboard WHERE user_id = ? AND started_at_ms IS NULL", (user_id,))


def discard_old_drafts(db: sqlite3.Connection, before: datetime) -> int:
    """Delete drafts that nobody touched since; how many."""
    return db.execute(
        "DELETE FROM storyboard WHERE started_at_ms IS NULL AND changed_at_ms < ?",
        (to_ms(before),),
    ).rowcount


def record_started(
    db: sqlite3.Connection, storyboard_id: int, place: Place, *, at: datetime
) -> None:
    """It is a draft no more, and its jobs are in the queue."""
    db.execute(
        "UPDATE storyboard SET started_at_ms = :at_ms, is_open = 1, channel_id = :channel_id,"
        " in_thread = :in_thread, parent_channel_id = :parent WHERE storyboard_id = :storyboard_id",
        {
            "at_ms": to_ms(at),
            "channel_id": place.channel_id,
            "in_thread": int(place.in_thread),
            "parent": place.parent_channel_id,
            "storyboard_id": storyboard_id,
        },
    )


def record_takes(
    db: sqlite3.Connection, storyboard_id: int, jobs: Mapping[int, Job], shots: Iterable[Shot]
) -> None:
    """The newest takes of some shots, by position, and what these are now.

    Their settings stand in the jobs. What there is of a film is out of date.
    """
    db.executemany(
        "UPDATE shot SET job_id = ?, prompt = ?, image_id = ?, is_chained = ?"
        " WHERE storyboard_id = ? AND position = ?",
        [
            (
                jobs[shot.position].job_id,
                shot.prompt,
                shot.image_id,
                int(shot.is_chained),
                storyboard_id,
                shot.position,
            )
            for shot in shots
        ],
    )
    db.execute(
        "UPDATE storyboard SET is_open = 1, join_tries = 0, join_failure = NULL"
        " WHERE storyboard_id = ?",
        (storyboard_id,),
    )


def record_status_message(db: sqlite3.Connection, storyboard_id: int, message_id: int) -> None:
    """Its status is this message, and what it gives goes into the thread under the first such."""
    db.execute(
        "UPDATE storyboard SET status_message_id = :message_id,"
        " thread_under_id = CASE WHEN in_thread = 1 THEN NULL"
        " ELSE coalesce(thread_under_id, :message_id) END WHERE storyboard_id = :storyboard_id",
        {"message_id": message_id, "storyboard_id": storyboard_id},
    )
    db.execute(
        "UPDATE job SET thread_under_id = ?"
        " WHERE storyboard_id = ? AND thread_under_id IS NULL AND in_thread = 0",
        (message_id, storyboard_id),
    )


def _one(db: sqlite3.Connection, where: str, parameters: tuple[int, ...]) -> Storyboard | None:
    found = db.execute(_SELECT + where, parameters).fetchone()
    if found is None:
        return None
    (
        storyboard_id,
        user_id,
        guild_id,
        channel_id,
        in_thread,
        parent_channel_id,
        status_message_id,
        thread_under_id,
        request,
        changed_at_ms,
        started_at_ms,
        is_open,
        cross_fades,
        told_micros,
        told_currency,
        join_tries,
        join_failure,
        film_job_id,
        tell_by,
    ) = found
    told = None if told_micros is None else Money(micros=told_micros, currency=told_currency)
    return Storyboard(
        storyboard_id=storyboard_id,
        user_id=user_id,
        place=Place(
            guild_id=guild_id,
            channel_id=channel_id,
            in_thread=bool(in_thread),
            status_message_id=status_message_id,
            parent_channel_id=parent_channel_id,
            thread_under_id=thread_under_id,
        ),
        common=decode_request(request),
        shots=_shots(db, storyboard_id),
        changed_at=from_ms(changed_at_ms),
        started_at=None if started_at_ms is None else from_ms(started_at_ms),
        is_open=bool(is_open),
        cross_fades=bool(cross_fades),
        told=told,
        join_tries=join_tries,
        join_failure=join_failure,
        film_job_id=film_job_id,
        tell_by=None if tell_by is None else TellBy(tell_by),
    )


def _shots(db: sqlite3.Connection, storyboard_id: int) -> tuple[Shot, ...]:
    rows = db.execute(
        "SELECT position, prompt, image_id, is_chained, shot.job_id, job.request"
        " FROM shot LEFT JOIN job ON job.job_id = shot.job_id"
        " WHERE shot.storyboard_id = ? ORDER BY position",
        (storyboard_id,),
    ).fetchall()
    return tuple(
        Shot(
            position=position,
            prompt=prompt,
            image_id=image_id,
            is_chained=bool(is_chained),
            job_id=job_id,
            settings=None if request is None else _settings_in(request),
        )
        for position, prompt, image_id, is_chained, job_id, request in rows
    )


def _settings_in(request: str) -> VideoRequest:
    return replace(decode_request(request), prompt="", images=())


def renumbered(shots: Iterable[Shot]) -> tuple[Shot, ...]:
    """Shots in their order, counted anew; the first has none before it to start from."""
    return tuple(
        replace(shot, position=position, is_chained=shot.is_chained and position > 0)
        for position, shot in enumerate(shots)
    )
