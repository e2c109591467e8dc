"""Which limits apply, what is left of them, what passes, and which one refuses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from bot.domain.cost import UNPRICED, Cost
from bot.domain.money import Money, Rates
from bot.domain.quota import (
    Grant,
    Measure,
    QuotaRule,
    Scope,
    Standing,
    Use,
    Verdict,
    applicable_rules,
    judged,
    need_of,
    percent_passed,
)
from bot.domain.quota_refusals import refusal_of
from bot.domain.windows import Window

if TYPE_CHECKING:
    from bot.domain.errors import QuotaExceededError

NOW = datetime(2026, 1, 1, tzinfo=UTC)
RATES = Rates(usd_per_unit={"CNY": Fraction(1, 7)})


def usd(amount: float) -> Money:
    return Money(micros=round(amount * 1_000_000), currency="USD")


def cost(amount: float = 0.2) -> Cost:
    return Cost(by_account={"main": usd(amount)}, of="2026-01-01")


def rule(
    scope: Scope, limit: int, *, window: Window = Window.DAY, subject_id: int = 1
) -> QuotaRule:
    return QuotaRule(scope=scope, subject_id=subject_id, window=window, limit=limit)


def test_of_several_roles_the_most_generous_decides_in_each_window() -> None:
    small, large = rule(Scope.ROLE, 2, subject_id=7), rule(Scope.ROLE, 9, subject_id=8)
    weekly = rule(Scope.ROLE, 3, window=Window.WEEK, subject_id=7)
    assert applicable_rules([small, large, weekly]) == [large, weekly]


def test_a_members_and_the_servers_limits_always_decide() -> None:
    own, pool, role = rule(Scope.MEMBER, 1), rule(Scope.SERVER, 50), rule(Scope.ROLE, 9)
    assert applicable_rules([own, pool, role]) == [own, pool, role]
    assert applicable_rules([]) == []


def test_the_shortest_cooldown_and_the_most_money_are_the_most_generous() -> None:
    short, long = (
        QuotaRule(scope=Scope.ROLE, subject_id=role, limit=limit, measure=Measure.COOLDOWN)
        for role, limit in ((7, 60), (8, 600))
    )
    five_dollars, thirty_yuan, pounds = (
        money_rule(Scope.ROLE, amount, currency, subject_id=role)
        for role, amount, currency in ((7, 5, "USD"), (8, 30, "CNY"), (9, 999, "GBP"))
    )
    assert applicable_rules([long, short]) == [short]
    # What nobody can compare is never the generous one.
    assert applicable_rules([pounds, thirty_yuan, five_dollars], RATES) == [five_dollars]


def money_rule(
    scope: Scope, amount: float, currency: str = "USD", *, subject_id: int = 1
) -> QuotaRule:
    return QuotaRule(
        scope=scope,
        subject_id=subject_id,
        limit=round(amount * 1_000_000),
        window=Window.MONTH,
        measure=Measure.MONEY,
        currency=currency,
    )


def standing(limit: int, used: int, resets_in_days: int, window: Window = Window.DAY) -> Standing:
    resets_at = NOW + timedelta(days=resets_in_days)
    return Standing(rule=rule(Scope.MEMBER, limit, window=window), used=used, resets_at=resets_at)


def judge(*standings: Standing, price: Cost = UNPRICED, grants: tuple[Grant, ...] = ()) -> Verdict:
    return judged(standings, grants, price, RATES, NOW)


def refusal(*standings: Standing, price: Cost = UNPRICED) -> QuotaExceededError:
    decides = judge(*standings, price=price).deciding
    assert decides is not None
    return refusal_of(decides, need_of(decides.rule, price, RATES))


def test_one_more_passes_while_every_limit_has_room() -> None:
    assert judge().passes
    assert judge(standing(5, 4, 1), standing(1, 0, 7)).passes


@pytest.mark.parametrize(
    ("used", "so_much"), [(5, "5 of 5"), (6, "6 videos used"), (100, "100 videos used")]
)
def test_a_limit_that_is_used_up_refuses_and_says_when_it_resets(used: int, so_much: str) -> None:
    error = refusal(standing(9, 1, 7), standing(5, used, 1))
    assert (error.limit, error.used, error.window) == (5, used, "day")
    assert str(error) == (
        f"Your limit of 5 videos per day is used up ({so_much}). It resets <t:1767312000:R>. "
        "A moderator can raise it with `/quota set`."
    )


def test_a_limit_of_none_refuses_the_first_and_promises_nothing() -> None:
    none = standing(0, 0, 1)
    assert str(refusal(none)) == (
        "Your limit of 0 videos per day is used up (0 of 0). "
        "A moderator can raise it with `/quota set`."
    )
    assert str(refusal(none, standing(3, 3, 20, Window.MONTH))) == str(refusal(none))
    at_once = QuotaRule(scope=Scope.SERVER, subject_id=1, limit=0, measure=Measure.CONCURRENT)
    assert str(refusal(Standing(rule=at_once, used=0, resets_at=None))) == (
        "No video may be under way for you here at present. "
        "A moderator can raise it with `/quota set`."
    )


def test_of_two_that_refuse_the_one_that_resets_last_is_told() -> None:
    both = [standing(1, 1, 1), standing(3, 3, 20, Window.MONTH)]
    for order in (both, both[::-1]):
        assert refusal(*order).window == "month"


def test_of_several_that_refuse_the_one_that_no_waiting_ends_is_told() -> None:
    at_once = Standing(
        rule=QuotaRule(scope=Scope.SERVER, subject_id=1, limit=1, measure=Measure.CONCURRENT),
        used=1,
        resets_at=None,
    )
    pause = Standing(
        rule=QuotaRule(scope=Scope.SERVER, subject_id=1, limit=600, measure=Measure.COOLDOWN),
        used=90,
        resets_at=NOW + timedelta(seconds=90),
    )
    never = Standing(rule=money_rule(Scope.MEMBER, 0.1), used=0, resets_at=NOW)
    assert str(refusal(at_once)) == (
        "You have 1 video under way, and 1 at once is the most here. Wait until one is done, or "
        "cancel one that waits with `/video cancel`."
    )
    assert str(refusal(at_once, pause)) == (
        "This server's limit is one video every 10 min. Wait until <t:1767225690:R>, "
        "then ask again."
    )
    assert refusal(at_once, pause, standing(1, 1, 9), price=cost()).window == "day"
    assert str(refusal(at_once, standing(1, 1, 9), never, price=cost())) == (
        "Your limit of USD 0.10 per month does not allow this video: USD 0.00 of it is used, and "
        "the video may cost USD 0.20. Choose a model that costs less; `/video models` lists them."
    )


def budget(used: float, limit: float = 5.0, scope: Scope = Scope.SERVER) -> Standing:
    micros = round(used * 1_000_000)
    return Standing(rule=money_rule(scope, limit), used=micros, resets_at=NOW + timedelta(days=9))


def test_a_budget_stops_what_would_pass_it_and_nothing_less() -> None:
    assert judge(budget(4.8), price=cost(0.2)).passes
    assert str(refusal(budget(4.9), price=cost(0.2))) == (
        "This server's budget of USD 5.00 per month does not allow this video: USD 4.90 of it is "
        "used, and the video may cost USD 0.20. It resets <t:1768003200:R>. A moderator can raise "
        "it with `/budget set`."
    )
    assert "Ask the operator of this bot to raise it." in str(
        refusal(budget(4.9, scope=Scope.BOT), price=cost(0.2))
    )


def test_what_is_free_passes_a_budget_that_is_used_up() -> None:
    assert judge(budget(6.0), price=cost(0)).passes


def test_what_nobody_can_convert_passes_no_limit_in_money() -> None:
    pounds = Cost(by_account={"main": Money(micros=1, currency="GBP")})
    either = Cost(by_account={"main": usd(0.2), "backup": Money(micros=1, currency="GBP")})
    lost = Standing(rule=money_rule(Scope.SERVER, 5), used=None, resets_at=NOW)
    for unknown in (pounds, either, UNPRICED, Cost(by_account={"main": None})):
        assert "an exchange rate is not known" in str(refusal(budget(0), price=unknown))
        assert judge(standing(5, 0, 1), price=unknown).passes
    assert "an exchange rate is not known" in str(refusal(lost, price=cost()))


def test_the_highest_price_of_the_route_is_what_has_to_fit() -> None:
    price = Cost(by_account={"main": usd(0.2), "cn": Money(micros=7_000_000, currency="CNY")})
    assert price.highest(RATES) == Money(micros=7_000_000, currency="CNY")
    assert need_of(money_rule(Scope.SERVER, 5), price, RATES) == 1_000_000
    assert not judge(budget(4.5), price=price).passes


def test_amounts_are_rounded_up() -> None:
    thirds = Use(micros={"CNY": 1, "USD": 1})
    assert thirds.of(money_rule(Scope.SERVER, 5), RATES) == 2
    assert thirds.of(money_rule(Scope.SERVER, 5, "GBP"), RATES) is None


def grant(grant_id: int = 1, *, left: int = 1, days: int = 3) -> Grant:
    return Grant(grant_id=grant_id, videos=5, left=left, expires_at=NOW + timedelta(days=days))


def test_a_grant_is_spent_first_the_one_that_expires_first_before_others() -> None:
    late, soon = grant(1, days=9), grant(2, days=2)
    assert judge(standing(5, 0, 1), grants=(late, soon)).grant == soon


@pytest.mark.parametrize("void", [grant(left=0), grant(days=0), grant(days=-1)])
def test_a_grant_that_is_spent_or_over_gives_nothing(void: Grant) -> None:
    verdict = judge(standing(5, 5, 1), grants=(void,))
    assert (verdict.grant, verdict.passes) == (None, False)


def test_a_grant_spares_the_members_own_limits_and_no_others() -> None:
    role = Standing(rule=rule(Scope.ROLE, 0), used=0, resets_at=NOW)
    pool = Standing(rule=rule(Scope.SERVER, 3), used=3, resets_at=NOW + timedelta(days=1))
    pause = Standing(
        rule=QuotaRule(scope=Scope.MEMBER, subject_id=1, limit=60, measure=Measure.COOLDOWN),
        used=5,
        resets_at=NOW + timedelta(seconds=5),
    )
    own = budget(9, scope=Scope.MEMBER)
    assert judge(standing(5, 5, 1), role, own, grants=(grant(),), price=cost()).passes
    for held in (pool, pause, budget(4.9)):
        assert judge(held, grants=(grant(),), price=cost()).refusing == (held,)


@pytest.mark.parametrize(
    ("before", "after", "percent"),
    [(0, 79, None), (0, 80, 80), (79, 94, 80), (80, 94, None), (79, 95, 95), (95, 100, None)],
)
def test_a_budget_warns_when_it_passes_a_part_and_only_then(
    before: int, after: int, percent: int | None
) -> None:
    assert percent_passed(before, after, 100) == percent


def test_what_remains_is_never_negative() -> None:
    assert [standing(5, used, 1).remaining for used in (0, 4, 5, 9)] == [5, 1, 0, 0]
    assert Standing(rule=money_rule(Scope.SERVER, 5), used=None, resets_at=NOW).remaining == 0
