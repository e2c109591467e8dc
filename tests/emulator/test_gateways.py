"""Three gateways on one port: each its own base, keys, money, limits and manners."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from emulator.gateways import GATEWAYS, TIERS

if TYPE_CHECKING:
    from collections.abc import Callable

    import aiohttp

    from emulator.server import Emulator
    from tests.emulator.conftest import Caller

    CallerOf = Callable[[str], Caller]

IMAGE = "https://example.com/1.png"
OFFERS = [
    pytest.param(gateway.name, offer.model.name, id=f"{gateway.name} {offer.model.name}")
    for gateway in GATEWAYS.values()
    for offer in gateway.offers
]
PRICES = {
    "zai": {"cogvideox-3": "0.20 USD", "viduq1-text": "0.40 USD", "vidu2-image": "0.20 USD"},
    "bigmodel": {
        "cogvideox-3": "1.00 CNY",
        "cogvideox-2": "0.50 CNY",
        "cogvideox-flash": "0.00 CNY",
        "vidu2-start-end": "1.25 CNY",
        "vidu2-reference": "2.50 CNY",
        "viduq1-image": "2.50 CNY",
    },
    "302ai": {"cogvideox-2": "0.10 PTC"},
}


@pytest.fixture
def caller_of(emulator: Emulator, session: aiohttp.ClientSession, caller: Caller) -> CallerOf:
    def build(gateway: str) -> Caller:
        return type(caller)(
            session,
            url=emulator.url,
            api_base=emulator.base_of(gateway),
            key=emulator.keys[gateway],
        )

    return build


def fields_for(model: str) -> dict[str, Any]:
    """The least that each model takes."""
    text_only = model == "viduq1-text"
    return {
        "model": model,
        "prompt": "a calm sea",
        "size": None,
        "image_url": IMAGE if model.startswith("vidu") and not text_only else None,
    }


@pytest.mark.parametrize(("gateway", "model"), OFFERS)
async def test_every_offer_is_served_and_charged_in_its_gateways_money(
    caller_of: CallerOf, emulator: Emulator, gateway: str, model: str
) -> None:
    task = (await caller_of(gateway).create(**fields_for(model))).json
    assert task["task_status"] == "PROCESSING"
    assert task["model"] == model
    (entry,) = emulator.ledger
    assert (entry.gateway, entry.model, entry.task_id) == (gateway, model, task["id"])
    expected = PRICES[gateway].get(model)
    assert expected in (None, f"{entry.price} {entry.currency}")


async def test_a_task_is_known_only_where_it_was_made(caller_of: CallerOf) -> None:
    callers = [caller_of(gateway) for gateway in GATEWAYS]
    for caller in callers:
        caller.key = callers[0].key  # one key is good everywhere
    fields = {**fields_for("cogvideox-3"), "request_id": "job-000001"}
    tasks = [(await caller.create(**fields)).json for caller in callers]
    for place, task in enumerate(tasks):
        answers = [await caller.poll(task["id"]) for caller in callers]
        assert [answer.status for answer in answers].index(200) == place
        assert [answer.status for answer in answers].count(400) == 2


async def test_302_ais_own_keys_are_no_good_elsewhere(caller_of: CallerOf) -> None:
    theirs = caller_of("302ai").key
    assert theirs.startswith("sk-")
    for gateway in ("zai", "bigmodel"):
        caller = caller_of(gateway)
        caller.key = theirs
        assert (await caller.create()).code == "1002"


async def test_bad_keys_get_302_ais_own_envelope(caller_of: CallerOf) -> None:
    caller = caller_of("302ai")
    for headers in ({}, {"Authorization": "Bearer sk-other"}):
        for path in ("/async-result/1", "/nothing"):
            answer = await caller.call("GET", caller.api_base + path, headers=headers)
            assert answer.status == 401
            assert answer.json["error"]["err_code"] == -10001
            assert answer.json["error"].keys() == {"err_code", "message", "message_cn"}


async def test_302_ai_has_no_channel_for_a_model_that_it_lacks(caller_of: CallerOf) -> None:
    answer = await caller_of("302ai").create(model="viduq1-text")
    assert (answer.status, answer.json["error"]["err_code"]) == (503, -10008)


async def test_302_ai_passes_on_what_the_model_behind_it_refuses(caller_of: CallerOf) -> None:
    caller = caller_of("302ai")
    assert (await caller.create(fps=31)).code == "1214"
    assert (await caller.poll("nope")).code == "1233"


async def test_signed_tokens_are_good_at_the_vendors_own_gateways(caller_of: CallerOf) -> None:
    statuses = {}
    for gateway in GATEWAYS:
        caller = caller_of(gateway)
        caller.key = signed(caller_of("zai").key)
        statuses[gateway] = (await caller.create()).status
    assert statuses == {"zai": 200, "bigmodel": 200, "302ai": 401}


def signed(key: str) -> str:
    name, _, secret = key.partition(".")
    now_ms = int(time.time() * 1000)  # noqa: TID251  # the token must be good now
    parts: list[dict[str, Any]] = [
        {"alg": "HS256", "sign_type": "SIGN", "typ": "JWT"},
        {"api_key": name, "exp": now_ms + 210_000, "timestamp": now_ms},
    ]
    text = ".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts
    )
    signature = hmac.digest(secret.encode(), text.encode(), hashlib.sha256)
    return f"{text}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


@pytest.mark.parametrize("tier", TIERS)
async def test_bigmodel_counts_by_the_accounts_tier(caller_of: CallerOf, tier: str) -> None:
    caller = caller_of("bigmodel")
    await caller.turn(in_flight_limit=None, render_delay_s=60, tier=tier)
    for _ in range(TIERS[tier]):
        assert (await caller.create(**fields_for("cogvideox-2"))).status == 200
    refused = await caller.create(**fields_for("cogvideox-2"))
    assert (refused.status, refused.code) == (429, "1302")
    assert (await caller.create(**fields_for("cogvideox-3"))).status == 200


async def test_z_ai_counts_one_task_of_cogvideox_3_and_five_of_each_vidu_model(
    caller_of: CallerOf,
) -> None:
    caller = caller_of("zai")
    await caller.turn(in_flight_limit=None, render_delay_s=60)
    for model, limit in (("cogvideox-3", 1), ("viduq1-text", 5), ("vidu2-image", 5)):
        for _ in range(limit):
            assert (await caller.create(**fields_for(model))).status == 200
        assert (await caller.create(**fields_for(model))).code == "1302"


async def test_each_key_has_its_own_count(
    session: aiohttp.ClientSession, caller: Caller, emulator: Emulator
) -> None:
    async with type(emulator)(keys=["one.a", "two.b"], render_delay_s=60) as other:
        callers = [
            type(caller)(session, url=other.url, api_base=other.api_base, key=key)
            for key in ("one.a", "two.b")
        ]
        assert [(await one.create()).status for one in callers] == [200, 200]
        assert [(await one.create()).code for one in callers] == ["1302", "1302"]


async def test_z_ai_may_have_withdrawn_vidu(caller_of: CallerOf) -> None:
    await caller_of("zai").turn(vidu_on_zai="1211")
    statuses = [
        (await caller_of(gateway).create(**fields_for(model))).status
        for gateway, model in (
            ("zai", "vidu2-image"),
            ("zai", "cogvideox-3"),
            ("bigmodel", "vidu2-image"),
        )
    ]
    assert statuses == [400, 200, 200]


async def test_the_vendors_mark_may_go_once_the_account_has_signed(caller_of: CallerOf) -> None:
    caller = caller_of("bigmodel")
    fields = {**fields_for("cogvideox-2"), "watermark_enabled": False}
    refused = await caller.create(**fields)
    assert (refused.code, "watermark_enabled" in refused.message) == ("1214", True)
    await caller.turn(watermark_removal_signed=True)
    assert (await caller.create(**fields)).status == 200


async def test_a_fault_can_be_ordered_for_one_gateway(caller_of: CallerOf) -> None:
    order = {"on": "create", "times": 2, "do": "error 429 1113", "gateway": "bigmodel"}
    shown = await caller_of("zai").turn(faults=[order])
    assert shown["faults"] == [order]
    codes = {
        gateway: (await caller_of(gateway).create(**fields_for("cogvideox-3"))).status
        for gateway in GATEWAYS
    }
    assert codes == {"zai": 200, "bigmodel": 429, "302ai": 200}


@pytest.mark.parametrize("gateway", GATEWAYS)
async def test_an_unknown_path_gets_the_gateways_answer_at_every_gateway(
    caller_of: CallerOf, gateway: str
) -> None:
    caller = caller_of(gateway)
    answer = await caller.call("GET", f"{caller.api_base}/nothing")
    assert (answer.status, answer.json["error"]) == (404, "Not Found")
    assert answer.json["path"] == "/v4/nothing"
