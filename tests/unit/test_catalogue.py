"""What an account offers: by name, by what fits, and until the gateway disowns it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.accounts import catalogues_of, credentials_of, dialect_of
from bot.clock import SystemClock
from bot.domain.capability import Choice
from bot.domain.catalogue import Catalogue
from bot.domain.errors import InvalidOptionError, StartupError
from bot.domain.request import Mode
from bot.settings import Settings
from cogs.model_lines import model_lines, pages
from providers.capabilities import CAPABILITIES, rows_of
from providers.gateways import GATEWAYS
from tests.accounts import account, catalogue_of
from tests.accounts import catalogues_of as catalogues

MESSAGE_MAX_CHARACTERS = 2000


def settings(**changes: object) -> Settings:
    return Settings.model_validate({"discord_token": "t", "api_key": "a.b"} | changes)


@pytest.fixture
def catalogue() -> Catalogue:
    return catalogue_of(rows_of("bigmodel"), default="cogvideox-3")


@pytest.mark.parametrize("typed", ["cogvideox-flash", " CogVideoX-Flash ", "COGVIDEOX-FLASH"])
def test_a_model_is_known_by_its_id_and_its_name(catalogue: Catalogue, typed: str) -> None:
    assert catalogue.choose(typed, Mode.TEXT).model == "cogvideox-flash"


def test_no_name_means_the_default(catalogue: Catalogue) -> None:
    assert catalogue.choose(None, Mode.TEXT) is catalogue.default
    with pytest.raises(InvalidOptionError, match=r"Choose one that takes it: `vidu2-reference`"):
        catalogue.choose(None, Mode.REFERENCES)


def test_what_nobody_has_is_refused_with_what_there_is(catalogue: Catalogue) -> None:
    with pytest.raises(InvalidOptionError, match=r"this bot has `cogvideox-3`, .* gave `so'ra`"):
        catalogue.choose("so`ra", Mode.TEXT)


def test_a_model_that_was_turned_off_is_neither_offered_nor_chosen() -> None:
    all_of_them = catalogues(account(rows_of("bigmodel")), default="cogvideox-3")
    catalogue = all_of_them.of(1)
    assert all_of_them.turn_off("main", "cogvideox-3")
    assert not all_of_them.turn_off("main", "cogvideox-3")
    assert catalogue.default not in catalogue.offered
    with pytest.raises(InvalidOptionError, match="no longer offers CogVideoX-3"):
        catalogue.choose(None, Mode.TEXT)
    assert all_of_them.title_of("cogvideox-3") == "CogVideoX-3"
    assert all_of_them.title_of("gone") == "gone"
    assert model_lines(catalogue)[0].startswith("~~**CogVideoX-3**")


def test_what_fits_together_is_found(catalogue: Catalogue) -> None:
    sound: dict[Choice, str | int | None] = {
        Choice.SIZE: "720x480",
        Choice.FPS: 60,
        Choice.STYLE: None,
    }
    assert [row.model for row in catalogue.fitting(Mode.TEXT, sound)] == [
        "cogvideox-2",
        "cogvideox-flash",
    ]


def test_the_cheapest_is_found_and_an_unknown_price_is_the_dearest(catalogue: Catalogue) -> None:
    free = catalogue.cheapest(Mode.TEXT)
    assert free is not None
    assert free.price_text == "free"
    legacy = catalogue_of([row for row in CAPABILITIES if row.price is None], default="cogvideox")
    assert legacy.cheapest(Mode.REFERENCES) is None
    assert legacy.default.price_text == "price not published"


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_the_table_of_each_gateway_fits_one_message(gateway: str) -> None:
    rows = rows_of(gateway)
    text = "\n".join(model_lines(catalogue_of(rows, default="cogvideox-3")))
    assert len(text) <= MESSAGE_MAX_CHARACTERS - 100
    assert all(f"`{row.model}`" in text for row in rows)


@pytest.mark.parametrize("dearer", [True, False])
def test_the_table_of_many_accounts_is_told_whole_on_several_pages(*, dearer: bool) -> None:
    gateways = ("zai", "bigmodel", "302ai", *["bigmodel"] * 9)
    names = (f"a_name_as_long_as_names_may_be_{number}" for number in range(len(gateways)))
    accounts = [
        account(rows_of(gateway), name=name) for gateway, name in zip(gateways, names, strict=True)
    ]
    catalogue = Catalogue(accounts, default="cogvideox-3", dearer_may_stand_in=dearer)
    lines = model_lines(catalogue)
    told = pages(lines)
    assert "\n".join(told) == "\n".join(lines)
    assert len(lines) == len({row.model for row in CAPABILITIES})
    assert 1 < len(told) <= len(lines) // 2
    assert max(map(len, told)) <= MESSAGE_MAX_CHARACTERS


def test_settings_choose_the_models_and_the_default() -> None:
    some = settings(models=("vidu2-image", "cogvideox-3", "vidu2-image"))
    (chosen,) = catalogues_of(some).accounts
    assert [row.model for row in chosen.rows] == ["vidu2-image", "cogvideox-3"]
    assert chosen.in_flight == {"vidu2-image": 5, "cogvideox-3": 1}
    (all_there_are,) = catalogues_of(settings(account_in_flight=9)).accounts
    assert len(all_there_are.rows) == len(rows_of("zai"))
    assert set(all_there_are.in_flight.values()) == {9}


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"models": ("sora",)}, "COGREEL_MODELS: there is no model sora at zai"),
        ({"models": ("vidu2-image",)}, "COGREEL_MODEL: cogvideox-3 is none of vidu2-image"),
        ({"model": "cogvideox-2"}, "COGREEL_MODEL: "),
        ({"gateway": "302ai", "api_key_sent_as": "jwt"}, "COGREEL_API_KEY_SENT_AS: 302.AI"),
        ({"api_key": "sk-1", "api_key_sent_as": "jwt"}, "COGREEL_API_KEY: "),
        ({"types_as_text": True}, "COGREEL_TYPES_AS_TEXT: Z.AI"),
    ],
)
def test_what_the_gateway_cannot_do_is_told_at_the_start(
    changes: dict[str, object], named: str
) -> None:
    def accounts(chosen: Settings) -> None:
        catalogues_of(chosen)
        for name, described in chosen.all_accounts.items():
            credentials_of(name, described, SystemClock())
            dialect_of(name, described)

    with pytest.raises(StartupError) as refused:
        accounts(settings(**changes))
    assert str(refused.value).startswith(named)


def test_the_page_about_models_names_every_row_with_its_price() -> None:
    page = (Path(__file__).parents[2] / "docs" / "models.md").read_text()
    for gateway in GATEWAYS.values():
        section = page.split(f"(`COGREEL_GATEWAY={gateway.name}`)")[1].split("\n## ")[0]
        listed = re.findall(r"^\| `([\w-]+)` \|.*\| ([^|]+) \| (\d+) \|$", section, re.MULTILINE)
        rows = rows_of(gateway.name)
        assert listed == [(row.model, row.price_text, str(row.in_flight)) for row in rows]
