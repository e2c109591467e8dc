"""A person's language: what interactions tell of it, and in what words they see commands."""

import json

import pytest

from playground.world import seed
from playground.world.locales import LOCALES
from tests.openapi import document_path
from tests.playground.driver import Driver, Json
from tests.playground.sample_bot import SampleBot

SAY: Json = {
    "name": "say",
    "description": "Says it",
    "name_localizations": {"ja": "言う", "en-GB": "utter"},
    "description_localizations": {"ja": "話します"},
    "options": [
        {
            "type": 3,
            "name": "tone",
            "description": "How",
            "name_localizations": {"ja": "調子"},
            "choices": [{"name": "soft", "value": "s", "name_localizations": {"ja": "静か"}}],
        }
    ],
}


async def test_an_interaction_tells_the_language_of_its_person(
    bot: SampleBot, driver: Driver
) -> None:
    answer = await driver.alice.does("/locale", locale="ja")
    assert answer["person"]["locale"] == "ja"

    await driver.alice.runs("say", text="hello")
    await driver.bob.runs("say", text="hello")

    assert [(await bot.seen.get()).locale.value for _ in range(2)] == ["ja", "en-US"]


async def test_a_language_that_discord_does_not_have_is_refused(driver: Driver) -> None:
    for locale in ("en", "de-AT", "x" * 11):
        answer = await driver.alice.tries("/locale", locale=locale)
        assert 400 <= answer.status < 500, locale


@pytest.mark.parametrize(
    ("locale", "label", "description", "option", "choice"),
    [
        ("ja", "言う", "話します", "調子", "静か"),
        ("en-US", "utter", "Says it", "tone", "soft"),  # a language in place of its sister
        ("fr", "say", "Says it", "tone", "soft"),
    ],
)
async def test_a_command_is_listed_in_the_words_of_the_persons_language(
    raw: Driver, locale: str, label: str, description: str, option: str, choice: str
) -> None:
    path = f"/applications/{raw.playground.application_id}/commands"
    assert (await raw.rest("PUT", path, [SAY])).status == 200
    await raw.alice.does("/locale", locale=locale)

    query = {"as": seed.ALICE, "channel": seed.VIDEO_LAB}
    (listed,) = (await raw.people("GET", "/commands", query=query)).body["commands"]

    (asked,) = listed["options"]
    assert (listed["name"], asked["name"]) == ("say", "tone")
    assert (listed["label"], listed["description"]) == (label, description)
    assert (asked["label"], asked["choices"][0]["name"]) == (option, choice)


@pytest.mark.skipif(document_path() is None, reason="Discord's OpenAPI document is not here")
def test_the_languages_are_discords() -> None:
    path = document_path()
    assert path is not None
    document: Json = json.loads(path.read_text())
    known = document["components"]["schemas"]["AvailableLocalesEnum"]["oneOf"]
    assert tuple(each["const"] for each in known) == LOCALES
