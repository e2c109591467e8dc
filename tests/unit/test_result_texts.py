"""A further post says what it is and why it is there, and is never taken for a result."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.domain.delivery import ClipLink
from bot.domain.further_post import FurtherPostKind
from bot.domain.job import Job, JobState, Place
from bot.domain.language import Language
from bot.languages import speaking
from bot.services.history import TAKES_SHOWN
from cogs import parcel_texts, result_texts
from cogs.result_texts import Reason
from providers.capabilities import capability_for
from tests.accounts import account, catalogues_of

if TYPE_CHECKING:
    from collections.abc import Callable

MODEL = capability_for("zai", "cogvideox-3")
MODELS = catalogues_of(account([MODEL]), default=MODEL.model)
SNOWFLAKE = 2**63 - 1


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", FurtherPostKind)
def test_a_further_post_is_known_in_whatever_language_and_is_no_result(
    make_job: Callable[..., Job], language: Language, kind: FurtherPostKind
) -> None:
    job = replace(make_job(state=JobState.DELIVERED), job_id=12, parent_job_id=1)
    with speaking(language):
        again, _ = result_texts.further(job, Reason(kind=kind), MODELS)
        result, _ = result_texts.result(job, MODELS)
    assert result_texts.is_further(again, 12)
    assert not result_texts.is_further(again, 1)
    assert not result_texts.is_result(again, job)
    assert not result_texts.is_further(result, 12)


@pytest.mark.parametrize("kind", FurtherPostKind)
@pytest.mark.parametrize("character", ["*", "@", "\U0001f30a"])
def test_no_further_post_is_too_long_for_discord(
    make_job: Callable[..., Job], kind: FurtherPostKind, character: str
) -> None:
    place = Place(guild_id=1, channel_id=1, in_thread=False, thread_id=SNOWFLAKE)
    place = replace(place, result_message_id=SNOWFLAKE)
    job = make_job(prompt=character * 4000, job_id=SNOWFLAKE, user_id=SNOWFLAKE, place=place)
    link = ClipLink("x" * parcel_texts.LINK_MAX_CHARACTERS, job.created_at, is_own=False)
    reason = Reason(
        kind=kind, by_user_id=SNOWFLAKE, stars=SNOWFLAKE, takes=[SNOWFLAKE] * TAKES_SHOWN
    )
    text = "".join(result_texts.further(job, reason, MODELS, (link.url,)))
    assert link.url in text
    assert len(text) <= result_texts.LAYOUT_MAX_CHARACTERS


def test_a_gallery_says_nothing_of_stars_that_were_taken_back(
    make_job: Callable[..., Job],
) -> None:
    reason = Reason(kind=FurtherPostKind.GALLERY, stars=0)
    _above, below = result_texts.further(make_job(), reason, MODELS)
    assert below == "-# CogVideoX-3 · from text"
