"""The people of a soak: members who ask and change their minds, a moderator who is the operator."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from typing import TYPE_CHECKING

import aiohttp

from playground.person import RefusedError, button
from tests.e2e.pictures import gradient

if TYPE_CHECKING:
    import random

    from emulator.ledger import Entry
    from playground.person import Json, PeopleApi, Person
    from tests.e2e.crash_house import CrashHouse

ACT_WITHIN_S = 10.0
# Each is rendered once, small; the video API serves it for every job that asks for the same.
PROMPTS, SIZE = ("Desert at noon", "A red kite", "A quiet lake"), "1024x1024"
# It was lost on the way whether the create was taken, and its repeat was refused.
ON_HOLD = "SELECT job_id FROM job WHERE state = 'held' ORDER BY job_id"
NUMBER = re.compile(r"#(\d+)")


class Crowd:
    """Who acts: Alice, Bob and Chen are members, Mara moderates and owns the application."""

    def __init__(self, house: CrashHouse, chance: random.Random, people: dict[str, Person]) -> None:
        self._house = house
        self._chance = chance
        self._people = people
        self._places: list[tuple[Person, str]] = []
        self._lab = ""
        self._picture = gradient()

    @classmethod
    async def gathered(cls, house: CrashHouse, api: PeopleApi, chance: random.Random) -> Crowd:
        """All of them, in the channels of two servers."""
        people = {name: await api.person(name) for name in ("Alice", "Bob", "Chen", "Mara")}
        crowd = cls(house, chance, people)
        places = [(name, where) for name in people for where in ("video-lab", "general")]
        for name, where in (*places, ("Bob", "lobby"), ("Mara", "lobby")):
            crowd._places.append((people[name], await people[name].channel(where)))
        crowd._lab = await people["Mara"].channel("video-lab")
        return crowd

    async def act(self) -> None:
        """Somebody does something. The program may die under it, and Discord refuse it."""
        person, channel = self._chance.choice(self._places)
        with suppress(RefusedError, aiohttp.ClientError, LookupError, TimeoutError):
            async with asyncio.timeout(ACT_WITHIN_S):
                await self._act(person, channel)

    async def _act(self, person: Person, channel: str) -> None:
        """Mostly a wish; now and then something else that people do."""
        deeds = {
            self._ask: 83,
            self._ask_with_an_image: 2,
            self._cancel: 5,
            self._react: 3,
            self._again: 4,
            self._take_down: 1,
            self._settle: 1.5,
            self._delete_all: 0.5,
        }
        [deed] = self._chance.choices(list(deeds), list(deeds.values()))
        await deed(person, channel)

    async def _ask(self, person: Person, channel: str) -> None:
        prompt = self._chance.choice(PROMPTS)
        await person.command(channel, "video create", prompt=prompt, size=SIZE)

    async def _ask_with_an_image(self, person: Person, channel: str) -> None:
        files = {"image": ("frame.png", self._picture)}
        await person.command(channel, "video create", files, prompt=PROMPTS[0], size=SIZE)

    async def _cancel(self, person: Person, channel: str) -> None:
        message = await self._one_of_the_bots(person, channel, "is waiting")
        await person.click(message, button(message, "Cancel"))

    async def _react(self, person: Person, channel: str) -> None:
        message = await self._one_of_the_bots(person, channel, "is done")
        await person.react(message, "🔁")

    async def _again(self, person: Person, channel: str) -> None:
        message = await self._one_of_the_bots(person, channel, "is done")
        results = await person.messages(str(message["id"]))  # its thread
        result = next(seen for seen in results if seen["content"].startswith("🎬"))
        await person.click(result, button(result, "Again"))

    async def _take_down(self, person: Person, channel: str) -> None:
        message = await self._one_of_the_bots(person, channel, "**Video #")
        number = NUMBER.search(message["content"])
        assert number is not None
        await self._people["Mara"].command(channel, "moderate takedown", video=number[1])

    async def _settle(self, person: Person, channel: str) -> None:
        del person, channel
        await self.settle_one()

    async def _delete_all(self, person: Person, channel: str) -> None:
        if person.name == "Chen":  # the others keep theirs
            asked = (await person.command(channel, "privacy delete"))["message"]
            await person.click(asked, button(asked, "Delete all of it"))

    async def settle_one(self) -> None:
        """Mara settles a job on hold by what the gateway's console says of its request."""
        held = await asyncio.to_thread(self._house.rows, ON_HOLD)
        if not held:
            return
        job_id = int(self._chance.choice(held)[0])
        paid = [entry.task_id for entry in self._house.emulator.ledger if _is_of(entry, job_id)]
        found = {"how": "paid", "task": paid[0]} if paid else {"how": "unpaid"}
        await self._people["Mara"].command(self._lab, "jobs settle", job=job_id, **found)

    async def settle_all(self) -> None:
        """Until none is on hold."""
        while await asyncio.to_thread(self._house.rows, ON_HOLD):
            with suppress(RefusedError, aiohttp.ClientError, TimeoutError):
                async with asyncio.timeout(ACT_WITHIN_S):
                    await self.settle_one()
            await asyncio.sleep(0.1)  # noqa: TID251  # the program answers before it has done it

    async def _one_of_the_bots(self, person: Person, channel: str, words: str) -> Json:
        found = [seen for seen in await person.messages(channel) if words in seen["content"]]
        if not found:
            raise LookupError(words)
        return self._chance.choice(found)


def job_of_request(request_id: str) -> int:
    """The job that a create was for, as its request id says."""
    return int(request_id.split("-")[2])


def _is_of(entry: Entry, job_id: int) -> bool:
    return job_of_request(entry.request_id) == job_id
