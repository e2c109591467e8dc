"""Which account takes a job: the first with a place, and a dearer one only when all else fails."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.catalogue import Catalogue
from bot.domain.errors import InvalidOptionError
from bot.domain.money import Money, Rates
from bot.domain.request import VideoRequest
from bot.domain.routing import (
    NOWHERE,
    Assignment,
    Leg,
    Room,
    Rooms,
    Route,
    Taken,
    assigned,
    is_stopped,
    route_from,
)
from providers.capabilities import capability_for
from tests.accounts import account

ZAI, BIGMODEL, RESELLER = (
    capability_for(gateway, "cogvideox-3") for gateway in ("zai", "bigmodel", "302ai")
)
ACCOUNTS = (
    account([ZAI], name="first"),
    account([BIGMODEL], name="second"),
    account([RESELLER], name="third"),
)
PLAIN = VideoRequest(model="cogvideox-3", prompt="A calm sea")
CHEAP_CNY = Rates(usd_per_unit={"CNY": Fraction("0.14")})
DEAR_CNY = Rates(usd_per_unit={"CNY": Fraction("0.5")})
OPEN, FULL = Room(limit=1), Room(limit=0)
BROKEN = Room(limit=1, is_closed=True, is_broken=True)
TRYING = Room(limit=5, is_broken=True, is_trying=True)


def catalogue(*, rates: Rates | None = None, dearer: bool = False) -> Catalogue:
    return Catalogue(ACCOUNTS, default="cogvideox-3", dearer_may_stand_in=dearer, rates=rates)


@pytest.mark.parametrize(
    ("rates", "dearer", "route"),
    [
        (None, False, "cogvideox-3 first"),  # nothing to compare with
        (CHEAP_CNY, False, "cogvideox-3 first,second"),
        (DEAR_CNY, False, "cogvideox-3 first"),
        (CHEAP_CNY, True, "cogvideox-3 first,second,third!"),  # the third has no price
        (DEAR_CNY, True, "cogvideox-3 first,second!,third!"),
    ],
)
def test_others_stand_in_at_no_higher_price_unless_that_is_allowed(
    rates: Rates | None, dearer: bool, route: str
) -> None:
    found = catalogue(rates=rates, dearer=dearer).route_of(PLAIN)
    assert str(found) == route
    assert route_from(route) == found


def test_an_account_that_does_not_take_all_of_it_is_passed_over_from_the_start() -> None:
    better = replace(PLAIN, quality="quality", images=("a" * 64, "b" * 64))
    here = catalogue(rates=CHEAP_CNY)
    assert str(here.route_of(better)) == "cogvideox-3 second", "Z.AI takes two frames fast only"
    assert here.check(better) is BIGMODEL
    assert here.check(PLAIN) is ZAI


def test_what_nobody_takes_has_no_route_and_is_refused_in_the_first_ones_words() -> None:
    nobodys = replace(PLAIN, size="1x1")
    assert str(catalogue().route_of(nobodys)) == NOWHERE
    with pytest.raises(InvalidOptionError, match=r"`size`: CogVideoX-3 takes"):
        catalogue().check(nobodys)


def test_two_accounts_of_one_gateway_cost_the_same() -> None:
    twins = [account([ZAI], name="first"), account([ZAI], name="second")]
    assert str(Catalogue(twins, default="cogvideox-3").route_of(PLAIN)) == (
        "cogvideox-3 first,second"
    )


ROUTE = Route("m", (Leg("a", False), Leg("b", False), Leg("c", True)))


@pytest.mark.parametrize(
    ("a", "b", "c", "taker"),
    [
        (OPEN, OPEN, OPEN, Assignment("a", None)),
        (FULL, OPEN, OPEN, Assignment("b", None)),  # nobody had to stand in: it only is faster
        (BROKEN, OPEN, OPEN, Assignment("b", "a")),
        (TRYING, OPEN, OPEN, Assignment("a", None)),
        (FULL, FULL, OPEN, None),  # a dearer one only for the broken
        (BROKEN, FULL, OPEN, None),
        (BROKEN, BROKEN, OPEN, Assignment("c", "a")),
        (BROKEN, BROKEN, BROKEN, None),
        (None, None, OPEN, Assignment("c", "a")),  # accounts that are gone
        (None, None, None, None),
    ],
)
def test_who_takes_it(
    a: Room | None, b: Room | None, c: Room | None, taker: Assignment | None
) -> None:
    rooms: Rooms = {(n, "m"): r for n, r in (("a", a), ("b", b), ("c", c)) if r is not None}
    assert assigned(ROUTE, rooms, {}) == taker
    assert is_stopped(ROUTE, rooms) is all(room.is_broken for room in rooms.values())


def test_places_that_are_taken_count() -> None:
    rooms = {("a", "m"): Room(limit=2), ("b", "m"): Room(limit=1)}
    taken = {("a", "m"): Taken(2, 0), ("b", "m"): Taken(0, 0), ("a", "n"): Taken(9, 9)}
    assert assigned(ROUTE, rooms, taken) == Assignment("b", None)
    assert assigned(ROUTE, rooms, taken | {("b", "m"): Taken(1, 0)}) is None


def test_a_broken_account_is_tried_with_one_job_at_a_time() -> None:
    rooms = {("a", "m"): TRYING, ("b", "m"): OPEN}
    assert assigned(ROUTE, rooms, {("a", "m"): Taken(3, 0)}) == Assignment("a", None)
    assert assigned(ROUTE, rooms, {("a", "m"): Taken(3, 1)}) == Assignment("b", "a")
    assert assigned(ROUTE, rooms, {("a", "n"): Taken(1, 1)}) == Assignment("b", "a"), "of any model"
    assert assigned(ROUTE, rooms, {("b", "n"): Taken(1, 1)}) == Assignment("a", None)


def test_a_job_that_waits_to_ask_again_keeps_no_other_from_trying_the_account() -> None:
    rooms = {("a", "m"): replace(TRYING, limit=9, repeating=1)}
    assert assigned(ROUTE, rooms, {("a", "m"): Taken(1, 1)}) == Assignment("a", None)
    assert assigned(ROUTE, rooms, {("a", "m"): Taken(2, 2)}) is None


def test_prices_are_compared_in_one_currency_and_in_doubt_the_other_is_dearer() -> None:
    one_yuan, ten_cents = (
        Money(micros=1_000_000, currency="CNY"),
        Money(micros=100_000, currency="USD"),
    )
    assert Rates().may_be_dearer(one_yuan, ten_cents)
    assert Rates().may_be_dearer(ten_cents, one_yuan)
    assert CHEAP_CNY.may_be_dearer(one_yuan, ten_cents)
    assert not CHEAP_CNY.may_be_dearer(ten_cents, one_yuan)
    assert not Rates().may_be_dearer(ten_cents, ten_cents)
    assert not Rates().may_be_dearer(Money(micros=0, currency="CNY"), ten_cents)
    assert Rates().may_be_dearer(None, ten_cents)
    assert Rates().may_be_dearer(ten_cents, None)


@given(
    model=st.from_regex(r"[a-z][a-z0-9-]{0,20}", fullmatch=True),
    legs=st.lists(
        st.builds(Leg, st.from_regex(r"[a-z][a-z0-9_-]{0,20}", fullmatch=True), st.booleans()),
        min_size=1,
    ),
)
def test_a_route_is_what_was_stored(model: str, legs: list[Leg]) -> None:
    route = Route(model, tuple(legs))
    assert route_from(str(route)) == route
