"""Servers' own accounts in the database: one at a time, and the former one while it is needed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.domain.account import name_of_own, own_account_id_of
from bot.domain.job import JobState
from storage import account_pauses, guild_settings, own_accounts

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from datetime import datetime

    from bot.domain.job import Job
    from storage.own_accounts import OwnAccount

GUILD, BY = 1, 9
LONG = timedelta(hours=23)


@pytest.fixture
def bring(db: sqlite3.Connection, at: datetime) -> Callable[..., OwnAccount]:
    def brought(guild_id: int = GUILD, **changes: Any) -> OwnAccount:  # noqa: ANN401  # any column
        facts: dict[str, Any] = {"gateway": "zai", "sealed_key": "sealed", "set_by": BY, "at": at}
        return own_accounts.bring(db, guild_id, **(facts | changes))

    return brought


def put_with(db: sqlite3.Connection, job: Job, account: str) -> None:
    db.execute("UPDATE job SET account = ? WHERE job_id = ?", (account, job.job_id))


def forget(db: sqlite3.Connection, at: datetime) -> list[str]:
    return own_accounts.forget_ended(db, removed_before=at - LONG)


def test_the_name_of_an_own_account_leads_to_it() -> None:
    assert own_account_id_of(name_of_own(7)) == 7
    assert own_account_id_of("main") is None
    assert own_account_id_of(None) is None


def test_a_new_key_is_a_new_account_and_takes_the_former_ones_place(
    db: sqlite3.Connection, at: datetime, bring: Callable[..., OwnAccount]
) -> None:
    first = bring()
    other = bring(2)
    second = bring(gateway="bigmodel", sealed_key="sealed anew")
    assert len({first.name, other.name, second.name}) == 3
    assert own_accounts.own_account_of(db, GUILD) == second
    assert (second.set_by, second.set_at, second.is_removed) == (BY, at, False)
    removed = {row.name: row.is_removed for row in own_accounts.all_own_accounts(db)}
    assert removed == {first.name: True, other.name: False, second.name: False}


def test_what_is_taken_away_is_there_no_more_for_new_jobs(
    db: sqlite3.Connection, at: datetime, bring: Callable[..., OwnAccount]
) -> None:
    kept = bring()
    assert own_accounts.remove(db, GUILD, at=at)
    assert not own_accounts.remove(db, GUILD, at=at), "it was taken away before"
    assert own_accounts.own_account_of(db, GUILD) is None
    assert own_accounts.is_kept(db, kept.own_account_id)


def test_a_key_that_was_taken_away_is_deleted_with_its_pause_once_nothing_is_under_way(
    db: sqlite3.Connection, at: datetime, bring: Callable[..., OwnAccount]
) -> None:
    kept = bring()
    account_pauses.begin_pause(db, kept.name, reason="no balance", at=at)
    assert account_pauses.paused_since(db, kept.name) == at
    assert forget(db, at) == [], "it is in use"
    own_accounts.remove(db, GUILD, at=at)
    assert forget(db, at) == [kept.name]
    assert not own_accounts.is_kept(db, kept.own_account_id)
    assert account_pauses.paused_since(db, kept.name) is None


@pytest.mark.parametrize("state", [JobState.SUBMITTING, JobState.RENDERING, JobState.HELD])
def test_a_key_stays_for_what_is_under_way_with_it_but_not_for_ever(
    db: sqlite3.Connection,
    at: datetime,
    bring: Callable[..., OwnAccount],
    job_in: Callable[[JobState], Job],
    state: JobState,
) -> None:
    kept = bring()
    put_with(db, job_in(state), kept.name)
    own_accounts.remove(db, GUILD, at=at)
    assert forget(db, at + LONG - timedelta(seconds=1)) == []
    assert forget(db, at + LONG) == [kept.name]


@pytest.mark.parametrize("state", [JobState.QUEUED, JobState.FETCHED])
def test_a_key_is_not_kept_for_what_needs_it_no_more(
    db: sqlite3.Connection,
    at: datetime,
    bring: Callable[..., OwnAccount],
    job_in: Callable[[JobState], Job],
    state: JobState,
) -> None:
    kept, next_one = bring(), bring()
    put_with(db, job_in(JobState.SUBMITTING), next_one.name)
    put_with(db, job_in(state), kept.name)
    assert forget(db, at) == [kept.name]


def test_a_number_is_never_used_again(
    db: sqlite3.Connection, at: datetime, bring: Callable[..., OwnAccount]
) -> None:
    first = bring()
    own_accounts.remove(db, GUILD, at=at)
    forget(db, at)
    assert bring().own_account_id > first.own_account_id


def test_another_seal_changes_nothing_else(
    db: sqlite3.Connection, bring: Callable[..., OwnAccount]
) -> None:
    kept, other = bring(), bring(2)
    own_accounts.seal_anew(db, kept.own_account_id, sealed_key="sealed anew")
    keys = {row.name: row.sealed_key for row in own_accounts.all_own_accounts(db)}
    assert keys == {kept.name: "sealed anew", other.name: "sealed"}


def test_what_moderators_decided_is_kept_for_each_server(db: sqlite3.Connection) -> None:
    assert guild_settings.guilds_that_let_dearer_stand_in(db) == []
    for guild_id, allowed in ((1, True), (2, True), (3, False), (2, False)):
        guild_settings.let_dearer_stand_in(db, guild_id, allowed=allowed)
    assert guild_settings.guilds_that_let_dearer_stand_in(db) == [1]
