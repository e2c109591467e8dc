import asyncio
import json

import pytest

from playground.clock import Clock
from playground.log import Log
from playground.person import PeopleApi, RefusedError
from playground.world import seed
from playground.world.model import Overwrite, OverwriteKind
from playground.world.permissions import Permission
from tests.playground.driver import PATIENCE_S, Driver, Json
from tests.playground.sample_bot import SampleBot


@pytest.mark.usefixtures("bot")
async def test_the_state_names_people_servers_and_the_bot(driver: Driver) -> None:
    state = (await driver.people("GET", "/state")).body

    assert [guild["name"] for guild in state["guilds"]] == ["The Darkroom", "Back Room"]
    assert [role["name"] for role in state["guilds"][0]["roles"]] == ["Moderators", "Regulars"]
    assert {person["name"]: person["bot"] for person in state["people"]} == {
        "Mara": False,
        "Alice": False,
        "Bob": False,
        "Chen": False,
        "Echo": True,
    }
    moderators = [
        person["name"] for person in state["people"] if person["guilds"][seed.DARKROOM]["moderator"]
    ]
    assert moderators == ["Mara"]
    assert state["bot"] == {
        "id": driver.playground.application_id,
        "name": "Cogreel",
        "connected": True,
    }


@pytest.mark.usefixtures("bot")
async def test_commands_are_listed_with_their_options(driver: Driver) -> None:
    query = {"as": seed.ALICE, "channel": seed.VIDEO_LAB}
    listed = (await driver.people("GET", "/commands", query=query)).body["commands"]

    by_name = {command["name"]: command for command in listed}
    assert by_name["Echo it"]["kind"] == "message"
    assert by_name["guess"]["options"][0]["autocomplete"]
    times = by_name["say"]["options"][1]
    assert (times["type"], times["min"], times["max"], times["required"]) == (
        "integer",
        1,
        3,
        False,
    )
    assert [option["type"] for option in by_name["video create"]["options"]] == [
        "string",
        "attachment",
    ]


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("say", {}),
        ("say", {"text": "x"}),
        ("say", {"text": "x" * 101}),
        ("say", {"text": 5}),
        ("say", {"text": "hello", "times": 4}),
        ("say", {"text": "hello", "times": 1.5}),
        ("say", {"text": "hello", "times": "2"}),
        ("say", {"text": "hello", "times": True}),
        ("say", {"text": "hello", "other": 1}),
        ("video create", {"prompt": "x", "image": "a.png"}),
    ],
    ids=str,
)
@pytest.mark.usefixtures("bot")
async def test_options_that_the_client_would_not_let_through_are_refused(
    driver: Driver, command: str, options: Json
) -> None:
    answer = await driver.alice.tries_to_run(command, **options)

    assert (answer.status, answer.body["error"]) == (400, "bad_request")
    assert answer.body["message"].startswith("options.")


@pytest.mark.usefixtures("bot")
async def test_unknown_commands_people_and_channels_are_refused(driver: Driver) -> None:
    for person, command, channel in (
        (seed.ALICE, "video", seed.VIDEO_LAB),
        (seed.ALICE, "say", seed.LOBBY),
        ("5", "say", seed.VIDEO_LAB),
        (seed.KEEPER, "say", seed.VIDEO_LAB),
    ):
        body = {"as": person, "channel": channel, "command": command, "options": {"text": "hey"}}
        answer = await driver.people("POST", "/command", body)
        assert answer.status == 404, answer


async def test_a_file_over_the_limit_is_refused_before_the_bot_hears_of_it(
    bot: SampleBot, driver: Driver
) -> None:
    await driver.knobs(person_limit_bytes=100)

    answer = await driver.alice.tries_to_run(
        "video create", prompt="x", files={"image": ("a.png", bytes(101))}
    )

    assert (answer.status, answer.body["error"]) == (413, "too_large")
    assert bot.seen.empty()


