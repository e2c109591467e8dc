"""A member's history: whatever they look for, page by page, without walking what they made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.domain.history import NEWEST, Cursor, Ended, HistoryFilter, has_words
from bot.domain.job import JobState
from storage import history
from tests.storage.test_query_plans import plan_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from bot.domain.job import Job

MANY_MORE = """
WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 10000)
INSERT INTO job (state, state_at_ms, created_at_ms, guild_id, user_id, request, model, origin,
    channel_id, in_thread, reason)
SELECT CASE n % 10 WHEN 0 THEN 'failed' ELSE 'cancelled' END, 5, 5, 1, 10,
    replace(request, 'A cat', 'Cat ' || n), model, 'command', 5, 0, 'render_failed'
FROM number, job WHERE job_id = 1
"""


def looked(
    db: sqlite3.Connection, cursor: Cursor = NEWEST, *, limit: int = 3, **wanted: object
) -> tuple[list[int], Cursor | None]:
    wish = HistoryFilter(**wanted)  # type: ignore[arg-type]  # named in the tests
    return history.look(db, 1, 10, wanted=wish, cursor=cursor, limit=limit)


def test_pages_follow_each_other_both_ways(db: sqlite3.Connection, put: Callable[..., Job]) -> None:
    for _ in range(7):
        put()
    put(user_id=11)
    put(guild_id=2)
    assert looked(db) == ([7, 6, 5], Cursor(job_id=5))
    assert looked(db, Cursor(job_id=5)) == ([4, 3, 2], Cursor(job_id=2))
    assert looked(db, Cursor(job_id=2)) == ([1], None)
    assert looked(db, Cursor(job_id=4, newer=True)) == ([5, 6, 7], Cursor(job_id=7, newer=True))
    assert looked(db, Cursor(job_id=7, newer=True)) == ([], None)


def test_what_has_ended_is_told_apart(
    db: sqlite3.Connection, job_in: Callable[[JobState], Job]
) -> None:
    ended = (JobState.RENDERING, JobState.DELIVERED, JobState.FAILED, JobState.QUEUED)
    jobs = {state: job_in(state).job_id for state in ended}
    expected = {
        Ended.ALL: set(jobs.values()),
        Ended.OPEN: {jobs[JobState.QUEUED], jobs[JobState.RENDERING]},
        Ended.DONE: {jobs[JobState.DELIVERED]},
        Ended.FAILED: {jobs[JobState.FAILED]},
    }
    for which, wanted in expected.items():
        assert set(looked(db, ended=which, limit=9)[0]) == wanted


def test_words_are_found_in_any_case_and_order(
    db: sqlite3.Connection, put: Callable[..., Job]
) -> None:
    put()
    db.execute(MANY_MORE)
    assert has_words("Ein großer Hund", "HUND GROSSER")
    found: list[int] = []
    cursor: Cursor | None = NEWEST
    while cursor is not None and not found:  # other reads come in between
        found, cursor = looked(db, cursor, words="777 CAT", ended=Ended.FAILED)
    assert found == [9777 + 1]
    assert cursor is not None
    assert looked(db, cursor, words="777 CAT", ended=Ended.FAILED)[0] == []


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (HistoryFilter(), "job_of_member"),
        (HistoryFilter(words="cat"), "job_of_member"),
        (HistoryFilter(ended=Ended.DONE), "job_done_of_member"),
        (HistoryFilter(ended=Ended.FAILED), "job_failed_of_member"),
        (HistoryFilter(ended=Ended.OPEN), "job_claimed"),
        (HistoryFilter(favourites=True), "sqlite_autoindex_favourite_1"),
        (HistoryFilter(favourites=True, ended=Ended.DONE), "sqlite_autoindex_favourite_1"),
    ],
)
@pytest.mark.parametrize("newer", [True, False])
def test_a_page_is_found_by_index_among_ten_thousand(
    db: sqlite3.Connection,
    put: Callable[..., Job],
    wanted: HistoryFilter,
    index: str,
    newer: bool,
) -> None:
    put()
    db.execute(MANY_MORE)

    def look(db: sqlite3.Connection) -> object:
        cursor = Cursor(job_id=5000, newer=newer)
        return history.look(db, 1, 10, wanted=wanted, cursor=cursor, limit=7)

    queries: list[str] = []
    db.set_trace_callback(queries.append)
    look(db)
    db.set_trace_callback(None)
    plan = [str(row[3]) for row in db.execute(f"EXPLAIN QUERY PLAN {queries[0]}").fetchall()]
    assert any(index in line for line in plan), plan
    assert not [line for line in plan if line.startswith("SCAN")], plan
    if wanted.ended is not Ended.OPEN:  # those are few, and sorted
        assert not [line for line in plan if "B-TREE" in line], plan


def test_takes_are_found_by_index(db: sqlite3.Connection, put: Callable[..., Job]) -> None:
    first = put().job_id
    takes = [put(parent_job_id=first).job_id for _ in range(3)]
    assert history.takes_of(db, first, limit=2) == takes[1:]
    plan = plan_of(db, lambda db: history.takes_of(db, first, limit=2))
    assert all("job_takes" in line for line in plan), plan
