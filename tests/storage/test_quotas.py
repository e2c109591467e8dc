from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot.domain.job import Job, JobState, NewJob
from bot.domain.quota import QuotaRule, Scope, Terms
from bot.domain.windows import Window
from storage import quotas
from storage.enqueue import enqueue

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

MEMBER, ROLE, OTHER_ROLE, SERVER = 10, 20, 21, 1


def rule(scope: Scope, subject_id: int, limit: int, window: Window = Window.DAY) -> QuotaRule:
    return QuotaRule(scope=scope, subject_id=subject_id, window=window, limit=limit)


def test_a_rule_set_again_replaces_the_first(db: sqlite3.Connection, at: datetime) -> None:
    for limit in (3, 5):
        quotas.set_rule(db, SERVER, rule(Scope.SERVER, SERVER, limit), set_by=9, at=at)
    assert quotas.rules_of_guild(db, SERVER) == [rule(Scope.SERVER, SERVER, 5)]


def test_a_cleared_rule_is_gone(db: sqlite3.Connection, at: datetime) -> None:
    quotas.set_rule(db, SERVER, rule(Scope.ROLE, ROLE, 3), set_by=9, at=at)
    cleared = [
        quotas.clear_rule(db, SERVER, scope=Scope.ROLE, subject_id=ROLE, window=Window.DAY)
        for _ in range(2)
    ]
    assert cleared == [True, False]
    assert quotas.rules_of_guild(db, SERVER) == []


def test_only_rules_that_name_the_member_apply(db: sqlite3.Connection, at: datetime) -> None:
    mine = [
        rule(Scope.MEMBER, MEMBER, 1),
        rule(Scope.ROLE, ROLE, 2),
        rule(Scope.SERVER, SERVER, 3, Window.MONTH),
    ]
    others = [rule(Scope.MEMBER, 11, 0), rule(Scope.ROLE, OTHER_ROLE, 0)]
    for each in mine + others:
        quotas.set_rule(db, SERVER, each, set_by=9, at=at)
    quotas.set_rule(db, 2, rule(Scope.SERVER, 2, 0), set_by=9, at=at)
    assert quotas.rules_for(db, SERVER, MEMBER, (ROLE,)) == mine


def used(db: sqlite3.Connection, at: datetime, roles: tuple[int, ...] = (ROLE,)) -> dict[str, int]:
    asked = quotas.Asked(guild_id=SERVER, user_id=MEMBER, role_ids=roles, at=at, terms=Terms())
    rules = quotas.rules_for(db, SERVER, MEMBER, roles)
    found = quotas.standings(db, asked, rules)
    return {f"{s.rule.scope} {s.rule.window}": s.used or 0 for s in found}


def test_a_role_counts_the_members_own_and_a_server_counts_all(
    db: sqlite3.Connection, at: datetime, put: Callable[..., Job]
) -> None:
    quotas.set_rule(db, SERVER, rule(Scope.ROLE, ROLE, 5), set_by=9, at=at)
    quotas.set_rule(db, SERVER, rule(Scope.SERVER, SERVER, 5), set_by=9, at=at)
    put(user_id=MEMBER)
    put(user_id=11)
    put(user_id=MEMBER, guild_id=2)
    assert used(db, at) == {"role day": 1, "server day": 2}


def test_a_settled_video_counts_and_a_released_one_does_not(
    db: sqlite3.Connection, at: datetime, job_in: Callable[[JobState], Job]
) -> None:
    quotas.set_rule(db, SERVER, rule(Scope.MEMBER, MEMBER, 5), set_by=9, at=at)
    for state in JobState:
        if state is not JobState.QUEUED:
            job_in(state)
    counted = [
        state
        for state in JobState
        if state not in {JobState.QUEUED, "failed", "cancelled", "expired"}
    ]
    assert used(db, at) == {"member day": len(counted)}


def test_a_video_counts_in_the_window_that_it_was_reserved_in(
    db: sqlite3.Connection, at: datetime, put: Callable[..., Job]
) -> None:
    for window in (Window.DAY, Window.WEEK, Window.MONTH):
        quotas.set_rule(db, SERVER, rule(Scope.MEMBER, MEMBER, 5, window), set_by=9, at=at)
    put()
    expected = {"member day": 1, "member month": 1, "member week": 1}
    last_moment = datetime(2026, 1, 14, 23, 59, 59, 999000, tzinfo=UTC)
    assert used(db, last_moment) == expected
    assert used(db, last_moment + timedelta(milliseconds=1)) == expected | {"member day": 0}
    assert used(db, at + timedelta(days=5)) == {
        "member day": 0,
        "member month": 1,
        "member week": 0,
    }
    assert set(used(db, at + timedelta(days=31)).values()) == {0}


def test_a_window_begins_with_its_first_moment_and_ends_before_the_next(
    db: sqlite3.Connection, new_job: Callable[..., NewJob]
) -> None:
    midnight = datetime(2026, 1, 15, tzinfo=UTC)
    quotas.set_rule(db, SERVER, rule(Scope.SERVER, SERVER, 5), set_by=9, at=midnight)
    quotas.set_rule(db, SERVER, rule(Scope.MEMBER, MEMBER, 5), set_by=9, at=midnight)
    enqueue(db, new_job(), at=midnight, max_waiting_per_member=1)
    assert used(db, midnight - timedelta(hours=1)) == {"member day": 0, "server day": 0}
    assert used(db, midnight + timedelta(hours=1)) == {"member day": 1, "server day": 1}
