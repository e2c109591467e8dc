"""Every code of the API, from its answer to what the member or the operator reads."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from bot.domain.job import JobState, OutcomeReason
from cogs.texts import OUTCOMES
from providers.zhipu_codes import MEANING_BY_CODE, Meaning
from storage.notices import unsent

if TYPE_CHECKING:
    from tests.services.gateway import Gateway
    from tests.services.world import World

ENDS = {
    Meaning.CONTENT: OutcomeReason.CONTENT_REFUSED,
    Meaning.REJECTED: OutcomeReason.REQUEST_REJECTED,
    Meaning.NO_MODEL: OutcomeReason.MODEL_UNAVAILABLE,
}
SAYS = {
    Meaning.ACCOUNT: "the gateway refuses the account main; the operator has to mend it",
    Meaning.BUSY: "main takes no job for cogvideox-3 at present; jobs keep their place",
    Meaning.SERVER_TROUBLE: "no answer to the create",
    Meaning.OFFLINE: "main takes no job at present; jobs keep their place",
    Meaning.NO_TASK: "main takes no job at present; jobs keep their place",
}


def codes(*meanings: Meaning) -> list[str]:
    return [code for code, meaning in MEANING_BY_CODE.items() if meaning in meanings]


def fault(code: str) -> str:
    # 418 says nothing by itself: the code must decide.
    return f"error302 {code} 418" if code.startswith("-") else f"error 418 {code}"


@pytest.mark.parametrize("code", codes(*ENDS))
async def test_a_refusal_of_the_job_ends_it_free_of_charge_with_a_next_step(
    world: World, gateway: Gateway, code: str
) -> None:
    await gateway.order("create", fault(code))
    async with world.process() as process:
        await process.scheduler.start()
        job = await process.until(await process.submit(), JobState.FAILED)
        assert job.reason is ENDS[MEANING_BY_CODE[code]]
        assert await process.reservation(job) == "released"
    assert await gateway.charged() == []
    text = OUTCOMES[ENDS[MEANING_BY_CODE[code]]]
    assert "It cost nothing and counts against no limit." in text
    assert text.endswith(".")


@pytest.mark.parametrize("code", codes(*SAYS))
async def test_any_other_refusal_keeps_the_place_and_is_told_to_the_operator(
    world: World, gateway: Gateway, caplog: pytest.LogCaptureFixture, code: str
) -> None:
    caplog.set_level(logging.WARNING, "bot")
    await gateway.order("create", fault(code))
    async with world.process() as process:
        await process.scheduler.start()
        (job,) = await process.delivered(await process.submit())
        assert job.attempt == 1
        notices = await process.database.read(lambda db: unsent(db, 9))
    assert len(await gateway.charged()) == 1
    told, *_ = [record.getMessage() for record in caplog.records if "418" in record.getMessage()]
    assert SAYS[MEANING_BY_CODE[code]] in told
    assert f"(code {code})" in told
    if MEANING_BY_CODE[code] is Meaning.ACCOUNT:
        paused, over = [notice.text for notice in notices]
        assert f"(code {code})" in paused
        assert "takes no videos" in paused
        assert "takes videos again" in over
    else:
        assert notices == [], "nobody has to mend it"


@pytest.mark.parametrize("code", MEANING_BY_CODE)
async def test_no_code_ends_a_render_that_is_paid_for(
    world: World, gateway: Gateway, code: str
) -> None:
    await gateway.order("poll", fault(code))
    async with world.process() as process:
        await process.scheduler.start()
        await process.delivered(await process.submit())
    assert len(await gateway.charged()) == 1


# Envelopes that no document describes, with what the log keeps of each.
UNDOCUMENTED = {
    "string_error 404": "HTTP 404: Not Found",
    "html 405": "HTTP 405: <html>",
    "html 502": "HTTP 502: <html>",
    "code500": "HTTP 200: ",
    "malformed": 'HTTP 200: {"model": "',
    "empty": "HTTP 200: (empty)",
}


@pytest.mark.parametrize("envelope", UNDOCUMENTED)
async def test_an_envelope_that_nobody_documents_ends_no_job_and_leaves_a_sample_in_the_log(
    world: World, gateway: Gateway, caplog: pytest.LogCaptureFixture, envelope: str
) -> None:
    caplog.set_level(logging.WARNING, "bot")
    await gateway.turn(faults=[{"on": on, "do": envelope, "times": 1} for on in ("create", "poll")])
    async with world.process() as process:
        await process.scheduler.start()
        await process.delivered(await process.submit())
    assert len(await gateway.charged()) == 1
    told = [record.getMessage() for record in caplog.records if "answered" in record.getMessage()]
    for call in ("create", "poll"):
        line = next(line for line in told if f"{call} answered" in line)
        assert UNDOCUMENTED[envelope] in line
        assert gateway.key not in line
