"""What a job may cost: one price for each account that may take it, as they stood when it came."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.domain.account import is_own

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.domain.money import Money, Rates


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """The prices of one job.

    Attributes:
        by_account: What each account that may take it asks; None where it publishes no price.
        of: The version of the table that they are from.
    """

    by_account: Mapping[str, Money | None] = field(default_factory=dict[str, "Money | None"])
    of: str = ""

    @property
    def is_operators(self) -> bool:
        """Whether an account of the operator's may take it, which is paid for by the operator."""
        return not self.by_account or not all(map(is_own, self.by_account))

    @property
    def own_part(self) -> Cost:
        """What the server's own accounts ask."""
        return Cost(
            by_account={name: price for name, price in self.by_account.items() if is_own(name)},
            of=self.of,
        )

    def highest(self, rates: Rates) -> Money | None:
        """The most that it may cost; None where a price is unknown, or two cannot be compared."""
        prices = list(self.by_account.values())
        if len(prices) == 1:  # nearly always, and asked for often
            return prices[0]
        if not prices or None in prices:
            return None
        highest = prices[0]
        for price in prices[1:]:
            if rates.may_be_dearer(price, highest):
                if rates.may_be_dearer(highest, price):
                    return None
                highest = price
        return highest


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """What stands in the ledger for one job.

    Attributes:
        money: The amount; None where no price is known.
        is_final: Whether it is what the job did cost, and not the most that it may cost.
    """

    money: Money | None
    is_final: bool


UNPRICED = Cost()
"""Of a job whose price nobody knows: no limit in money lets it pass."""
