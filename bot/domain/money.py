"""Amounts, and which of two is more where they are in different currencies."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """An amount in millionths of a currency's unit.

    Attributes:
        micros: Millionths; 200_000 of USD is $0.20.
        currency: ISO 4217, or the gateway's own unit.
    """

    micros: int
    currency: str

    def __str__(self) -> str:
        whole, part = divmod(self.micros, 1_000_000)
        return f"{self.currency} {whole}.{f'{part:06d}'.rstrip('0').ljust(2, '0')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """What other currencies are worth.

    Attributes:
        usd_per_unit: By currency, what one unit is worth in US dollars.
        of: The day that they are from; None where they hold for ever.
    """

    usd_per_unit: Mapping[str, Fraction] = field(default_factory=dict[str, Fraction])
    of: date | None = None

    def in_usd(self, money: Money) -> Fraction | None:
        """An amount in millionths of a US dollar; None where its currency has no rate."""
        if money.currency == "USD" or not money.micros:
            return Fraction(money.micros)
        rate = self.usd_per_unit.get(money.currency)
        return None if rate is None else money.micros * rate

    def may_be_dearer(self, price: Money | None, than: Money | None) -> bool:
        """Whether a price is above another one, or cannot be compared with it."""
        if price is None or than is None:
            return True
        if price.currency == than.currency:
            return price.micros > than.micros
        here, there = self.in_usd(price), self.in_usd(than)
        return here is None or there is None or here > there
