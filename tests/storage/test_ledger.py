"""Rows that never change, and balances that are their sums."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from bot.domain.cost import Cost
from bot.domain.errors import QuotaExceededError
from bot.domain.job import Clip, Job, JobState, OutcomeReason
from bot.domain.quota import BOT_ID, QuotaRule, Scope, Terms
from bot.domain.routing import Room
from bot.domain.windows import Span, Window
from storage import (
    balances,
    ledger,
    migrate,
    notices,
    quotas,
    steps,
)
from storage.balances import BOT, differences
from storage.lanes import claim_next
from tests.storage.ledger_world import (
    ALICE,
    CHEAP,
    GUILD,
    MEMBER,
    RATES,
    SERVER,
    TWO_PRICES,
    budget,
    cancel,
    make,
    total,
    usd,
    use,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.mark.parametrize(
    "statement", ["UPDATE ledger SET videos = 0", "DELETE FROM ledger WHERE entry_id = 1"]
)
def test_a_row_of_the_ledger_never_changes_and_never_goes(
    statement: str, db: sqlite3.Connection, ask: Callable[..., Job]
) -> None:
    ask()
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        db.execute(statement)


def test_what_is_reserved_is_the_most_that_it_may_cost_and_what_is_settled_the_price(
    db: sqlite3.Connection, at: datetime, ask: Callable[..., Job], clip: Clip
) -> None:
    for _ in range(2):
        ask(TWO_PRICES)
    assert total(db, SERVER) == use(2, CNY=7_000_000)
    make(db, at, clip)
    assert total(db, SERVER) == use(2, CNY=3_500_000, USD=200_000)
    make(db, at, clip, account="dear")
    assert total(db, SERVER) == total(db, BOT) == use(2, CNY=3_500_000, USD=200_000)


def test_a_failure_costs_nothing_and_a_job_on_hold_keeps_what_it_holds(
    db: sqlite3.Connection, at: datetime, ask: Callable[..., Job]
) -> None:
    ask()
    room = {("main", "cogvideox-3"): Room(limit=9)}
    job = claim_next(db, rooms=room, at=at)
    assert job is not None
    finish = partial(steps.finish, db, job.job_id, reason=OutcomeReason.RENDER_FAILED, at=at)
    finish(expected=JobState.SUBMITTING, state=JobState.HELD)
    assert total(db) == use(1, USD=200_000)
    finish(expected=JobState.HELD, state=JobState.FAILED)
    assert total(db) == total(db, BOT) == use(0)


def test_what_a_servers_own_account_makes_costs_the_operator_nothing(
    db: sqlite3.Connection, at: datetime, ask: Callable[..., Job], clip: Clip
) -> None:
    ask(Cost(by_account={"own-3": usd(100_000)}))
    assert total(db, SERVER) == use(1, USD=100_000)
    assert total(db, BOT) == use(0)
    ask(Cost(by_account={"own-3": usd(100_000), "main": usd(100_000)}))
    assert total(db, BOT) == use(1, USD=100_000)  # it may be the operator's, until it is made
    for _ in range(2):
        make(db, at, clip, account="own-3")
    assert total(db, SERVER) == use(2, USD=200_000)
    assert total(db, BOT) == use(0)


def test_the_operators_limits_ask_nothing_of_what_a_servers_own_account_makes(
    db: sqlite3.Connection, ask: Callable[..., Job]
) -> None:
    videos = QuotaRule(scope=Scope.BOT, subject_id=BOT_ID, limit=1, window=Window.DAY)
    money = budget(200_000, scope=Scope.BOT, window=Window.DAY, subject_id=BOT_ID)
    terms = Terms(rules=(videos, money), rates=RATES)
    own = usd(100_000)
    for _ in range(3):
        ask(Cost(by_account={"own-3": own}), terms=terms)
    assert notices.unsent(db, 9) == []
    ask(terms=terms)
    for cost in (CHEAP, Cost(by_account={"own-3": own, "main": own})):
        with pytest.raises(QuotaExceededError, match="This bot's"):
            ask(cost, terms=terms)
    ask(Cost(by_account={"own-3": own}), terms=terms)
    assert total(db, BOT) == use(1, USD=200_000)


def test_a_second_settlement_of_one_job_is_impossible(
    db: sqlite3.Connection, at: datetime, ask: Callable[..., Job], clip: Clip
) -> None:
    ask()
    job = make(db, at, clip)
    ledger.settle(db, job.job_id, at=at)
    ledger.release(db, job.job_id, at=at)
    assert total(db) == use(1, USD=200_000)


def test_a_grant_is_spent_before_the_limit_and_comes_back_with_a_failure(
    db: sqlite3.Connection, at: datetime, ask: Callable[..., Job]
) -> None:
    own = QuotaRule(scope=Scope.MEMBER, subject_id=ALICE, limit=1, window=Window.DAY)
    quotas.set_rule(db, GUILD, own, set_by=9, at=at)
    expires = at + timedelta(days=1)
    ledger.give(db, MEMBER, videos=1, expires_at=expires, given_by=9, at=at)
    granted = ask()
    assert (total(db), total(db, SERVER)) == (use(0), use(1, USD=200_000))
    assert ledger.grants_of(db, GUILD, ALICE, at=at) == []
    ask()
    with pytest.raises(QuotaExceededError):
        ask()
    cancel(db, granted, at)
    assert [grant.left for grant in ledger.grants_of(db, GUILD, ALICE, at=at)] == [1]
    assert ledger.grants_of(db, GUILD, ALICE, at=expires) == []
    ask()
    assert total(db) == use(1, USD=200_000)


def test_a_reset_takes_back_what_is_done_and_leaves_what_is_under_way(
    db: sqlite3.Connection, at: datetime, ask: Callable[..., Job], clip: Clip
) -> None:
    ask()
    make(db, at, clip)
    waiting = ask()
    since = at - timedelta(days=33)
    resetting = partial(ledger.reset, db, MEMBER, since=since, reset_by=9, at=at)
    assert [resetting(), resetting()] == [1, 0]
    assert (total(db), total(db, SERVER)) == (use(1, USD=200_000), use(2, USD=400_000))
    cancel(db, waiting, at)
    assert total(db) == use(0)  # and not one less


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE balance SET videos = videos + 1 WHERE scope = 'bot' AND span = 'day'",
        "UPDATE balance SET micros = micros - 1 WHERE scope = 'member' AND span = 'grain'",
        "DELETE FROM balance WHERE scope = 'server'",
        "INSERT INTO balance VALUES ('member', 1, 99, 'day', 0, '', 1, 0)",
        "UPDATE quota_grant SET videos_left = videos_left - 1",
        "INSERT INTO quota_grant VALUES (99, 1, 10, 5, 5, 9, 9, 9)",
    ],
)
def test_a_balance_that_is_not_the_ledgers_sum_is_found(
    statement: str, db: sqlite3.Connection, at: datetime, ask: Callable[..., Job]
) -> None:
    ask()
    ledger.give(db, MEMBER, videos=2, expires_at=at + timedelta(1), given_by=9, at=at)
    assert differences(db) == 0
    db.execute(statement)
    assert differences(db) > 0


def test_what_was_reserved_before_the_ledger_is_carried_over(
    at: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = migrate.known_migrations()
    (ours,) = (one.version for one in known if one.name == "ledger")
    for one in known[: ours - 1]:
        (tmp_path / f"{one.version:04}_{one.name}.sql").write_text(one.script)
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as old:
        with monkeypatch.context() as patched:
            patched.setattr(migrate, "FOLDER", tmp_path)
            migrate.migrate(old, at=at)
        for job_id, state in enumerate(("reserved", "settled", "released", "settled"), start=1):
            old.execute(
                "INSERT INTO job (job_id, state, state_at_ms, created_at_ms, guild_id, user_id,"
                " request, model, origin, channel_id, in_thread)"
                " VALUES (?, 'queued', 9, 5, 1, 10, '{}', 'm', 'command', 5, 0)",
                (job_id,),
            )
            old.execute("INSERT INTO reservation VALUES (?, 1, 10, 7, ?)", (job_id, state))
        old.execute("INSERT INTO quota_rule VALUES (1, 'role', 20, 'week', 5, 9, 9)")
        migrate.migrate(old, at=at)
        assert differences(old) == 0
        ever = Span(datetime(1970, 1, 1, tzinfo=UTC), None)
        assert balances.used(old, MEMBER, ever) == use(3)
        ledger.release(old, 1, at=at)
        ledger.release(old, 2, at=at)  # it was settled: nothing is held any more
        assert balances.used(old, MEMBER, ever) == use(2)
        assert quotas.rules_of_guild(old, 1) == [
            QuotaRule(scope=Scope.ROLE, subject_id=20, limit=5, window=Window.WEEK)
        ]
