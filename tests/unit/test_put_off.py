"""Statuses that could not be shown wait longer each time, and never for ever."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cogs import put_off
from cogs.put_off import PutOff

NOW = datetime(2026, 1, 14, 12, tzinfo=UTC)


def test_each_failure_doubles_the_wait_up_to_the_longest() -> None:
    waits = PutOff()
    waited: list[float] = []
    for _ in range(9):
        waits.add(1, now=NOW)
        seconds = next(s for s in range(10_000) if waits.take_due(now=NOW + timedelta(seconds=s)))
        waited.append(seconds)
    assert waited == [5, 10, 20, 40, 80, 160, 300, 300, 300]


def test_a_job_is_given_once_and_a_success_begins_anew() -> None:
    waits = PutOff()
    later = NOW + timedelta(seconds=put_off.FIRST_WAIT_S)
    waits.add(1, now=NOW)
    assert waits.take_due(now=NOW) == []
    assert waits.take_due(now=later) == [1]
    assert waits.take_due(now=later) == []
    assert 1 in waits
    waits.forget(1)
    assert 1 not in waits
    waits.add(1, now=NOW)
    assert waits.take_due(now=later) == [1]


def test_neither_the_tries_nor_the_jobs_are_without_bound() -> None:
    waits = PutOff()
    for _ in range(put_off.TRIES_MAX + 1):
        waits.add(1, now=NOW)
    assert 1 not in waits
    for job_id in range(put_off.JOBS_MAX + 5):
        waits.add(job_id, now=NOW)
    assert len(waits.take_due(now=NOW + timedelta(days=1))) == put_off.JOBS_MAX
    assert 4 not in waits


def test_what_was_put_off_is_due_when_the_clock_is_set_back() -> None:
    waits = PutOff()
    waits.add(1, now=NOW)
    assert waits.take_due(now=NOW) == []
    assert waits.take_due(now=NOW - timedelta(days=1)) == [1]