async def test_events_tell_a_person_what_they_see(bot: SampleBot, driver: Driver) -> None:
    url = f"{driver.playground.people_api}/events"
    seen: list[tuple[str, Json]] = []
    async with (
        asyncio.timeout(PATIENCE_S),
        driver.session.get(url, params={"as": seed.BOB}) as stream,
    ):
        assert stream.content_type == "text/event-stream"
        await stream.content.readuntil(b"\n\n")
        await driver.alice.runs("quiet")
        await driver.alice.runs("say", text="hello")
        await bot.text_channel(seed.VIDEO_LAB).typing()
        message = await bot.text_channel(seed.VIDEO_LAB).send("x")
        await message.create_thread(name="t")
        await driver.alice.does(
            "/reaction", channel=seed.VIDEO_LAB, message=str(message.id), emoji="👍"
        )
        await message.delete()
        while not seen or seen[-1][0] != "message_delete":
            block = (await stream.content.readuntil(b"\n\n")).decode()
            name, data = block.strip().split("\n")
            seen.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))

    assert [name for name, _ in seen] == [
        "message",
        "typing",
        "message",
        "channel",
        "message",
        "message",
        "message_delete",
    ]
    assert seen[0][1]["content"] == "hello"
    assert seen[1][1]["person"]["name"] == "Cogreel"
    assert seen[5][1]["reactions"] == [{"emoji": "👍", "count": 1, "people": [seed.ALICE]}]


@pytest.mark.usefixtures("bot")
async def test_the_asker_hears_of_the_answer_and_of_the_bots_coming_and_going(
    driver: Driver,
) -> None:
    url = f"{driver.playground.people_api}/events"
    async with (
        asyncio.timeout(PATIENCE_S),
        driver.session.get(url, params={"as": seed.ALICE}) as stream,
    ):
        await stream.content.readuntil(b"\n\n")
        answer = await driver.alice.runs("quiet")
        blocks = [await stream.content.readuntil(b"\n\n") for _ in range(2)]
        await driver.knobs(gateway="drop")
        gone = await stream.content.readuntil(b"\n\n")
        back = await stream.content.readuntil(b"\n\n")

    assert blocks[0].startswith(b"event: message\n")
    assert blocks[1].startswith(b"event: interaction\n")
    assert answer["interaction"].encode() in blocks[1]
    assert b'"connected":false' in gone
    assert b'"connected":true' in back


async def test_the_log_tells_what_happened_but_no_token(bot: SampleBot, driver: Driver) -> None:
    await driver.alice.runs("say", text="hello")
    interaction = await bot.seen.get()

    log = (await driver.people("GET", "/log")).body["entries"]

    summaries = [entry["summary"] for entry in log]
    assert summaries.index("IDENTIFY") < summaries.index("READY")
    assert f"POST /interactions/{interaction.id}/{{interaction_token}}/callback" in summaries
    text = json.dumps(log)
    assert driver.playground.bot_token not in text
    assert interaction.token not in text
    callback = log[
        summaries.index(f"POST /interactions/{interaction.id}/{{interaction_token}}/callback")
    ]
    assert (callback["status"], callback["kind"]) == (200, "REST")
    assert 0 <= callback["took_ms"] < 10_000
    later = (await driver.people("GET", "/log", query={"after": log[-1]["seq"]})).body["entries"]
    assert later == []
    newest = await driver.people("GET", "/log", query={"limit": 2})
    assert newest.body["entries"] == log[-2:]
    await driver.people("POST", "/reset-log", {})
    assert (await driver.people("GET", "/log")).body["entries"] == []


def test_what_is_typed_into_a_field_for_a_secret_is_hidden_in_the_log() -> None:
    log = Log(Clock())
    fields = [
        {"custom_id": "api_key", "value": "sk-1234"},
        {"custom_id": "note", "value": "no secret"},
        {"custom_id": "password", "value": ""},
    ]
    log.sent("INTERACTION_CREATE", {"token": "abc", "data": {"components": fields}})

    (entry,) = log.after(0)
    assert entry["body"]["token"] == "(hidden)"
    typed = [each["value"] for each in entry["body"]["data"]["components"]]
    assert typed == ["(hidden)", "no secret", ""]


