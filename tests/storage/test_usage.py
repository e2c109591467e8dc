"""What was made on a server, found in the ledger and among the jobs by index alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from bot.domain.job import JobState
from bot.domain.quota import Scope, Use
from bot.domain.usage import NOTHING
from bot.domain.windows import Span
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
    span = Span(AT - timedelta(days=30), None)
    of_guild = 30 * 144 // 2
    for user_id, expected in ((None, of_guild), (11, of_guild // (MEMBERS // 2))):
        made_in = partial(usage.made_in, guild_id=2, span=span, user_id=user_id)
        made = made_in(db).use
        assert made.videos == pytest.approx(expected, abs=1)
        assert made.micros == {"USD": made.videos * 200_000}
        waits_in = partial(usage.waits_in, guild_id=2, span=span, user_id=user_id)
        waits = waits_in(db)
        assert len(waits.in_line_s) == min(made.videos, usage.WAITS_PER_DAY_MAX)
        assert [2 * one for one in waits.in_line_s] == list(waits.in_all_s)
        assert searched(db, made_in, "ledger_settled")
        assert searched(db, waits_in, "job_waited")

    made_by_member = partial(usage.made_by_member, guild_id=2, span=span)
    waits_by_member = partial(usage.waits_by_member, guild_id=2, span=span)
    of_members = made_by_member(db)
    assert len(of_members) == MEMBERS // 2
    assert sum(made.use.videos for made in of_members.values()) == pytest.approx(of_guild, abs=1)
    assert {user_id: len(made.in_line_s) for user_id, made in waits_by_member(db).items()} == {
        user_id: made.use.videos for user_id, made in of_members.items()
    }
    assert searched(db, made_by_member, "ledger_settled")
    assert searched(db, waits_by_member, "job_waited")


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
    span = Span(at - timedelta(days=1), None)
    made = usage.made_by_member(db, 1, span)
    assert {user_id: one.use.videos for user_id, one in made.items()} == {delivered.user_id: 1}
    assert len(usage.waits_in(db, 1, span, user_id=None).in_line_s) == 1
    assert usage.made_by_member(db, 2, span) == {}
    for elsewhere in (Span(at + timedelta(days=1), None), Span(span.start, at)):
        assert usage.made_in(db, 1, elsewhere, user_id=None) == NOTHING
        assert usage.waits_in(db, 1, elsewhere, user_id=None) == NOTHING


def test_currencies_are_kept_apart_and_what_was_free_has_none(
    db: sqlite3.Connection,
) -> None:
    guild, user = 1, 10
    for number, (currency, micros) in enumerate((("USD", 5), ("CNY", 7), ("USD", 1), ("", 0))):
        db.execute(
            "INSERT INTO ledger (at_ms, kind, guild_id, user_id, job_id, videos, micros,"
            " currency, counts_at_ms, for_operator) VALUES (?, 'settle', ?, ?, ?, 1, ?, ?, ?, 1)",
            (AT_MS, guild, user, 100 + number, micros, currency, AT_MS),
        )
    span = Span(AT - timedelta(days=1), None)
    use = Use(videos=4, micros={"CNY": 7, "USD": 6})
    assert usage.made_in(db, guild, span, user_id=None).use == use
    assert usage.made_by_member(db, guild, span)[user].use == use


def test_who_begins_anew_has_made_what_they_made(
    db: sqlite3.Connection, job_in: Callable[[JobState], Job], at: datetime
) -> None:
    job = job_in(JobState.DELIVERED)
    span = Span(at - timedelta(days=1), None)
    member = Holder(Scope.MEMBER, 1, job.user_id)
    assert reset(db, member, since=span.start, reset_by=9, at=at) == 1
    assert usage.made_in(db, 1, span, user_id=job.user_id).use.videos == 1


def test_a_clock_that_was_set_back_makes_no_wait_shorter_than_none(
    db: sqlite3.Connection, job_in: Callable[[JobState], Job], at: datetime
) -> None:
    job = job_in(JobState.DELIVERED)
    db.execute("UPDATE job SET submitted_at_ms = 1, fetched_at_ms = 2")
    made = usage.waits_in(db, 1, Span(at - timedelta(days=1), None), user_id=job.user_id)
    assert (made.in_line_s, made.in_all_s) == ((0.0,), (0.0,))
