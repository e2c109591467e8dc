"""An account with what it takes to use it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import aiohttp

    from bot.domain.account import Account
    from bot.domain.routing import Rooms
    from bot.engine.gate import AccountGate
    from media.addresses import AddressPolicy
    from providers.transport import ZhipuTransport
    from providers.zhipu_create import Dialect


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveAccount:
    """One account, and its side of the gateway.

    Attributes:
        account: What it offers, and to whom.
        transport: The gateway's API, with the account's key.
        dialect: How the gateway wants the same fields written.
        gate: Whether it takes jobs at present.
        downloads: The session for its result files; carries no key and no cookies.
        results_policy: Which hosts its results may come from.
        takes_jobs: False for one that only ends what it has.
    """

    account: Account
    transport: ZhipuTransport
    dialect: Dialect
    gate: AccountGate
    downloads: aiohttp.ClientSession
    results_policy: AddressPolicy
    takes_jobs: bool = True

    def rooms(self) -> Rooms:
        """Which of its models take jobs at present."""
        if not self.takes_jobs:
            return {}
        account = self.account
        return {
            (account.name, model): self.gate.room(model, limit=limit)
            for model, limit in account.in_flight.items()
        }


LiveAccounts = dict[str, LiveAccount]
"""By name. Changes as servers bring their own and take them away; owned by the composition root."""


def rooms_of(accounts: LiveAccounts) -> Rooms:
    """Which account takes jobs of which models at present."""
    rooms: Rooms = {}
    for live in accounts.values():
        rooms |= live.rooms()
    return rooms