def test_the_log_forgets_the_oldest() -> None:
    log = Log(Clock(), kept=3)
    for number in range(5):
        log.sent(f"EVENT_{number}", {})

    assert [entry["summary"] for entry in log.after(0)] == ["EVENT_2", "EVENT_3", "EVENT_4"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "example.com"},
        {"Host": "example.com:{port}"},
        {"Host": "127.0.0.1"},
        {"Host": "127.0.0.1:1"},
        {"Origin": "https://example.com"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
    ],
    ids=str,
)
@pytest.mark.parametrize("path", ["/playground/state", "/", "/api/v10/gateway", "/gateway"])
async def test_other_sites_are_kept_out(driver: Driver, headers: dict[str, str], path: str) -> None:
    port = driver.playground.origin.rsplit(":", 1)[1]
    filled = {name: value.format(port=port) for name, value in headers.items()}

    async with driver.session.get(driver.playground.origin + path, headers=filled) as response:
        assert response.status == 403


async def test_the_own_page_is_let_in(driver: Driver) -> None:
    origin = driver.playground.origin
    local = origin.replace("127.0.0.1", "localhost")
    for headers in ({"Origin": origin}, {"Origin": local, "Host": local.removeprefix("http://")}):
        url = f"{origin}/playground/state"
        async with driver.session.get(url, headers=headers) as response:
            assert response.status == 200


async def test_the_page_sends_other_names_of_this_machine_to_its_own(driver: Driver) -> None:
    local = driver.playground.page_url.replace("127.0.0.1", "localhost")
    headers = {"Host": local.removeprefix("http://").rstrip("/")}
    url = driver.playground.page_url
    async with driver.session.get(url, headers=headers, allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (302, url)


async def test_the_page_comes_with_a_policy_and_nothing_else_is_served(driver: Driver) -> None:
    async with driver.session.get(driver.playground.page_url) as response:
        assert response.status == 200
        assert "default-src 'self'" in response.headers["Content-Security-Policy"]
    for path in ("/page/../server.py", "/page/%2e%2e/server.py", "/page/none.js", "/server.py"):
        async with driver.session.get(driver.playground.origin + path) as response:
            assert response.status == 404, path


SERVED = "POST /channels/{channel_id}/messages"


@pytest.mark.parametrize(
    "knobs",
    [
        {"other": 1},
        {"attachment_limit_bytes": -1},
        {"faults": [{"route": SERVED, "do": "explode"}]},
        {"faults": [{"route": SERVED, "do": "status 200"}]},
        {"faults": [{"route": SERVED, "do": "rate_limit x"}]},
        {"faults": [{"route": "POST /channels/{channel}/messages", "do": "hang"}]},
        {"faults": [{"route": SERVED, "do": "hang"}, {"route": "GET /nothing", "do": "hang"}]},
        {"bot_permissions": {seed.GENERAL: ["FLY"]}},
        {"bot_permissions": {"5": ["SEND_MESSAGES"]}},
        {"gateway": "explode"},
        {"answer_within_s": 61},
    ],
    ids=str,
)
async def test_a_wrong_knob_changes_nothing(driver: Driver, knobs: Json) -> None:
    before = await driver.knobs()

    answer = await driver.people("POST", "/knobs", {"token_lifetime_s": 5, **knobs})

    assert 400 <= answer.status < 500
    assert await driver.knobs() == before


async def test_a_person_writes_with_files_and_where_that_is_allowed(driver: Driver) -> None:
    api = PeopleApi(driver.session, driver.playground.people_api)
    bob = await api.person("Bob")
    said = await bob.write(seed.VIDEO_LAB, "", {"0": ("notes.txt", b"read me")})
    assert [each["filename"] for each in said["attachments"]] == ["notes.txt"]
    async with driver.session.get(said["attachments"][0]["url"]) as answer:
        assert await answer.read() == b"read me"
    with pytest.raises(RefusedError):  # neither words nor a file
        await bob.write(seed.VIDEO_LAB)
    channel = driver.playground.world.channels[seed.VIDEO_LAB]
    denied = int(Permission.ATTACH_FILES)
    channel.overwrites.append(Overwrite(bob.id, OverwriteKind.MEMBER, 0, denied))
    with pytest.raises(RefusedError, match="attach files"):
        await bob.write(seed.VIDEO_LAB, "look", {"0": ("notes.txt", b"read me")})
