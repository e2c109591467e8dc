"""Money that nobody passes, however many ask at once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from bot.domain.audit import AuditAction
from bot.domain.cost import Cost
from bot.domain.errors import QuotaExceededError, StorageError
from bot.domain.job import Job, NewJob
from bot.domain.money import Money
from bot.domain.quota import BOT_ID, Measure, QuotaRule, Scope, Terms
from bot.domain.windows import Window
from storage import (
    audit,
    ledger,
    notices,
    quotas,
)
from storage.enqueue import enqueue
from storage.job_queries import waiting_count
from tests.storage.ledger_world import (
    ALICE,
    CHEAP,
    GUILD,
    MEMBER,
    RATES,
    SERVER,
    TERMS,
    budget,
    cancel,
    total,
    use,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from storage.database import Database


def test_a_budget_stops_hard_and_warns_before_once_in_each_of_its_windows(
    db: sqlite3.Connection, at: datetime, ask: Callable[..., Job]
) -> None:
    quotas.set_rule(db, GUILD, budget(1_000_000, window=Window.DAY), set_by=9, at=at)
    jobs = [ask() for _ in range(5)]
    with pytest.raises(QuotaExceededError, match=r"budget of USD 1\.00 per day"):
        ask()
    cancel(db, jobs[0], at)
    ask()
    assert warned(db) == [(80, "USD 0.80"), (95, "USD 1.00")]
    for _ in range(4):
        ask(when=at + timedelta(days=1))
    assert [percent for percent, _ in warned(db)] == [80, 95, 80]


def test_the_bots_budget_is_one_for_all_servers_and_warns_the_operator(
    ask: Callable[..., Job], db: sqlite3.Connection
) -> None:
    terms = Terms(rules=(budget(400_000, scope=Scope.BOT, subject_id=BOT_ID),), rates=RATES)
    ask(terms=terms, guild_id=1)
    ask(terms=terms, guild_id=2)
    with pytest.raises(QuotaExceededError, match="This bot's budget"):
        ask(terms=terms, guild_id=3)
    assert warned(db) == []
    (notice,) = notices.unsent(db, 9)
    assert notice.text == (
        "The budget of USD 0.40 per month for all servers together is used to 95 %: USD 0.40. When "
        "it is used up nobody can ask for a video that costs something until it resets, or until "
        "COGREEL_BUDGET_PER_MONTH is raised and the bot started again."
    )


def test_a_budget_counts_what_was_paid_in_another_currency(
    db: sqlite3.Connection, at: datetime, ask: Callable[..., Job]
) -> None:
    quotas.set_rule(db, GUILD, budget(1_000_000), set_by=9, at=at)
    yuan = Cost(by_account={"main": Money(micros=3_500_000, currency="CNY")})
    ask(yuan)
    ask(yuan)
    with pytest.raises(QuotaExceededError):
        ask()


def test_limits_in_two_currencies_count_all_money_of_a_window_that_they_share(
    db: sqlite3.Connection, at: datetime, ask: Callable[..., Job]
) -> None:
    dollars = budget(9_000_000, scope=Scope.MEMBER, subject_id=ALICE)
    rules = [
        dollars,
        replace(dollars, scope=Scope.ROLE, subject_id=20, currency="CNY"),
        replace(dollars, measure=Measure.VIDEOS, currency=None),
    ]
    asked = quotas.Asked(guild_id=GUILD, user_id=ALICE, role_ids=(20,), at=at, terms=TERMS)

    def used() -> list[int | None]:
        return [standing.used for standing in quotas.standings(db, asked, rules)]

    assert used() == [0, 0, 0]
    ask(Cost(by_account={"main": Money(micros=3_500_000, currency="CNY")}))
    assert used() == [500_000, 3_500_000, 1]
    ask(CHEAP)
    assert used() == [700_000, 4_900_000, 2]
    assert [standing.used for standing in quotas.standings(db, asked, rules[2:])] == [2]


def test_without_a_rate_there_is_no_free_ride(
    db: sqlite3.Connection, at: datetime, ask: Callable[..., Job]
) -> None:
    yuan = Cost(by_account={"main": Money(micros=3_500_000, currency="CNY")})
    ask(yuan, terms=Terms())
    quotas.set_rule(db, GUILD, budget(9_000_000), set_by=9, at=at)
    for cost in (yuan, CHEAP, Cost(by_account={"main": None})):
        with pytest.raises(QuotaExceededError, match="cannot be compared"):
            ask(cost, terms=Terms())


async def test_a_hundred_clicks_at_once_never_pass_a_budget(
    database: Database, at: datetime, new_job: Callable[..., NewJob]
) -> None:
    await database.write(
        partial(quotas.set_rule, guild_id=1, rule=budget(2_100_000), set_by=9, at=at)
    )
    news = [replace(new_job(user_id=user % 7), cost=CHEAP) for user in range(100)]
    outcomes = await asyncio.gather(
        *(
            database.write(partial(enqueue, new=new, at=at, max_waiting_per_member=99, terms=TERMS))
            for new in news
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(outcome, Job) for outcome in outcomes) == 10
    assert sum(isinstance(outcome, QuotaExceededError) for outcome in outcomes) == 90
    assert await database.read(waiting_count) == 10
    assert await database.read(partial(total, holder=SERVER)) == use(10, USD=2_000_000)


async def test_a_hundred_clicks_at_once_spend_no_more_than_a_grant(
    database: Database, at: datetime, new_job: Callable[..., NewJob]
) -> None:
    none = QuotaRule(scope=Scope.MEMBER, subject_id=ALICE, limit=0, window=Window.DAY)
    give = partial(
        ledger.give, member=MEMBER, videos=7, expires_at=at + timedelta(1), given_by=9, at=at
    )
    await database.write(partial(quotas.set_rule, guild_id=1, rule=none, set_by=9, at=at))
    await database.write(give)
    outcomes = await asyncio.gather(
        *(
            database.write(partial(enqueue, new=new_job(), at=at, max_waiting_per_member=99))
            for _ in range(100)
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(outcome, Job) for outcome in outcomes) == 7


@pytest.mark.parametrize("lost", ["balance", "quota_rule", "quota_grant", "ledger"])
async def test_when_the_database_cannot_answer_the_answer_is_no(
    lost: str, database: Database, at: datetime, new_job: Callable[..., NewJob]
) -> None:
    await database.write(
        partial(quotas.set_rule, guild_id=1, rule=budget(2_100_000), set_by=9, at=at)
    )

    def lose(db: sqlite3.Connection) -> None:
        db.execute(f"ALTER TABLE {lost} RENAME TO lost")  # a name of this test

    await database.write(lose)
    new = replace(new_job(), cost=CHEAP)
    with pytest.raises(StorageError):
        await database.write(
            partial(enqueue, new=new, at=at, max_waiting_per_member=9, terms=TERMS)
        )
    assert await database.read(waiting_count) == 0


def warned(db: sqlite3.Connection) -> list[tuple[object, object]]:
    """What the server's moderators read of its budget, oldest first."""
    entries = audit.entries_of_guild_after(db, GUILD, 0, limit=99)
    acts = [entry.act for entry in entries]
    assert {act.action for act in acts} <= {AuditAction.BUDGET_NEARLY_USED}
    return [(act.detail["percent"], act.detail["used"]) for act in acts]
