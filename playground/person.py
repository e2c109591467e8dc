"""Drives a person of the playground from a script, over the people API that the page uses.

The tour, the tests and the benchmarks are such scripts; ``docs/playground.md`` documents the calls.
"""

from __future__ import annotations

import asyncio
import io
import json
from typing import TYPE_CHECKING, Any

import aiohttp

from playground.world.components import walk, words_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LOOK_EVERY_S = 0.05  # a script looks at the channel as a person does, only faster

Json = dict[str, Any]


class RefusedError(Exception):
    """The playground refused what a person tried, with a 4xx.

    Attributes:
        status: The HTTP status.
        code: The refusal's short name.
    """

    def __init__(self, status: int, code: str, message: str) -> None:
        self.status, self.code = status, code
        super().__init__(f"{status} {code}: {message}")


class PeopleApi:
    """The people API of one playground. The session is the caller's."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url.rstrip("/")

    async def get(self, path: str, **query: str | int) -> Json:
        """One GET, e.g. ``get("/messages", channel=id)``.

        Raises:
            RefusedError: A 4xx.
        """
        async with self._session.get(self._url + path, params=query) as response:
            return await _answer(response)

    async def send(
        self,
        path: str,
        body: Json,
        files: Mapping[str, tuple[str, bytes]] | None = None,
        *,
        method: str = "POST",
    ) -> Json:
        """One call with a JSON body; multipart where there are files, by option name.

        Raises:
            RefusedError: A 4xx.
        """
        if not files:
            async with self._session.request(method, self._url + path, json=body) as response:
                return await _answer(response)
        form = aiohttp.FormData(default_to_multipart=True)
        form.add_field("payload_json", json.dumps(body), content_type="application/json")
        for name, (filename, content) in files.items():
            form.add_field(f"files[{name}]", io.BytesIO(content), filename=filename)
        async with self._session.request(method, self._url + path, data=form) as response:
            return await _answer(response)

    async def state(self) -> Json:
        """Servers, people, and whether the bot is connected."""
        return await self.get("/state")

    async def bot_is_connected(self) -> bool:
        """Whether the bot has its gateway connection."""
        return bool((await self.state())["bot"]["connected"])

    async def person(self, name: str) -> Person:
        """The person of this name.

        Raises:
            LookupError: There is none.
        """
        for found in (await self.state())["people"]:
            if found["name"] == name:
                return Person(self, found["id"], name)
        raise LookupError(f"nobody is called {name}")


class Person:
    """What one person does and sees."""

    def __init__(self, api: PeopleApi, person_id: str, name: str) -> None:
        self._api = api
        self.id = person_id
        self.name = name

    async def channel(self, name: str) -> str:
        """The id of the first channel of this name that the person sees.

        Raises:
            LookupError: There is none.
        """
        for guild in (await self._api.state())["guilds"]:
            try:
                guild_id = str(guild["id"])
                query: dict[str, str | int] = {"as": self.id, "guild": guild_id}
                found = await self._api.get("/channels", **query)
            except RefusedError:
                continue  # not a member there
            for channel in found["channels"]:
                if channel["name"] == name:
                    return str(channel["id"])
        raise LookupError(f"{self.name} sees no channel {name}")

    async def command(
        self,
        channel: str,
        command: str,
        files: Mapping[str, tuple[str, bytes]] | None = None,
        /,
        **options: object,
    ) -> Json:
        """Run a slash command; the interaction with the bot's answer."""
        body: Json = {"as": self.id, "channel": channel, "command": command, "options": options}
        body["until_told"] = True
        return await self._api.send("/command", body, files)

    async def write(
        self, channel: str, content: str = "", files: Mapping[str, tuple[str, bytes]] | None = None
    ) -> Json:
        """Write a message, with files or without."""
        body = {"as": self.id, "channel": channel, "content": content}
        return dict((await self._api.send("/message", body, files))["message"])

    async def use_on(self, channel: str, command: str, target: str) -> Json:
        """Use a context menu's command on a message or a person."""
        body: Json = {"as": self.id, "channel": channel, "command": command, "target": target}
        body["until_told"] = True
        return await self._api.send("/command", body)

    async def autocomplete(
        self, channel: str, command: str, focused: str, **options: object
    ) -> list[Json]:
        """The choices that are offered for one option."""
        body: Json = {"as": self.id, "channel": channel, "command": command}
        body |= {"options": options, "focused": focused}
        return list((await self._api.send("/autocomplete", body))["choices"])

    async def click(self, message: Json, custom_id: str) -> Json:
        """Press a button of a message."""
        body = {"as": self.id, "channel": message["channel_id"], "message": message["id"]}
        return await self._api.send("/click", body | {"custom_id": custom_id, "until_told": True})

    async def pick(self, message: Json, custom_id: str, *values: str) -> Json:
        """Pick in a select of a message: all that is to be chosen, which may be nothing."""
        body = {"as": self.id, "channel": message["channel_id"], "message": message["id"]}
        body |= {"custom_id": custom_id, "until_told": True}
        return await self._api.send("/click", body | {"values": values})

    async def submit(
        self,
        modal: Json,
        files: Mapping[str, tuple[str, bytes]] | None = None,
        /,
        **values: object,
    ) -> Json:
        """Send a modal that an interaction opened, with a file for each upload that has one."""
        body = {"as": self.id, "modal": modal["id"], "values": values, "until_told": True}
        return await self._api.send("/modal", body, files)

    async def react(self, message: Json, emoji: str) -> Json:
        """React to a message."""
        body = {"as": self.id, "channel": message["channel_id"], "message": message["id"]}
        return await self._api.send("/reaction", body | {"emoji": emoji})

    async def unreact(self, message: Json, emoji: str) -> Json:
        """Take a reaction back."""
        body = {"as": self.id, "channel": message["channel_id"], "message": message["id"]}
        return await self._api.send("/reaction", body | {"emoji": emoji}, method="DELETE")

    async def messages(self, channel: str, limit: int = 50) -> list[Json]:
        """The channel's newest messages as this person sees them, oldest first."""
        query: dict[str, str | int] = {"as": self.id, "channel": channel, "limit": limit}
        return list((await self._api.get("/messages", **query))["messages"])

    async def message(self, channel: str, message_id: str) -> Json | None:
        """One message, as it is now; None where the person does not see it."""
        found = await self.messages(channel, limit=200)
        return next((message for message in found if message["id"] == message_id), None)

    async def see(
        self,
        channel: str,
        wanted: Callable[[Json], bool],
        *,
        within_s: float = 30.0,
    ) -> Json:
        """Look at a channel until it has a message as wanted; the newest such.

        Raises:
            TimeoutError: It did not come in time; says what was seen last.
        """
        seen: list[Json] = []
        try:
            async with asyncio.timeout(within_s):
                while True:
                    try:
                        seen = await self.messages(channel)
                    except RefusedError:
                        seen = []  # a thread that is not made yet
                    for message in reversed(seen):
                        if wanted(message):
                            return message
                    await asyncio.sleep(LOOK_EVERY_S)  # noqa: TID251  # a person's patience, not a program's
        except TimeoutError:
            last = [words(message) for message in seen[-3:]]
            raise TimeoutError(
                f"{self.name} did not see it within {within_s} s; saw {last}"
            ) from None


def words(message: Json) -> str:
    """Everything that is written in a message, laid out or not."""
    return words_of(message["content"], message["components"])


def button(message: Json, label: str) -> str:
    """The custom id of the message's button with this label.

    Raises:
        LookupError: It has none.
    """
    for item in walk(message["components"]):
        if item.get("label") == label:
            return str(item["custom_id"])
    raise LookupError(f"no button {label!r}")


async def _answer(response: aiohttp.ClientResponse) -> Json:
    answer: Json = await response.json(content_type=None)
    if response.status >= 400:  # noqa: PLR2004  # where HTTP's refusals begin
        raise RefusedError(response.status, str(answer.get("error")), str(answer.get("message")))
    return answer
