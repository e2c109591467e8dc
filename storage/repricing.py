"""The accounts changed while a job waits: what it may cost there is held, budgets allowing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.clock import from_ms
from bot.domain.cost import UNPRICED, Cost
from bot.domain.money import Money
from bot.domain.quota import Scope, need_of
from storage import ledger, quotas
from storage.budgets import warn

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from datetime import datetime

    from bot.domain.money import Rates
    from bot.domain.quota import Standing, Terms


def reprice(
    db: sqlite3.Connection, job_id: int, *, offers: Sequence[Cost], terms: Terms, at: datetime
) -> Cost | None:
    """The job may be made by other accounts from now on: hold what it may cost there.

    The server's budgets and the operator's limits are asked where it takes more of them than
    before. No other limit is: the accounts changed, not the wish.

    Args:
        db: In a transaction.
        job_id: The job; one for which nothing is held stays as it is.
        offers: What it may cost by now, one way or another, the preferred one first; not empty.
        terms: The operator's limits and exchange rates.
        at: Now. It counts in the window in which it came.

    Returns:
        The first of the offers that is allowed. None where none is: then nothing is held for the
        job any more, and it has to end.
    """
    held = ledger.reservation_of(db, job_id)
    if held is None:
        return offers[0]
    asked = quotas.Asked(
        guild_id=held.guild_id,
        user_id=held.user_id,
        role_ids=(),
        at=from_ms(held.counts_at_ms),
        terms=terms,
    )
    if ledger.known_prices(held, offers[0]).by_account == held.cost.by_account:
        return offers[0]
    ledger.release(db, job_id, at=at)
    for offer in offers:
        by_now = ledger.known_prices(held, offer)
        before = _limits(db, asked, held, by_now)
        if all(one.passes(need_of(one.rule, by_now, terms.rates)) for one in before):
            ledger.hold_instead(db, held, by_now, rates=terms.rates, at=at)
            warn(db, asked, before, by_now, at=at)
            return offer
    return None


def _limits(
    db: sqlite3.Connection, asked: quotas.Asked, held: ledger.Entry, by_now: Cost
) -> list[Standing]:
    """How those stand, without the job, of which it would take more than it held."""
    of_guild = quotas.rules_of_guild(db, held.guild_id)
    rules = [*(rule for rule in of_guild if rule.is_budget), *asked.terms.rules_on(by_now)]
    return [
        standing
        for standing in quotas.standings(db, asked, rules)
        if _takes_more(standing, held, by_now, asked.terms.rates)
    ]


def _takes_more(standing: Standing, held: ledger.Entry, by_now: Cost, rates: Rates) -> bool:
    rule = standing.rule
    if rule.scope is Scope.BOT and not held.for_operator:
        return True  # all of it
    if rule.currency is None:
        return False
    money = Money(micros=held.micros, currency=held.currency)
    was = Cost(by_account={"": money}) if held.currency else UNPRICED
    need, needed = need_of(rule, by_now, rates), need_of(rule, was, rates)
    return need is None or needed is None or need > needed
