import asyncio
import json
import zlib
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
import zstandard

from playground.gateway.intents import Intent
from playground.world import seed
from tests.playground.driver import PATIENCE_S, Driver
from tests.playground.sample_bot import SampleBot

GUILDS = int(Intent.GUILDS)
REACTIONS = int(Intent.GUILDS | Intent.GUILD_MESSAGE_REACTIONS)
MESSAGES = int(Intent.GUILDS | Intent.GUILD_MESSAGES)
CONTENT = MESSAGES | int(Intent.MESSAGE_CONTENT)


class Socket:
    """A gateway connection by hand."""

    def __init__(
        self, socket: aiohttp.ClientWebSocketResponse, inflate: Callable[[bytes], bytes]
    ) -> None:
        self.socket = socket
        self._inflate = inflate

    async def send(self, op: int, data: object) -> None:
        await self.socket.send_str(json.dumps({"op": op, "d": data}))

    async def frame(self) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE_S):
            message = await self.socket.receive()
        if message.type is aiohttp.WSMsgType.BINARY:
            return dict(json.loads(self._inflate(message.data)))
        assert message.type is aiohttp.WSMsgType.TEXT, message
        return dict(json.loads(message.data))

    async def until(self, event: str) -> dict[str, Any]:
        while (frame := await self.frame())["t"] != event:
            pass
        return frame

    async def identify(self, driver: Driver, intents: int = GUILDS, **more: object) -> str:
        token = driver.playground.bot_token
        await self.send(2, {"token": token, "intents": intents, "properties": {}, **more})
        return str((await self.until("READY"))["d"]["session_id"])

    async def close_code(self) -> int | None:
        async with asyncio.timeout(PATIENCE_S):
            while not self.socket.closed:
                await self.socket.receive()
        return self.socket.close_code


@asynccontextmanager
async def connection(driver: Driver, compress: str = "") -> AsyncGenerator[Socket]:
    inflate: dict[str, Callable[[bytes], bytes]] = {
        "": bytes,
        "zlib-stream": zlib.decompressobj().decompress,
        "zstd-stream": zstandard.ZstdDecompressor().decompressobj().decompress,
    }
    url = f"{driver.playground.gateway_url}?v=10&encoding=json&compress={compress}"
    async with driver.session.ws_connect(url) as socket:
        connection = Socket(socket, inflate[compress])
        assert (await connection.frame())["op"] == 10
        yield connection


@pytest.mark.parametrize("compress", ["", "zlib-stream", "zstd-stream"])
async def test_a_client_hears_its_servers_in_the_compression_it_asked_for(
    driver: Driver, compress: str
) -> None:
    async with connection(driver, compress) as socket:
        await socket.send(1, None)
        assert (await socket.frame())["op"] == 11
        await socket.identify(driver)
        guild = (await socket.until("GUILD_CREATE"))["d"]
        again = (await socket.until("GUILD_CREATE"))["d"]

    assert (guild["name"], again["name"]) == ("The Darkroom", "Back Room")
    assert [channel["name"] for channel in guild["channels"]] == [
        "video-lab",
        "general",
        "announcements",
    ]
    assert [member["user"]["username"] for member in guild["members"]] == ["cogreel"]


async def test_the_real_client_sees_both_servers(bot: SampleBot) -> None:
    assert sorted(guild.name for guild in bot.guilds) == ["Back Room", "The Darkroom"]
    assert bot.guilds[0].me.guild_permissions.attach_files


@pytest.mark.parametrize("how", ["drop", "reconnect"])
async def test_a_dropped_client_resumes_and_misses_nothing(
    bot: SampleBot, driver: Driver, how: str
) -> None:
    posted = await bot.text_channel(seed.VIDEO_LAB).send("look")
    reaction = {"channel": seed.VIDEO_LAB, "message": str(posted.id)}

    await driver.knobs(gateway=how)
    for emoji in ("🔁", "❌"):
        await driver.bob.does("/reaction", emoji=emoji, **reaction)
    async with asyncio.timeout(PATIENCE_S):
        seen = [str((await bot.reactions.get()).emoji) for _ in range(2)]
        await bot.resumed.wait()

    assert seen == ["🔁", "❌"]


async def test_a_session_is_resumed_after_the_last_number_seen(driver: Driver) -> None:
    async with connection(driver) as socket:
        session = await socket.identify(driver)
    resume = {"token": driver.playground.bot_token, "session_id": session, "seq": 2}
    async with connection(driver) as socket:
        # The first connection closed with 1000, which ends its session for good.
        await socket.send(6, resume)
        assert await socket.frame() == {"op": 9, "d": False, "s": None, "t": None}
        resume["session_id"] = await socket.identify(driver)
        await driver.knobs(gateway="drop")
        assert await socket.close_code() == 4000
    async with connection(driver) as socket:
        await socket.send(6, resume)
        assert [(await socket.frame())["t"] for _ in range(2)] == ["GUILD_CREATE", "RESUMED"]
    async with connection(driver) as socket:
        await socket.send(6, {**resume, "seq": 1_000})
        assert (await socket.frame())["op"] == 9


