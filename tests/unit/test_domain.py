"""Small rules: moves of a job, polling, how a clip is posted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clock import from_ms, to_ms
from bot.domain.delivery import LinkReason, Rung, first_rung
from bot.domain.job import MOVES, TERMINAL_STATES, Clip, Job, JobState
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


CLIP = Clip(
    artifact_id="c" * 64,
    size_bytes=1000,
    width_px=1280,
    height_px=720,
    duration_s=5.0,
    fps=30.0,
    has_audio=False,
    attachable=True,
)


@pytest.mark.parametrize(
    ("clip", "limit_bytes", "may_attach", "expected"),
    [
        (CLIP, 1000, True, (Rung.ATTACH, None)),
        (CLIP, 999, True, (Rung.LINK, LinkReason.TOO_LARGE)),
        (CLIP, 1000, False, (Rung.LINK, LinkReason.FILES_NOT_PERMITTED)),
        (
            replace(CLIP, attachable=False),
            9999,
            True,
            (Rung.LINK, LinkReason.NOT_PLAYABLE_INLINE),
        ),
    ],
    ids=["fits", "too large", "not permitted", "not playable"],
)
def test_a_clip_is_attached_where_it_fits_plays_and_may_be(
    clip: Clip, limit_bytes: int, may_attach: bool, expected: tuple[Rung, LinkReason | None]
) -> None:
    assert first_rung(clip, limit_bytes=limit_bytes, may_attach=may_attach) == expected


@given(st.integers(0, 4 * 10**12))
def test_milliseconds_survive_the_way_through_the_database(at_ms: int) -> None:
    assert to_ms(from_ms(at_ms)) == at_ms
    assert from_ms(at_ms).tzinfo is UTC


def test_the_epoch_is_zero() -> None:
    assert to_ms(datetime(1970, 1, 1, tzinfo=UTC)) == 0
