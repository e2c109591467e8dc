"""Makes accounts usable: sessions, transports, gates. Part of the composition root."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

import aiohttp

from bot.accounts import base_url_of, credentials_of, dialect_of
from bot.engine.gate import AccountGate
from bot.engine.live_account import LiveAccount
from media.addresses import AddressPolicy
from media.download import make_download_session
from providers.transport import ZhipuTransport

if TYPE_CHECKING:
    from types import TracebackType

    from bot.clock import Clock
    from bot.domain.account import Account
    from bot.settings import AccountSettings


class AccountOpener:
    """Owns what accounts share: one session for the gateways' APIs, and one or two for files."""

    def __init__(self, clock: Clock, *, pace: float) -> None:
        self._clock = clock
        self._pace = pace
        self._stack = AsyncExitStack()
        self._apis: aiohttp.ClientSession
        self._files: dict[AddressPolicy, aiohttp.ClientSession]

    async def __aenter__(self) -> Self:
        # No limit of its own: a gateway that hangs must not use up the connections of the others.
        # The accounts' in-flight limits bound them.
        self._apis = await self._stack.enter_async_context(
            aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0), cookie_jar=aiohttp.DummyCookieJar()
            )
        )
        policies = (AddressPolicy(loopback=False), AddressPolicy(loopback=True))
        self._files = {
            policy: await self._stack.enter_async_context(make_download_session(policy))
            for policy in policies
        }
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    def open(self, account: Account, described: AccountSettings) -> LiveAccount:
        """An account, ready for use.

        Raises:
            StartupError: It cannot be used as the settings ask.
        """
        base_url = base_url_of(described)
        # A stand-in on this machine gives links to this machine; nobody else may.
        policy = AddressPolicy(loopback=_is_loopback(base_url))
        return LiveAccount(
            account=account,
            transport=ZhipuTransport(
                self._apis,
                base_url=base_url,
                credentials=credentials_of(account.name, described, self._clock),
            ),
            dialect=dialect_of(account.name, described),
            gate=AccountGate(self._clock, name=_name_in_log(account), pace=self._pace),
            downloads=self._files[policy],
            results_policy=policy,
        )


def _name_in_log(account: Account) -> str:
    of_server = "" if account.guild_id is None else f", server {account.guild_id}"
    return account.title + of_server


def _is_loopback(url: str) -> bool:
    return urlsplit(url).hostname in {"127.0.0.1", "localhost", "::1"}
