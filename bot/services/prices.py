"""What a job may cost on a server, and whether its member has to confirm that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.confirmation import is_asked_about, is_confirmed
from bot.domain.cost import Cost
from providers.capabilities import PRICES_OF

if TYPE_CHECKING:
    from bot.domain.catalogues import Catalogues
    from bot.domain.confirmation import Confirmation
    from bot.domain.money import Money, Rates
    from bot.domain.routing import Route
    from bot.services.policies import Policies


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """Reads memory alone, so that it can be asked before any answer."""

    catalogues: Catalogues
    policies: Policies
    rates: Rates

    def cost_of(self, route: Route, *, guild_id: int) -> Cost:
        """What each account of a route asks of this server."""
        by_account = self.catalogues.of(guild_id).prices_of(route)
        return Cost(by_account=by_account, of=PRICES_OF)

    def price_of(self, cost: Cost, *, takes: int = 1) -> Money | None:
        """The most that several jobs of one cost may cost together; None where nobody knows."""
        highest = cost.highest(self.rates)
        return None if highest is None else highest.times(takes)

    def asked_above(
        self, price: Money | None, *, guild_id: int, confirmed: Confirmation | None = None
    ) -> Money | None:
        """What is made without asking, where this price has to be asked about; None elsewhere.

        Args:
            price: The most that everything that is asked for may cost; None where nobody knows.
            guild_id: The server, whose moderators chose.
            confirmed: What the member has said yes to.
        """
        above = self.policies.of(guild_id).confirm_above
        if confirmed is not None and is_confirmed(price, told=confirmed.price, rates=self.rates):
            return None
        return above if is_asked_about(price, above=above, rates=self.rates) else None
