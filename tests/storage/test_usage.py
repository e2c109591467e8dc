"""What was made on a server, found in the ledger and among the jobs by index alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from bot.domain.job import JobState
from bot.domain.quota import Scope
from bot.domain.usage import together
from storage import usage
from storage.balances import Holder
from storage.ledger import reset
from tests.storage.test_query_plans import plan_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from bot.domain.job import Job

AT = datetime(2026, 1, 14, 12, tzinfo=UTC)
AT_MS = int(AT.timestamp() * 1000)
DAY_MS = 86_400_000
JOBS = 10_000
MEMBERS = 40


def fill(db: sqlite3.Connection) -> None:
    """Ten thousand posted videos of two servers, one every ten minutes, as they are on record."""
    db.execute("BEGIN")
    db.execute(
        "INSERT INTO artifact VALUES (?, 'clip', 'clip.mp4', 7, 'video/mp4', ?)", ("c" * 64, AT_MS)
    )
    db.execute("INSERT INTO clip VALUES (?, 128, 96, 5, 30, 0, 1, 1)", ("c" * 64,))
    for number in range(1, JOBS + 1):
        at_ms = AT_MS - (JOBS - number) * 600_000
        guild_id, user_id = 1 + number % 2, 10 + number % MEMBERS
        db.execute(
            "INSERT INTO job (job_id, state, state_at_ms, created_at_ms, guild_id, user_id,"
            " request, model, origin, channel_id, in_thread, attempt, request_id, submitted_at_ms,"
            " provider_task_id, clip_artifact_id, fetched_at_ms, result_message_id)"
            " VALUES (?, 'delivered', ?, ?, ?, ?, '{}', 'cogvideox-3', 'command', 5, 0, 1, ?, ?,"
            " ?, ?, ?, ?)",
            (
                *(number, at_ms, at_ms, guild_id, user_id),
                *(f"request-{number}", at_ms + 1000 * number, f"task-{number}"),
                *("c" * 64, at_ms + 2000 * number, number),
            ),
        )
        for kind, prices in (("reserve", "{}"), ("release", None), ("settle", None)):
            sign = -1 if kind == "release" else 1
            db.execute(
                "INSERT INTO ledger (at_ms, kind, guild_id, user_id, job_id, videos, micros,"
                " currency, counts_at_ms, for_operator, prices)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, 'USD', ?, 1, ?)",
                (at_ms, kind, guild_id, user_id, number, sign, sign * 200_000, at_ms, prices),
            )
    db.execute("COMMIT")


def test_ten_thousand_videos_are_summed_up_from_two_indexes_alone(db: sqlite3.Connection) -> None:
    fill(db)
    since = AT - timedelta(days=30)
    of_guild = 30 * 144 // 2
    for user_id, expected in ((None, of_guild), (11, of_guild // (MEMBERS // 2))):
        by_quarter = partial(usage.made_by_quarter, guild_id=2, since=since, user_id=user_id)
        made = together(one for _, one in by_quarter(db)).use
        assert made.videos == pytest.approx(expected, abs=1)
        assert made.micros == {"USD": made.videos * 200_000}
        waits = partial(usage.waits, guild_id=2, since=since, user_id=user_id)
        assert len(waits(db)) == made.videos
        assert all(one.in_all_s[0] == 2 * one.in_line_s[0] for _, _, one in waits(db))
        assert searched(db, by_quarter, "ledger_settled")
        assert searched(db, waits, "job_waited")

    by_member = partial(usage.made_by_member, guild_id=2, since=since)
    of_members = by_member(db)
    assert len(of_members) == MEMBERS // 2
    assert sum(made.use.videos for _, made in of_members) == pytest.approx(of_guild, abs=1)
    assert searched(db, by_member, "ledger_settled")


def searched(
    db: sqlite3.Connection, read: Callable[[sqlite3.Connection], object], index: str
) -> bool:
    """Whether that is a search in an index alone, and nothing else but sorting."""
    lines = [line for line in plan_of(db, read) if "TEMP B-TREE" not in line]
    return len(lines) == 1 and f"COVERING INDEX {index} (guild_id=? AND " in lines[0]


def test_what_was_made_counts_once_and_what_is_under_way_or_came_to_nothing_does_not(
    db: sqlite3.Connection, job_in: Callable[[JobState], Job], at: datetime
) -> None:
    delivered = job_in(JobState.DELIVERED)
    for state in (JobState.RENDERING, JobState.FETCHED, JobState.CANCELLED, JobState.QUEUED):
        job_in(state)
    since = at - timedelta(days=1)
    ((user_id, made),) = usage.made_by_member(db, 1, since=since)
    assert (user_id, made.use.videos) == (delivered.user_id, 1)
    assert len(usage.waits(db, 1, since=since, user_id=None)) == 1
    assert usage.made_by_member(db, 2, since=since) == []
    assert usage.made_by_member(db, 1, since=at + timedelta(days=1)) == []


def test_who_begins_anew_has_made_what_they_made(
    db: sqlite3.Connection, job_in: Callable[[JobState], Job], at: datetime
) -> None:
    job = job_in(JobState.DELIVERED)
    since = at - timedelta(days=1)
    member = Holder(Scope.MEMBER, 1, job.user_id)
    assert reset(db, member, since=since, reset_by=9, at=at) == 1
    ((_, made),) = usage.made_by_member(db, 1, since=since)
    assert made.use.videos == 1


def test_a_clock_that_was_set_back_makes_no_wait_shorter_than_none(
    db: sqlite3.Connection, job_in: Callable[[JobState], Job], at: datetime
) -> None:
    job = job_in(JobState.DELIVERED)
    db.execute("UPDATE job SET submitted_at_ms = 1, fetched_at_ms = 2")
    ((asked_at, user_id, made),) = usage.waits(db, 1, since=at - timedelta(days=1), user_id=None)
    assert (asked_at, user_id) == (job.created_at, job.user_id)
    assert (made.in_line_s, made.in_all_s) == ((0.0,), (0.0,))
