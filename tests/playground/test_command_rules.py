import pytest

from playground.world import seed
from tests.playground.driver import Driver, Json


def command(**more: object) -> Json:
    return {"name": "x", "description": "d", **more}


def option(**more: object) -> Json:
    return {"type": 3, "name": "o", "description": "d", **more}


@pytest.fixture
def path(raw: Driver) -> str:
    return f"/applications/{raw.playground.application_id}/commands"


LONG_OPTIONS = [
    option(
        name=f"o{n}",
        description="d" * 100,
        choices=[{"name": f"{m}" + "n" * 90, "value": "v" * 90} for m in range(2)],
    )
    for n in range(25)
]
MANY_CHOICES = [{"name": f"{n}", "value": "v"} for n in range(26)]
CHOICE = {"name": "a", "value": "v"}
REFUSED = {
    "no name": {},
    "upper case": command(name="Upper"),
    "a space": command(name="two words"),
    "a long name": command(name="x" * 33),
    "no description": command(description=""),
    "a long description": command(description="d" * 101),
    "an unknown type": command(type=9),
    "options of one name": command(options=[option()] * 2),
    "26 options": command(options=[option(name=f"o{n}") for n in range(26)]),
    "a required option last": command(options=[option(), option(name="p", required=True)]),
    "a number as a text's choice": command(options=[option(choices=[{"name": "a", "value": 5}])]),
    "26 choices": command(options=[option(choices=MANY_CHOICES)]),
    "choices and autocomplete": command(options=[option(choices=[CHOICE], autocomplete=True)]),
    "a text as a limit": command(options=[option(type=4, min_value="x")]),
    "sub-commands mixed with options": command(options=[option(type=1), option(name="p")]),
    "a sub-command in one": command(options=[option(type=1, options=[option(type=1)])]),
    "a group in one": command(options=[option(type=2, options=[option(type=2)])]),
    "over 8,000 characters": command(options=LONG_OPTIONS),
    "a word as permissions": command(default_member_permissions="x"),
    "no context": command(contexts=[]),
    "options of a menu": command(type=2, name="Menu", options=[option()]),
    "an empty localisation": command(name_localizations={"de": ""}),
    "a language that there is not": command(name_localizations={"de-AT": "x"}),
    "a localised name with a space": command(name_localizations={"de": "zwei worte"}),
    "an option's with a capital": command(options=[option(name_localizations={"de": "Gross"})]),
}


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED.keys())
async def test_a_command_past_a_rule_is_refused(raw: Driver, path: str, body: Json) -> None:
    answer = await raw.rest("PUT", path, [body])

    assert (answer.status, answer.body["code"]) == (400, 50035), answer
    assert (await raw.rest("GET", path)).body == []


async def test_commands_are_made_changed_replaced_and_removed(raw: Driver, path: str) -> None:
    made = await raw.rest("POST", path, command(options=[option(required=True)]))
    again = await raw.rest("POST", path, command(description="new"))
    one = f"{path}/{made.body['id']}"
    changed = await raw.rest("PATCH", one, {"description": "newer"})
    replaced = await raw.rest("PUT", path, [command(), command(name="y")])
    removed = await raw.rest("DELETE", f"{path}/{replaced.body[1]['id']}")
    left = await raw.rest("GET", path)

    assert (made.status, again.status, changed.status, removed.status) == (201, 200, 200, 204)
    assert made.body["id"] == again.body["id"] == replaced.body[0]["id"]
    assert made.body["version"] != again.body["version"]
    assert changed.body["description"] == "newer"
    assert [each["name"] for each in left.body] == ["x"]
    assert (await raw.rest("GET", f"{path}/5")).body["code"] == 10063


async def test_a_servers_own_command_hides_the_global_one(raw: Driver, path: str) -> None:
    own = path.replace("/commands", f"/guilds/{seed.DARKROOM}/commands")
    await raw.rest("PUT", path, [command(description="global"), command(name="y")])
    await raw.rest("PUT", own, [command(description="own")])

    query = {"as": seed.ALICE, "channel": seed.GENERAL}
    listed = (await raw.people("GET", "/commands", query=query)).body["commands"]

    assert {each["name"]: each["description"] for each in listed} == {"x": "own", "y": "d"}


async def test_commands_of_one_context_stay_there(raw: Driver, path: str) -> None:
    await raw.rest("PUT", path, [command(contexts=[1]), command(name="y", contexts=[0])])
    dm = await raw.rest("POST", "/users/@me/channels", {"recipient_id": seed.ALICE})

    async def names(channel: str) -> list[str]:
        query = {"as": seed.ALICE, "channel": channel}
        listed = (await raw.people("GET", "/commands", query=query)).body["commands"]
        return [each["name"] for each in listed]

    assert await names(dm.body["id"]) == ["x"]
    assert await names(seed.GENERAL) == ["y"]
