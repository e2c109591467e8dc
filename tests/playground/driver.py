"""Drives the playground from outside: people through the people API, raw requests as the bot."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import aiohttp

from playground.server import Playground
from playground.world import seed

Json: TypeAlias = dict[str, Any]
PATIENCE_S = 10.0


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict[str, str])


class Driver:
    """One HTTP session to a running playground."""

    def __init__(self, playground: Playground, session: aiohttp.ClientSession) -> None:
        self.playground = playground
        self.session = session
        self.alice = Person(self, seed.ALICE)
        self.bob = Person(self, seed.BOB)
        self.mara = Person(self, seed.MARA)
        self.echo = Person(self, seed.ECHO)

    async def rest(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        data: aiohttp.FormData | bytes | None = None,
        token: str | None = None,
    ) -> Answer:
        """Send one request as the bot."""
        headers = {"Authorization": token or f"Bot {self.playground.bot_token}"}
        url = self.playground.discord_api + path
        if body is not None:
            data = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        async with self.session.request(method, url, headers=headers, data=data) as response:
            raw = await response.read()
            parsed = json.loads(raw) if raw else None
            return Answer(response.status, parsed, dict(response.headers))

    async def people(
        self, method: str, path: str, body: object = None, *, query: Json | None = None
    ) -> Answer:
        """Make one call of the people API."""
        url = self.playground.people_api + path
        data = None if body is None else json.dumps(body)
        async with self.session.request(method, url, data=data, params=query) as response:
            return Answer(response.status, await response.json())

    async def knobs(self, **knobs: object) -> Json:
        """Turn knobs."""
        answer = await self.people("POST", "/knobs", knobs)
        assert answer.status == 200, answer
        return dict(answer.body)


class Person:
    """One person of the seeded servers."""

    def __init__(self, driver: Driver, person_id: str) -> None:
        self._driver = driver
        self.id = person_id

    async def does(self, path: str, **body: object) -> Json:
        """Make a call that must succeed."""
        answer = await self._driver.people("POST", path, {"as": self.id, **body})
        assert answer.status == 200, answer
        return dict(answer.body)

    async def tries(self, path: str, *, method: str = "POST", **body: object) -> Answer:
        """Make a call that may be refused."""
        return await self._driver.people(method, path, {"as": self.id, **body})

    async def runs(
        self,
        command: str,
        *,
        channel: str = seed.VIDEO_LAB,
        files: dict[str, tuple[str, bytes]] | None = None,
        **options: object,
    ) -> Json:
        """Run a slash command that must be taken."""
        answer = await self.tries_to_run(command, channel=channel, files=files, **options)
        assert answer.status == 200, answer
        return dict(answer.body)

    async def tries_to_run(
        self,
        command: str,
        *,
        channel: str = seed.VIDEO_LAB,
        files: dict[str, tuple[str, bytes]] | None = None,
        **options: object,
    ) -> Answer:
        """Run a slash command that may be refused."""
        body = {"as": self.id, "channel": channel, "command": command, "options": options}
        if not files:
            return await self._driver.people("POST", "/command", body)
        form = aiohttp.FormData(quote_fields=False)
        form.add_field("payload_json", json.dumps(body), content_type="application/json")
        for name, (filename, data) in files.items():
            form.add_field(f"files[{name}]", data, filename=filename)
        url = f"{self._driver.playground.people_api}/command"
        async with self._driver.session.post(url, data=form) as response:
            return Answer(response.status, await response.json())

    async def reads(self, channel: str = seed.VIDEO_LAB) -> list[Json]:
        """Read a channel, oldest first."""
        answer = await self._driver.people(
            "GET", "/messages", query={"as": self.id, "channel": channel}
        )
        assert answer.status == 200, answer
        messages: list[Json] = answer.body["messages"]
        return messages

    async def sees(
        self, condition: Callable[[Json], object], channel: str = seed.VIDEO_LAB
    ) -> Json:
        """Wait until a message in a channel fulfils a condition, and give it.

        It looks after every event that the people API tells, so it neither polls nor sleeps.
        """
        url = f"{self._driver.playground.people_api}/events"
        async with (
            asyncio.timeout(PATIENCE_S),
            self._driver.session.get(url, params={"as": self.id}) as events,
        ):
            async for _ in events.content:  # its first line comes at once
                for message in reversed(await self.reads(channel)):
                    if condition(message):
                        return message
        raise AssertionError("the event stream ended")
