"""The video gateway's account as the settings describe it: its models, its key, its address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.catalogue import Catalogue
from bot.domain.errors import StartupError
from providers.capabilities import capability_for, rows_of
from providers.credentials import Credentials
from providers.gateways import GATEWAYS
from providers.zhipu_create import Dialect

if TYPE_CHECKING:
    from bot.clock import Clock
    from bot.settings import Settings


def catalogue_of(settings: Settings) -> Catalogue:
    """The models that members may choose.

    Raises:
        StartupError: The settings name a model that the gateway does not have, or a default that
            is not among those chosen.
    """
    try:
        names = dict.fromkeys(settings.models)
        rows = [capability_for(settings.gateway, name) for name in names]
    except LookupError as exc:
        raise StartupError(f"COGREEL_MODELS: {exc}") from exc
    try:
        capability_for(settings.gateway, settings.model)
        return Catalogue(rows or rows_of(settings.gateway), default=settings.model)
    except LookupError as exc:
        raise StartupError(f"COGREEL_MODEL: {exc}") from exc


def credentials_of(settings: Settings, clock: Clock) -> Credentials:
    """What is sent in the account's name.

    Raises:
        StartupError: The gateway, or the key, cannot be used as the settings ask.
    """
    gateway = GATEWAYS[settings.gateway]
    if settings.api_key_sent_as == "jwt" and not gateway.takes_tokens:
        raise StartupError(f"COGREEL_API_KEY_SENT_AS: {gateway.title} takes the key itself: raw")
    return Credentials(settings.api_key, kind=settings.api_key_sent_as, clock=clock)


def base_url_of(settings: Settings) -> str:
    """Where the gateway's API lives."""
    return settings.gateway_url or GATEWAYS[settings.gateway].base_url


def dialect_of(settings: Settings) -> Dialect:
    """How the gateway wants the fields of a create.

    Raises:
        StartupError: The gateway takes no numbers as text.
    """
    gateway = GATEWAYS[settings.gateway]
    if settings.types_as_text and not gateway.takes_text:
        raise StartupError(f"COGREEL_TYPES_AS_TEXT: {gateway.title} takes numbers only: false")
    return Dialect(types_as_text=settings.types_as_text, watermark=settings.watermark)


def limits_of(settings: Settings, catalogue: Catalogue) -> dict[str, int]:
    """By model, how many of its jobs may be in flight at once."""
    return {row.model: settings.account_in_flight or row.in_flight for row in catalogue.rows}
