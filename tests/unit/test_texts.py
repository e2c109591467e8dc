"""What people read: safe whatever was typed, and never longer than a message."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
from cogs import parcel_texts, texts
from cogs.history import lineage
from providers.capabilities import capability_for
from tests.accounts import account, catalogues_of

if TYPE_CHECKING:
    from collections.abc import Callable

MODEL = capability_for("zai", "cogvideox-3")
MODELS = catalogues_of(account([MODEL]), default=MODEL.model)
NAME_MAX_CHARACTERS = 100  # Discord's
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


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("A calm sea", "A calm sea"),
        ("  A  calm\n\tsea ", "A calm sea"),
        ("\u202eA calm sea\u202c", "A calm sea"),  # right-to-left override
        ("A\u200bcalm\u200d\ufeff sea\u2066\u2069", "Acalm sea"),  # zero-width, isolates
        ("A\u00a0calm\u2003sea\u2028!", "A calm sea !"),  # other spaces, a line separator
        ("A calm\x00\x07\x1b[31m sea", "A calm[31m sea"),
        ("bell\ud800", "bell"),  # a lone surrogate
        ("cafe\u0301", "caf\u00e9"),
        ("A calm 🌊", "A calm 🌊"),
        ("\u200b\u200d\u202e\u2060", "Video #12"),
        ("", "Video #12"),
        (" \n\t", "Video #12"),
        ("@everyone <@1> `x`", "@everyone <@1> `x`"),  # names are never formatted, and ping nobody
    ],
)
def test_a_thread_is_named_by_what_can_be_seen_of_the_prompt(
    make_job: Callable[..., Job], prompt: str, name: str
) -> None:
    assert texts.thread_name(make_job(prompt=prompt)) == name


@given(prompt=st.text(max_size=200))
def test_no_prompt_makes_a_name_that_discord_or_a_reader_chokes_on(
    make_job: Callable[..., Job], prompt: str
) -> None:
    name = texts.thread_name(make_job(prompt=prompt))
    assert 1 <= len(name) <= NAME_MAX_CHARACTERS
    assert name == name.strip()
    assert not [char for char in name if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co"}]


@pytest.mark.parametrize("character", ["a", "ü", "🌊", "\u0301"])
def test_a_prompt_of_5000_characters_is_cut(make_job: Callable[..., Job], character: str) -> None:
    name = texts.thread_name(make_job(prompt=character * 5000))
    assert len(name) == texts.THREAD_NAME_MAX_CHARACTERS
    assert name.endswith("…")


@pytest.mark.parametrize(
    "prompt",
    [
        "@everyone",
        "@here look",
        "<@123456789012345678>",
        "<@!12345678901234567>",
        "<@&1234567890123456789>",
    ],
)
def test_a_quoted_prompt_mentions_nobody(prompt: str) -> None:
    quoted = texts.quoted_prompt(prompt)
    assert prompt not in quoted
    assert "@everyone" not in quoted
    assert "<@1" not in quoted
    assert "<@&" not in quoted


@pytest.mark.parametrize(
    ("prompt", "quoted"),
    [
        ("**loud** _soft_ ~~no~~", r"> \*\*loud\*\* \_soft\_ \~\~no\~\~"),
        ("`code` ```block```", r"> \`code\` \`\`\`block\`\`\`"),
        ("a\n# big\n> quote\n- list", r"> a # big \> quote - list"),
        ("||spoiler||", r"> \|\|spoiler\|\|"),
        ("  ", "> (no words, only the image)"),
    ],
)
def test_a_quoted_prompt_formats_nothing(prompt: str, quoted: str) -> None:
    assert texts.quoted_prompt(prompt) == quoted


@pytest.mark.parametrize(
    "prompt", ["# big", "## big", "### big", "- item", "* item", "> deep", "-# small"]
)
def test_a_prompt_at_the_start_of_its_quote_is_no_heading_list_or_quote(prompt: str) -> None:
    shown = texts.quoted_prompt(prompt).removeprefix("> ")
    assert shown.startswith("\\"), shown


HOSTILE = [
    "[a](https://b.c) [Free](https://evil.example)",
    "[[a](https://b.c)](https://evil.example)",
    "[a]\n(https://evil.example)",
    "[a](<https://evil.example>)",
    "[a](discord://-/channels/@me)",
    "<https://evil.example>",
    "https://evil.example/track.png?who=you_and_me",
    "http://evil.example",
    "steam://run/1",
    "discord.gg/evil",
    "@everyone <@&1234567890123456789>",
    "# big",
    "## big",
    "-# small",
    "- item",
    "+ item",
    "1. item",
    "> deep",
    ">>> deeper",
    "||spoiler||",
    "<t:1:R>",
    "</create:123456789012345678>",
    "<#123456789012345678>",
    "<:smile:123456789012345678>",
    "<id:customize>",
    "\\[a](https://evil.example)",
    "\\\\[a](https://evil.example)",
    "\\`[a](https://evil.example)`",
]
# What begins a format, a link or a mention in Discord's clients and its unfurler.
LIVE = re.compile(r"[*_~|`\[\]<>]|\w/\w|://|^(#{1,3}|-#|[-+]|\d+\.) |@(everyone|here)")


def seen(escaped: str) -> str:
    """What Discord shows of an escaped text."""
    return re.sub(r"\\([^0-9A-Za-z\s])", r"\1", escaped).replace("@\u200b", "@")


@pytest.mark.parametrize("prompt", HOSTILE)
def test_a_hostile_prompt_is_shown_as_it_was_typed_and_does_nothing(prompt: str) -> None:
    quoted = texts.quoted_prompt(prompt).removeprefix("> ")
    assert seen(quoted) == " ".join(prompt.split())
    without_escaped = re.sub(r"\\[^0-9A-Za-z\s]", "\u2007", quoted)
    assert not LIVE.search(without_escaped), quoted


@given(st.text(alphabet="\\[]()<>*_`~|#-+>1./:@ah\n", max_size=60))
def test_any_mixture_of_markup_is_shown_as_it_was_typed_and_does_nothing(prompt: str) -> None:
    quoted = texts.quoted_prompt(prompt).removeprefix("> ")
    assert len(quoted) <= max(2 * len(prompt), len("(no words, only the image)"))
    if prompt.split():
        assert seen(quoted) == " ".join(prompt.split())
        assert not LIVE.search(re.sub(r"\\[^0-9A-Za-z\s]", "\u2007", quoted)), quoted


@given(st.text(max_size=700))
def test_a_quoted_prompt_is_one_line(prompt: str) -> None:
    assert len(texts.quoted_prompt(prompt).splitlines()) == 1


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
        text = "".join(texts.result(job, MODELS, (*notes, "-# " + "y" * 150)))
        assert link.url in text
        assert len(text) <= texts.LAYOUT_MAX_CHARACTERS


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
        posted, _ = texts.result(job, MODELS)
        status = texts.status(standing(job), MODELS, job.state_at)
    assert texts.is_result(posted, job)
    assert not texts.is_result(posted, replace(job, job_id=1))
    assert not texts.is_result(posted, replace(job, job_id=2))
    assert not texts.is_result(status, job)


def test_a_result_names_its_settings_as_they_came_out(make_job: Callable[..., Job]) -> None:
    job = make_job(clip=CLIP)
    _, below = texts.result(job, MODELS, ("a note",))
    assert below == "-# CogVideoX-3 · from text · 3840x2160 · 10 s · 60 fps\na note"
    took = replace(job, state_at=job.created_at + timedelta(seconds=125))
    _, below = texts.result(took, MODELS)
    assert below.endswith("60 fps · made in 2 min 5 s")


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("a boat on a lake", "a boat on…"),
        ("aboatonalake", "aboatonal…"),
        ("a boat, a " + "\U0001f468\u200d\U0001f469", "a boat, a…"),
        ("boats, e" + "\u0301" * 9, "boats,…"),
        ("\u0301" * 20, "\u0301" * 9 + "…"),
    ],
)
def test_a_prompt_is_cut_between_words_and_never_inside_a_sign(
    make_job: Callable[..., Job], typed: str, shown: str
) -> None:
    assert texts.short_prompt(make_job(prompt=typed), 10) == shown


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
        "The file is larger than this server takes: "
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
