"""A server's own key is found nowhere but in the modal that a moderator sent.

The real program, logging all that it can, through everything that may happen to a key; then every
file, every line of the log and everything in the playground is searched for the key and its halves.
"""

from __future__ import annotations

import asyncio
import json
import re
from asyncio.subprocess import PIPE
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import aiohttp
import pytest

from bot.services.sealing import new_secrets_key
from emulator.auth import key_digest
from emulator.server import Emulator
from playground.person import PeopleApi
from tests.e2e.crash_house import CrashHouse, crash_house, until
from tests.providers.raw_server import RawServer, http_answer, raw_server

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from playground.person import Json, Person

pytestmark = pytest.mark.timeout(120)

OPERATORS_KEY = "0123456789abcdef0123456789abcdef.operatorsoperato"
GOOD_KEY = "fedcba9876543210fedcba9876543210.serversserversse"
UNKNOWN_KEY = "99999999999999999999999999999999.unknownunknownun"
ECHOED_KEY = "77777777777777777777777777777777.echoedechoedecho"
BROUGHT = (GOOD_KEY, UNKNOWN_KEY, ECHOED_KEY)
PARTS = tuple(part for key in BROUGHT for part in (key, *key.split(".")))
NO_TASK = ("1233", 400)
REFUSED = ("1002", 401)
EMPTY = ("1113", 429)


@dataclass
class Echo:
    """A gateway that shows the key in everything that it says.

    Attributes:
        poll: The code and the HTTP status of its answers to polls.
        server: Where it listens.
    """

    server: RawServer
    poll: tuple[str, int] = REFUSED
    create: tuple[str, int] = field(default=EMPTY)

    async def answer(self, writer: asyncio.StreamWriter) -> None:
        head = self.server.heads[-1].decode()
        found = re.search(r"Bearer (\S+)", head)
        assert found is not None
        code, status = self.create if head.startswith("POST") else self.poll
        said = f"{found[1]} is no good, neither is {found[1].partition('.')[2]}"
        body = json.dumps({"error": {"code": code, "message": said}}).encode()
        await http_answer(status, body, f"X-Key: {found[1]}")(writer)


@asynccontextmanager
async def echo_gateway() -> AsyncGenerator[Echo]:
    echo: Echo

    async def answer(writer: asyncio.StreamWriter) -> None:
        await echo.answer(writer)

    async with raw_server(answer) as server:
        echo = Echo(server)
        yield echo


@dataclass
class Visit:
    """What a moderator and a member do while the program runs."""

    house: CrashHouse
    mara: Person
    alice: Person
    lab: str
    submits: int = 0

    async def brings(self, gateway: str, key: str, told: str) -> None:
        modal = (await self.mara.command(self.lab, "cogreel key"))["modal"]
        before = {message["id"] for message in await self.mara.messages(self.lab)}
        await self.mara.submit(modal, gateway=gateway, key=key)
        self.submits += 1
        await self.mara.see(
            self.lab, lambda seen: seen["id"] not in before and told in seen["content"]
        )

    async def asks(self, ends: str, **fault: object) -> None:
        self.house.order(*([fault] if fault else []))
        await self.alice.command(
            self.lab, "video create", prompt="A paper boat", size="1280x720", model="cogvideox-3"
        )
        await until(lambda: self.house.state() == ends)


async def visit(visitor: Visit, echo: Echo) -> None:
    """Everything that may happen to a key."""
    await visitor.brings("zai", f"{GOOD_KEY} {UNKNOWN_KEY}", "has spaces")
    await visitor.brings("zai", UNKNOWN_KEY, "does not accept this key")
    await visitor.brings("bigmodel", ECHOED_KEY, "does not accept this key")
    await visitor.brings("zai", GOOD_KEY, "takes the key")
    await visitor.asks("delivered")
    await visitor.asks("failed", on="create", do="error 400 1301")
    await visitor.asks("delivered", on="poll", do="error 401 1000")
    await visitor.asks("failed", on="create", do="fail")
    await visitor.mara.command(visitor.lab, "cogreel stand-in", allowed="yes")
    echo.poll = NO_TASK
    await visitor.brings("bigmodel", ECHOED_KEY, "takes the key")
    await visitor.asks("delivered")
    await visitor.mara.command(visitor.lab, "cogreel accounts")
    await visitor.mara.command(visitor.lab, "cogreel forget-key")
    await visitor.brings("zai", GOOD_KEY, "takes the key")


