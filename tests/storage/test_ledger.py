from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING

import pytest

from bot.domain.audit import AuditAction
from bot.domain.cost import Cost
from bot.domain.errors import QuotaExceededError, StorageError
from bot.domain.job import Clip, Job, JobState, NewJob, OutcomeReason
from bot.domain.money import Money, Rates
from bot.domain.quota import BOT_ID, Measure, QuotaRule, Scope, Terms, Use
from bot.domain.routing import Room
from bot.domain.windows import Span, Window
from storage import (
    audit,
    balances,
    erasure,
    ledger,
    migrate,
    notices,
    parking,
    quotas,
    steps,
    takedowns,
)
from storage.balances import BOT, Holder, differences
from storage.enqueue import enqueue
from storage.guild_settings import set_time_zone
from storage.job_queries import open_of_members, waiting_count
from storage.job_rows import require_job
from storage.lanes import claim_next

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from storage.database import Database

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


@pytest.fixture
def ask(db: sqlite3.Connection, at: datetime, new_job: Callable[..., NewJob]) -> Callable[..., Job]:
    """Enqueue what costs so much, at an instant, under the operator's terms."""

    def asked(
        cost: Cost = CHEAP, *, when: datetime = at, terms: Terms = TERMS, **words: object
    ) -> Job:
        legs = ",".join(name + ("!" if name == "dear" else "") for name in cost.by_account)
        new = replace(new_job(**words), cost=cost, route=f"cogvideox-3 {legs}")
        return enqueue(db, new, at=when, max_waiting_per_member=1000, terms=terms)

    return asked


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


def _withdraw(db: sqlite3.Connection, job_id: int, *, at: datetime) -> None:
    erasure.withdraw(db, require_job(db, job_id).user_id, at=at, limit=1)


def cancel(db: sqlite3.Connection, job: Job, at: datetime) -> None:
    steps.cancel_waiting(db, job.job_id, reason=OutcomeReason.CANCELLED_BY_MEMBER, at=at)


def use(videos: int, **micros: int) -> Use:
    return Use(videos=videos, micros=micros)


def total(db: sqlite3.Connection, holder: Holder = MEMBER) -> Use:
    assert differences(db) == 0
    return balances.used(db, holder, EVER)


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


def test_other_accounts_change_what_a_waiting_job_holds_and_nothing_else(
    db: sqlite3.Connection, at: datetime, ask: Callable[..., Job], clip: Clip
) -> None:
    job = ask()
    for _ in range(2):  # the second time there is nothing to do
        ledger.reprice(db, job.job_id, cost=TWO_PRICES, rates=RATES, at=at)
    assert total(db, SERVER) == use(1, CNY=3_500_000)
    make(db, at, clip)
    ledger.reprice(db, job.job_id, cost=CHEAP, rates=RATES, at=at)
    assert total(db, SERVER) == use(1, USD=200_000)
    kinds = [kind for (kind,) in db.execute("SELECT kind FROM ledger ORDER BY entry_id")]
    assert kinds == ["reserve", "release", "reserve", "release", "settle"]


def test_an_account_asks_what_it_asked_when_the_job_came(
    db: sqlite3.Connection, at: datetime, ask: Callable[..., Job]
) -> None:
    job = ask()
    dearer = Cost(by_account={"main": usd(900_000)}, of="2026-02-01")
    ledger.reprice(db, job.job_id, cost=dearer, rates=RATES, at=at)
    assert total(db, SERVER) == use(1, USD=200_000)
    both = Cost(by_account={"main": usd(900_000), "other": usd(300_000)}, of="2026-02-01")
    ledger.reprice(db, job.job_id, cost=both, rates=RATES, at=at)
    assert total(db, SERVER) == use(1, USD=300_000)


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


def warned(db: sqlite3.Connection) -> list[tuple[object, object]]:
    """What the server's moderators read of its budget, oldest first."""
    entries = audit.entries_of_guild_after(db, GUILD, 0, limit=99)
    acts = [entry.act for entry in entries]
    assert {act.action for act in acts} <= {AuditAction.BUDGET_NEARLY_USED}
    return [(act.detail["percent"], act.detail["used"]) for act in acts]


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


def pace(measure: Measure, limit: int) -> QuotaRule:
    return QuotaRule(scope=Scope.SERVER, subject_id=GUILD, limit=limit, measure=measure)


def test_a_cooldown_is_each_members_own_and_forgets_what_came_to_nothing(
    db: sqlite3.Connection, at: datetime, ask: Callable[..., Job]
) -> None:
    quotas.set_rule(db, GUILD, pace(Measure.COOLDOWN, 600), set_by=9, at=at)
    job = ask()
    ask(user_id=11)
    soon, later = at + timedelta(seconds=599.5), at + timedelta(seconds=600)
    with pytest.raises(QuotaExceededError, match="one video every 10 min") as caught:
        ask(when=soon)
    assert (caught.value.used, caught.value.resets_at) == (1, later)
    ask(when=at - timedelta(hours=1))  # the clock was set back: nobody waits for its old time
    cancel(db, job, at)
    ask(when=soon)
    with pytest.raises(QuotaExceededError):
        ask(when=later)
    ask(when=soon + timedelta(seconds=600))


