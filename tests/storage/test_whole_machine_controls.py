"""What the machine of ``test_whole_machine.py`` must find, done to the database on purpose."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from bot.domain.job import JobState
from bot.domain.quota import QuotaRule, Scope
from bot.domain.windows import Window
from storage import ledger, quotas
from storage.balances import Holder
from tests.storage.mortal import KilledAfter, KilledInCommit, KilledInside
from tests.storage.reference_books import Pool
from tests.storage.reference_queue import Door
from tests.storage.whole_acts import Act, Offer
from tests.storage.whole_checks import disagreements
from tests.storage.whole_world import World

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from tests.storage.mortal import Kill

OFFER = Offer("m", {"a": (200_000, "USD")})
ONE_A_DAY = QuotaRule(scope=Scope.MEMBER, subject_id=1, limit=1, window=Window.DAY)
MANY = 200
PAID_TWICE = """
INSERT INTO ledger (at_ms, kind, guild_id, user_id, job_id, videos, micros, currency, counts_at_ms,
    for_operator)
SELECT at_ms, kind, guild_id, user_id, job_id, videos, micros, currency, counts_at_ms, for_operator
FROM ledger WHERE kind = 'settle'
"""


@pytest.fixture
def world() -> Iterator[World]:
    """One video delivered, one rendering, and of each of two members two that wait."""
    world = World()
    world.queue.doors = {("a", "m"): Door(places=9)}
    for number in range(1, 7):
        world.ask(OFFER, key=f"{number}", user_id=2 - number % 2)
    world.claim()
    world.claim()
    world.record_task(1)
    world.record_task(2)
    world.record_fetched(1)
    world.record_delivered(1)
    assert [life.state for life in world.lives.values()][:2] == [
        JobState.DELIVERED,
        JobState.RENDERING,
    ]
    assert disagreements(world) == []
    yield world
    world.database.close()


@pytest.mark.parametrize(
    ("defect", "said"),
    [
        ("UPDATE balance SET videos = videos - 1 WHERE scope = 'member'", "balances"),
        ("UPDATE job SET state = 'cancelled', reason = 'x' WHERE job_id = 6", "jobs: missing"),
        ("DELETE FROM ledger WHERE job_id = 2", "jobs in the ledger"),
        ("UPDATE job SET priority = 1 WHERE job_id = 5", "next are"),
        ("UPDATE member_lane SET vtime = vtime * 2 WHERE user_id = 1", "next are"),
        ("UPDATE guild_lane SET waiting = waiting + 1", "lanes are off"),
        ("UPDATE job SET result_url = 'x' WHERE job_id = 2", "jobs: missing"),
        (PAID_TWICE, "job 1 is booked as"),
    ],
)
def test_what_is_changed_behind_the_programs_back_is_found(
    world: World, defect: str, said: str
) -> None:
    def doctor(db: sqlite3.Connection) -> None:
        db.execute("DROP TRIGGER ledger_rows_never_go")
        db.execute("DROP INDEX one_settlement_per_job")
        assert db.execute(defect).rowcount > 0

    world.database.write(doctor)
    assert [line for line in disagreements(world) if said in line] != []


def test_a_limit_that_is_passed_is_found(world: World) -> None:
    set_rule = partial(quotas.set_rule, guild_id=1, rule=ONE_A_DAY, set_by=9, at=world.now)
    world.perform(Act(set_rule, lambda _: world.books.limit(1, ONE_A_DAY)))
    world.ask(OFFER, key="refused")
    assert disagreements(world) == []
    world.database.write(lambda db: db.execute("DELETE FROM quota_rule").rowcount)
    with pytest.raises(AssertionError, match="limit=1"):
        world.ask(OFFER, key="not refused")


def test_a_grant_that_is_spent_after_its_end_is_found(world: World) -> None:
    set_rule = partial(quotas.set_rule, guild_id=1, rule=ONE_A_DAY, set_by=9, at=world.now)
    world.perform(Act(set_rule, lambda _: world.books.limit(1, ONE_A_DAY)))
    ends_at = world.now + timedelta(hours=1)
    given = world.database.write(
        partial(
            ledger.give,
            member=Holder(Scope.MEMBER, 1, 1),
            videos=3,
            expires_at=ends_at,
            given_by=9,
            at=world.now,
        )
    )
    world.books.grants[given.grant_id] = Pool(guild_id=1, user_id=1, videos=3, expires_at=ends_at)
    world.ask(OFFER, key="granted")
    assert world.books.left(given.grant_id) == 2
    assert disagreements(world) == []
    world.now = ends_at
    world.ask(OFFER, key="void")
    assert disagreements(world) == []
    world.database.write(
        lambda db: db.execute("UPDATE quota_grant SET expires_at_ms = expires_at_ms + 1").rowcount
    )
    with pytest.raises(AssertionError, match="limit=1"):
        world.ask(OFFER, key="spent")


def test_a_job_that_is_sent_under_another_name_is_found(world: World) -> None:
    world.claim()
    world.pay(3)
    assert disagreements(world) == []
    world.database.write(
        lambda db: db.execute("UPDATE job SET request_id = 'another' WHERE job_id = 3").rowcount
    )
    world.pay(3)
    assert "job 3 was paid 2 times at the gateway" in disagreements(world)


def test_a_commit_that_the_disk_did_not_keep_is_found(world: World) -> None:
    before = world.database.files()
    world.cancel(6)
    world.database.continue_from(before)
    assert [line for line in disagreements(world) if "jobs: missing" in line] != []


def test_a_transaction_that_commits_half_of_its_work_is_found_by_a_kill(world: World) -> None:
    def in_two_halves(db: sqlite3.Connection) -> None:
        db.execute("UPDATE job SET state = 'cancelled', reason = 'x' WHERE job_id = 6")
        db.execute("END")
        db.execute("BEGIN IMMEDIATE")
        db.execute("SAVEPOINT one_function")
        ledger.release(db, 6, at=world.now)

    world.database.write_and_die([in_two_halves], KilledInside(1000))
    assert [line for line in disagreements(world) if "jobs: missing" in line] != []


@pytest.mark.parametrize(
    ("kill", "kept"),
    [
        (KilledInside(0), 0),
        (KilledInside(MANY), 0),
        (KilledInside(10 * MANY), 0),
        (KilledInCommit(500), 0),
        (KilledInCommit(999), 0),
        (KilledAfter(), MANY),
    ],
)
def test_a_kill_leaves_all_of_a_transaction_or_nothing(world: World, kill: Kill, kept: int) -> None:
    def write_much(db: sqlite3.Connection) -> None:
        for number in range(MANY):
            db.execute("INSERT INTO command_sync VALUES (?, ?, 0)", (number, "x" * 1000))

    world.database.write_and_die([write_much], kill)
    (found,) = world.database.read(
        lambda db: db.execute("SELECT count(*) FROM command_sync").fetchone()
    )
    assert found == kept
    # Only a commit writes, and then part of it was there, or the test would say nothing.
    assert (world.database.half_written_bytes > 0) == isinstance(kill, KilledInCommit)
    assert disagreements(world) == []


def test_of_those_who_share_a_commit_one_that_raises_undoes_its_own_work_alone(
    world: World,
) -> None:
    world.wanted_together = 4
    world.cancel(6)
    world.raises = True
    world.cancel(5)
    world.cancel(6)
    world.ask(replace(OFFER, model="n"), key="another")
    states = [life.state for life in world.lives.values()]
    assert (states[4], states[5], len(states)) == (JobState.QUEUED, JobState.CANCELLED, 7)
    assert disagreements(world) == []


def test_a_claim_that_a_kill_undid_is_made_again_with_the_same_number(world: World) -> None:
    chosen = world.queue.next()
    world.kill = KilledInCommit(900)
    world.claim()
    assert disagreements(world) == []
    assert chosen is not None
    assert chosen == world.queue.next()
    world.claim()
    assert world.lives[chosen.job.job_id].attempt == 1
    assert disagreements(world) == []
