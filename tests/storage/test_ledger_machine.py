"""The ledger under random lives of jobs, limits, grants, resets, zones and clocks, against a model.

The model keeps a list of jobs and adds them up anew whenever it is asked.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bot.domain.cost import Cost
from bot.domain.errors import QuotaExceededError
from bot.domain.job import Clip, Job, JobState, NewJob, Origin, OutcomeReason, Place
from bot.domain.money import Money, Rates
from bot.domain.quota import (
    BOT_ID,
    Measure,
    QuotaRule,
    Scope,
    Terms,
    Use,
    Verdict,
    applicable_rules,
    need_of,
)
from bot.domain.quota_refusals import refusal_of
from bot.domain.request import VideoRequest
from bot.domain.routing import Room, Rooms
from bot.domain.windows import Window, span_of
from storage import ledger, quotas, steps
from storage.balances import Holder, differences
from storage.enqueue import enqueue
from storage.guild_settings import set_time_zone
from storage.installation import ensure_installation
from storage.lanes import claim_next
from storage.migrate import migrate
from tests.accounts import setting

BEGIN = datetime(2026, 3, 27, 12, tzinfo=UTC)  # two days before clocks change in Berlin
GUILDS, MEMBERS = st.integers(1, 2), st.integers(1, 2)
ROLE = 5
RATES = Rates(usd_per_unit={"CNY": Fraction(1, 7)})
PRICES = {
    "free": Cost(by_account={"main": Money(micros=0, currency="USD")}),
    "one": Cost(by_account={"main": Money(micros=200_000, currency="USD")}),
    "two": Cost(
        by_account={
            "main": Money(micros=200_000, currency="USD"),
            "dear": Money(micros=2_100_001, currency="CNY"),
        }
    ),
    "own": Cost(by_account={"own-1": Money(micros=500_000, currency="CNY")}),
    "unknown": Cost(by_account={"main": None}),
}
CLIP = Clip(
    artifact_id="c" * 64,
    size_bytes=1,
    width_px=1,
    height_px=1,
    duration_s=1,
    fps=1,
    has_audio=False,
    attachable=True,
)
OPERATORS = Terms(
    rules=(
        QuotaRule(
            scope=Scope.BOT,
            subject_id=BOT_ID,
            limit=3_000_000,
            window=Window.DAY,
            measure=Measure.MONEY,
            currency="USD",
        ),
    ),
    rates=RATES,
)


@dataclass
class Known:
    """A job as the model sees it."""

    guild_id: int
    user_id: int
    counts_at: datetime
    micros: int
    currency: str
    cost: Cost
    grant_id: int | None
    operators: bool
    is_open: bool = True
    forgiven: bool = False


@dataclass
class Pool:
    """A grant as the model sees it."""

    guild_id: int
    user_id: int
    left: int
    expires_at: datetime


def _told_by(verdict: Verdict, cost: Cost) -> str:
    """What the limit that decides would tell the member."""
    assert verdict.deciding is not None
    return str(refusal_of(verdict.deciding, need_of(verdict.deciding.rule, cost, RATES)))


class Ledger(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.db = sqlite3.connect(":memory:", isolation_level=None)
        migrate(self.db, at=BEGIN)
        ensure_installation(self.db)
        self.now = BEGIN
        self.jobs: dict[int, Known] = {}
        self.limits: dict[int, dict[tuple[object, ...], QuotaRule]] = {1: {}, 2: {}}
        self.grants: dict[int, Pool] = {}
        self.zones = {1: "UTC", 2: "UTC"}

    def teardown(self) -> None:
        self.db.close()

    # --- what people and time do -------------------------------------------------------------

    @rule(
        guild_id=GUILDS,
        user_id=MEMBERS,
        scope=st.sampled_from([Scope.MEMBER, Scope.ROLE, Scope.SERVER]),
        window=st.sampled_from(list(Window)),
        limit=st.integers(0, 4),
        currency=st.sampled_from([None, "USD", "CNY"]),
    )
    def limit(
        self,
        guild_id: int,
        user_id: int,
        scope: Scope,
        window: Window,
        limit: int,
        currency: str | None,
    ) -> None:
        subject = {Scope.MEMBER: user_id, Scope.ROLE: ROLE, Scope.SERVER: guild_id}[scope]
        new = QuotaRule(
            scope=scope,
            subject_id=subject,
            window=window,
            limit=limit * 300_000 if currency else limit,
            measure=Measure.MONEY if currency else Measure.VIDEOS,
            currency=currency,
        )
        quotas.set_rule(self.db, guild_id, new, set_by=9, at=self.now)
        self.limits[guild_id][scope, subject, new.measure, window] = new

    @precondition(lambda self: any(self.limits.values()))
    @rule(data=st.data())
    def clear(self, data: st.DataObject) -> None:
        guild_id = data.draw(st.sampled_from([g for g, rules in self.limits.items() if rules]))
        key = data.draw(st.sampled_from(list(self.limits[guild_id])))
        gone = self.limits[guild_id].pop(key)
        assert quotas.clear_rule(
            self.db,
            guild_id,
            scope=gone.scope,
            subject_id=gone.subject_id,
            window=gone.window,
            measure=gone.measure,
        )

    @rule(guild_id=GUILDS, user_id=MEMBERS, videos=st.integers(1, 2), days=st.integers(1, 20))
    def grant(self, guild_id: int, user_id: int, videos: int, days: int) -> None:
        expires = self.now + timedelta(days=days)
        given = ledger.give(
            self.db,
            Holder(Scope.MEMBER, guild_id, user_id),
            videos=videos,
            expires_at=expires,
            given_by=9,
            at=self.now,
        )
        self.grants[given.grant_id] = Pool(guild_id, user_id, videos, expires)

    @rule(guild_id=GUILDS, zone=st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kathmandu"]))
    def move(self, guild_id: int, zone: str) -> None:
        set_time_zone(self.db, guild_id, zone)
        self.zones[guild_id] = zone

    @rule(hours=st.sampled_from([0.2, 1, 5, 11, 24, 24 * 7, 24 * 31]), back=st.booleans())
    def pass_time(self, hours: float, back: bool) -> None:
        self.now += timedelta(hours=min(hours, 2) * -1 if back else hours)

    @rule(guild_id=GUILDS, user_id=MEMBERS)
    def reset(self, guild_id: int, user_id: int) -> None:
        since = self.now - timedelta(days=33)
        ledger.reset(
            self.db,
            Holder(Scope.MEMBER, guild_id, user_id),
            since=since,
            reset_by=9,
            at=self.now,
        )
        for job in self.jobs.values():
            ours = (job.guild_id, job.user_id) == (guild_id, user_id)
            if ours and not job.is_open and job.counts_at >= since:
                job.forgiven = True

    @rule(
        guild_id=GUILDS,
        user_id=MEMBERS,
        has_role=st.booleans(),
        price=st.sampled_from(list(PRICES)),
    )
    def ask(self, guild_id: int, user_id: int, has_role: bool, price: str) -> None:
        roles = (ROLE,) if has_role else ()
        cost = PRICES[price]
        grant_id = self._usable_grant(guild_id, user_id)
        may = self._may(guild_id, user_id, roles, cost, granted=grant_id is not None)
        verdict = self._explained(guild_id, user_id, roles, cost)
        assert verdict.passes == may
        legs = ",".join(name + ("!" if name == "dear" else "") for name in cost.by_account)
        new = NewJob(
            request=VideoRequest(model="m", prompt="p"),
            user_id=user_id,
            role_ids=roles,
            place=Place(guild_id=guild_id, channel_id=1, in_thread=False),
            origin=Origin.REACTION,
            origin_key=None,
            route=f"m {legs}",
            setting=setting("m"),
            cost=cost,
        )
        refusal: QuotaExceededError | None = None
        self.db.execute("SAVEPOINT asked")  # as `Database.write` has it
        try:
            job: Job | None = enqueue(
                self.db, new, at=self.now, max_waiting_per_member=99, terms=OPERATORS
            )
        except QuotaExceededError as exc:
            self.db.execute("ROLLBACK TO asked")
            refusal = exc
            job = None
        finally:
            self.db.execute("RELEASE asked")
        assert (job is not None) == may
        if job is None:
            assert _told_by(verdict, cost) == str(refusal)
            return
        assert (verdict.grant is None) == (grant_id is None)
        highest = cost.highest(RATES)
        self.jobs[job.job_id] = Known(
            guild_id=guild_id,
            user_id=user_id,
            counts_at=self.now.replace(microsecond=self.now.microsecond // 1000 * 1000),
            micros=highest.micros if highest else 0,
            currency=highest.currency if highest else "",
            cost=cost,
            grant_id=grant_id,
            operators=cost.is_operators,
        )
        if grant_id is not None:
            self.grants[grant_id].left -= 1

    # --- what the engine does ----------------------------------------------------------------

    @precondition(lambda self: self._open())
    @rule(data=st.data(), held=st.booleans())
    def end(self, data: st.DataObject, held: bool) -> None:
        """A job that waits is cancelled, or fails at the provider, perhaps after being held."""
        job_id = data.draw(st.sampled_from(self._open()))
        reason = OutcomeReason.CANCELLED_BY_MEMBER
        if not held:
            steps.cancel_waiting(self.db, job_id, reason=reason, at=self.now)
        else:
            taken = claim_next(self.db, rooms=self._rooms("main", "own-1"), at=self.now)
            if taken is None:
                return
            job_id = taken.job_id
            state = JobState.SUBMITTING
            for ending in (JobState.HELD, JobState.FAILED):
                steps.finish(
                    self.db, job_id, expected=state, state=ending, reason=reason, at=self.now
                )
                state = ending
        job = self.jobs.pop(job_id)
        if job.grant_id is not None:
            self.grants[job.grant_id].left += 1

    @precondition(lambda self: self._open())
    @rule(broken=st.booleans())
    def make(self, broken: bool) -> None:
        """The next job is made, by the account that takes it now."""
        names = ("dear", "own-1") if broken else ("main", "own-1")
        taken = claim_next(self.db, rooms=self._rooms(*names), at=self.now)
        if taken is None:
            return
        job_id = taken.job_id
        steps.record_task(self.db, job_id, provider_task_id=f"t{job_id}", at=self.now)
        steps.record_fetched(self.db, job_id, clip=CLIP, at=self.now)
        steps.record_delivered(
            self.db, job_id, result_message_id=job_id, thread_id=None, at=self.now
        )
        job = self.jobs[job_id]
        price = job.cost.by_account[taken.account or ""]
        job.is_open = False
        if price is not None:
            job.micros, job.currency = price.micros, price.currency

    # --- what must hold ----------------------------------------------------------------------

    @invariant()
    def balances_are_the_ledgers_sums(self) -> None:
        assert differences(self.db) == 0

    @invariant()
    def every_limit_stands_as_the_model_adds_it_up(self) -> None:
        for guild_id, user_id in ((1, 1), (1, 2), (2, 1)):
            asked = quotas.Asked(
                guild_id=guild_id,
                user_id=user_id,
                role_ids=(ROLE,),
                at=self.now,
                terms=OPERATORS,
            )
            rules = [*quotas.rules_for(self.db, guild_id, user_id, (ROLE,)), *OPERATORS.rules]
            for standing in quotas.standings(self.db, asked, rules):
                assert standing.used == self._used(standing.rule, guild_id, user_id)

    @invariant()
    def grants_have_left_what_was_not_spent(self) -> None:
        rows = self.db.execute("SELECT grant_id, videos_left FROM quota_grant").fetchall()
        assert dict(rows) == {grant_id: pool.left for grant_id, pool in self.grants.items()}

    # --- the model ---------------------------------------------------------------------------

    def _open(self) -> list[int]:
        return [job_id for job_id, job in self.jobs.items() if job.is_open]

    def _rooms(self, *names: str) -> Rooms:
        return {(name, "m"): Room(limit=1000) for name in names}

    def _usable_grant(self, guild_id: int, user_id: int) -> int | None:
        usable = [
            (pool.expires_at, grant_id)
            for grant_id, pool in self.grants.items()
            if (pool.guild_id, pool.user_id) == (guild_id, user_id)
            and pool.left > 0
            and pool.expires_at > self.now
        ]
        return min(usable)[1] if usable else None

    def _used(self, one: QuotaRule, guild_id: int, user_id: int) -> int | None:
        zone = ZoneInfo("UTC" if one.scope is Scope.BOT else self.zones[guild_id])
        assert one.window is not None
        span = span_of(one.window, self.now, zone)
        total = Use()
        for job in self.jobs.values():
            if job.counts_at < span.start or (span.end and job.counts_at >= span.end):
                continue
            of_pool = one.scope is Scope.SERVER and job.guild_id == guild_id
            of_bot = one.scope is Scope.BOT and job.operators
            of_member = (
                one.scope in {Scope.MEMBER, Scope.ROLE}
                and (job.guild_id, job.user_id) == (guild_id, user_id)
                and job.grant_id is None
                and not job.forgiven
            )
            if of_pool or of_bot or of_member:
                total += Use(videos=1, micros={job.currency: job.micros})
        return total.of(one, RATES)

    def _explained(
        self, guild_id: int, user_id: int, roles: tuple[int, ...], cost: Cost
    ) -> Verdict:
        """What `/quota explain` would say."""
        asked = quotas.Asked(
            guild_id=guild_id, user_id=user_id, role_ids=roles, at=self.now, terms=OPERATORS
        )
        return quotas.explain(self.db, asked, cost).verdict

    def _may(
        self, guild_id: int, user_id: int, roles: tuple[int, ...], cost: Cost, *, granted: bool
    ) -> bool:
        naming = [
            one
            for one in self.limits[guild_id].values()
            if one.scope is Scope.SERVER
            or (one.scope is Scope.MEMBER and one.subject_id == user_id)
            or (one.scope is Scope.ROLE and one.subject_id in roles)
        ]
        theirs = () if set(cost.by_account) == {"own-1"} else OPERATORS.rules
        for one in (*applicable_rules(naming, RATES), *theirs):
            if granted and one.scope in {Scope.MEMBER, Scope.ROLE}:
                continue
            used = self._used(one, guild_id, user_id)
            assert used is not None
            highest = cost.highest(RATES)
            need: int | None = 1
            if one.currency is not None:
                part = None if highest is None else RATES.converted(highest, one.currency)
                need = None if part is None else -int(-part // 1)
            if need != 0 and (need is None or used + need > one.limit):
                return False
            if need == 0 and one.measure is Measure.VIDEOS and used + 1 > one.limit:
                return False
        return True


Ledger.TestCase.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
TestLedger = Ledger.TestCase
