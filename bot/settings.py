"""The only reader of the environment. Every setting is described in ``.env.example``."""

from __future__ import annotations

import difflib
import ipaddress
import os
import re
from datetime import date  # pydantic resolves the annotations at run time
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.domain.errors import StartupError
from bot.domain.fairness import LARGEST_WEIGHT, TurnTerms

PREFIX = "COGREEL_"
MAIN_ACCOUNT = "main"
"""The name of the account that the settings without a name describe."""
PUBLIC_URL_MAX_CHARACTERS = 500  # a link must leave room in a message for the words around it
_FURTHER_ACCOUNT = re.compile(rf"{PREFIX}ACCOUNTS__([A-Z][A-Z0-9_]{{0,30}})__([A-Z0-9_]+)")


def _loopback_only(url: str) -> str:
    host = urlsplit(url).hostname or ""
    try:
        is_loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_loopback = host == "localhost"
    if not is_loopback:
        # The bot's token goes to this address: only a stand-in on this machine may receive it.
        raise ValueError(
            "must be an address of this machine, such as http://127.0.0.1:8137/api/v10"
        )
    return url


def _public(url: str) -> str:
    parts = urlsplit(url)
    is_plain = not (parts.query or parts.fragment or parts.username or parts.password)
    if parts.scheme not in {"http", "https"} or not parts.hostname or not is_plain:
        raise ValueError("must be an address such as https://clips.example.org")
    if len(url) > PUBLIC_URL_MAX_CHARACTERS:
        raise ValueError(f"must have at most {PUBLIC_URL_MAX_CHARACTERS} characters")
    return url.rstrip("/")


def _listed(value: object) -> object:
    """Names between commas, as an environment variable holds them."""
    if not isinstance(value, str):
        return value
    return tuple(name.strip() for name in value.split(",") if name.strip())


def _rates(value: object) -> object:
    """``CNY=0.14,PTC=1``, as an environment variable holds it."""
    if not isinstance(value, str):
        return value
    pairs = (pair.partition("=") for pair in value.split(",") if pair.strip())
    rates: dict[str, Fraction] = {}
    for currency, _, worth in pairs:
        try:
            rates[currency.strip().upper()] = Fraction(worth.strip())
        except (ValueError, ZeroDivisionError):
            raise ValueError("must be like CNY=0.14,PTC=1: what one is worth in USD") from None
    if any(rate <= 0 for rate in rates.values()):
        raise ValueError("a currency cannot be worth nothing")
    if {"", "USD"} & rates.keys():
        raise ValueError("must name currencies other than USD, such as CNY=0.14,PTC=1")
    return rates


def _bare(secret: object) -> object:
    """Without the space and the line breaks that come along when something is pasted."""
    if isinstance(secret, SecretStr):
        secret = secret.get_secret_value()
    if not isinstance(secret, str):
        return secret
    if not secret.strip():
        raise ValueError("is empty")
    return secret.strip()


def _weights(value: object) -> object:
    """``1201234567890=3,1209876543210=2``, as an environment variable holds it."""
    if not isinstance(value, str):
        return value
    pairs = [pair.partition("=") for pair in value.split(",") if pair.strip()]
    numbers = [(guild.strip(), weight.strip()) for guild, _, weight in pairs]
    if not all(guild.isdecimal() and weight.isdecimal() for guild, weight in numbers):
        raise ValueError("must be like 1201234567890=3: a server's id and its share")
    weights = {int(guild): int(weight) for guild, weight in numbers}
    if not all(1 <= weight <= LARGEST_WEIGHT for weight in weights.values()):
        raise ValueError(f"a share is from 1 to {LARGEST_WEIGHT}")
    return weights


Secret = Annotated[SecretStr, BeforeValidator(_bare)]
PublicUrl = Annotated[str, AfterValidator(_public)]
LoopbackUrl = Annotated[str, AfterValidator(_loopback_only)]
Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)]
Gateways = Literal["zai", "bigmodel", "302ai"]
Weights = Annotated[dict[int, int], NoDecode, BeforeValidator(_weights)]
ExchangeRates = Annotated[dict[str, Fraction], NoDecode, BeforeValidator(_rates)]


