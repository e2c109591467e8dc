"""What waits goes to other accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.cost import Cost
from bot.domain.quota import BOT_ID, Scope, Terms
from bot.domain.windows import Window
from storage import (
    notices,
    quotas,
)
from storage.balances import BOT
from storage.repricing import reprice
from tests.storage.ledger_world import (
    CHEAP,
    GUILD,
    RATES,
    SERVER,
    TERMS,
    TWO_PRICES,
    budget,
    make,
    total,
    usd,
    use,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from datetime import datetime

    from bot.domain.job import Clip, Job


def test_other_accounts_change_what_a_waiting_job_holds_and_nothing_else(
    db: sqlite3.Connection, at: datetime, ask: Callable[..., Job], clip: Clip
) -> None:
    job = ask()
    for _ in range(2):  # the second time there is nothing to do
        assert reprice(db, job.job_id, offers=[TWO_PRICES], terms=TERMS, at=at)
    assert total(db, SERVER) == use(1, CNY=3_500_000)
    make(db, at, clip)
    assert reprice(db, job.job_id, offers=[CHEAP], terms=TERMS, at=at)
    assert total(db, SERVER) == use(1, USD=200_000)
    kinds = [kind for (kind,) in db.execute("SELECT kind FROM ledger ORDER BY entry_id")]
    assert kinds == ["reserve", "release", "reserve", "release", "settle"]


def test_an_account_asks_what_it_asked_when_the_job_came(
    db: sqlite3.Connection, at: datetime, ask: Callable[..., Job]
) -> None:
    job = ask()
    dearer = Cost(by_account={"main": usd(900_000)}, of="2026-02-01")
    assert reprice(db, job.job_id, offers=[dearer], terms=TERMS, at=at)
    assert total(db, SERVER) == use(1, USD=200_000)
    both = Cost(by_account={"main": usd(900_000), "other": usd(300_000)}, of="2026-02-01")
    assert reprice(db, job.job_id, offers=[both], terms=TERMS, at=at)
    assert total(db, SERVER) == use(1, USD=300_000)


DEAR = Cost(by_account={"main": usd(400_000)})


def own(micros: int) -> Cost:
    return Cost(by_account={"own-3": usd(micros)})


BOTS = budget(1_000_000, scope=Scope.BOT, window=Window.DAY, subject_id=BOT_ID)
STOPPED = Terms(rules=(BOTS,), rates=RATES)


def test_the_operators_budget_stops_what_a_servers_own_account_was_to_make(
    db: sqlite3.Connection, at: datetime, ask: Callable[..., Job]
) -> None:
    jobs = [ask(own(400_000), terms=STOPPED) for _ in range(3)]
    went = [reprice(db, job.job_id, offers=[DEAR], terms=STOPPED, at=at) for job in jobs]
    assert went == [DEAR, DEAR, None]
    assert total(db, BOT) == use(2, USD=800_000)
    assert total(db, SERVER) == use(2, USD=800_000)  # nothing is held for the third
    [warned] = notices.unsent(db, 9)
    assert "80 %" in warned.text


def test_the_servers_budget_stops_what_would_cost_more_by_now(
    db: sqlite3.Connection, at: datetime, ask: Callable[..., Job]
) -> None:
    quotas.set_rule(db, GUILD, budget(500_000), set_by=9, at=at)
    first, second = ask(own(200_000)), ask(own(200_000))
    dearer = Cost(by_account={"main": usd(300_000)})
    assert reprice(db, first.job_id, offers=[dearer], terms=TERMS, at=at)
    assert not reprice(db, second.job_id, offers=[dearer], terms=TERMS, at=at)
    assert total(db, SERVER) == use(1, USD=300_000)


def test_a_budget_that_was_lowered_stops_nothing_that_costs_no_more_elsewhere(
    db: sqlite3.Connection, at: datetime, ask: Callable[..., Job]
) -> None:
    job = ask()
    quotas.set_rule(db, GUILD, budget(1), set_by=9, at=at)
    as_dear = Cost(by_account={"other": usd(200_000)})
    assert reprice(db, job.job_id, offers=[as_dear], terms=TERMS, at=at)
    assert total(db, SERVER) == use(1, USD=200_000)


def test_an_unknown_price_passes_no_budget(
    db: sqlite3.Connection, at: datetime, ask: Callable[..., Job]
) -> None:
    job = ask(own(200_000))
    quotas.set_rule(db, GUILD, budget(10**9), set_by=9, at=at)
    unknown = Cost(by_account={"main": None})
    assert not reprice(db, job.job_id, offers=[unknown], terms=TERMS, at=at)
