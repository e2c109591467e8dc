"""Settings: what is missing, wrong or misspelt is said in one line, and no value is ever shown."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from pydantic import SecretStr

from bot.domain.errors import StartupError
from bot.settings import PREFIX, AccountSettings, Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Callable

EXAMPLE = Path(__file__).parents[2] / ".env.example"
SECRET = "MTIzNDU2.made-up-secret"


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Set ``COGREEL_*`` names, the two secrets among them unless they are given as None."""

    def put(**names: str | None) -> None:
        for name, value in ({"discord_token": SECRET, "api_key": SECRET} | names).items():
            if value is not None:
                monkeypatch.setenv(PREFIX + name.upper(), value)

    return put


def test_two_secrets_are_all_that_is_needed(environment: Callable[..., None]) -> None:
    environment()
    settings = load_settings()
    assert settings.discord_token.get_secret_value() == SECRET
    assert (settings.gateway, settings.model) == ("zai", "cogvideox-3")


def test_what_is_missing_is_named(environment: Callable[..., None]) -> None:
    environment(api_key=None)
    with pytest.raises(StartupError, match=r"COGREEL_API_KEY: is missing") as refused:
        load_settings()
    assert "COGREEL_DISCORD_TOKEN" not in str(refused.value)
    assert ".env.example" in str(refused.value)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("COGREEL_API_KEI", "COGREEL_API_KEY"),
        ("COGREEL_DISCORD_TOKN", "COGREEL_DISCORD_TOKEN"),
        ("cogreel_statedir", "COGREEL_STATE_DIR"),
        ("COGREEL_IN_FLIGHT", "COGREEL_ACCOUNT_IN_FLIGHT"),
    ],
)
def test_a_misspelt_name_is_refused_with_the_nearest_right_one(
    environment: Callable[..., None], monkeypatch: pytest.MonkeyPatch, wrong: str, right: str
) -> None:
    environment()
    monkeypatch.setenv(wrong, SECRET)
    with pytest.raises(StartupError) as refused:
        load_settings()
    assert f"{wrong}: no such setting; did you mean {right}?" in str(refused.value)
    assert SECRET not in str(refused.value)


def test_a_misspelt_name_in_the_file_is_refused_too(
    environment: Callable[..., None], tmp_path: Path
) -> None:
    environment()
    (tmp_path / ".env").write_text("COGREEL_MODELL=x\n")
    with pytest.raises(StartupError, match="did you mean COGREEL_MODEL"):
        load_settings()


@pytest.mark.parametrize("where", [None, "another.env"])
def test_a_file_is_read_and_the_environment_comes_before_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, where: str | None
) -> None:
    file = tmp_path / (where or ".env")
    file.write_text(
        "COGREEL_DISCORD_TOKEN=a\nCOGREEL_API_KEY=b\nCOGREEL_POLL_PACE=2\nCOGREEL_MODEL=\n"
    )
    monkeypatch.setenv("COGREEL_API_KEY", "c")
    settings = load_settings(None if where is None else file)
    assert settings.discord_token == SecretStr("a")
    assert settings.api_key == SecretStr("c")
    assert settings.poll_pace == 2
    assert settings.model == "cogvideox-3", "empty is as good as not there"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("poll_pace", "0"),
        ("poll_pace", "fast"),
        ("account_in_flight", "0"),
        ("max_waiting_per_member", "-1"),
        ("max_waiting_per_guild", "0"),
        ("in_flight_per_guild", "0"),
        ("in_flight_per_member", "many"),
        ("guild_weights", "12"),
        ("guild_weights", "12=0"),
        ("guild_weights", "home=3"),
        ("log_level", "LOUD"),
        ("operator_channel_id", "general"),
        ("operator_channel_id", "0"),
        ("gateway", "elsewhere"),
        ("api_key_sent_as", "plain"),
        ("watermark", "perhaps"),
        ("clip_max_bytes", "1"),
        ("discord_api_url", "https://discord.com/api/v10"),
        ("discord_api_url", "http://127.0.0.1.evil.example/api"),
        ("discord_api_url", "http://[::2]/api"),
        ("discord_gateway_url", "ws://192.168.0.1:1/"),
        ("discord_gateway_url", "nonsense"),
    ],
)
def test_a_wrong_value_is_refused_by_name_and_never_shown(
    environment: Callable[..., None], name: str, value: str
) -> None:
    environment(**{name: value + "-x" if value.isalpha() else value})
    with pytest.raises(StartupError) as refused:
        load_settings()
    assert f"COGREEL_{name.upper()}: " in str(refused.value)
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8137/api/v10", "http://localhost:1/", "http://[::1]:80/"]
)
def test_a_stand_in_on_this_machine_may_have_the_token(
    environment: Callable[..., None], url: str
) -> None:
    environment(discord_api_url=url)
    assert load_settings().discord_api_url == url


