"""What the API answers to creates and polls."""

from __future__ import annotations

import asyncio
import json
import random
import re
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    import aiohttp

    from emulator.server import Emulator
    from tests.emulator.conftest import Caller


async def test_an_accepted_create_answers_as_the_service_does(caller: Caller) -> None:
    answer = await caller.create(request_id="job-000001")
    task = answer.json
    assert answer.status == 200
    assert re.fullmatch(r"\d{14}[0-9a-f]{16}", task.pop("id"))
    assert task == {"model": "cogvideox-3", "request_id": "job-000001", "task_status": "PROCESSING"}


async def test_without_a_request_id_the_task_id_stands_in(caller: Caller) -> None:
    task = (await caller.create()).json
    assert task["request_id"] == task["id"]


async def test_null_is_absent_and_unknown_keys_are_ignored(caller: Caller) -> None:
    absent = dict.fromkeys(
        [
            "image_url",
            "quality",
            "with_audio",
            "size",
            "duration",
            "fps",
            "style",
            "off_peak",
            "request_id",
            "user_id",
        ]
    )
    assert (await caller.create(**absent, seed=7)).status == 200


async def test_the_model_name_is_matched_without_regard_to_case(caller: Caller) -> None:
    assert (await caller.create(model="CogVideoX-3")).status == 200


REFUSALS: dict[str, tuple[dict[str, Any], str, str]] = {
    "no model": ({"model": None}, "1213", "model"),
    "unknown model": ({"model": "cogvideox-9"}, "1211", "Model"),
    "model of another type": ({"model": 3}, "1214", "model"),
    "nothing to go on": ({"prompt": None}, "1214", "empty"),
    "blank prompt": ({"prompt": "  "}, "1214", "empty"),
    "prompt of another type": ({"prompt": ["a"]}, "1214", "prompt"),
    "half a surrogate pair": ({"prompt": "\ud800"}, "1214", "prompt"),
    "513 characters": ({"prompt": "x" * 513}, "1261", "512"),
    "unknown size": ({"size": "720x480"}, "1214", "size"),
    "unknown quality": ({"quality": "best"}, "1214", "quality"),
    "fps of another value": ({"fps": 24}, "1214", "fps"),
    "fps as text": ({"fps": "30"}, "1214", "fps"),
    "fps as a fraction": ({"fps": 30.0}, "1214", "fps"),
    "duration too long": ({"duration": 15}, "1214", "duration"),
    "duration as a boolean": ({"duration": True}, "1214", "duration"),
    "endless duration": ({"duration": 10**400}, "1214", "duration"),
    "audio as text": ({"with_audio": "yes"}, "1214", "with_audio"),
    "short request_id": ({"request_id": "12345"}, "1214", "request_id"),
    "long request_id": ({"request_id": "x" * 65}, "1214", "request_id"),
    "short user_id": ({"user_id": "me"}, "1214", "user_id"),
    "three images": (
        {"image_url": ["https://a/1", "https://a/2", "https://a/3"]},
        "1214",
        "2 images",
    ),
    "an image that is an object": ({"image_url": {"url": "https://a/1"}}, "1214", "image_url"),
    "not base64": ({"image_url": "data:image/png;base64,####"}, "1214", "base64"),
    "a webp": ({"image_url": "data:image/webp;base64,AAAA"}, "1214", "png"),
    "not a picture": ({"image_url": "data:image/png;base64,AAAA"}, "1214", "read"),
    "over 5 MB": ({"image_url": "A" * (7 * 1024 * 1024)}, "1214", "5 MB"),
}


@pytest.mark.parametrize(("fields", "code", "word"), REFUSALS.values(), ids=REFUSALS.keys())
async def test_a_refusal_names_its_code_and_field_and_charges_nothing(
    caller: Caller, emulator: Emulator, fields: dict[str, Any], code: str, word: str
) -> None:
    answer = await caller.create(**fields)
    assert (answer.status, answer.code) == (400, code)
    assert word in answer.message
    assert len(emulator.ledger) == 0