def test_a_cooldown_begins_with_the_latest_video_though_the_clock_was_set_back_meanwhile(
    db: sqlite3.Connection, at: datetime, ask: Callable[..., Job]
) -> None:
    quotas.set_rule(db, GUILD, pace(Measure.COOLDOWN, 600), set_by=9, at=at)
    ask()
    ask(when=at - timedelta(hours=1))
    with pytest.raises(QuotaExceededError) as caught:
        ask(when=at + timedelta(seconds=300))
    assert caught.value.resets_at == at + timedelta(seconds=600)
    ask(when=at + timedelta(seconds=600))


@pytest.mark.parametrize("take_down", [takedowns.take_down, _withdraw])
def test_a_video_that_was_made_and_then_withheld_causes_a_cooldown_as_it_was_counted(
    db: sqlite3.Connection,
    at: datetime,
    ask: Callable[..., Job],
    clip: Clip,
    take_down: Callable[..., object],
) -> None:
    quotas.set_rule(db, GUILD, pace(Measure.COOLDOWN, 600), set_by=9, at=at)
    job = ask()
    claim_next(db, rooms={("main", "cogvideox-3"): Room(limit=1)}, at=at)
    steps.record_task(db, job.job_id, provider_task_id="task", at=at)
    steps.record_fetched(db, job.job_id, clip=clip, at=at)
    take_down(db, job.job_id, at=at)
    takedowns.withhold(db, job.job_id, at=at)
    with pytest.raises(QuotaExceededError) as caught:
        ask(when=at + timedelta(seconds=599))
    assert caught.value.resets_at == at + timedelta(seconds=600)


def test_so_many_at_once_are_each_members_own_and_end_with_the_video(
    db: sqlite3.Connection, at: datetime, ask: Callable[..., Job], clip: Clip
) -> None:
    quotas.set_rule(db, GUILD, pace(Measure.CONCURRENT, 2), set_by=9, at=at)
    ask()
    ask()
    ask(user_id=11)
    with pytest.raises(QuotaExceededError, match="2 at once is the most"):
        ask()
    make(db, at, clip)
    ask()


def test_a_clip_that_waits_for_its_member_is_not_under_way(
    db: sqlite3.Connection, at: datetime, ask: Callable[..., Job], clip: Clip
) -> None:
    quotas.set_rule(db, GUILD, pace(Measure.CONCURRENT, 1), set_by=9, at=at)
    job = ask()
    claim_next(db, rooms={("main", "cogvideox-3"): Room(limit=9)}, at=at)
    steps.record_task(db, job.job_id, provider_task_id="task", at=at)
    steps.record_fetched(db, job.job_id, clip=clip, at=at)
    with pytest.raises(QuotaExceededError, match="1 at once is the most"):
        ask()
    parking.park(db, job.job_id, why="nobody may write there", again_at=at, at=at)
    assert open_of_members(db, GUILD) == {}
    ask()


def test_the_windows_are_those_of_the_servers_time_zone(
    db: sqlite3.Connection, ask: Callable[..., Job]
) -> None:
    night = datetime(2026, 3, 28, 22, 59, tzinfo=UTC)  # 23:59 in Berlin
    daily = QuotaRule(scope=Scope.SERVER, subject_id=GUILD, limit=1, window=Window.DAY)
    quotas.set_rule(db, GUILD, daily, set_by=9, at=night)
    set_time_zone(db, GUILD, "Europe/Berlin")
    ask(when=night)
    with pytest.raises(QuotaExceededError) as caught:
        ask(when=night)
    assert caught.value.resets_at == night + timedelta(minutes=1)
    ask(when=night + timedelta(minutes=1))
    with pytest.raises(QuotaExceededError) as caught:
        ask(when=night + timedelta(hours=2))
    # A day of 23 hours.
    assert caught.value.resets_at == datetime(2026, 3, 29, 22, tzinfo=UTC)
    set_time_zone(db, GUILD, "UTC")
    with pytest.raises(QuotaExceededError):  # what was made at 23:59 and 00:00 is one day there
        ask(when=night)
    ask(when=datetime(2026, 3, 29, 0, tzinfo=UTC))


def test_a_rolling_limit_says_when_it_has_room_again(
    db: sqlite3.Connection, at: datetime, ask: Callable[..., Job]
) -> None:
    rolling = QuotaRule(scope=Scope.MEMBER, subject_id=ALICE, limit=3, window=Window.LAST_DAY)
    quotas.set_rule(db, GUILD, rolling, set_by=9, at=at)
    for hours in (0, 1, 2):
        ask(when=at + timedelta(hours=hours))
    with pytest.raises(QuotaExceededError, match="per 24 hours") as caught:
        ask(when=at + timedelta(hours=3))
    room_at = caught.value.resets_at
    assert room_at is not None
    assert room_at == at + timedelta(days=1, minutes=15)
    with pytest.raises(QuotaExceededError):
        ask(when=room_at - timedelta(milliseconds=1))
    ask(when=room_at)
    quotas.set_rule(db, GUILD, replace(rolling, limit=1), set_by=9, at=at)
    with pytest.raises(QuotaExceededError) as caught:
        ask(when=room_at)
    assert caught.value.resets_at == room_at + timedelta(days=1, minutes=15)


def test_a_clock_set_back_makes_nothing_of_what_a_rolling_window_holds(
    db: sqlite3.Connection, at: datetime, ask: Callable[..., Job]
) -> None:
    rolling = QuotaRule(scope=Scope.MEMBER, subject_id=ALICE, limit=1, window=Window.LAST_DAY)
    quotas.set_rule(db, GUILD, rolling, set_by=9, at=at)
    ask()
    with pytest.raises(QuotaExceededError):
        ask(when=at - timedelta(days=2))


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
