"""Everything that people can do to the bot, found by looking: commands, components, forms.

Commands come from the menu, components from the messages that have them, so that a new one is
measured without a line here, as far as its options can be guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot.demo.visit import picture
from playground.world.components import SELECTS, Kind, walk
from playground.world.seed import CHEN, REGULARS, VIDEO_LAB

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from playground.person import Json, PeopleApi, Person

MEMBER_COMMANDS = ("video ", "privacy ")
PROMPT, SIZE = "Desert at noon", "1024x1024"
IN_FLIGHT = 2
MORE_THAN_AT_ONCE = IN_FLIGHT + 1
# What stands in an option of this name; whoever is named has asked for nothing.
VALUES: dict[str, object] = {
    "prompt": PROMPT,
    "member": CHEN,
    "role": REGULARS,
    "video": "#3",
    "for": "2h",
    "amount": "9000 USD",
    "zone": "Europe/Berlin",
    "text": "glitter",
    "job": 3,
}
# Options without which a command is refused although Discord lets them be left out.
BESIDES: dict[str, dict[str, object]] = {
    "video create": {"size": SIZE},
    "quota set": {"videos": 1_000_000, "per": "day"},
    "quota clear": {"per": "day"},
}
_PAGE = "cogreel:setup:page:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One thing that somebody can do, as often as one likes.

    Attributes:
        name: The command, or what the component's id begins with.
        do: Does it, and waits for the bot's first answer; submits the form that it opens.
    """

    name: str
    do: Callable[[], Awaitable[None]]


@dataclass(slots=True, kw_only=True)
class Stage:
    """The people, and the messages that have something to press."""

    api: PeopleApi
    alice: Person
    chen: Person
    mara: Person
    held_job_id: int
    focused: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    result: Json = field(default_factory=dict[str, Any])

    async def commands(self) -> list[Act]:
        """Each entry of the menus, by who uses it; notes which options complete as one types."""
        query: dict[str, str | int] = {"as": self.mara.id, "channel": VIDEO_LAB}
        menu = (await self.api.get("/commands", **query))["commands"]
        self.focused = [
            (command["name"], option["name"])
            for command in menu
            for option in command["options"]
            if option["autocomplete"]
        ]
        return [self._command(each) for each in menu]

    def _command(self, command: Json) -> Act:
        name = str(command["name"])
        person = self.alice if name.startswith(MEMBER_COMMANDS) else self.mara
        if command["kind"] != "slash":
            of_message = command["kind"] == "message"
            channel = self.result["channel_id"] if of_message else VIDEO_LAB
            target = self.result["id"] if of_message else CHEN
            return Act(
                name=name, do=lambda: self._then(person, person.use_on(channel, name, target))
            )
        options = {**_options(command), **BESIDES.get(name, {})}
        files = {
            option["name"]: ("dawn.png", picture("dawn"))
            for option in command["options"]
            if option["required"] and option["type"] == "attachment"
        }
        return Act(
            name=name,
            do=lambda: self._then(person, person.command(VIDEO_LAB, name, files, **options)),
        )

    async def components(self) -> list[Act]:
        """Each button and select of the messages that the bot posts."""
        found = self._of(self.alice, self.result)
        found += self._of(self.alice, await self._waiting())
        found += self._of(self.chen, await self._said(self.chen, "privacy delete"))
        retry = {"job": self.held_job_id, "how": "retry"}
        found += self._of(self.mara, await self._said(self.mara, "jobs settle", **retry))
        found += self._of(self.alice, await self._question())
        first = await self._panel()
        for page in (each.get("custom_id", "") for each in walk(first["components"])):
            if page.startswith(_PAGE):
                panel = await self._panel()
                await self.mara.click(panel, page)
                shown = await self.mara.message(VIDEO_LAB, panel["id"])
                found += self._of(self.mara, shown or panel, page)
        return found

    async def make_result(self) -> None:
        """Let Alice make a video, which is in its thread then."""
        thread = (await self._ask())["id"]
        self.result = await self.alice.see(thread, _has_buttons)

    async def _ask(self) -> Json:
        asked = await self.alice.command(VIDEO_LAB, "video create", prompt=PROMPT, size=SIZE)
        message: Json = asked["message"]
        return message

    async def _waiting(self) -> Json:
        """A status that can be cancelled: of the last of more than are rendered at once."""
        asked = [await self._ask() for _ in range(MORE_THAN_AT_ONCE)]
        return await self._with_buttons(self.alice, asked[-1])

    async def _said(self, person: Person, command: str, **options: object) -> Json:
        said = await person.command(VIDEO_LAB, command, **options)
        return await self._with_buttons(person, said["message"])

    async def _with_buttons(self, person: Person, message: Json) -> Json:
        return await person.see(
            VIDEO_LAB, lambda seen: seen["id"] == message["id"] and _has_buttons(seen)
        )

    async def _panel(self) -> Json:
        return await self._said(self.mara, "cogreel setup")

    async def _question(self) -> Json:
        """What a video costs, asked before it is made; nobody is asked any more afterwards."""
        await self._ask_above("0.10 USD")
        await self.alice.command(VIDEO_LAB, "video create", prompt=PROMPT, size=SIZE)
        question = await self.alice.see(
            VIDEO_LAB, lambda seen: seen["ephemeral"] and "Make it?" in seen["content"]
        )
        await self._ask_above("")
        return question

    async def _ask_above(self, amount: str) -> None:
        panel = await self._panel()
        await self.mara.click(panel, f"{_PAGE}models")
        shown = await self.mara.see(
            VIDEO_LAB,
            lambda seen: seen["id"] == panel["id"] and "confirm" in str(seen["components"]),
        )
        opened = await self.mara.click(shown, "cogreel:setup:confirm")
        (field_id,) = [each["custom_id"] for each in _fields(opened["modal"])]
        await self.mara.submit(opened["modal"], **{field_id: amount})

    def _of(self, person: Person, message: Json, page: str = "") -> list[Act]:
        return [
            self._press(person, message, component)
            for component in walk(message["components"])
            if component["type"] in SELECTS | {Kind.BUTTON} and "custom_id" in component
            # Another page's button would change what is on this one.
            if not component["custom_id"].startswith(_PAGE) or component["custom_id"] == page
        ]

    def _press(self, person: Person, message: Json, component: Json) -> Act:
        custom_id = component["custom_id"]
        if component["type"] == Kind.BUTTON:
            return Act(
                name=kind_of(custom_id),
                do=lambda: self._then(person, person.click(message, custom_id)),
            )
        values = _as_it_is(component)
        return Act(
            name=kind_of(custom_id),
            do=lambda: self._then(person, person.pick(message, custom_id, *values)),
        )

    async def _then(self, person: Person, acting: Awaitable[Json]) -> None:
        answered = await acting
        if answered["modal"]:
            values = {each["custom_id"]: _filled(each) for each in _fields(answered["modal"])}
            await person.submit(answered["modal"], **values)