def test_no_way_of_printing_settings_shows_a_secret(environment: Callable[..., None]) -> None:
    environment()
    settings = load_settings()
    for shown in (repr(settings), str(settings), settings.model_dump_json(), f"{settings!s}"):
        assert SECRET not in shown


def test_settings_cannot_be_changed(environment: Callable[..., None]) -> None:
    environment()
    settings = load_settings()
    with pytest.raises(ValueError, match="frozen"):
        setattr(settings, "model", "other")  # noqa: B010  # plain assignment is a type error too


def in_a_file(default: object) -> str:
    match default:
        case bool():
            return str(default).lower()
        case dict():
            pairs = cast("dict[str, object]", default).items()
            return ",".join(f"{name}={value}" for name, value in pairs)
        case tuple():
            return ",".join(map(str, cast("tuple[object, ...]", default)))
        case _:
            return str(default)


def test_models_are_named_between_commas(environment: Callable[..., None]) -> None:
    environment(models=" cogvideox-3, vidu2-image ,")
    assert load_settings().models == ("cogvideox-3", "vidu2-image")


def test_the_example_names_every_setting_with_its_default_and_nothing_else() -> None:
    lines = re.findall(rf"^(#?){PREFIX}(\w+)=(.*)$", EXAMPLE.read_text(), re.MULTILINE)
    shown = {name.lower(): (commented == "#", value) for commented, name, value in lines}
    assert len(shown) == len(lines)
    fields = {name: field for name, field in Settings.model_fields.items() if name != "accounts"}
    assert {name for name in shown if not name.startswith("accounts__")} == fields.keys()
    for name, field in AccountSettings.model_fields.items():
        default = "" if field.is_required() or field.default is None else in_a_file(field.default)
        assert shown.pop(f"accounts__backup__{name}") == (True, default)
    assert shown.keys() == fields.keys()
    for name, field in fields.items():
        default = "" if field.is_required() or field.default is None else in_a_file(field.default)
        assert shown[name] == (not field.is_required(), default)


def test_the_example_says_what_each_setting_is() -> None:
    blocks = EXAMPLE.read_text().strip().split("\n\n")
    described = [block for block in blocks if f"{PREFIX}" in block]
    assert all(block.startswith("# ") for block in described)


def test_the_example_works_once_the_secrets_are_filled_in(tmp_path: Path) -> None:
    file = tmp_path / "filled.env"
    text = re.sub(r"#(COGREEL_(?!ACCOUNTS__))", r"\1", EXAMPLE.read_text())
    file.write_text(
        re.sub(r"^(COGREEL_(DISCORD_TOKEN|API_KEY)=)$", r"\1x", text, flags=re.MULTILINE)
    )
    settings = load_settings(file)
    for name, field in Settings.model_fields.items():
        if not field.is_required():
            assert getattr(settings, name) == field.get_default(call_default_factory=True)
    assert settings.all_accounts.keys() == {"main"}


