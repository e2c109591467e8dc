"""Amounts of several currencies, compared and added up by fractions: what the books count with."""

from __future__ import annotations

import math
from fractions import Fraction

Price = tuple[int, str]
"""Micros and their currency."""

USD_PER_UNIT = {"USD": Fraction(1), "CNY": Fraction(1, 7)}


def most(prices: dict[str, Price | None]) -> Price | None:
    """The highest price; None where one is unknown, or they cannot be compared."""
    known = [price for price in prices.values() if price is not None]
    if not known or len(known) < len(prices):
        return None
    if len({currency for _, currency in known}) == 1:
        return max(known, key=lambda price: price[0])
    worth = [in_fractions(price, "USD") for price in known]
    if None in worth:
        return None
    return known[worth.index(max(one for one in worth if one is not None))]


def in_currency(prices: list[Price], currency: str) -> int | None:
    """Their sum in micros of another currency, rounded up; None where a rate is missing."""
    parts = [in_fractions(price, currency) for price in prices]
    known = [part for part in parts if part is not None]
    return None if len(known) < len(parts) else math.ceil(sum(known, Fraction(0)))


def in_fractions(price: Price, currency: str) -> Fraction | None:
    """Likewise of one of them, exact."""
    micros, own = price
    if own == currency or micros == 0:
        return Fraction(micros)
    if own not in USD_PER_UNIT or currency not in USD_PER_UNIT:
        return None
    return micros * USD_PER_UNIT[own] / USD_PER_UNIT[currency]
