"""The accounts as the settings describe them: their models, their keys, their addresses."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from bot.domain.account import Account
from bot.domain.catalogues import Catalogues
from bot.domain.errors import StartupError
from bot.domain.money import Rates
from bot.settings import MAIN_ACCOUNT, PREFIX
from providers.capabilities import capability_for, rows_of
from providers.credentials import Credentials
from providers.gateways import GATEWAYS
from providers.zhipu_create import Dialect

if TYPE_CHECKING:
    from bot.clock import Clock
    from bot.domain.capability import Capability
    from bot.settings import AccountSettings, Settings


def catalogues_of(settings: Settings) -> Catalogues:
    """The operator's accounts, and what everybody may choose of them.

    Raises:
        StartupError: The settings name a model that a gateway does not have, or a default that
            no account has.
    """
    described = settings.all_accounts
    at_gateway = Counter(account.gateway for account in described.values())
    accounts = [
        Account(
            name=account_name(name, account),
            title=_title(name, account, alone=at_gateway[account.gateway] == 1),
            rows=(rows := _rows(name, account)),
            in_flight={row.model: account.in_flight or row.in_flight for row in rows},
        )
        for name, account in described.items()
    ]
    try:
        return Catalogues(accounts, default=settings.model, rates=rates_of(settings))
    except LookupError as exc:
        raise StartupError(f"{PREFIX}MODEL: {exc}") from exc


def account_name(name: str, account: AccountSettings) -> str:
    """What jobs call an account: also by its gateway.

    So one whose gateway was changed is another one, and is not asked for what it never had.
    """
    return f"{name}@{account.gateway}"


def rates_of(settings: Settings) -> Rates:
    """What currencies are worth."""
    return Rates(usd_per_unit=settings.exchange_rates, of=settings.exchange_rates_of)


def credentials_of(name: str, account: AccountSettings, clock: Clock) -> Credentials:
    """What is sent in an account's name.

    Raises:
        StartupError: The gateway, or the key, cannot be used as the settings ask.
    """
    gateway = GATEWAYS[account.gateway]
    if account.api_key_sent_as == "jwt" and not gateway.takes_tokens:
        raise StartupError(
            f"{setting_name(name, 'api_key_sent_as')}: {gateway.title} takes the key itself: raw"
        )
    try:
        return Credentials(account.api_key, kind=account.api_key_sent_as, clock=clock)
    except ValueError as exc:
        raise StartupError(
            f"{setting_name(name, 'api_key')}: {exc}. "
            f"Set {setting_name(name, 'api_key_sent_as')}=raw."
        ) from None


def base_url_of(account: AccountSettings) -> str:
    """Where the gateway's API lives."""
    return account.gateway_url or GATEWAYS[account.gateway].base_url


def dialect_of(name: str, account: AccountSettings) -> Dialect:
    """How the gateway wants the fields of a create.

    Raises:
        StartupError: The gateway takes no numbers as text.
    """
    gateway = GATEWAYS[account.gateway]
    if account.types_as_text and not gateway.takes_text:
        raise StartupError(
            f"{setting_name(name, 'types_as_text')}: {gateway.title} takes numbers only: false"
        )
    return Dialect(types_as_text=account.types_as_text, watermark=account.watermark)


def setting_name(account: str, field: str) -> str:
    """The name of an account's setting, as the operator wrote it; with or without its gateway."""
    account, _, _ = account.partition("@")
    if account == MAIN_ACCOUNT:
        return PREFIX + ("account_in_flight" if field == "in_flight" else field).upper()
    return f"{PREFIX}ACCOUNTS__{account}__{field}".upper()


def _rows(name: str, account: AccountSettings) -> tuple[Capability, ...]:
    try:
        chosen = [capability_for(account.gateway, model) for model in dict.fromkeys(account.models)]
    except LookupError as exc:
        raise StartupError(f"{setting_name(name, 'models')}: {exc}") from exc
    return tuple(chosen) or rows_of(account.gateway)


def _title(name: str, account: AccountSettings, *, alone: bool) -> str:
    title = GATEWAYS[account.gateway].title
    return title if alone else f"{title} ({name})"
