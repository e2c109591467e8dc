"""Questions whether a video is to be made so: durable, bounded, answered once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.clock import from_ms, to_ms
from bot.domain.confirmation import (
    GOOD_FOR,
    PENDING_MAX,
    Confirmation,
    ConfirmationGoneError,
    origin_key_of,
)
from bot.domain.job import Job, Origin, Place, TellBy
from bot.domain.money import Money
from bot.domain.takes import TAKES_AT_ONCE, origin_keys
from storage.job_rows import SELECT_JOB, select_jobs
from storage.request_codec import decode_request, encode_request

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from bot.domain.job import NewJob

    Row = tuple[
        int,
        str,
        int,
        int,
        int,
        int,
        str,
        int | None,
        int | None,
        str | None,
        int,
        int | None,
        str | None,
        int,
    ]

_SELECT = (
    "SELECT confirmation_id, request, user_id, guild_id, channel_id, in_thread, origin,"
    " parent_job_id, price_micros, price_currency, expires_at_ms, message_id, tell_by, takes"
    " FROM confirmation"
)


def ask(
    db: sqlite3.Connection,
    new: NewJob,
    *,
    price: Money | None,
    at: datetime,
    takes: int = 1,
    message_id: int | None = None,
) -> Confirmation:
    """Write a question down, with its images; a member's oldest give way to it.

    The same cause at the same price is the same question, as long as that stands.

    Args:
        db: In a transaction.
        new: The job that would be made. Its images are registered artifacts.
        price: The most that it may cost, all takes together.
        at: Now.
        takes: How many times the job would be made.
        message_id: The message that shows the question, where there is one already.
    """
    # A reaction has no key of its own: one question per member and video that is taken again.
    cause = new.origin_key or f"{new.origin}:{new.parent_job_id}:{new.user_id}"
    for known in _select(db, " WHERE cause = ? AND expires_at_ms > ?", (cause, to_ms(at))):
        if known.price == price:
            return known
        end(db, known.confirmation_id, at=at)
    _let_oldest_give_way(db, new.user_id, at)
    ((confirmation_id,),) = db.execute(
        "INSERT INTO confirmation (cause, guild_id, user_id, request, origin, parent_job_id,"
        " channel_id, in_thread, price_micros, price_currency, expires_at_ms, message_id,"
        " tell_by, takes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " RETURNING confirmation_id",
        (
            cause,
            new.place.guild_id,
            new.user_id,
            encode_request(new.request),
            new.origin.value,
            new.parent_job_id,
            new.place.channel_id,
            int(new.place.in_thread),
            None if price is None else price.micros,
            None if price is None else price.currency,
            to_ms(at + GOOD_FOR),
            message_id,
            new.tell_by,
            takes,
        ),
    ).fetchall()
    db.executemany(
        "INSERT INTO confirmation_input (confirmation_id, position, artifact_id) VALUES (?, ?, ?)",
        [(confirmation_id, position, image) for position, image in enumerate(new.request.inputs)],
    )
    (asked,) = _select(db, " WHERE confirmation_id = ?", (confirmation_id,))
    return asked


def find(db: sqlite3.Connection, confirmation_id: int, *, at: datetime) -> Confirmation | None:
    """A question that stands."""
    found = _select(
        db, " WHERE confirmation_id = ? AND expires_at_ms > ?", (confirmation_id, to_ms(at))
    )
    return found[0] if found else None


def jobs_made_of(db: sqlite3.Connection, confirmation_id: int) -> list[Job]:
    """The jobs that were made when the question was answered with yes, also long ago."""
    keys = origin_keys(origin_key_of(confirmation_id), TAKES_AT_ONCE)
    marks = ", ".join("?" * len(keys))
    return select_jobs(
        db, f"{SELECT_JOB} WHERE job.origin_key IN ({marks}) ORDER BY job.job_id", keys
    )


def end(db: sqlite3.Connection, confirmation_id: int, *, at: datetime) -> bool:
    """The question was answered; whether it stood until now."""
    ended = db.execute(
        "UPDATE confirmation SET expires_at_ms = :at_ms"
        " WHERE confirmation_id = :confirmation_id AND expires_at_ms > :at_ms",
        {"at_ms": to_ms(at), "confirmation_id": confirmation_id},
    )
    return ended.rowcount == 1


def keep(db: sqlite3.Connection, confirmation_id: int, *, at: datetime) -> bool:
    """Let the question stand as long as though it were asked now; whether it stands."""
    kept = db.execute(
        "UPDATE confirmation SET expires_at_ms = ? WHERE confirmation_id = ? AND expires_at_ms > ?",
        (to_ms(at + GOOD_FOR), confirmation_id, to_ms(at)),
    )
    return kept.rowcount == 1


def end_all_of(db: sqlite3.Connection, user_id: int, *, at: datetime) -> None:
    """None of a member's questions stands any more."""
    db.execute(
        "UPDATE confirmation SET expires_at_ms = ? WHERE user_id = ? AND expires_at_ms > ?",
        (to_ms(at), user_id, to_ms(at)),
    )