class AccountSettings(BaseModel):
    """One account at one gateway. The fields of the first are `Settings`' own."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    api_key: Secret = Field(description="The gateway's API key.")
    api_key_sent_as: Literal["raw", "jwt"] = Field(
        default="raw", description="Whether the key itself is sent, or a token signed with it."
    )
    gateway: Gateways = Field(default="zai", description="Who serves the models.")
    gateway_url: str | None = Field(
        default=None, description="Where the gateway's API lives; empty takes its own address."
    )
    models: Names = Field(
        default=(),
        description="Models that members may choose; empty takes all that the gateway has.",
    )
    watermark: bool = Field(
        default=True, description="Whether clips carry the vendor's mark, where it can be left off."
    )
    types_as_text: bool = Field(
        default=False, description="Whether numbers are sent as text, as 302.AI documents them."
    )
    in_flight: int | None = Field(
        default=None,
        ge=1,
        le=1000,
        description="Renders of one model under way at once; empty takes its own.",
    )


class Settings(BaseSettings):
    """What the operator decides. Frozen; built once, passed down in pieces."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",  # load_settings looks for unknown names itself, in both sources
        frozen=True,
        hide_input_in_errors=True,  # a validation error would otherwise print the secret
    )

    discord_token: Secret = Field(description="The bot's token.")
    api_key: Secret = Field(description="The video gateway's API key.")
    api_key_sent_as: Literal["raw", "jwt"] = Field(
        "raw", description="Whether the key itself is sent, or a token signed with it."
    )
    gateway: Gateways = Field("zai", description="Who serves the models.")
    gateway_url: str | None = Field(
        None, description="Where the gateway's API lives; empty takes its own address."
    )
    models: Names = Field(
        (), description="Models that members may choose; empty takes all that the gateway has."
    )
    model: str = Field("cogvideox-3", description="The model where a member names none.")
    watermark: bool = Field(
        default=True, description="Whether clips carry the vendor's mark, where it can be left off."
    )
    types_as_text: bool = Field(
        default=False, description="Whether numbers are sent as text, as 302.AI documents them."
    )
    account_in_flight: int | None = Field(
        None,
        ge=1,
        le=1000,
        description="Renders of one model under way at once; empty takes its own.",
    )
    accounts: dict[str, AccountSettings] = Field(
        default_factory=dict[str, AccountSettings],
        description="Further accounts, by name, each with the settings of the first one.",
    )
    account_order: Names = Field(
        (), description="The accounts' names in the order in which they are asked."
    )
    secrets_key: SecretStr | None = Field(
        None, description="Seals what servers entrust to the bot; empty takes no keys of servers."
    )
    exchange_rates: ExchangeRates = Field(
        {"PTC": Fraction(1)}, description="What one unit of a currency is worth in USD."
    )
    exchange_rates_of: date | None = Field(
        None, description="The day that the exchange rates are from."
    )
    videos_per_day: int | None = Field(
        None, ge=0, description="Videos of the whole bot in a day; empty for any number."
    )
    videos_per_month: int | None = Field(
        None, ge=0, description="Videos of the whole bot in a month; empty for any number."
    )
    budget_per_day: str | None = Field(
        None, description="Money that the whole bot may spend in a day; empty for any."
    )
    budget_per_month: str | None = Field(
        None, description="Money that the whole bot may spend in a month; empty for any."
    )
    max_waiting_per_member: int = Field(
        10, ge=1, le=100_000, description="Videos one member may have waiting."
    )
    max_waiting_per_guild: int | None = Field(
        None, ge=1, le=10_000_000, description="Videos one server may have waiting; empty for any."
    )
    in_flight_per_guild: int | None = Field(
        None, ge=1, le=1000, description="Renders of one server at once; empty for any number."
    )
    in_flight_per_member: int | None = Field(
        None, ge=1, le=1000, description="Renders of one member at once; empty for any number."
    )
    guild_weights: Weights = Field(
        {}, description="Shares of servers in relation to the others, which have 1."
    )
    state_dir: Path = Field(
        default=Path("cogreel-state"), description="Where the database and the files live."
    )
    image_max_bytes: int = Field(
        20 * 1024 * 1024, ge=1024, description="Largest image a member may attach."
    )
    clip_max_bytes: int = Field(
        512 * 1024 * 1024, ge=1024, description="Largest clip that is fetched."
    )
    keep_clips_days: int = Field(
        30, ge=1, le=36_500, description="Days that a posted clip's file is kept."
    )
    keep_days: int = Field(
        365,
        ge=1,
        le=36_500,
        description="Days that words, images and clips are kept after a video has ended.",
    )
    min_free_bytes: int = Field(
        1024 * 1024 * 1024,
        ge=0,
        description="Room on the disk; below it, posted clips are removed early.",
    )
    public_url: PublicUrl | None = Field(
        None, description="Where people reach the bot's own web server; empty for none."
    )
    link_address: str = Field(
        "127.0.0.1", description="Address of this machine that the web server listens on."
    )
    link_port: int = Field(8410, ge=1, le=65_535, description="Its port.")
    link_days: int = Field(7, ge=1, le=365, description="Days that a link to a clip works.")
    operator_channel_id: int | None = Field(
        None,
        ge=1,
        lt=2**63,
        description="Text channel in which the operator is told what only they can mend.",
    )
    poll_pace: float = Field(
        1.0, gt=0, le=10, description="Multiplies the waits between polls of a task."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="How much is logged."
    )
    log_format: Literal["auto", "text", "json"] = Field(
        "auto", description="How the log is written; auto is text on a terminal, JSON otherwise."
    )
    health: bool = Field(default=True, description="Whether /healthz and /metrics are served.")
    health_host: str = Field(
        "127.0.0.1", description="The address that they are served on; this machine alone."
    )
    health_port: int = Field(8138, ge=0, le=65_535, description="Their port; 0 for any free one.")
    discord_api_url: LoopbackUrl | None = Field(
        None, description="REST address of a playground instead of Discord."
    )
    discord_gateway_url: LoopbackUrl | None = Field(
        None, description="Gateway address of that playground."
    )
    fault_point: str | None = Field(
        None, description="For tests, with that playground alone: where the process kills itself."
    )

    @property
    def terms(self) -> TurnTerms:
        """Whose turns count how much, and how many at once."""
        return TurnTerms(
            in_flight_per_guild=self.in_flight_per_guild,
            in_flight_per_member=self.in_flight_per_member,
            guild_weights=self.guild_weights,
        )

    @property
    def all_accounts(self) -> dict[str, AccountSettings]:
        """Every account by its name, in the order in which they are asked.

        Raises:
            StartupError: The order leaves one out, or names one that is not there.
        """
        main = AccountSettings(
            api_key=self.api_key,
            api_key_sent_as=self.api_key_sent_as,
            gateway=self.gateway,
            gateway_url=self.gateway_url,
            models=self.models,
            watermark=self.watermark,
            types_as_text=self.types_as_text,
            in_flight=self.account_in_flight,
        )
        found = {MAIN_ACCOUNT: main} | dict(sorted(self.accounts.items()))
        order = self.account_order or tuple(found)
        if sorted(order) != sorted(found):
            raise StartupError(
                f"{PREFIX}ACCOUNT_ORDER: must name each account once: {', '.join(found)}"
            )
        return {name: found[name] for name in order}