async def test_a_truncated_picture_is_refused(
    caller: Caller, make_picture: Callable[..., bytes], as_data_uri: Callable[..., str]
) -> None:
    for kind in ("PNG", "JPEG"):
        whole = make_picture(kind=kind, width=2000, height=2000)
        answer = await caller.create(image_url=as_data_uri(whole[: len(whole) // 2], kind.lower()))
        assert (answer.status, answer.code) == (400, "1214")


async def test_pictures_may_be_data_uris_bare_base64_or_addresses(
    caller: Caller, make_picture: Callable[..., bytes], as_data_uri: Callable[..., str]
) -> None:
    uri = as_data_uri(make_picture())
    for image in (
        uri,
        uri.partition(",")[2],
        "https://example.com/a.png",
        [uri],
        [uri, "https://example.com/b.png"],
    ):
        assert (await caller.create(prompt=None, image_url=image)).status == 200


async def test_a_repeated_request_id_is_answered_with_the_task_it_made(
    caller: Caller, emulator: Emulator
) -> None:
    first = (await caller.create(request_id="job-000001")).json
    answer = await caller.create(request_id="job-000001")
    assert (answer.status, answer.code) == (400, "1231")
    assert answer.message == f"You already have a request: {first['id']}"
    assert [entry.task_id for entry in emulator.ledger] == [first["id"]]


async def test_a_repeated_request_id_is_recognised_even_at_the_in_flight_limit(
    caller: Caller,
) -> None:
    await caller.turn(in_flight_limit=1)
    await caller.create(request_id="job-000001")
    assert (await caller.create(request_id="job-000001")).code == "1231"
    assert (await caller.create(request_id="job-000002")).code == "1302"


async def test_the_vendors_in_flight_limit_holds_until_a_task_is_finished(caller: Caller) -> None:
    await caller.turn(
        in_flight_limit=None, render_delay_s=60, faults=[{"on": "create", "do": "fail"}]
    )
    await caller.create()
    refused = await caller.create()
    assert (refused.status, refused.code) == (429, "1302")
    await caller.turn(advance_s=60)
    assert (await caller.create()).status == 200


async def test_the_ledger_has_one_entry_per_accepted_create(caller: Caller) -> None:
    first = (await caller.create(request_id="job-000001")).json
    second = (await caller.create(request_id="job-000002")).json
    await caller.create(fps=31)
    entries = await caller.ledger()
    assert [entry["seq"] for entry in entries] == [1, 2]
    assert [entry["task_id"] for entry in entries] == [first["id"], second["id"]]
    assert [entry["request_id"] for entry in entries] == ["job-000001", "job-000002"]
    assert entries[0]["request_digest"] == entries[1]["request_digest"]
    assert (entries[0]["price"], entries[0]["currency"]) == ("0.20", "USD")
    assert caller.key not in json.dumps(entries)


async def test_an_unknown_task_is_refused(caller: Caller) -> None:
    for task_id in ("nope", "a%2Fb", "x" * 500, "%00", "%F0%9F"):
        answer = await caller.poll(task_id)
        assert (answer.status, answer.code) == (400, "1233")


async def test_an_unknown_path_gets_the_gateways_answer_after_the_key_is_checked(
    caller: Caller,
) -> None:
    answer = await caller.call("GET", f"{caller.api_base}/nothing")
    assert answer.status == 404
    body = answer.json
    assert body.pop("timestamp").endswith("+00:00")
    assert body == {"status": 404, "error": "Not Found", "path": "/v4/nothing"}
    assert (await caller.call("GET", f"{caller.api_base}/nothing", headers={})).status == 401


async def test_a_body_over_70_mb_is_refused(caller: Caller) -> None:
    answer = await caller.call(
        "POST", f"{caller.api_base}/videos/generations", data=bytes(71 * 1024 * 1024)
    )
    assert answer.status == 413


BODIES = {
    "empty": b"",
    "a list": b"[]",
    "a number": b"1",
    "not UTF-8": b'{"model":"\xff\xfe"}',
    "deep": b"[" * 100_000,
    "deep object": b'{"a":' * 50_000,
    "huge number": b'{"fps":' + b"9" * 10_000 + b"}",
    "NaN": b'{"model":"cogvideox-3","prompt":"x","fps":NaN}',
    "infinite": b'{"model":"cogvideox-3","prompt":"x","duration":1e999}',
    "NUL": b"\0" * 64,
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
async def test_garbage_is_refused_and_never_a_server_error(caller: Caller, body: bytes) -> None:
    answer = await caller.call("POST", f"{caller.api_base}/videos/generations", data=body)
    assert answer.status == 400
    assert answer.code in {"1210", "1214"}


async def test_random_bytes_and_wrong_types_never_give_a_server_error(
    caller: Caller, emulator: Emulator
) -> None:
    rng = random.Random(7)  # noqa: S311  # repeatable garbage
    odd: list[Any] = [
        None,
        True,
        -1,
        1.5,
        10**30,
        "",
        "x",
        "\u202e\0",
        [],
        {},
        [None],
        [[]],
        {"a": 1},
        ["", 3],
    ]
    names = [
        "model",
        "prompt",
        "image_url",
        "quality",
        "size",
        "fps",
        "duration",
        "with_audio",
        "request_id",
        "user_id",
    ]
    for _ in range(150):
        fields = {name: rng.choice(odd) for name in rng.sample(names, 3)}
        assert (await caller.create(**fields)).status in (200, 400, 429)
        data = rng.randbytes(rng.randrange(200))
        for path in ("/emulator/knobs", "/api/paas/v4/videos/generations"):
            assert (await caller.call("POST", emulator.url + path, data=data)).status == 400


async def test_a_body_that_is_not_what_its_encoding_says_is_refused(caller: Caller) -> None:
    headers = {"Authorization": f"Bearer {caller.key}", "Content-Encoding": "gzip"}
    answer = await caller.call(
        "POST", f"{caller.api_base}/videos/generations", data=b"not gzip", headers=headers
    )
    assert 400 <= answer.status < 500


async def test_it_listens_on_loopback_only(emulator: Emulator) -> None:
    port = int(emulator.url.rpartition(":")[2])
    with pytest.raises(OSError, match=r".*"):
        async with asyncio.timeout(5):
            await asyncio.open_connection("127.0.0.2", port)


async def test_it_can_be_started_and_closed_again_and_again(
    session: aiohttp.ClientSession, emulator: Emulator
) -> None:
    for _ in range(3):
        async with (
            type(emulator)() as other,
            session.get(f"{other.url}/emulator/ledger") as response,
        ):
            assert await response.json() == {"entries": []}
        await other.close()