def kind_of(custom_id: str) -> str:
    """What is alike of the components of one kind: their id without the numbers in it."""
    return re.sub(r":\d+", "", custom_id)


def _options(command: Json) -> dict[str, object]:
    return {
        option["name"]: _value(option)
        for option in command["options"]
        if option["required"] and option["type"] != "attachment"
    }


def _value(option: Json) -> object:
    if option["choices"]:
        return option["choices"][0]["value"]
    guessed: dict[str, object] = {
        "integer": max(1, option["min"] or 0),
        "number": max(1, option["min"] or 0),
        "boolean": True,
        "user": CHEN,
        "role": REGULARS,
        "channel": VIDEO_LAB,
        "mentionable": CHEN,
    }
    return VALUES.get(option["name"], guessed.get(option["type"], "A kite"))


def _fields(modal: Json) -> Iterator[Json]:
    return (each for each in walk(modal["components"]) if "custom_id" in each)


def _filled(component: Json) -> object:
    """What stands in a field of a form as it opens, and something where it must not be empty."""
    if component["type"] != Kind.TEXT_INPUT:
        return _as_it_is(component)
    return component.get("value") or ("A kite" if component.get("required", True) else "")


def _as_it_is(component: Json) -> list[str]:
    """What is chosen in a select, so that picking changes nothing."""
    options: list[dict[str, Any]] = component.get("options", [])
    chosen = [each["value"] for each in options if each.get("default")]
    return chosen or [each["value"] for each in options[: component.get("min_values", 1)]]


def _has_buttons(message: Json) -> bool:
    return _has(message, "")


def _has(message: Json, custom_id: str) -> bool:
    return any(
        "custom_id" in each and each["custom_id"].startswith(custom_id)
        for each in walk(message["components"])
    )
