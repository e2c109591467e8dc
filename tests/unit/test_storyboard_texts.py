"""What is said of a storyboard fits into one message, and says of each shot how it stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.domain.account import Account
from bot.domain.catalogues import Catalogues
from bot.domain.cost import Charge
from bot.domain.job import Job, JobState, Origin, OutcomeReason, Place
from bot.domain.money import Money, Rates
from bot.domain.render_times import ExpectedTime
from bot.domain.request import VideoRequest
from bot.domain.routing import WAITS_FOR_SHOT
from bot.domain.storyboard import SHOTS_MAX, Shot, Storyboard
from bot.services.courses import Course
from bot.services.drafts import Preview
from cogs import storyboard_texts
from cogs.texts import MESSAGE_MAX_CHARACTERS
from providers.capabilities import rows_of

AT = datetime(2026, 1, 15, tzinfo=UTC)
PLACE = Place(guild_id=1, channel_id=5, in_thread=False, status_message_id=7)
ROWS = rows_of("zai")
CATALOGUES = Catalogues(
    [Account(name="main", title="Z.AI", rows=ROWS, in_flight={})],
    default=ROWS[0].model,
    rates=Rates(),
)


def board(shots: int = SHOTS_MAX, prompt: str = "A kite") -> Storyboard:
    return Storyboard(
        storyboard_id=4,
        user_id=10,
        place=PLACE,
        common=VideoRequest(model=ROWS[0].model, prompt=""),
        shots=tuple(
            Shot(position=position, prompt=prompt, is_chained=position > 0, job_id=position + 1)
            for position in range(shots)
        ),
        changed_at=AT,
    )


def take(state: JobState, job_id: int = 1, **changes: Any) -> Job:  # noqa: ANN401  # a test names its own fields
    job = Job(
        job_id=job_id,
        state=state,
        state_at=AT,
        request=VideoRequest(model=ROWS[0].model, prompt="A kite"),
        user_id=10,
        place=PLACE,
        origin=Origin.COMMAND,
        parent_job_id=None,
        created_at=AT,
        route="cogvideox-3 main",
        account=None,
        passed_over=None,
        attempt=0,
        request_id=None,
        submitted_at=None,
        provider_task_id=None,
        result_url=None,
        clip=None,
        reason=None,
    )
    return replace(job, **changes)


def course(*takes: Job, is_open: bool = False) -> Course:
    charge = Charge(money=Money(micros=200_000, currency="USD"), is_final=False)
    return Course(
        board=replace(board(len(takes)), started_at=AT, is_open=is_open),
        takes=takes,
        film=None,
        charges=(charge,) * len(takes),
    )


def test_a_draft_says_what_was_chosen_for_all_shots() -> None:
    chosen = VideoRequest(
        model=ROWS[0].model, prompt="", size="1280x720", duration_s=10, fps=60, quality="speed"
    )
    text = storyboard_texts.draft(Preview(board=replace(board(), common=chosen)), CATALOGUES)
    assert "CogVideoX-3 · 1280x720 · 10 s · 60 fps · quality: speed\n" in text


def test_eight_shots_of_the_longest_words_fit_into_one_message() -> None:
    long = board(prompt="*_~`" * 1_000)
    expected = ExpectedTime(earliest_s=60, latest_s=240, overdue=False, late=False)
    text = storyboard_texts.draft(Preview(board=long, expected=expected), CATALOGUES)
    assert len(text) <= MESSAGE_MAX_CHARACTERS
    assert "**8** " in text
    assert "8 shots · usually takes 8 to 32 min in all" in text
    takes = [
        take(JobState.FAILED, number, reason=OutcomeReason.CONTENT_REFUSED)
        for number in range(1, SHOTS_MAX + 1)
    ]
    ended = replace(course(*takes), board=replace(long, started_at=AT))
    text = storyboard_texts.course(ended, CATALOGUES)
    assert len(text) <= MESSAGE_MAX_CHARACTERS


def test_what_a_model_handles_badly_is_said_above_the_cost_and_once_for_the_shots_alike() -> None:
    notes = ((1, "It reads English alone."), (2, "It is short."), (3, "It reads English alone."))
    seen = Preview(board=board(3), price=Money(micros=1, currency="USD"), notes=notes)
    *_, shot, both, one, cost, _ = storyboard_texts.draft(seen, CATALOGUES).splitlines()
    assert shot.startswith("**3** ")
    assert both == "⚠️ Shots 1, 3: It reads English alone."
    assert one == "⚠️ Shot 2: It is short."
    assert "costs up to USD" in cost


def test_the_longest_notes_on_eight_long_shots_fit_with_what_starting_means() -> None:
    notes = tuple(
        (number, f"{number} " + letter * 140) for letter in "ab" for number in range(1, 9)
    )
    long = Preview(board=board(prompt="*_~`" * 1_000), notes=notes)
    text = storyboard_texts.draft(long, CATALOGUES)
    assert len(text) <= MESSAGE_MAX_CHARACTERS
    assert "Shots 1, 2, 3, 4, 5, 6, 7, 8: the model's maker says" in text
    assert "**Start**" in text


@pytest.mark.parametrize(
    ("shots", "says"), [(0, "No shots yet."), (1, "Add another shot"), (2, "")]
)
def test_a_draft_says_what_is_missing_before_it_can_be_started(shots: int, says: str) -> None:
    text = storyboard_texts.draft(Preview(board=board(shots)), CATALOGUES)
    assert says in text
    assert ("another shot" in text) is (shots == 1)


@pytest.mark.parametrize(
    ("shot", "says"),
    [
        (take(JobState.QUEUED), "is waiting, as video #1"),
        (take(JobState.QUEUED, route=WAITS_FOR_SHOT), "waits for shot 1"),
        (take(JobState.RENDERING), "is rendering, started <t:1768435200:R>, as video #1"),
        (take(JobState.FETCHED), "is ready and on its way here"),
        (take(JobState.DELIVERED), "is video #1"),
        (take(JobState.FAILED, reason=OutcomeReason.NO_FIRST_FRAME), "waited for shot 1, which"),
        (take(JobState.FAILED, reason=OutcomeReason.RENDER_FAILED), "could not be made: the video"),
        (take(JobState.DELIVERED, taken_down_at=AT), "was taken down or deleted"),
    ],
)
def test_each_shot_says_how_it_stands(shot: Job, says: str) -> None:
    line = storyboard_texts.course(course(take(JobState.QUEUED), shot), CATALOGUES).split("\n")[2]
    assert says in line


def test_the_first_line_says_how_far_the_storyboard_is_and_the_last_what_it_costs() -> None:
    def head(seen: Course) -> str:
        return storyboard_texts.course(seen, CATALOGUES).split("\n")[0]

    assert "0 of 1 shots are there" in head(course(take(JobState.QUEUED), is_open=True))
    assert "stands still" in head(course(take(JobState.FAILED)))
    closed = course(take(JobState.DELIVERED, taken_down_at=AT))
    assert "has ended" in head(closed)
    both = storyboard_texts.course(course(*[take(JobState.QUEUED)] * 2), CATALOGUES)
    assert both.endswith("· costs up to USD 0.40 · for <@10>")