def test_further_accounts_have_a_name_and_the_settings_of_the_first(
    environment: Callable[..., None],
) -> None:
    environment(
        accounts__spare__api_key="k",
        accounts__spare__gateway="bigmodel",
        accounts__spare__models="cogvideox-2, cogvideox-3",
        accounts__a_1__api_key="l",
        account_order="spare,main,a_1",
    )
    accounts = load_settings().all_accounts
    assert list(accounts) == ["spare", "main", "a_1"]
    assert accounts["spare"].models == ("cogvideox-2", "cogvideox-3")
    assert accounts["main"].api_key.get_secret_value() == SECRET
    assert accounts["a_1"] == AccountSettings(api_key=SecretStr("l"))


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ({"accounts__spare__gateway": "zai"}, "COGREEL_ACCOUNTS__SPARE__API_KEY: is missing"),
        ({"accounts__spare__api_kei": SECRET}, "did you mean COGREEL_ACCOUNTS__SPARE__API_KEY?"),
        ({"accounts__main__api_key": SECRET}, "COGREEL_ACCOUNTS__MAIN__API_KEY: no such setting"),
        ({"accounts": "{}"}, "COGREEL_ACCOUNTS: no such setting"),
        (
            {"accounts__spare__api_key": SECRET, "accounts__spare__gateway": SECRET},
            "COGREEL_ACCOUNTS__SPARE__GATEWAY: ",
        ),
        ({"exchange_rates": f"CNY={SECRET}"}, "COGREEL_EXCHANGE_RATES: must be like CNY=0.14"),
        ({"exchange_rates": "CNY=0"}, "COGREEL_EXCHANGE_RATES: a currency cannot be worth nothing"),
        ({"exchange_rates": "USD=7"}, "COGREEL_EXCHANGE_RATES: must name currencies"),
        ({"exchange_rates": "=1"}, "COGREEL_EXCHANGE_RATES: must name currencies"),
        ({"accounts__spare__api_key": "  "}, "COGREEL_ACCOUNTS__SPARE__API_KEY: is empty"),
        ({"api_key": " "}, "COGREEL_API_KEY: is empty"),
        ({"exchange_rates_of": SECRET}, "COGREEL_EXCHANGE_RATES_OF: "),
    ],
)
def test_a_wrong_further_account_is_refused_by_name_and_never_shown(
    environment: Callable[..., None], names: dict[str, str], told: str
) -> None:
    environment(**names)
    with pytest.raises(StartupError) as refused:
        load_settings()
    assert told in str(refused.value)
    assert SECRET not in str(refused.value)


def test_what_comes_along_when_a_key_is_pasted_is_no_part_of_it(
    environment: Callable[..., None],
) -> None:
    environment(api_key=f" {SECRET}\n")
    assert load_settings().api_key.get_secret_value() == SECRET


def test_an_order_names_every_account(environment: Callable[..., None]) -> None:
    environment(accounts__spare__api_key="k", account_order="spare")
    with pytest.raises(StartupError, match=r"COGREEL_ACCOUNT_ORDER: .*: main, spare"):
        _ = load_settings().all_accounts


def test_servers_have_the_shares_and_caps_that_the_operator_gives_them(
    environment: Callable[..., None],
) -> None:
    environment(guild_weights="12=3, 13=2", in_flight_per_guild="4", in_flight_per_member="2")
    terms = load_settings().terms
    assert [terms.guild_weight(guild) for guild in (12, 13, 14)] == [3, 2, 1]
    assert (terms.in_flight_per_guild, terms.in_flight_per_member) == (4, 2)


@pytest.mark.parametrize("url", ["https://clips.example.org/", "http://10.0.0.9:8410", ""])
def test_an_address_for_links_is_taken_without_its_last_slash(
    environment: Callable[..., None], url: str
) -> None:
    environment(public_url=url)
    assert load_settings().public_url == (url.rstrip("/") or None)


@pytest.mark.parametrize(
    "url",
    [
        "clips.example.org",
        "ftp://clips.example.org",
        "https://me:secret@clips.example.org",
        "https://clips.example.org/?a=b",
        "https://",
        f"https://{'a' * 500}.example.org",
    ],
)
def test_what_is_no_address_for_links_is_refused(
    environment: Callable[..., None], url: str
) -> None:
    environment(public_url=url)
    with pytest.raises(StartupError, match="COGREEL_PUBLIC_URL: must") as refused:
        load_settings()
    assert "secret" not in str(refused.value)