async def test_an_invalidated_client_must_identify_anew(driver: Driver) -> None:
    async with connection(driver) as socket:
        session = await socket.identify(driver)
        await driver.knobs(gateway="invalidate")
        while (frame := await socket.frame())["op"] == 0:
            pass
        assert (frame["op"], frame["d"]) == (9, False)
    async with connection(driver) as socket:
        token = driver.playground.bot_token
        await socket.send(6, {"token": token, "session_id": session, "seq": 1})
        assert (await socket.frame())["op"] == 9


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("not json", 4002),
        ("[1]", 4002),
        ('{"op": "2"}', 4002),
        ('{"op": 2, "d": []}', 4002),
        ('{"op": 99}', 4001),
        ('{"op": 3, "d": {}}', 4003),
        ('{"op": 2, "d": {"token": "wrong", "intents": 1}}', 4004),
        ('{"op": 2, "d": {"token": 1}}', 4004),
        ('{"op": 6, "d": {"token": "wrong"}}', 4004),
        ("x" * 5000, 4002),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_a_broken_frame_closes_the_connection(driver: Driver, frame: str, code: int) -> None:
    async with connection(driver) as socket:
        await socket.socket.send_str(frame)
        assert await socket.close_code() == code


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"intents": 1 << 40}, 4013),
        ({"intents": None}, 4013),
        ({"shard": [3, 2]}, 4010),
        ({"shard": "x"}, 4010),
    ],
    ids=str,
)
async def test_a_bad_identify_closes_the_connection(
    driver: Driver, more: dict[str, object], code: int
) -> None:
    async with connection(driver) as socket:
        token = driver.playground.bot_token
        await socket.send(2, {"token": token, "intents": 1, **more})
        assert await socket.close_code() == code


async def test_a_second_identify_and_a_flood_close_the_connection(driver: Driver) -> None:
    async with connection(driver) as socket:
        await socket.identify(driver)
        await socket.send(2, {})
        assert await socket.close_code() == 4005
    async with connection(driver) as socket:
        for _ in range(121):
            await socket.send(1, None)
        assert await socket.close_code() == 4008


async def test_a_shard_hears_of_its_own_servers_only(driver: Driver) -> None:
    of_darkroom = (int(seed.DARKROOM) >> 22) % 5
    async with connection(driver) as socket:
        await socket.identify(driver, shard=[of_darkroom, 5])
        assert (await socket.until("GUILD_CREATE"))["d"]["name"] == "The Darkroom"


@pytest.mark.parametrize(
    ("intents", "content"), [(MESSAGES, ""), (CONTENT, "hi")], ids=["without", "with"]
)
async def test_the_text_of_others_needs_the_message_content_intent(
    driver: Driver, intents: int, content: str
) -> None:
    async with connection(driver) as socket:
        await socket.identify(driver, intents)
        await driver.bob.does("/message", channel=seed.GENERAL, content="hi")
        event = (await socket.until("MESSAGE_CREATE"))["d"]
        assert event["content"] == content
        assert event["member"]["roles"] == [seed.REGULARS]

        mention = f"<@{driver.playground.application_id}> hi"
        await driver.bob.does("/message", channel=seed.GENERAL, content=mention)
        assert (await socket.until("MESSAGE_CREATE"))["d"]["content"] == mention


async def test_events_come_only_with_their_intent(driver: Driver) -> None:
    async with connection(driver) as socket:
        await socket.identify(driver, REACTIONS)
        said = await driver.bob.does("/message", channel=seed.GENERAL, content="hi")
        reaction = {"channel": seed.GENERAL, "message": said["message"]["id"], "emoji": "👍"}
        await driver.echo.does("/reaction", **reaction)
        while (frame := await socket.frame())["t"] == "GUILD_CREATE":
            pass

    assert frame["t"] == "MESSAGE_REACTION_ADD"
    assert frame["d"]["member"]["user"]["bot"] is True


async def test_members_are_told_on_request(driver: Driver) -> None:
    async with connection(driver) as socket:
        await socket.identify(driver)
        await socket.send(8, {"guild_id": seed.BACK_ROOM, "query": "", "limit": 0, "nonce": "n"})
        chunk = (await socket.until("GUILD_MEMBERS_CHUNK"))["d"]

    assert len(chunk["members"]) == 4
    assert chunk["nonce"] == "n"


async def test_members_are_found_by_their_ids_as_numbers_and_as_words(driver: Driver) -> None:
    async with connection(driver) as socket:
        await socket.identify(driver)
        for ids in ([int(seed.MARA), 1], [seed.MARA, "1"]):
            await socket.send(8, {"guild_id": seed.BACK_ROOM, "user_ids": ids, "limit": 2})
            chunk = (await socket.until("GUILD_MEMBERS_CHUNK"))["d"]
            assert [member["user"]["id"] for member in chunk["members"]] == [seed.MARA]
            assert chunk["not_found"] == ["1"]
