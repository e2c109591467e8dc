"""Makes the accounts that servers bring usable. Part of the composition root."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.domain.account import Account
from bot.domain.errors import StartupError
from bot.engine.reroute import reroute_waiting
from bot.services.own_keys import OwnKeys
from bot.services.sealing import Sealer
from bot.services.stand_ins import StandIns
from bot.settings import PREFIX, AccountSettings

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from pydantic import SecretStr

    from bot.engine.live_account import LiveAccounts
    from bot.engine.tools import Tools
    from bot.live_accounts import AccountOpener
    from bot.services.own_keys import OpenedAccount
    from bot.settings import Settings
    from providers.transport import ZhipuTransport


class LiveOwnAccounts:
    """The servers' own among the live accounts."""

    def __init__(
        self, live: LiveAccounts, opener: AccountOpener, operators: Iterable[AccountSettings]
    ) -> None:
        """Hold the live accounts.

        Args:
            live: All of them; the servers' own are put in and taken out here.
            opener: Makes an account usable.
            operators: The operator's, whose gateways' addresses the servers' keys go to as well.
        """
        self._live = live
        self._opener = opener
        self._urls: dict[str, str] = {}
        for account in operators:
            if account.gateway_url is not None:
                self._urls.setdefault(account.gateway, account.gateway_url)

    def transport_of(self, gateway: str, key: SecretStr) -> ZhipuTransport:
        """A gateway's API with a key that is not kept yet."""
        nobodys = Account(name="untested", title=gateway, rows=(), in_flight={})
        return self._opener.open(nobodys, self._described(gateway, key)).transport

    def keep_up(self, opened: Collection[OpenedAccount]) -> None:
        """Let exactly these be the servers' own; those that go on keep what their gates know."""
        names = {own.account.name for own in opened}
        gone = [
            name
            for name, live in self._live.items()
            if live.account.guild_id is not None and name not in names
        ]
        for name in gone:
            del self._live[name]
        for own in opened:
            name = own.account.name
            live = self._live.get(name) or self._opener.open(
                own.account, self._described(own.gateway, own.key)
            )
            self._live[name] = replace(live, takes_jobs=own.takes_jobs)

    def _described(self, gateway: str, key: SecretStr) -> AccountSettings:
        return AccountSettings.model_validate(
            {"api_key": key, "gateway": gateway, "gateway_url": self._urls.get(gateway)}
        )


async def servers_own(
    tools: Tools, live: LiveOwnAccounts, sealer: Sealer | None
) -> tuple[OwnKeys, StandIns]:
    """What servers decide about their accounts, as far as it was decided before.

    Raises:
        StorageError: The database cannot be read.
    """

    async def reroute(guild_id: int) -> None:
        await reroute_waiting(tools, guild_id=guild_id)

    own_keys = OwnKeys(
        database=tools.database,
        clock=tools.clock,
        catalogues=tools.catalogues,
        sealer=sealer,
        transport_of=live.transport_of,
        keep_up=live.keep_up,
        reroute=reroute,
    )
    stand_ins = StandIns(
        database=tools.database, clock=tools.clock, catalogues=tools.catalogues, reroute=reroute
    )
    await own_keys.load()
    await stand_ins.load()
    return own_keys, stand_ins


def sealer_of(settings: Settings) -> Sealer | None:
    """What seals the servers' keys; None where the operator set no secrets key.

    Raises:
        StartupError: The setting holds something else.
    """
    if settings.secrets_key is None:
        return None
    try:
        return Sealer(settings.secrets_key)
    except ValueError as exc:
        raise StartupError(
            f"{PREFIX}SECRETS_KEY: {exc}. `python -m bot new-secrets-key` prints one."
        ) from None
