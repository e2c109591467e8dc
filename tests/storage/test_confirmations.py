"""Questions about cost: durable, bounded, answered once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.domain.confirmation import (
    GOOD_FOR,
    PENDING_MAX,
    Confirmation,
    ConfirmationGoneError,
    origin_key_of,
)
from bot.domain.job import Job, NewJob, Origin
from bot.domain.money import Money
from storage import artifacts, confirmations
from storage.trial import try_out
from tests.storage.conftest import IMAGES

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from datetime import datetime

PRICE = Money(micros=200_000, currency="USD")


@pytest.fixture
def ask(
    db: sqlite3.Connection, at: datetime, new_job: Callable[..., NewJob]
) -> Callable[..., Confirmation]:
    def asked(
        *, price: Money | None = PRICE, after: timedelta = timedelta(), **words: object
    ) -> Confirmation:
        return confirmations.ask(db, new_job(**words), price=price, at=at + after)

    return asked


def pending(db: sqlite3.Connection, at: datetime, *asked: Confirmation) -> list[bool]:
    return [confirmations.find(db, one.confirmation_id, at=at) is not None for one in asked]


def test_a_question_is_kept_whole_for_a_quarter_of_an_hour(
    db: sqlite3.Connection,
    at: datetime,
    ask: Callable[..., Confirmation],
    new_job: Callable[..., NewJob],
) -> None:
    asked = ask(images=IMAGES, origin=Origin.EDIT)
    new = new_job(images=IMAGES, origin=Origin.EDIT)
    assert (asked.request, asked.user_id, asked.place) == (new.request, new.user_id, new.place)
    assert (asked.origin, asked.parent_job_id, asked.price) == (Origin.EDIT, None, PRICE)
    assert confirmations.find(db, asked.confirmation_id, at=at) == asked
    last = at + GOOD_FOR - timedelta(milliseconds=1)
    assert confirmations.find(db, asked.confirmation_id, at=last) == asked
    assert confirmations.find(db, asked.confirmation_id, at=at + GOOD_FOR) is None
    assert ask(price=None).price is None


def test_the_same_cause_at_the_same_price_is_the_same_question(
    db: sqlite3.Connection, at: datetime, ask: Callable[..., Confirmation], put: Callable[..., Job]
) -> None:
    parent = put().job_id
    reaction = {"origin": Origin.REACTION, "origin_key": None, "parent_job_id": parent}
    first, same, bobs = ask(**reaction), ask(**reaction), ask(user_id=11, **reaction)
    assert same == first
    assert bobs.confirmation_id != first.confirmation_id
    dearer = ask(price=None, **reaction)
    assert pending(db, at, first, dearer, bobs) == [False, True, True]
    later = ask(after=GOOD_FOR, price=None, **reaction)
    assert later.confirmation_id != dearer.confirmation_id
    assert ask(origin_key="interaction:1") == ask(origin_key="interaction:1")


def test_a_members_oldest_question_gives_way(
    db: sqlite3.Connection, at: datetime, ask: Callable[..., Confirmation]
) -> None:
    bobs = ask(user_id=11)
    asked = [ask() for _ in range(PENDING_MAX + 2)]
    assert pending(db, at, *asked) == [False] * 2 + [True] * PENDING_MAX
    assert pending(db, at, bobs) == [True]


def test_a_question_is_answered_once(
    db: sqlite3.Connection, at: datetime, ask: Callable[..., Confirmation], put: Callable[..., Job]
) -> None:
    number = ask().confirmation_id
    assert confirmations.take(db, number, at=at) == []
    job = put(origin_key=origin_key_of(number))
    assert confirmations.take(db, number, at=at) == [job]
    assert not confirmations.end(db, number, at=at)
    confirmations.forget(db, number)
    assert confirmations.take(db, number, at=at) == [job]


def test_what_was_dropped_cannot_be_taken(
    db: sqlite3.Connection, at: datetime, ask: Callable[..., Confirmation]
) -> None:
    number = ask().confirmation_id
    assert confirmations.end(db, number, at=at)
    for nothing in (number, 99):
        with pytest.raises(ConfirmationGoneError):
            confirmations.take(db, nothing, at=at)
    with pytest.raises(ConfirmationGoneError):
        confirmations.take(db, ask().confirmation_id, at=at + GOOD_FOR)


def test_images_are_held_until_the_question_is_cleared_away(
    db: sqlite3.Connection, at: datetime, ask: Callable[..., Confirmation]
) -> None:
    number = ask(images=(IMAGES[0],)).confirmation_id
    later = at + timedelta(hours=2)
    unused = [found.artifact_id for found in artifacts.unreferenced(db, later)]
    assert unused == [IMAGES[1]]
    assert not artifacts.forget(db, IMAGES[0], later)
    (ended,) = confirmations.ended(db, at=later, limit=9)
    confirmations.forget(db, ended.confirmation_id)
    assert ended.confirmation_id == number
    assert artifacts.forget(db, IMAGES[0], later)
    assert confirmations.ended(db, at=later, limit=9) == []


def test_where_a_question_is_shown_is_remembered(
    db: sqlite3.Connection, at: datetime, ask: Callable[..., Confirmation]
) -> None:
    number = ask().confirmation_id
    for message_id in (7, None):
        confirmations.record_message(db, number, message_id=message_id)
        found = confirmations.find(db, number, at=at)
        assert found is not None
        assert found.message_id == message_id


def test_a_number_is_never_given_to_another_question(
    db: sqlite3.Connection, ask: Callable[..., Confirmation]
) -> None:
    first = ask().confirmation_id
    confirmations.forget(db, first)
    assert ask().confirmation_id > first


def test_what_is_tried_out_leaves_nothing(db: sqlite3.Connection, put: Callable[..., Job]) -> None:
    db.execute("BEGIN")
    before = list(db.iterdump())
    try_out(db, lambda _: put())
    assert list(db.iterdump()) == before
    db.execute("COMMIT")
