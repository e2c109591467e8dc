"""Whatever arrives, the answer is a 4xx or a sensible 2xx: never a crash."""

import json
import random
from collections.abc import Iterator

import aiohttp
import pytest
from aiohttp import web

from playground.world import seed
from tests.playground.driver import Driver, Json

VALUES: list[object] = [
    *(None, True, 0, -1, 1.5, 1e308, 2**70),
    *("", "x", "٣", "1" * 400, "\x00", "\u202e"),
    *([], [None], [[]], ["x"], [{}], {}, {"id": {}}, {"type": []}),
    {"type": 1, "components": [3]},
]
NAMES = [
    *("as", "channel", "message", "custom_id", "values", "command", "options", "target"),
    *("focused", "modal", "emoji", "content", "type", "data", "components", "embeds"),
    *("attachments", "allowed_mentions", "flags", "nonce", "message_reference", "name"),
    *("description", "recipient_id", "archived", "choices", "title", "enforce_nonce"),
    *("contexts", "default_member_permissions", "name_localizations", "faults"),
    *("bot_permissions", "gateway"),
]
NO_OBJECTS: list[object] = [[], [1], "x", 5, [{"name": 5}], [{"options": [[]]}]]
PART = b'--b\r\nContent-Disposition: form-data; name="payload_json"\r\n\r\n'
FILE = b'--b\r\nContent-Disposition: form-data; name="files[0]"; filename="a"\r\n\r\n'
BROKEN = {
    "empty": b"",
    "no text": b"\xff",
    "half an object": b"{",
    "half a boundary": b"--b",
    "no headers": b"--b\r\n\r\n",
    "no name": b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--",
    "half an object in a part": PART + b"{\r\n--b--\r\n",
    "half a file": FILE + b"x",
    "nested": b"--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c--\r\n--b--\r\n",
}
IDS = {
    "channel_id": seed.VIDEO_LAB,
    "guild_id": seed.DARKROOM,
    "user_id": seed.BOB,
    "role_id": seed.REGULARS,
    "emoji_name": "🔁",
}


def _bodies(rng: random.Random, count: int) -> Iterator[Json]:
    for _ in range(count):
        yield {name: _value(rng, 0) for name in rng.sample(NAMES, rng.randint(0, 8))}


def _value(rng: random.Random, depth: int) -> object:
    if depth < 3 and rng.random() < 0.3:
        return {name: _value(rng, depth + 1) for name in rng.sample(NAMES, 3)}
    if depth < 3 and rng.random() < 0.2:
        return [_value(rng, depth + 1) for _ in range(2)]
    return rng.choice(VALUES)


def _routes(driver: Driver, prefix: str) -> list[tuple[str, str]]:
    """Every method and path template the server has under a prefix."""
    found: list[tuple[str, str]] = []
    for route in driver.playground.app.router.routes():
        resource = route.resource
        path = resource.canonical if isinstance(resource, web.Resource) else ""
        if path.startswith(prefix) and route.method not in {"*", "HEAD"} and "events" not in path:
            found.append((route.method, path.removeprefix(prefix)))
    return found


@pytest.mark.parametrize("named", [True, False], ids=["known ids", "unknown ids"])
async def test_every_rest_route_stands_garbage(raw: Driver, *, named: bool) -> None:
    rng = random.Random(7)  # noqa: S311  # the same garbage at each run
    posted = await raw.rest("POST", f"/channels/{seed.VIDEO_LAB}/messages", {"content": "x"})
    application = raw.playground.application_id
    ids = {**IDS, "message_id": posted.body["id"], "application_id": application}
    routes = _routes(raw, "/api/v10")
    assert len(routes) > 50
    for method, template in routes:
        path = template
        for name in [part.split("}")[0] for part in template.split("{")[1:]]:
            path = path.replace(f"{{{name}}}", ids.get(name, "5") if named else rng.choice("5x٣"))
        if "{" in path or (named and method == "DELETE"):
            continue
        for body in (*_bodies(rng, 12), *NO_OBJECTS):
            answer = await raw.rest(method, path, body)
            assert answer.status < 500, (method, path, body)


async def test_every_call_of_the_people_api_stands_garbage(raw: Driver) -> None:
    rng = random.Random(11)  # noqa: S311  # likewise
    routes = _routes(raw, "/playground")
    assert len(routes) > 12
    await raw.knobs(answer_within_s=0)
    known = {"as": seed.ALICE, "channel": seed.VIDEO_LAB, "command": "x", "guild": seed.DARKROOM}
    for method, path in routes:
        objects = list(_bodies(rng, 25))
        for body in (*objects, *({**each, **known} for each in objects), *NO_OBJECTS):
            answer = await raw.people(method, path, body)
            assert answer.status < 500, (method, path, body)
    await raw.knobs(bot_permissions={}, faults=[])


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN.keys())
@pytest.mark.parametrize(
    "kind", ["multipart/form-data; boundary=b", "multipart/form-data", "application/json", "x/y"]
)
async def test_broken_bodies_are_refused(raw: Driver, data: bytes, kind: str) -> None:
    url = raw.playground.discord_api + f"/channels/{seed.VIDEO_LAB}/messages"
    headers = {"Authorization": f"Bot {raw.playground.bot_token}", "Content-Type": kind}
    async with raw.session.post(url, data=data, headers=headers) as response:
        assert 400 <= response.status < 500
        assert "message" in await response.json()
    url = f"{raw.playground.people_api}/message"
    async with raw.session.post(url, data=data, headers={"Content-Type": kind}) as response:
        assert 400 <= response.status < 500
        assert "error" in await response.json()


async def test_nobody_without_the_token_gets_in(raw: Driver) -> None:
    for token in ("Bot", "Bot x", "Bearer x", "Bot é"):
        answer = await raw.rest("GET", "/users/@me", token=token)
        assert (answer.status, answer.body["code"]) == (401, 0)


async def test_unknown_routes_are_not_found(raw: Driver) -> None:
    for path in ("/nothing", "/channels", "/stage-instances/1"):
        assert (await raw.rest("GET", path)).status == 404
    assert (await raw.people("GET", "/nothing")).status == 404


async def test_too_many_files_are_refused(raw: Driver) -> None:
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("payload_json", json.dumps({"content": "x"}))
    for n in range(11):
        form.add_field(f"files[{n}]", b"x", filename="a")
    answer = await raw.rest("POST", f"/channels/{seed.VIDEO_LAB}/messages", data=form)
    assert answer.status == 413
