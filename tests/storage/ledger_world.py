"""What the tests of ledger, limits and budgets have in common."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction
from typing import TYPE_CHECKING

from bot.domain.cost import Cost
from bot.domain.job import Clip, Job, OutcomeReason
from bot.domain.money import Money, Rates
from bot.domain.quota import Measure, QuotaRule, Scope, Terms, Use
from bot.domain.routing import Room
from bot.domain.windows import Span, Window
from storage import (
    balances,
    erasure,
    steps,
)
from storage.balances import Holder, differences
from storage.job_rows import require_job
from storage.lanes import claim_next

if TYPE_CHECKING:
    import sqlite3

GUILD, ALICE = 1, 10
MEMBER = Holder(Scope.MEMBER, GUILD, ALICE)
SERVER = Holder(Scope.SERVER, GUILD)
EVER = Span(datetime(2000, 1, 1, tzinfo=UTC), None)
RATES = Rates(usd_per_unit={"CNY": Fraction(1, 7)})
TERMS = Terms(rates=RATES)


def usd(micros: int) -> Money:
    return Money(micros=micros, currency="USD")


CHEAP = Cost(by_account={"main": usd(200_000)}, of="2026-01-01")
TWO_PRICES = Cost(
    by_account={"main": usd(200_000), "dear": Money(micros=3_500_000, currency="CNY")}
)


def budget(
    micros: int, *, scope: Scope = Scope.SERVER, window: Window = Window.MONTH, subject_id: int = 1
) -> QuotaRule:
    return QuotaRule(
        scope=scope,
        subject_id=subject_id,
        limit=micros,
        window=window,
        measure=Measure.MONEY,
        currency="USD",
    )


def make(db: sqlite3.Connection, at: datetime, clip: Clip, *, account: str = "main") -> Job:
    """The next job is made by an account."""
    room = {(account, "cogvideox-3"): Room(limit=1000)}
    job = claim_next(db, rooms=room, at=at)
    assert job is not None
    steps.record_task(db, job.job_id, provider_task_id=f"task-{job.job_id}", at=at)
    steps.record_fetched(db, job.job_id, clip=clip, at=at)
    return steps.record_delivered(
        db, job.job_id, result_message_id=900 + job.job_id, thread_id=None, at=at
    )


def withdraw(db: sqlite3.Connection, job_id: int, *, at: datetime) -> None:
    erasure.withdraw(db, require_job(db, job_id).user_id, at=at, limit=1)


def cancel(db: sqlite3.Connection, job: Job, at: datetime) -> None:
    steps.cancel_waiting(db, job.job_id, reason=OutcomeReason.CANCELLED_BY_MEMBER, at=at)


def use(videos: int, **micros: int) -> Use:
    return Use(videos=videos, micros=micros)


def total(db: sqlite3.Connection, holder: Holder = MEMBER) -> Use:
    assert differences(db) == 0
    return balances.used(db, holder, EVER)
