"""Amounts, and what they are in another currency."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

MICROS = 1_000_000
_SIGNS = {"$": "USD", "US$": "USD", "¥": "CNY"}
_AMOUNT = re.compile(
    r"(?P<before>[A-Z]{3}|US\$|[$¥])?\s*(?P<number>\d{1,9}(\.\d{1,6})?)\s*(?P<after>[A-Z]{3})?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """An amount in millionths of a currency's unit.

    Attributes:
        micros: Millionths; 200_000 of USD is $0.20.
        currency: ISO 4217, or the gateway's own unit.
    """

    micros: int
    currency: str

    def times(self, count: int) -> Money:
        """So much for each of several."""
        return Money(micros=self.micros * count, currency=self.currency)

    def __str__(self) -> str:
        whole, part = divmod(abs(self.micros), MICROS)
        sign = "-" if self.micros < 0 else ""
        return f"{self.currency} {sign}{whole}.{f'{part:06d}'.rstrip('0').ljust(2, '0')}"


def money_from(text: str, *, currency: str) -> Money | None:
    """An amount as people type it: ``5``, ``5.50 USD``, ``USD 5``, ``$5``; None for anything else.

    Args:
        text: What was typed.
        currency: The one that is meant where none is named.
    """
    found = _AMOUNT.fullmatch(text.strip().upper())
    if found is None or (found["before"] and found["after"]):
        return None
    named = found["before"] or found["after"] or currency
    return Money(micros=int(Fraction(found["number"]) * MICROS), currency=_SIGNS.get(named, named))


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

    def converted(self, money: Money, currency: str) -> Fraction | None:
        """An amount in millionths of another currency's unit; None where a rate is missing."""
        if money.currency == currency or not money.micros:
            return Fraction(money.micros)
        in_usd = self.in_usd(money)
        unit = self.in_usd(Money(micros=MICROS, currency=currency))
        return None if in_usd is None or unit is None else in_usd / unit * MICROS

    def may_be_dearer(self, price: Money | None, than: Money | None) -> bool:
        """Whether a price is above another one, or cannot be compared with it."""
        if price is None or than is None:
            return True
        if price.currency == than.currency:
            return price.micros > than.micros
        here, there = self.in_usd(price), self.in_usd(than)
        return here is None or there is None or here > there
