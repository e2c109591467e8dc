"""The video gateways, asked by a free call for each account."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp

from bot.accounts import base_url_of, credentials_of, setting_name
from bot.doctor.finding import Finding, fault, ok
from bot.domain.errors import AccountError, ProviderError, ProviderUnavailableError, StartupError
from providers.gateways import GATEWAYS
from providers.transport import ZhipuTransport
from providers.zhipu_codes import NO_BALANCE, USED_UP

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.clock import Clock
    from bot.settings import Settings


async def gateways(settings: Settings, clock: Clock) -> AsyncIterator[Finding]:
    """Whether each account's gateway is there and takes its key."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        for name, account in settings.all_accounts.items():
            title = GATEWAYS[account.gateway].title
            part = f"account {name}"
            try:
                credentials = credentials_of(name, account, clock)
                url = base_url_of(account)
                transport = ZhipuTransport(session, base_url=url, credentials=credentials)
                await transport.check_key()
            except StartupError:
                continue  # told with the settings
            except AccountError as exc:
                yield fault(part, f"{title} refuses it: {exc}", _mend(name, exc.code))
            except ProviderUnavailableError as exc:
                yield fault(
                    part,
                    f"{title} cannot be reached: {exc}",
                    "Look at this machine's network and firewall, and at "
                    f"{setting_name(name, 'gateway_url')} if you set it.",
                )
            except ProviderError as exc:
                yield fault(
                    part,
                    f"what answers at {title}'s address is not its API: {exc}",
                    f"Look at {setting_name(name, 'gateway_url')} and "
                    f"{setting_name(name, 'gateway')}.",
                )
            else:
                yield ok(part, f"{title} takes the key")


def _mend(name: str, code: str | None) -> str:
    if code in NO_BALANCE:
        return "Its balance is used up: top it up in the gateway's console."
    if code in USED_UP:
        return "Its plan or limit is used up: look at the plan in the gateway's console."
    return (
        f"{setting_name(name, 'api_key')}: copy the key again from the gateway's console, and see "
        f"that it belongs to the gateway that {setting_name(name, 'gateway')} names."
    )
