"""What a server's board says, and what it keeps to itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.domain.board import Board, Health, health_of
from bot.domain.job import Job, JobState
from bot.domain.render_times import ExpectedTime
from bot.domain.routing import Room
from bot.services.jobs import Listing, Standing
from cogs.board_texts import board_text, last_line

if TYPE_CHECKING:
    from collections.abc import Callable

OPEN = Room(limit=1)
CLOSED = Room(limit=1, is_closed=True)
BROKEN = Room(limit=1, is_closed=True, is_broken=True)
SNOWFLAKE = 2**63 - 1


def standing(job: Job, **facts: Any) -> Standing:  # noqa: ANN401  # the fields of `Standing`
    plain = Standing(job=job, place=None, expected=None, is_stopped=False)
    return replace(plain, **facts)


@pytest.mark.parametrize(
    ("rooms", "health"),
    [
        ([OPEN, CLOSED], Health.WORKS),
        ([CLOSED, BROKEN], Health.BUSY),
        ([BROKEN, BROKEN], Health.BROKEN),
        ([], Health.BROKEN),
    ],
)
def test_an_account_is_as_its_best_model_is(rooms: list[Room], health: Health) -> None:
    assert health_of(rooms) is health


def test_a_board_fits_a_message_however_much_there_is(make_job: Callable[..., Job]) -> None:
    job = make_job(prompt="*" * 500, job_id=SNOWFLAKE, user_id=SNOWFLAKE)
    listing = Listing(standings=[standing(job, place=99)] * 25, hidden=175)
    health = [("An account with a rather long title, in brackets", Health.BROKEN)] * 9
    text = board_text(listing, health, now=job.created_at, shows_prompt=lambda _: True)
    board = Board(guild_id=1, channel_id=2, begun_at=job.created_at, message_id=None)
    assert "… and more." in text
    assert len(f"{text}\n{last_line(board)}") <= 2000


def test_a_board_tells_when_renders_are_done_and_nothing_of_what_was_taken_down(
    make_job: Callable[..., Job],
) -> None:
    expected = ExpectedTime(earliest_s=30, latest_s=200, overdue=False, late=False)
    job = make_job(state=JobState.RENDERING)
    down = replace(job, job_id=13, taken_down_at=job.created_at)
    held = replace(job, job_id=14, state=JobState.HELD)
    slow = replace(job, job_id=15)
    listing = Listing(
        standings=[
            standing(job, expected=expected),
            standing(down, expected=expected),
            standing(held),
            standing(slow, expected=replace(expected, overdue=True)),
        ],
        hidden=0,
    )
    text = board_text(listing, (), now=job.created_at, shows_prompt=lambda each: each is slow)
    done_by = int((job.created_at + timedelta(seconds=200)).timestamp())
    assert f"is rendering, and most likely done by <t:{done_by}:R> · <@10>\n" in text
    assert "is rendering, longer than usual · <@10> · A calm sea" in text
    assert "#13" not in text
    assert "#14" not in text
