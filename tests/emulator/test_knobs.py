"""The switches, and who may turn them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from emulator.faults import KINDS

if TYPE_CHECKING:
    from emulator.server import Emulator
    from tests.emulator.conftest import Caller

MANUAL = Path(__file__).resolve().parents[2] / "docs" / "emulator.md"

WRONG: dict[str, Any] = {
    "no such knob": {"speed": 1},
    "a limit of none": {"in_flight_limit": 0},
    "a limit as a boolean": {"in_flight_limit": True},
    "negative time": {"advance_s": -1},
    "endless time": {"advance_s": 1e300},
    "time as text": {"render_delay_s": "1"},
    "a choice that is not one": {"duplicate_request_id": "maybe"},
    "a choice that is a list": {"prompt_too_long_code": []},
    "a flag as a number": {"renew_links": 1},
    "models as text": {"forgetful_models": "cogvideox-3"},
    "a model that is none": {"forgetful_models": ["cogvideox-9"]},
    "models as objects": {"forgetful_models": [{}]},
    "faults as an object": {"faults": {}},
    "too many faults": {"faults": [{"on": "poll", "do": "fail"}] * 10_001},
    "a fault as text": {"faults": ["fail"]},
    "a fault nowhere": {"faults": [{"on": "lunch", "do": "fail"}]},
    "a fault on a list": {"faults": [{"on": [], "do": "fail"}]},
    "a fault at no gateway": {"faults": [{"on": "poll", "do": "fail", "gateway": "openai"}]},
    "a fault at a list": {"faults": [{"on": "poll", "do": "fail", "gateway": []}]},
    "a fault that is none": {"faults": [{"on": "create", "do": "dance"}]},
    "a fault of another place": {"faults": [{"on": "create", "do": "truncate"}]},
    "a fault never": {"faults": [{"on": "create", "do": "fail", "times": 0}]},
    "an error without a status": {"faults": [{"on": "create", "do": "error"}]},
    "an error that is none": {"faults": [{"on": "create", "do": "error 200"}]},
    "a reset never": {"faults": [{"on": "create", "do": "error 429 1308 inf"}]},
    "a code in words": {"faults": [{"on": "create", "do": "flat 400 many"}]},
    "a code of 302.AI in words": {"faults": [{"on": "poll", "do": "error302 quota"}]},
    "a status of 302.AI that is none": {"faults": [{"on": "poll", "do": "error302 -10001 200"}]},
    "a tier that is none": {"tier": "V9"},
    "a signature as text": {"watermark_removal_signed": "yes"},
    "slow for ever": {"faults": [{"on": "create", "do": "slow inf"}]},
    "cut after some": {"faults": [{"on": "file", "do": "truncate some"}]},
    "cut before it begins": {"faults": [{"on": "file", "do": "truncate -1"}]},
    "a fault with more": {"faults": [{"on": "create", "do": "fail", "why": 1}]},
}


@pytest.mark.parametrize("knobs", WRONG.values(), ids=WRONG.keys())
async def test_a_wrong_value_is_refused_and_changes_nothing(
    caller: Caller, emulator: Emulator, knobs: dict[str, Any]
) -> None:
    before = emulator.knobs.to_dict()
    answer = await caller.call(
        "POST", f"{caller.url}/emulator/knobs", json={"renew_links": True, **knobs}
    )
    assert (answer.status, answer.code) == (400, "1214")
    assert emulator.knobs.to_dict() == before


async def test_knobs_that_were_set_are_shown(caller: Caller) -> None:
    faults = [{"on": "file", "times": 3, "do": "slow 0.5"}]
    await caller.turn(in_flight_limit=7, render_delay_s=1.5, faults=faults, advance_s=10)
    shown = await caller.turn(advance_s=10)
    assert shown["in_flight_limit"] == 7
    assert shown["render_delay_s"] == 1.5
    assert shown["faults"] == faults
    assert shown["advance_s"] == 20


async def test_the_open_questions_of_the_documents_can_be_settled_either_way(
    caller: Caller,
) -> None:
    await caller.turn(
        prompt_too_long_code="1214", duplicate_request_id="accept", first_last_quality="reject"
    )
    assert (await caller.create(prompt="x" * 513)).code == "1214"
    images = ["https://example.com/a.png", "https://example.com/b.png"]
    assert (await caller.create(image_url=images, quality="quality")).code == "1214"
    assert (
        await caller.create(image_url=images, quality="speed", request_id="job-000001")
    ).status == 200
    assert (await caller.create(request_id="job-000001")).status == 200


async def test_a_repeat_can_be_recognised_for_some_models_and_not_for_others(
    caller: Caller,
) -> None:
    await caller.turn(forgetful_models=["viduq1-text"])
    vidu = {"model": "viduq1-text", "size": "1920x1080", "request_id": "job-000001"}
    assert [(await caller.create(**vidu)).status for _ in range(2)] == [200, 200]
    known = [await caller.create(request_id="job-000002") for _ in range(2)]
    assert [answer.status for answer in known] == [200, 400]
    assert known[1].code == "1231"


async def test_a_task_stays_in_progress_for_the_render_delay(caller: Caller) -> None:
    await caller.turn(render_delay_s=60, faults=[{"on": "create", "do": "fail"}])
    task = (await caller.create()).json
    assert (await caller.poll(task["id"])).json["task_status"] == "PROCESSING"
    await caller.turn(advance_s=61)
    assert (await caller.poll(task["id"])).json["task_status"] == "FAIL"


@pytest.mark.parametrize(
    "headers", [{"Host": "evil.example"}, {"Origin": "https://evil.example"}, {"Host": "[::"}]
)
async def test_a_web_page_elsewhere_cannot_turn_knobs(
    caller: Caller, headers: dict[str, str]
) -> None:
    answer = await caller.call(
        "POST", f"{caller.url}/emulator/knobs", json={"renew_links": True}, headers=headers
    )
    assert answer.status == 403


def test_the_manual_documents_every_knob_and_every_fault(emulator: Emulator) -> None:
    manual = MANUAL.read_text()
    for knob in emulator.knobs.to_dict():
        assert f"`{knob}`" in manual, knob
    for kind in frozenset[str]().union(*KINDS.values()):
        assert f"`{kind}" in manual, kind