def secrets_of(settings: Settings) -> list[str]:
    """Everything in the settings that must be shown nowhere."""
    held = [settings.discord_token, *(each.api_key for each in settings.all_accounts.values())]
    keys = "" if settings.secrets_key is None else settings.secrets_key.get_secret_value()
    listed = [key.strip() for key in keys.split(",") if key.strip()]
    return [*(secret.get_secret_value() for secret in held), *listed]


def load_settings(env_file: Path | None = None) -> Settings:
    """Read the environment and ``.env``.

    Raises:
        StartupError: Something is missing, wrong or misspelt; one line for each.
            Never holds a value, which may be a secret.
    """
    env_file = Path(".env") if env_file is None else env_file
    _refuse_unknown_names(env_file)
    try:
        # model_validate({}) reads the environment as Settings() does, and type-checks.
        return (
            Settings.model_validate({})
            if env_file == Path(".env")
            else Settings(
                _env_file=env_file  # pyright: ignore[reportCallIssue]  # the rest comes from the file
            )
        )
    except ValidationError as exc:
        lines = [
            f"{_name_of(error['loc'])}: {_in_words(error['msg'])}"
            for error in exc.errors(include_input=False, include_url=False)
        ]
        raise StartupError(
            "The settings are not complete. Copy .env.example to .env and fill it in.\n  "
            + "\n  ".join(lines)
        ) from None


def _name_of(location: tuple[int | str, ...]) -> str:
    return PREFIX + ("__" if location[0] == "accounts" else "_").join(map(str, location)).upper()


def _in_words(message: str) -> str:
    return "is missing" if message == "Field required" else message.removeprefix("Value error, ")


def _refuse_unknown_names(env_file: Path) -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    named = set(os.environ) | set(dotenv_values(env_file))
    known.discard(f"{PREFIX}ACCOUNTS")  # is said by its parts only
    for name in named:
        further = _FURTHER_ACCOUNT.fullmatch(name.upper())
        if further is not None and further[1] != MAIN_ACCOUNT.upper():
            prefix = f"{PREFIX}ACCOUNTS__{further[1]}__"
            known |= {prefix + field.upper() for field in AccountSettings.model_fields}
    unknown = sorted(
        name for name in named if name.upper().startswith(PREFIX) and name.upper() not in known
    )
    if unknown:
        lines: list[str] = []
        for name in unknown:
            near = difflib.get_close_matches(name.upper(), known, n=1)
            lines.append(
                f"{name}: no such setting" + (f"; did you mean {near[0]}?" if near else "")
            )
        raise StartupError("\n  ".join(["There are unknown settings.", *lines]))
