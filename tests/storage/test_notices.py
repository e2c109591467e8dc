"""What the operator is to be told is written down with the fact, and told once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.clock import to_ms
from storage.command_sync import record_sync, synced_digest
from storage.failures import FOREIGN_ERRORS
from storage.notices import add_notice, forget_old, record_sent, record_try, unsent

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from storage.database import Database

TOLD, DONE = "The key is refused.", "The key works again."


def test_one_occasion_is_told_once(db: sqlite3.Connection, at: datetime) -> None:
    assert add_notice(db, key="pause 1", text=TOLD, at=at)
    assert not add_notice(db, key="pause 1", text="in other words", at=at)
    assert add_notice(db, key="pause 2", text=TOLD, at=at)
    assert [notice.text for notice in unsent(db, 9)] == [TOLD, TOLD]


def test_an_occasion_is_not_told_again_after_it_was_sent(
    db: sqlite3.Connection, at: datetime
) -> None:
    add_notice(db, key="pause 1", text=TOLD, at=at)
    (notice,) = unsent(db, 9)
    record_try(db, notice.notice_id, at)
    record_sent(db, notice.notice_id, 77, at)
    assert not add_notice(db, key="pause 1", text=TOLD, at=at)
    assert unsent(db, 9) == []


def test_notices_come_in_their_order_and_no_more_than_asked_for(
    db: sqlite3.Connection, at: datetime
) -> None:
    add_notice(db, key="z", text=TOLD, at=at)
    add_notice(db, key="a", text=DONE, at=at - timedelta(hours=1))
    first, second = unsent(db, 9)
    assert (first.text, second.text) == (TOLD, DONE)
    assert (second.added_at, second.tried_at) == (at - timedelta(hours=1), None)
    assert unsent(db, 1) == [first]


def test_the_first_try_and_the_first_message_stand(db: sqlite3.Connection, at: datetime) -> None:
    add_notice(db, key="pause 1", text=TOLD, at=at)
    (notice,) = unsent(db, 9)
    later = at + timedelta(minutes=1)
    for moment in (at, later):
        record_try(db, notice.notice_id, moment)
    assert unsent(db, 9)[0].tried_at == at
    for message_id, moment in ((77, at), (78, later)):
        record_sent(db, notice.notice_id, message_id, moment)
    recorded = db.execute("SELECT message_id, sent_at_ms FROM notice").fetchone()
    assert recorded == (77, to_ms(at))


def test_nothing_is_sent_without_a_try_before(db: sqlite3.Connection, at: datetime) -> None:
    add_notice(db, key="pause 1", text=TOLD, at=at)
    with pytest.raises(FOREIGN_ERRORS, match="notice_is_tried_before_it_is_sent"):
        record_sent(db, 1, 77, at)


async def test_a_notice_is_added_with_the_fact_or_not_at_all(
    database: Database, at: datetime
) -> None:
    def begun(db: sqlite3.Connection, *, breaks: bool) -> None:
        record_sync(db, 1, "the fact", at)
        add_notice(db, key="pause 1", text=TOLD, at=at)
        if breaks:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await database.write(lambda db: begun(db, breaks=True))
    assert await database.read(lambda db: unsent(db, 9)) == []
    assert await database.read(lambda db: synced_digest(db, 1)) is None
    await database.write(lambda db: begun(db, breaks=False))
    assert len(await database.read(lambda db: unsent(db, 9))) == 1


def test_old_notices_are_forgotten_told_or_not(db: sqlite3.Connection, at: datetime) -> None:
    for number in range(3):
        add_notice(db, key=str(number), text=TOLD, at=at + timedelta(days=number))
    record_try(db, 1, at)
    record_sent(db, 1, 77, at)
    assert forget_old(db, at + timedelta(days=2)) == 2
    assert [notice.notice_id for notice in unsent(db, 9)] == [3]
    assert add_notice(db, key="0", text=TOLD, at=at), "its key is free again"
