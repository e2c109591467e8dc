"""What is asked about, by amount and currency."""

from __future__ import annotations

from fractions import Fraction

import pytest

from bot.domain.confirmation import is_asked_about, is_confirmed
from bot.domain.money import Money, Rates

RATES = Rates(usd_per_unit={"CNY": Fraction(1, 7)})


def usd(units: str) -> Money:
    return Money(micros=int(Fraction(units) * 1_000_000), currency="USD")


def cny(units: str) -> Money:
    return Money(micros=int(Fraction(units) * 1_000_000), currency="CNY")


PTC = Money(micros=1, currency="PTC")  # has no rate


@pytest.mark.parametrize(
    ("price", "above", "is_asked"),
    [
        pytest.param(usd("0.2"), None, False, id="nothing is asked about"),
        pytest.param(usd("0.2"), usd("0.2"), False, id="exactly so much"),
        pytest.param(usd("0.200001"), usd("0.2"), True, id="a little more"),
        pytest.param(usd("0.2"), usd("0"), True, id="everything that is not free"),
        pytest.param(usd("0"), usd("0"), False, id="free"),
        pytest.param(Money(micros=0, currency="PTC"), usd("0"), False, id="free in any currency"),
        pytest.param(cny("1"), usd("0.15"), False, id="converted, less"),
        pytest.param(cny("1.1"), usd("0.15"), True, id="converted, more"),
        pytest.param(PTC, usd("9"), True, id="no rate"),
        pytest.param(None, usd("9"), True, id="nobody knows"),
    ],
)
def test_what_may_cost_more_than_is_let_pass_is_asked_about(
    price: Money | None, above: Money | None, is_asked: bool
) -> None:
    assert is_asked_about(price, above=above, rates=RATES) is is_asked


@pytest.mark.parametrize(
    ("price", "told", "is_agreed"),
    [
        (usd("0.2"), usd("0.2"), True),
        (usd("0.1"), usd("0.2"), True),
        (cny("1"), usd("0.2"), True),
        (usd("0.3"), usd("0.2"), False),
        (None, usd("0.2"), False),
        (None, None, True),
        (usd("9"), None, True),
    ],
)
def test_who_agreed_to_a_price_agreed_to_every_lower_one(
    price: Money | None, told: Money | None, is_agreed: bool
) -> None:
    assert is_confirmed(price, told=told, rates=RATES) is is_agreed
