"""Small rules: moves of a job, polling."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from bot.clock import from_ms, to_ms
from bot.domain.job import MOVES, TERMINAL_STATES, Job, JobState
from bot.domain.polling import wait_after_error_s

if TYPE_CHECKING:
    from collections.abc import Callable


def test_every_state_has_its_moves_and_only_ended_ones_have_none() -> None:
    assert set(MOVES) == set(JobState)
    assert {state for state, moves in MOVES.items() if not moves} == TERMINAL_STATES


def test_every_state_is_reached_from_the_queue_and_leads_to_an_end() -> None:
    reached = {JobState.QUEUED}
    while more := {to for state in reached for to in MOVES[state]} - reached:
        reached |= more
    assert reached == set(JobState)
    for state in JobState:
        ends = {state}
        while more := {to for one in ends for to in MOVES[one]} - ends:
            ends |= more
        assert ends & TERMINAL_STATES


def test_what_may_be_paid_for_is_never_cancelled() -> None:
    may_cancel = {state for state, moves in MOVES.items() if JobState.CANCELLED in moves}
    assert may_cancel == {JobState.QUEUED}


def test_a_nonce_fits_discords_25_characters(make_job: Callable[..., Job]) -> None:
    assert len(make_job(job_id=2**53).delivery_nonce) <= 25
    assert make_job(job_id=1).delivery_nonce != make_job(job_id=11).delivery_nonce


jitters = st.floats(-1, 1)


@given(st.integers(1, 10_000), jitters)
def test_waits_after_errors_double_up_to_two_minutes(errors: int, jitter: float) -> None:
    assert 1.6 <= wait_after_error_s(errors=errors, jitter=jitter) <= 144
    assert [wait_after_error_s(errors=n, jitter=0) for n in (1, 2, 3, 6, 7, 8)] == [
        *(2, 4, 8, 64),
        *(120, 120),
    ]


@given(st.integers(0, 4 * 10**12))
def test_milliseconds_survive_the_way_through_the_database(at_ms: int) -> None:
    assert to_ms(from_ms(at_ms)) == at_ms
    assert from_ms(at_ms).tzinfo is UTC


def test_the_epoch_is_zero() -> None:
    assert to_ms(datetime(1970, 1, 1, tzinfo=UTC)) == 0
