"""What goes wrong when it is told to."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

import aiohttp
import pytest

if TYPE_CHECKING:
    from emulator.server import Emulator
    from tests.emulator.conftest import Caller


async def test_an_error_fault_answers_with_its_status_and_code_and_charges_nothing(
    caller: Caller, emulator: Emulator
) -> None:
    await caller.turn(faults=[{"on": "create", "times": 2, "do": "error 429 1305"}])
    for _ in range(2):
        answer = await caller.create()
        assert (answer.status, answer.code) == (429, "1305")
    assert len(emulator.ledger) == 0
    assert (await caller.create()).status == 200
    assert len(emulator.ledger) == 1


@pytest.mark.parametrize("on", ["create", "poll"])
async def test_gateway_faults_look_like_a_gateways(caller: Caller, on: str) -> None:
    task = (await caller.create()).json
    await caller.turn(faults=[{"on": on, "do": "html 502"}, {"on": on, "do": "code500"}])
    answers = [
        await (caller.create() if on == "create" else caller.poll(task["id"])) for _ in range(2)
    ]
    assert answers[0].status == 502
    assert answers[0].content.startswith(b"<html>")
    assert answers[1].status == 200
    assert answers[1].json == {"code": 500, "msg": "Internal error", "success": False}


async def test_a_lost_answer_has_taken_effect(caller: Caller, emulator: Emulator) -> None:
    await caller.turn(faults=[{"on": "create", "do": "lost_answer"}])
    with pytest.raises(aiohttp.ClientConnectionError):
        await caller.create(request_id="job-000001")
    assert [entry.request_id for entry in emulator.ledger] == ["job-000001"]
    assert (await caller.create(request_id="job-000001")).code == "1231"


async def test_a_malformed_answer_has_taken_effect(caller: Caller, emulator: Emulator) -> None:
    await caller.turn(faults=[{"on": "create", "do": "malformed"}])
    answer = await caller.create()
    assert answer.status == 200
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        _ = answer.json
    assert len(emulator.ledger) == 1


@pytest.mark.parametrize(
    ("do", "status", "charged"), [("hang_before", 504, 0), ("hang_after", 200, 1)]
)
async def test_a_hanging_answer_waits_for_its_release(
    caller: Caller, emulator: Emulator, do: str, status: int, charged: int
) -> None:
    await caller.turn(faults=[{"on": "create", "do": do}])
    async with asyncio.timeout(10):
        waiting = asyncio.create_task(caller.create())
        while not emulator.held_count:
            await caller.call("GET", f"{caller.url}/emulator/tasks")
        assert not waiting.done()
        assert len(emulator.ledger) == charged
        released = await caller.call("POST", f"{caller.url}/emulator/release")
        assert released.json == {"released": 1}
        assert (await waiting).status == status


async def test_closing_does_not_wait_for_hanging_answers(
    session: aiohttp.ClientSession, emulator: Emulator
) -> None:
    emulator.knobs.update({"faults": [{"on": "create", "do": "hang_after"}]})
    headers = {"Authorization": f"Bearer {emulator.api_key}"}
    body = {"model": "cogvideox-3", "prompt": "a calm sea"}
    async with asyncio.timeout(10):
        address = f"{emulator.api_base}/videos/generations"
        waiting = asyncio.create_task(_post(session, address, json=body, headers=headers))
        while not emulator.held_count:
            async with session.get(f"{emulator.url}/emulator/tasks"):
                pass
        await emulator.close()
        await waiting


async def _post(session: aiohttp.ClientSession, address: str, **options: Any) -> None:  # noqa: ANN401  # aiohttp's own
    """A call whose caller does not mind being cut off."""
    try:
        async with session.post(address, **options) as response:
            await response.read()
    except aiohttp.ClientError:
        return


async def test_a_slow_answer_arrives_whole(caller: Caller) -> None:
    await caller.turn(faults=[{"on": "create", "do": "slow 0.1"}])
    assert (await caller.create()).json["task_status"] == "PROCESSING"


@pytest.mark.parametrize("on", ["create", "poll"])
async def test_an_empty_answer_has_taken_effect(
    caller: Caller, emulator: Emulator, on: str
) -> None:
    await caller.turn(faults=[{"on": on, "do": "empty"}])
    task = await caller.create(request_id="job-000001")
    answer = task if on == "create" else await caller.poll(task.json["id"])
    assert (answer.status, answer.content) == (200, b"")
    assert [entry.request_id for entry in emulator.ledger] == ["job-000001"]


async def test_a_success_can_lack_its_link(caller: Caller) -> None:
    task = (await caller.create()).json
    await caller.turn(faults=[{"on": "poll", "do": "no_link"}])
    result = (await caller.poll(task["id"])).json
    assert (result["task_status"], result["video_result"]) == ("SUCCESS", None)


async def test_a_fault_can_be_meant_for_a_later_request(caller: Caller) -> None:
    await caller.turn(
        faults=[
            {"on": "create", "do": "nothing", "times": 2},
            {"on": "create", "do": "error 429 1302"},
        ]
    )
    assert [(await caller.create()).status for _ in range(4)] == [200, 200, 429, 200]


@pytest.mark.parametrize("on", ["create", "poll"])
async def test_a_failing_task_ends_as_fail_without_a_reason(caller: Caller, on: str) -> None:
    await caller.turn(faults=[{"on": on, "do": "fail"}])
    task = (await caller.create()).json
    for _ in range(2):
        result = (await caller.poll(task["id"])).json
        assert result["task_status"] == "FAIL"
        assert result.keys() == {"model", "id", "request_id", "task_status"}


async def test_an_unknown_status_is_one_that_no_document_lists(caller: Caller) -> None:
    await caller.turn(
        faults=[
            {"on": "poll", "do": "unknown_status"},
            {"on": "poll", "do": "unknown_status DREAMING"},
        ]
    )
    task = (await caller.create()).json
    seen = [(await caller.poll(task["id"])).json["task_status"] for _ in range(3)]
    assert seen == ["SUBMITTED", "DREAMING", "PROCESSING"]


ENVELOPES: dict[str, tuple[int, Any]] = {
    "error 400 1301": (400, {"error": {"code": "1301"}}),
    "error 429 1316": (429, {"error": {"code": "1316"}}),
    "error302 -10006": (429, {"error": {"err_code": -10006}}),
    "error302 -10008 500": (500, {"error": {"err_code": -10008}}),
    "flat 400 1214": (400, {"code": 1214}),
    "string_error": (404, {"status": 404, "error": "Not Found"}),
    "string_error 503": (503, {"status": 503, "error": "Service Unavailable"}),
}


@pytest.mark.parametrize("on", ["create", "poll"])
@pytest.mark.parametrize(("do", "expected"), ENVELOPES.items(), ids=ENVELOPES)
async def test_every_envelope_that_was_seen_can_be_ordered(
    caller: Caller, emulator: Emulator, on: str, do: str, expected: tuple[int, Any]
) -> None:
    task = (await caller.create()).json
    await caller.turn(faults=[{"on": on, "do": do}])
    answer = await (caller.create() if on == "create" else caller.poll(task["id"]))
    status, body = expected
    assert answer.status == status
    assert _has(answer.json, body), answer.json
    assert len(emulator.ledger) == 1


def _has(found: Any, expected: Any) -> bool:  # noqa: ANN401  # JSON
    """Whether all that is expected is there, at any depth."""
    if not isinstance(expected, dict):
        return type(found) is type(expected) and bool(found == expected)
    fields = cast("dict[str, Any]", expected)
    return all(name in found and _has(found[name], value) for name, value in fields.items())


async def test_a_poll_can_meet_a_405_page(caller: Caller) -> None:
    task = (await caller.create()).json
    await caller.turn(faults=[{"on": "poll", "do": "html 405"}])
    answer = await caller.poll(task["id"])
    assert (answer.status, answer.content[:6]) == (405, b"<html>")


@pytest.mark.parametrize(
    ("do", "wait_s"),
    [("error 429 1308", 5 * 3600), ("error 429 1310", 7 * 86_400), ("error 429 1308 90", 90)],
)
async def test_a_used_up_plan_says_when_it_is_good_again(
    caller: Caller, do: str, wait_s: int
) -> None:
    await caller.turn(faults=[{"on": "create", "do": do}])
    answer = await caller.create()
    assert answer.code == do.split()[2]
    text = answer.message.partition("reset at ")[2]
    reset = datetime.strptime(text + " +0800", "%Y-%m-%d %H:%M:%S %z")
    assert abs(reset.timestamp() - time.time() - wait_s) < 30  # noqa: TID251  # the emulator's clock was not moved


async def test_an_id_that_is_a_number_can_be_polled(caller: Caller) -> None:
    await caller.turn(
        faults=[{"on": "create", "do": "number_id"}, {"on": "poll", "do": "number_id"}]
    )
    task_id = (await caller.create()).json["id"]
    assert isinstance(task_id, int)
    assert 10**18 <= task_id < 2**63
    assert (await caller.poll(str(task_id))).json["id"] == task_id
    text_id = (await caller.poll(str(task_id))).json["id"]
    assert isinstance(text_id, str)
    assert (await caller.poll(text_id)).status == 200