def found_in(folder: Path, parts: tuple[str, ...]) -> set[tuple[str, str]]:
    """Which parts are in which files."""
    return {
        (path.name, part)
        for path in folder.rglob("*")
        if path.is_file()
        for part in parts
        if part.encode() in path.read_bytes()
    }


def inside(text: str, parts: tuple[str, ...] = PARTS) -> set[str]:
    return {part for part in parts if part in text}


async def test_a_key_is_in_no_file_no_log_and_no_message(tmp_path: Path) -> None:
    secrets_key = new_secrets_key()
    async with (
        echo_gateway() as echo,
        Emulator(keys=[OPERATORS_KEY, GOOD_KEY]) as emulator,
        crash_house(emulator, tmp_path) as house,
        aiohttp.ClientSession() as session,
    ):
        await house.start_bot(
            stderr=PIPE,
            log_level="DEBUG",
            secrets_key=secrets_key,
            accounts__echo__api_key="made-up",
            accounts__echo__gateway="bigmodel",
            accounts__echo__gateway_url=echo.server.url,
            accounts__echo__models="cogvideox-flash",
        )
        assert isinstance(house.bot, asyncio.subprocess.Process)
        assert house.bot.stderr is not None
        reading = asyncio.create_task(house.bot.stderr.read())
        api = PeopleApi(session, house.playground.people_api)
        alice, mara = await api.person("Alice"), await api.person("Mara")
        visitor = Visit(house, mara, alice, await alice.channel("video-lab"))
        await visit(visitor, echo)
        entries = list((await api.get("/log"))["entries"])
        while_it_runs = await asyncio.to_thread(found_in, tmp_path, PARTS)
        house.bot.terminate()
        await house.bot.wait()
        log = (await reading).decode()
        afterwards = await asyncio.to_thread(found_in, tmp_path, PARTS)

        assert while_it_runs == afterwards == set()
        assert inside(log) == set()
        check_playground(house, entries, visitor.submits)

        # The same searches find what is there.
        assert key_digest(GOOD_KEY) in {entry.api_key_digest for entry in emulator.ledger}
        assert inside(" ".join(head.decode() for head in echo.server.heads)) >= {ECHOED_KEY}
        # Why an account pauses, and what the operator is told of it, quotes the gateway.
        words = ("A paper boat", "own_account", "*** is no good, neither is ***")
        there = await asyncio.to_thread(found_in, tmp_path, words)
        assert {word for _, word in there} == set(words)
        guild_id = house.playground.world.channels[visitor.lab].guild_id
        assert f"server {guild_id} brought its own key for Z.AI" in log
        assert "BigModel (this server's own), server" in log
        assert "*** is no good, neither is ***" in log
        assert secrets_key not in log


def check_playground(house: CrashHouse, entries: list[Json], submits: int) -> None:
    """The key is in nothing that the bot said, and hidden in what the moderator sent to it."""
    said = " ".join(
        repr(message)
        for channel in house.playground.world.channels.values()
        for message in channel.messages.values()
    )
    assert "A paper boat" in said
    assert inside(said) == set()
    assert inside(json.dumps(entries)) == set()
    sent = [
        entry
        for entry in entries
        if entry["summary"] == "INTERACTION_CREATE" and entry["body"]["type"] == 5
    ]
    assert len(sent) == submits
    assert all('"value": "(hidden)"' in json.dumps(entry) for entry in sent)
