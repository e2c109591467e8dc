"""What people read: safe whatever was typed, and never longer than a message."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.domain.cost import Charge
from bot.domain.delivery import ClipLink, Fitting, LinkReason
from bot.domain.job import TERMINAL_STATES, Clip, Job, JobState, Origin, OutcomeReason, Place
from bot.domain.language import Language
from bot.domain.money import Money
from bot.domain.render_times import ExpectedTime
from bot.domain.request import VideoRequest
from bot.engine.packing import Parcel
from bot.languages import speaking
from bot.services.jobs import Standing
from cogs import parcel_texts, result_texts, texts
from cogs.history import lineage
from providers.capabilities import capability_for
from tests.accounts import account, catalogues_of

if TYPE_CHECKING:
    from collections.abc import Callable

MODEL = capability_for("zai", "cogvideox-3")
MODELS = catalogues_of(account([MODEL]), default=MODEL.model)
SNOWFLAKE = 2**63 - 1
CLIP = Clip(
    artifact_id="c" * 64,
    size_bytes=1,
    width_px=3840,
    height_px=2160,
    duration_s=10.02,
    fps=59.94,
    has_audio=True,
    attachable=True,
)

USUALLY = ExpectedTime(earliest_s=41, latest_s=196, overdue=False, late=False)


def standing(job: Job) -> Standing:
    place = 100_000 if job.state is JobState.QUEUED else None
    dear = Charge(money=Money(micros=10**18, currency="USD"), is_final=False)
    return Standing(job=job, place=place, expected=USUALLY, is_stopped=False, charge=dear)


STATES = [
    *((state, None) for state in JobState if state not in TERMINAL_STATES | {JobState.HELD}),
    (JobState.DELIVERED, None),
    *product((JobState.FAILED, JobState.EXPIRED, JobState.CANCELLED, JobState.HELD), OutcomeReason),
]


@pytest.mark.parametrize(("state", "reason"), STATES, ids=str)
@pytest.mark.parametrize("character", ["*", "@", "\U0001f30a", "`", "\\", "<"])
def test_no_state_makes_a_message_too_long_for_discord(
    make_job: Callable[..., Job], state: JobState, reason: OutcomeReason | None, character: str
) -> None:
    job = make_job(state=state, reason=reason, job_id=SNOWFLAKE, user_id=SNOWFLAKE)
    place = Place(guild_id=1, channel_id=1, in_thread=False, thread_id=SNOWFLAKE)
    request = VideoRequest(
        model=MODEL.model,
        prompt=character * 4000,
        images=("a" * 64, "b" * 64),
        size="3840x2160",
        quality="quality",
        with_audio=True,
    )
    job = replace(job, request=request, place=place, parent_job_id=SNOWFLAKE, clip=CLIP)
    for age in (timedelta(seconds=1), timedelta(hours=9)):
        text = texts.status(standing(job), MODELS, job.created_at + age)
        assert len(text) <= texts.MESSAGE_MAX_CHARACTERS
        assert f"#{SNOWFLAKE}" in text
        assert len(texts.queue_line(standing(job), job.created_at + age)) < 500
    link = ClipLink("x" * parcel_texts.LINK_MAX_CHARACTERS, job.created_at, is_own=False)
    for parcel in (
        *(Parcel(link=link, why_link=why) for why in LinkReason),
        Parcel(file=Path(), was_encoded=True, link=link),
    ):
        notes = parcel_texts.notes(parcel, hidden=True)
        text = "".join(result_texts.result(job, MODELS, (*notes, "-# " + "y" * 150)))
        assert link.url in text
        assert len(text) <= result_texts.LAYOUT_MAX_CHARACTERS


@pytest.mark.parametrize(("state", "reason"), STATES, ids=str)
def test_every_state_is_said_in_words_of_its_own(
    make_job: Callable[..., Job], state: JobState, reason: OutcomeReason | None
) -> None:
    job = make_job(state=state, reason=reason, parent_job_id=3)
    text = texts.status(standing(job), MODELS, job.created_at)
    assert "_" not in text, "no identifier reaches a person"
    assert "another take of #3" in text
    assert "<@10>" in text


def test_every_reason_has_its_sentence() -> None:
    assert texts.OUTCOMES.keys() == set(OutcomeReason)
    assert parcel_texts.LINK_REASONS.keys() == set(LinkReason)
    assert all(sentence.endswith(".") for sentence in texts.OUTCOMES.values())


@pytest.mark.parametrize(
    ("state", "age_s", "words"),
    [
        (JobState.QUEUED, 0, "is waiting, number 100000 in line"),
        (JobState.SUBMITTING, 0, "is being handed to the video service"),
        (
            JobState.RENDERING,
            10,
            "started <t:1768392000:R>, and usually takes 30 s to 3.5 min in all",
        ),
        (JobState.FETCHED, 1, "is ready and on its way here"),
        (JobState.FETCHED, 61, "Discord did not take it yet"),
        (JobState.DELIVERED, 0, "is done, after 0 s"),
    ],
)
def test_a_status_tells_where_the_video_stands(
    make_job: Callable[..., Job], state: JobState, age_s: int, words: str
) -> None:
    job = make_job(state=state)
    text = texts.status(standing(job), MODELS, job.created_at + timedelta(seconds=age_s))
    assert words in text


PRICE = Money(micros=200_000, currency="USD")


@pytest.mark.parametrize(
    ("charge", "words"),
    [
        (Charge(money=PRICE, is_final=False), " · costs up to USD 0.20 · for"),
        (Charge(money=PRICE, is_final=True), " · cost USD 0.20 · for"),
        (Charge(money=replace(PRICE, micros=0), is_final=False), " · free · for"),
        (Charge(money=None, is_final=False), " · price not known · for"),
        (None, " · from text · for"),
    ],
)
def test_a_status_tells_what_the_video_costs(
    make_job: Callable[..., Job], charge: Charge | None, words: str
) -> None:
    job = make_job()
    shown = replace(standing(job), charge=charge)
    assert words in texts.status(shown, MODELS, job.created_at)


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        (
            replace(USUALLY, overdue=True),
            "longer ago than usual; most likely takes 30 s to 3.5 min",
        ),
        (replace(USUALLY, overdue=True, late=True), "is late: started <t:1768392000:R>,"),
    ],
)
def test_a_render_that_takes_long_is_said_to(
    make_job: Callable[..., Job], expected: ExpectedTime, words: str
) -> None:
    job = make_job(state=JobState.RENDERING)
    shown = replace(standing(job), expected=expected)
    assert words in texts.queue_line(shown, job.created_at)


@pytest.mark.parametrize(
    ("low_s", "high_s", "text"),
    [
        (0, 0, "up to 1 s"),
        (0.4, 2.1, "up to 3 s"),
        (2.5, 6.1, "2 to 7 s"),
        (12, 41, "10 to 50 s"),
        (41, 55, "40 s to 1 min"),
        (38, 212, "30 s to 4 min"),
        (60, 180, "1 to 3 min"),
        (670, 1213, "11 to 21 min"),
        (3700, 7000, "60 to 120 min"),
    ],
)
def test_a_span_is_written_as_it_is_said_and_holds_both_ends(
    low_s: float, high_s: float, text: str
) -> None:
    assert texts.between(low_s, high_s) == text


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("parent", [None, 1])
def test_a_result_is_known_in_whatever_language_it_was_posted(
    make_job: Callable[..., Job], language: Language, parent: int | None
) -> None:
    job = replace(make_job(state=JobState.FETCHED), job_id=12, parent_job_id=parent)
    with speaking(language):
        posted, _ = result_texts.result(job, MODELS)
        status = texts.status(standing(job), MODELS, job.state_at)
    assert result_texts.is_result(posted, job)
    assert not result_texts.is_result(posted, replace(job, job_id=1))
    assert not result_texts.is_result(posted, replace(job, job_id=2))
    assert not result_texts.is_result(status, job)


def test_a_result_names_its_settings_as_they_came_out(make_job: Callable[..., Job]) -> None:
    job = make_job(clip=CLIP)
    _, below = result_texts.result(job, MODELS, ("a note",))
    assert below == "-# CogVideoX-3 · from text · 3840x2160 · 10 s · 60 fps\na note"
    took = replace(job, state_at=job.created_at + timedelta(seconds=125))
    _, below = result_texts.result(took, MODELS)
    assert below.endswith("60 fps · made in 2 min 5 s")


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 s"), (8.4, "8 s"), (60, "1 min 0 s"), (125, "2 min 5 s")]
)
def test_a_duration_is_written_as_it_is_said(seconds: float, text: str) -> None:
    assert texts.duration(seconds) == text


def test_who_cancels_is_told_what_became_of_it(make_job: Callable[..., Job]) -> None:
    job = make_job(state=JobState.CANCELLED, reason=OutcomeReason.CANCELLED_BY_MEMBER)
    assert texts.cancelled(job) == (
        "Video #12 is cancelled. It cost nothing and counts against no limit."
    )


@pytest.mark.parametrize(
    ("in_s", "shown_in_s"),
    [(1, 60), (59, 60), (61, 120), (700, 900), (4000, 5400), (30_000, 32_400)],
)
def test_an_expected_start_is_rounded_up_so_that_it_seldom_changes(
    make_job: Callable[..., Job], in_s: int, shown_in_s: int
) -> None:
    job = make_job(state=JobState.QUEUED)
    noon = job.created_at.replace(hour=12, minute=0, second=0, microsecond=0)
    waiting = replace(standing(job), place=3, starts_at=noon + timedelta(seconds=in_s))
    stamp = f"<t:{int(noon.timestamp()) + shown_in_s}:R>"
    text = texts.status(waiting, MODELS, noon)
    assert f"is waiting, number 3 in line, and starts about {stamp}" in text
    stopped = texts.status(replace(waiting, is_stopped=True), MODELS, noon)
    assert "starts about" not in stopped
    assert "starts about" not in texts.queue_line(waiting, noon)


def test_a_status_says_how_far_a_clip_is_in_being_made_to_fit(
    make_job: Callable[..., Job],
) -> None:
    job = make_job(state=JobState.FETCHED)
    late = job.state_at + timedelta(minutes=9)
    shown = replace(standing(job), fitting=Fitting(40))
    assert "is ready. Making it fit: 40 %" in texts.status(shown, MODELS, late)
    waiting = replace(standing(job), fitting=Fitting(0, disk_is_full=True))
    assert "the disk of this bot is full" in texts.status(waiting, MODELS, late)


def test_a_link_says_why_until_when_and_what_to_do(make_job: Callable[..., Job]) -> None:
    link = ClipLink("https://example.org/clip", make_job().created_at, is_own=True)
    parcel = Parcel(link=link, why_link=LinkReason.TOO_LARGE)
    (note,) = parcel_texts.notes(parcel, hidden=False)
    assert note == (
        "The file is larger than can be posted here: "
        "watch or download it, until <t:1768392000:f>. Download it to keep it."
    )
    assert parcel_texts.link_for_button(parcel) == link.url
    long = replace(parcel, link=replace(link, url=link.url + "?" + "x" * 500))
    (hidden,) = parcel_texts.notes(long, hidden=True)
    assert f"||[watch or download it](<{link.url}?" in hidden
    assert parcel_texts.link_for_button(long) is None
    (gone,) = parcel_texts.notes(replace(parcel, link=None), hidden=False)
    assert "Ask the operator of this bot for it" in gone
    smaller = Parcel(file=Path(), was_encoded=True, link=replace(link, is_own=False))
    (note,) = parcel_texts.notes(smaller, hidden=False)
    assert note.startswith("-# Encoded anew, so that it plays here. As it was made: [")
    assert "until about <t:" in note
    assert parcel_texts.notes(Parcel(file=Path()), hidden=False) == ()


@pytest.mark.parametrize(
    ("origin", "says"),
    [
        (Origin.EXTEND, "what comes after #3"),
        (Origin.REMIX, "remix of #3"),
        (Origin.AGAIN, "take of #3"),
    ],
)
def test_a_history_says_how_a_video_was_made_of_another(
    make_job: Callable[..., Job], origin: Origin, says: str
) -> None:
    job = make_job(parent_job_id=3, origin=origin)
    assert lineage(job, [5, 6]) == [says, "made of it: #5, #6"]
