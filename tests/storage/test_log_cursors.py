from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.audit import Act, AuditAction, SubjectKind
from bot.domain.log_cursor import LogCursor
from storage import audit, log_cursors

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

SERVER, OTHER = 1, 2


def act(guild_id: int) -> Act:
    return Act(
        guild_id=guild_id,
        actor_id=9,
        action=AuditAction.MEMBER_UNBLOCKED,
        subject_kind=SubjectKind.MEMBER,
        subject_id=10,
        detail={},
    )


def cursor(posted_seq: int) -> LogCursor:
    return LogCursor(guild_id=SERVER, posted_seq=posted_seq, tried_seq=None, tried_at=None)


def test_a_log_begins_with_what_comes_after_it_was_asked_for(
    db: sqlite3.Connection, at: datetime
) -> None:
    audit.append(db, act(SERVER), at=at)
    log_cursors.begin(db, SERVER)
    assert log_cursors.behind(db) == []
    audit.append(db, act(OTHER), at=at)
    assert log_cursors.behind(db) == []  # another server's
    audit.append(db, act(SERVER), at=at)
    log_cursors.begin(db, SERVER)  # again: what waits is not skipped
    assert log_cursors.behind(db) == [cursor(1)]
    entries = audit.entries_of_guild_after(db, SERVER, 1, limit=9)
    assert [entry.seq for entry in entries] == [3]


def test_a_try_is_remembered_until_it_is_posted(db: sqlite3.Connection, at: datetime) -> None:
    log_cursors.begin(db, SERVER)
    for _ in range(3):
        audit.append(db, act(SERVER), at=at)
    log_cursors.record_try(db, SERVER, 2, at=at)
    (tried,) = log_cursors.behind(db)
    assert (tried.posted_seq, tried.tried_seq, tried.tried_at) == (0, 2, at)
    entries = audit.entries_of_guild_after(db, SERVER, 0, limit=9, up_to=2)
    assert [entry.seq for entry in entries] == [1, 2]
    log_cursors.record_posted(db, SERVER, 2)
    assert log_cursors.behind(db) == [cursor(2)]
    log_cursors.record_posted(db, SERVER, 3)
    assert log_cursors.behind(db) == []


def test_a_log_that_ended_is_never_behind(db: sqlite3.Connection, at: datetime) -> None:
    log_cursors.begin(db, SERVER)
    audit.append(db, act(SERVER), at=at)
    log_cursors.end(db, SERVER)
    assert log_cursors.behind(db) == []