def take(db: sqlite3.Connection, confirmation_id: int, *, at: datetime) -> list[Job]:
    """Answer a question with yes, in the transaction that makes the job or asks anew.

    Returns:
        The jobs that were made of it before; none where they are still to be made.

    Raises:
        ConfirmationGoneError: It does not stand, and nothing was made of it.
    """
    made = jobs_made_of(db, confirmation_id)
    if not made and not end(db, confirmation_id, at=at):
        raise ConfirmationGoneError
    return made


def record_message(db: sqlite3.Connection, confirmation_id: int, *, message_id: int | None) -> bool:
    """The question is shown by this message from now on; by none of its own for None.

    Returns:
        False where it was cleared away meanwhile: nobody will clear that message away.
    """
    changed = db.execute(
        "UPDATE confirmation SET message_id = ? WHERE confirmation_id = ?",
        (message_id, confirmation_id),
    )
    return changed.rowcount == 1


def ended(db: sqlite3.Connection, *, at: datetime, limit: int) -> list[Confirmation]:
    """Questions that were answered or have expired, and are still to be cleared away."""
    return _select(
        db, " WHERE expires_at_ms <= ? ORDER BY expires_at_ms LIMIT ?", (to_ms(at), limit)
    )


def forget(db: sqlite3.Connection, confirmation_id: int) -> None:
    """Delete a question; its images are nobody's then, unless a job has them."""
    db.execute("DELETE FROM confirmation WHERE confirmation_id = ?", (confirmation_id,))


def _let_oldest_give_way(db: sqlite3.Connection, user_id: int, at: datetime) -> None:
    db.execute(
        "UPDATE confirmation SET expires_at_ms = :at_ms WHERE confirmation_id IN ("
        " SELECT confirmation_id FROM confirmation"
        " WHERE user_id = :user_id AND expires_at_ms > :at_ms"
        " ORDER BY confirmation_id DESC LIMIT 1000 OFFSET :kept)",
        {"at_ms": to_ms(at), "user_id": user_id, "kept": PENDING_MAX - 1},
    )


def _select(
    db: sqlite3.Connection, where: str, parameters: tuple[int | str, ...]
) -> list[Confirmation]:
    rows: list[Row] = db.execute(_SELECT + where, parameters).fetchall()
    return [_confirmation(row) for row in rows]


def _confirmation(row: Row) -> Confirmation:
    (
        confirmation_id,
        request,
        user_id,
        guild_id,
        channel_id,
        in_thread,
        origin,
        parent_job_id,
        micros,
        currency,
        expires_at_ms,
        message_id,
        tell_by,
        takes,
    ) = row
    price = None if micros is None or currency is None else Money(micros=micros, currency=currency)
    return Confirmation(
        confirmation_id=confirmation_id,
        request=decode_request(request),
        user_id=user_id,
        place=Place(guild_id=guild_id, channel_id=channel_id, in_thread=bool(in_thread)),
        origin=Origin(origin),
        parent_job_id=parent_job_id,
        price=price,
        expires_at=from_ms(expires_at_ms),
        message_id=message_id,
        tell_by=None if tell_by is None else TellBy(tell_by),
        takes=takes,
    )
