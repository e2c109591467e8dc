"""What an explanation says, word for word, wherever one limit goes before another."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.domain.cost import UNPRICED, Cost
from bot.domain.explanation import explained
from bot.domain.money import Money, Rates
from bot.domain.quota import BOT_ID, Grant, Measure, QuotaRule, Scope, Standing
from bot.domain.windows import Window
from bot.services.quotas import Trial
from bot.services.turns import Backlog
from cogs import quota_texts

if TYPE_CHECKING:
    from collections.abc import Sequence

NOW = datetime(2026, 1, 14, 12, tzinfo=UTC)
COST = Cost(by_account={"main": Money(micros=200_000, currency="USD")})
HEAD = "One more video of <@10> with CogVideoX-3, for at most USD 0.20:"
FOOT = "-# Days, weeks and months begin at midnight in Europe/Berlin."
TOMORROW, NEXT_MONTH = "<t:1768435200:R>", "<t:1769904000:R>"


def day(scope: Scope, limit: int, used: int, subject_id: int = 10) -> Standing:
    rule = QuotaRule(scope=scope, subject_id=subject_id, limit=limit, window=Window.DAY)
    return Standing(rule=rule, used=used, resets_at=datetime(2026, 1, 15, tzinfo=UTC))


def month(scope: Scope, limit: int, used: int | None, subject_id: int = 1) -> Standing:
    rule = QuotaRule(
        scope=scope,
        subject_id=subject_id,
        limit=limit,
        window=Window.MONTH,
        measure=Measure.MONEY,
        currency="USD",
    )
    return Standing(rule=rule, used=used, resets_at=datetime(2026, 2, 1, tzinfo=UTC))


def pace(measure: Measure, limit: int, used: int) -> Standing:
    rule = QuotaRule(scope=Scope.SERVER, subject_id=1, limit=limit, measure=measure)
    waits = measure is Measure.COOLDOWN and used
    return Standing(
        rule=rule, used=used, resets_at=NOW + timedelta(seconds=used) if waits else None
    )


GRANT = Grant(grant_id=1, videos=5, left=3, expires_at=datetime(2026, 2, 1, tzinfo=UTC))


def told(
    standings: Sequence[Standing],
    grants: tuple[Grant, ...] = (),
    cost: Cost = COST,
    backlogs: tuple[Backlog, ...] = (),
) -> list[str]:
    found = explained(standings, grants, cost, rates=Rates(), at=NOW, time_zone="Europe/Berlin")
    text = quota_texts.explanation(found, user_id=10, model="CogVideoX-3", backlogs=backlogs)
    return text.split("\n")


def test_nobody_names_them() -> None:
    assert told([]) == [HEAD, "No limit names them here.", "**It would be made.**", FOOT]


def test_every_limit_has_room() -> None:
    assert told([day(Scope.MEMBER, 5, 4), pace(Measure.CONCURRENT, 2, 1)]) == [
        HEAD,
        f"✅ Own limit, 5 videos per day: 4 videos used. Resets {TOMORROW}.",
        "✅ Each member of this server, 2 at once: 1 video under way.",
        "**It would be made.**",
        FOOT,
    ]


def test_a_full_queue_decides_before_any_limit() -> None:
    backlogs = (
        Backlog(of_server=False, waiting=1, most=10),
        Backlog(of_server=True, waiting=50, most=50),
    )
    assert told([day(Scope.MEMBER, 1, 1)], backlogs=backlogs) == [
        HEAD,
        "✅ Waiting of theirs, at most 10: 1 video.",
        "🚫 Waiting on this server, at most 50: 50 videos. **This one decides.**",
        f"🚫 Own limit, 1 video per day: 1 video used. Resets {TOMORROW}. Refuses.",
        "**It would be refused**, because so many videos wait; until one of them starts.",
        FOOT,
    ]


def test_the_most_generous_role_goes_before_the_others() -> None:
    standings = [day(Scope.ROLE, 2, 3, 7), day(Scope.ROLE, 4, 3, 8)]
    assert told(standings) == [
        HEAD,
        (
            f"💤 Role <@&7>, 2 videos per day: 3 videos used. Resets {TOMORROW}. "
            "Not asked: another of their roles is more generous."
        ),
        f"✅ Role <@&8>, 4 videos per day: 3 videos used. Resets {TOMORROW}.",
        "**It would be made.**",
        FOOT,
    ]


def test_a_members_own_limit_does_not_yield_to_a_generous_role() -> None:
    assert told([day(Scope.MEMBER, 1, 1), day(Scope.ROLE, 9, 1, 8)]) == [
        HEAD,
        f"🚫 Own limit, 1 video per day: 1 video used. Resets {TOMORROW}. **This one decides.**",
        f"✅ Role <@&8>, 9 videos per day: 1 video used. Resets {TOMORROW}.",
        "**It would be refused** by this limit: Own limit, 1 video per day.",
        FOOT,
    ]


def test_of_two_that_refuse_the_later_one_decides() -> None:
    assert told([day(Scope.MEMBER, 1, 1), month(Scope.SERVER, 5_000_000, 4_900_000)]) == [
        HEAD,
        f"🚫 Own limit, 1 video per day: 1 video used. Resets {TOMORROW}. Refuses.",
        (
            "🚫 This server together, USD 5.00 per month: USD 4.90 used, USD 0.20 needed. "
            f"Resets {NEXT_MONTH}. **This one decides.**"
        ),
        "**It would be refused** by this limit: This server together, USD 5.00 per month.",
        FOOT,
    ]


def test_a_grant_goes_before_the_members_own_limits() -> None:
    assert told([day(Scope.MEMBER, 1, 1), day(Scope.SERVER, 50, 9, 1)], (GRANT,)) == [
        HEAD,
        (
            f"🎁 Own limit, 1 video per day: 1 video used. Resets {TOMORROW}. "
            "Not asked: a grant is spent first."
        ),
        f"✅ This server together, 50 videos per day: 9 videos used. Resets {TOMORROW}.",
        "- Grant: **3 of 5 videos** left, until <t:1769904000:f>.",
        "**It would be made**, of the grant.",
        FOOT,
    ]


def test_a_grant_does_not_go_before_the_bots_budget() -> None:
    assert told([month(Scope.BOT, 1_000_000, 1_000_000, BOT_ID)], (GRANT,))[1:4] == [
        (
            "🚫 The whole bot, USD 1.00 per month: USD 1.00 used, USD 0.20 needed. "
            f"Resets {NEXT_MONTH}. **This one decides.**"
        ),
        "- Grant: **3 of 5 videos** left, until <t:1769904000:f>.",
        "**It would be refused** by this limit: The whole bot, USD 1.00 per month.",
    ]


def test_a_cooldown_and_what_is_under_way_go_before_a_grant() -> None:
    standings = [pace(Measure.COOLDOWN, 600, 90), pace(Measure.CONCURRENT, 1, 1)]
    assert told(standings, (GRANT,)) == [
        HEAD,
        (
            "🚫 Each member of this server, one video every 10 min: 90 s to wait, until "
            "<t:1768392090:R>. **This one decides.**"
        ),
        "🚫 Each member of this server, 1 at once: 1 video under way. Refuses.",
        "- Grant: **3 of 5 videos** left, until <t:1769904000:f>.",
        (
            "**It would be refused** by this limit: Each member of this server, one video every "
            "10 min."
        ),
        FOOT,
    ]


@pytest.mark.parametrize("cost", [UNPRICED, Cost(by_account={"main": None})])
def test_a_price_that_nobody_knows_passes_no_budget(cost: Cost) -> None:
    assert told([month(Scope.SERVER, 5_000_000, 0)], cost=cost)[:2] == [
        "One more video of <@10> with CogVideoX-3, for an unknown price:",
        (
            "🚫 This server together, USD 5.00 per month: USD 0.00 used, an unknown amount needed. "
            "**This one decides.**"
        ),
    ]


def test_what_was_paid_in_a_currency_without_a_rate_is_told() -> None:
    assert "nobody knows what is used" in told([month(Scope.SERVER, 5_000_000, None)])[1]


def test_an_explanation_of_many_limits_fits_into_one_message() -> None:
    many = [day(Scope.ROLE, limit, 3, 10**18 + limit) for limit in range(60)]
    text = "\n".join(told(many))
    assert len(text) <= 2000
    assert text.endswith("… and more.")


def test_a_trial_names_those_who_would_be_stopped() -> None:
    rule = day(Scope.ROLE, 2, 0, 7).rule
    stopped = Trial(stopped=((10, 2), (11, 5)), pool_used=None)
    assert quota_texts.trial(rule, stopped, "each member with <@&7>") == (
        "Nothing was saved. With 2 videos per day for each member with <@&7>, of those with the "
        "role, these would be stopped now: <@10> (2 videos), <@11> (5 videos)."
    )
    nobody = Trial(stopped=(), pool_used=None)
    assert quota_texts.trial(rule, nobody, "each member").endswith("nobody would be stopped now.")


@pytest.mark.parametrize(
    ("used", "outcome"),
    [
        (4_000_000, "USD 4.00 would be used and USD 1.00 left, so videos could go on now."),
        (5_000_000, "USD 5.00 would be used and USD 0.00 left, so nobody could go on now."),
    ],
)
def test_a_trial_of_a_pool_says_what_would_be_left(used: int, outcome: str) -> None:
    rule = month(Scope.SERVER, 5_000_000, 0).rule
    text = quota_texts.trial(rule, Trial(stopped=(), pool_used=used), "the whole server together")
    assert text.endswith(outcome)


@pytest.mark.parametrize(
    ("rule", "used", "outcome"),
    [
        (day(Scope.ROLE, 0, 0, 7).rule, None, "all of them would be stopped, and not while they"),
        (month(Scope.ROLE, 0, 0, 7).rule, None, "stopped, but only from videos that cost"),
        (pace(Measure.CONCURRENT, 0, 0).rule, None, "all of them would be stopped."),
        (pace(Measure.COOLDOWN, 0, 0).rule, None, "nobody would be stopped now."),
        (pace(Measure.COOLDOWN, 600, 0).rule, 90, "stopped now: <@10> (90 s to wait)."),
        (day(Scope.MEMBER, 0, 0).rule, 0, "these would be stopped now: <@10> (0 videos)."),
        (month(Scope.ROLE, 5, 0).rule, "?", "<@10> (nobody can convert what was paid)."),
        (month(Scope.SERVER, 5, 0).rule, None, "Ask the operator of this bot for the exchange"),
    ],
)
def test_a_trial_says_what_would_come_of_it(
    rule: QuotaRule, used: int | str | None, outcome: str
) -> None:
    amount = None if isinstance(used, str) else used
    found = Trial(stopped=() if used is None else ((10, amount),), pool_used=None)
    assert outcome in quota_texts.trial(rule, found, "each member")


@pytest.mark.parametrize(
    ("standing", "line"),
    [
        (day(Scope.MEMBER, 7, 7), f"**7 of 7** per day used, 0 left. Resets {TOMORROW}."),
        (
            day(Scope.MEMBER, 1, 7),
            f"**7 used**, more than the limit of 1 per day; none left. Resets {TOMORROW}.",
        ),
        (
            month(Scope.MEMBER, 1_000_000, 3_000_000),
            "**USD 3.00 used**, more than the limit of USD 1.00 per month; none left. Resets <t:",
        ),
        (pace(Measure.CONCURRENT, 2, 2), "**2 of 2** at once under way."),
        (pace(Measure.CONCURRENT, 1, 3), "**3 under way**, more than the limit of 1 at once."),
    ],
)
def test_what_is_used_above_a_limit_is_no_part_of_it(standing: Standing, line: str) -> None:
    assert f": {line}" in quota_texts.shown([standing], [], 10)


def test_a_list_names_whom_each_limit_is_for() -> None:
    rules = [
        day(Scope.SERVER, 50, 0).rule,
        day(Scope.ROLE, 9, 0, 7).rule,
        day(Scope.MEMBER, 1, 0).rule,
    ]
    assert quota_texts.listed(rules, "UTC").split("\n") == [
        "Limits here, in the time zone UTC:",
        "- This server together: **50 videos per day**",
        "- Role <@&7>: **9 videos per day**",
        "- <@10> alone: **1 video per day**",
    ]
    assert quota_texts.listed([], "UTC").startswith("There are no limits here.")
