"""The order of the lanes against the rule, under everything that can happen to a queue."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from bot.domain.fairness import FairQueue, TurnRules, TurnTerms, VirtualTime, Waiting
from bot.domain.job import Job, JobState, NewJob, Origin, OutcomeReason, Place
from bot.domain.request import VideoRequest
from storage import steps, turn_rules
from storage.enqueue import enqueue
from storage.installation import ensure_installation
from storage.job_queries import open_jobs_of_guild, waiting_count
from storage.lanes import claim_next, reroute
from storage.migrate import migrate
from storage.places import place_in_queue
from storage.recount import recount_lanes
from tests.accounts import rooms, route, setting

if TYPE_CHECKING:
    from collections.abc import Callable

AT = datetime(2026, 1, 14, 12, tzinfo=UTC)
FEW = st.integers(1, 2)  # so that they meet again and again
MODELS = ("m", "n")
ACCOUNTS = ("a", "b")
WAYS = st.sampled_from((("a",), ("b",), ("a", "b")))
CAPS = st.sampled_from((None, None, 1, 3))
MANY = 1000


class Turns(RuleBasedStateMachine):
    """A queue in the database, and beside it the same one as the rule has it."""

    costs_differ = True

    def __init__(self) -> None:
        super().__init__()
        self.db = sqlite3.connect(":memory:", isolation_level=None)
        migrate(self.db, at=AT)
        ensure_installation(self.db)

    @initialize(per_guild=CAPS, per_member=CAPS, weights=st.dictionaries(FEW, st.integers(1, 4)))
    def begin(self, per_guild: int | None, per_member: int | None, weights: dict[int, int]) -> None:
        self.fair = FairQueue(
            TurnTerms(
                in_flight_per_guild=per_guild,
                in_flight_per_member=per_member,
                guild_weights=weights,
            )
        )

    def teardown(self) -> None:
        self.db.close()

    @rule(
        guild_id=FEW,
        user_id=FEW,
        model=st.sampled_from(MODELS),
        accounts=WAYS,
        roles=st.sets(FEW),
        median_s=st.sampled_from((20.0, 90.0, 600.0)),
        count=st.integers(1, 4),
    )
    def join(  # everything that a job can differ in
        self,
        *,
        guild_id: int,
        user_id: int,
        model: str,
        accounts: tuple[str, ...],
        roles: set[int],
        median_s: float,
        count: int,
    ) -> None:
        new = NewJob(
            request=VideoRequest(model=model, prompt="p"),
            user_id=user_id,
            role_ids=tuple(roles),
            place=Place(guild_id=guild_id, channel_id=1, in_thread=False),
            origin=Origin.REACTION,
            origin_key=None,
            route=route(model, *accounts),
            setting=setting(model, median_s=median_s if self.costs_differ else 90.0),
        )
        weight = turn_rules.member_weight(self.db, guild_id, roles)
        for _ in range(count):
            job = enqueue(self.db, new, at=AT, max_waiting_per_member=MANY)
            (cost_ms,) = self.db.execute(
                "SELECT cost_ms FROM job WHERE job_id = ?", (job.job_id,)
            ).fetchone()
            assert 0.8 < cost_ms / (new.setting.assumed.quantile_s(0.5) * 1000) < 1.2
            waiting = Waiting(
                job_id=job.job_id,
                guild_id=guild_id,
                user_id=user_id,
                model=model,
                route=new.route,
                cost_ms=cost_ms,
            )
            self.fair.join(waiting, weight=weight)

    @rule(times=st.integers(1, 6))
    def claim(self, times: int) -> None:
        everywhere = {(account, model) for account in ACCOUNTS for model in MODELS}
        for _ in range(times):
            self.claim_where_there_is_room(everywhere)

    @rule(open_places=st.sets(st.tuples(st.sampled_from(ACCOUNTS), st.sampled_from(MODELS))))
    def claim_where_there_is_room(self, open_places: set[tuple[str, str]]) -> None:
        open_rooms = {
            key: room
            for name in ACCOUNTS
            for key, room in rooms(dict.fromkeys(MODELS, MANY), name=name).items()
            if key in open_places
        }
        routes = {
            route(model, *accounts)
            for model in MODELS
            for accounts in (("a",), ("b",), ("a", "b"))
            if any((account, model) in open_places for account in accounts)
        }
        expected = self.fair.claim(routes)
        job = claim_next(self.db, rooms=open_rooms, terms=self.fair.terms, at=AT)
        assert (job and job.job_id) == (expected and expected.job_id)

    @precondition(lambda self: self.fair.waiting)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        job_id = data.draw(st.sampled_from(sorted(self.fair.waiting)))
        steps.cancel_waiting(self.db, job_id, reason=OutcomeReason.CANCELLED_BY_MEMBER, at=AT)
        self.fair.leave(job_id)

    @precondition(lambda self: self.fair.in_flight)
    @rule(data=st.data(), fresh=st.booleans())
    def requeue(self, data: st.DataObject, fresh: bool) -> None:
        job_id = data.draw(st.sampled_from(sorted(self.fair.in_flight)))
        steps.requeue(self.db, job_id, at=AT, fresh_request=fresh)
        self.fair.give_back(job_id)

    @precondition(lambda self: self.fair.in_flight)
    @rule(data=st.data())
    def finish(self, data: st.DataObject) -> None:
        job_id = data.draw(st.sampled_from(sorted(self.fair.in_flight)))
        steps.finish(
            self.db,
            job_id,
            expected=JobState.SUBMITTING,
            state=JobState.FAILED,
            reason=OutcomeReason.RENDER_FAILED,
            at=AT,
        )
        self.fair.end(job_id)

    @precondition(lambda self: self.fair.waiting)
    @rule(data=st.data(), accounts=WAYS)
    def go_another_way(self, data: st.DataObject, accounts: tuple[str, ...]) -> None:
        job_id = data.draw(st.sampled_from(sorted(self.fair.waiting)))
        new_route = route(self.fair.waiting[job_id].model, *accounts)
        reroute(self.db, job_id, new_route)
        self.fair.reroute(job_id, new_route)

    @precondition(lambda self: self.fair.waiting)
    @rule(data=st.data())
    def put_first(self, data: st.DataObject) -> None:
        job_id = data.draw(st.sampled_from(sorted(self.fair.waiting)))
        steps.put_first(self.db, job_id)
        self.fair.put_first(job_id)

    @rule(guild_id=FEW, role_id=FEW, weight=st.integers(1, 4))
    def weigh_role(self, guild_id: int, role_id: int, weight: int) -> None:
        turn_rules.set_role_weight(self.db, guild_id, role_id, weight)

    @rule(guild_id=FEW, by_number=st.booleans(), in_flight=CAPS)
    def decide(self, guild_id: int, by_number: bool, in_flight: int | None) -> None:
        rules = TurnRules(first_come_first_served=by_number, in_flight_per_member=in_flight)
        turn_rules.save(self.db, guild_id, rules)
        self.fair.rules[guild_id] = turn_rules.rules_of_guild(self.db, guild_id)

    @invariant()
    def a_servers_list_is_in_its_order(self) -> None:
        orders = {model: self.fair.order(model) for model in MODELS}
        assert waiting_count(self.db) == sum(map(len, orders.values()))
        for guild_id in (1, 2):
            listed = [job.job_id for job in open_jobs_of_guild(self.db, guild_id, limit=MANY)]
            in_flight = self.fair.in_flight.values()
            running = sorted(s.job.job_id for s in in_flight if s.job.guild_id == guild_id)
            assert listed[: len(running)] == running
            for model, order in orders.items():
                waits = [n for n in order if self.fair.waiting[n].guild_id == guild_id]
                assert [n for n in listed if n in waits] == waits, model

    @invariant()
    def every_lane_has_come_as_far_as_the_rule_says(self) -> None:
        lanes = self.db.execute(
            "SELECT model, guild_id, vtime, served, member_clock FROM guild_lane"
        ).fetchall()
        for model, guild_id, vtime, served, clock in lanes:
            assert self.fair.lane(model, guild_id) == VirtualTime(vtime, served, clock)
        lanes = self.db.execute(
            "SELECT model, guild_id, user_id, vtime, served FROM member_lane"
        ).fetchall()
        for model, guild_id, user_id, vtime, served in lanes:
            assert self.fair.lane(model, guild_id, user_id) == VirtualTime(vtime, served)

    @invariant()
    def no_lane_is_off(self) -> None:
        assert recount_lanes(self.db) == 0


class TurnsOfEqualCost(Turns):
    """Where a place in the queue is exact."""

    costs_differ = False

    @invariant()
    def places_are_those_of_the_order(self) -> None:
        for model in MODELS:
            order = self.fair.order(model)
            places = [place_in_queue(self.db, n, terms=self.fair.terms) for n in order]
            assert places == list(range(1, len(order) + 1))


Turns.TestCase.settings = settings(max_examples=25, stateful_step_count=40, deadline=None)
TurnsOfEqualCost.TestCase.settings = Turns.TestCase.settings
TestTurns = Turns.TestCase
TestTurnsOfEqualCost = TurnsOfEqualCost.TestCase


def test_lanes_that_are_off_are_counted_and_mended(
    db: sqlite3.Connection, put: Callable[..., Job]
) -> None:
    put()
    put(user_id=11)
    put(guild_id=2)
    db.execute("UPDATE guild_lane SET waiting = 7 WHERE guild_id = 1")
    db.execute("DELETE FROM member_lane WHERE guild_id = 1 AND user_id = 11")
    db.execute("UPDATE member_lane SET waiting_cost_ms = 1 WHERE guild_id = 2")
    assert recount_lanes(db) == 3
    assert recount_lanes(db) == 0
    assert waiting_count(db) == 3


def test_no_more_jobs_are_in_flight_than_the_account_allows(
    db: sqlite3.Connection, at: datetime, put: Callable[..., Job]
) -> None:
    for _ in range(3):
        put()
    first = claim_next(db, rooms=rooms({"cogvideox-3": 2}), at=at)
    assert first is not None
    assert claim_next(db, rooms=rooms({"cogvideox-3": 2}), at=at) is not None
    assert claim_next(db, rooms=rooms({"cogvideox-3": 2}), at=at) is None
    steps.record_task(db, first.job_id, provider_task_id="t", at=at)
    assert claim_next(db, rooms=rooms({"cogvideox-3": 2}), at=at) is None
    steps.finish(
        db,
        first.job_id,
        expected=JobState.RENDERING,
        state=JobState.FAILED,
        reason=OutcomeReason.RENDER_FAILED,
        at=at,
    )
    assert claim_next(db, rooms=rooms({"cogvideox-3": 2}), at=at) is not None


def test_a_full_model_is_passed_over_and_keeps_its_place(
    db: sqlite3.Connection, at: datetime, put: Callable[..., Job]
) -> None:
    first, second = put(), put()
    other = put(model="cogvideox-2")
    limits = {"cogvideox-3": 1, "cogvideox-2": 1}
    claimed = [claim_next(db, rooms=rooms(limits), at=at) for _ in range(3)]
    assert {job and job.job_id for job in claimed[:2]} == {first.job_id, other.job_id}
    assert claimed[2] is None
    assert place_in_queue(db, second.job_id) == 1
    assert claim_next(db, rooms=rooms({"unknown": 9}), at=at) is None


def test_a_request_id_names_the_database_the_job_and_the_attempt(
    db: sqlite3.Connection, at: datetime, put: Callable[..., Job]
) -> None:
    put()
    job = claim_next(db, rooms=rooms({"cogvideox-3": 1}), at=at)
    assert job is not None
    (installation,) = db.execute("SELECT installation_id FROM installation").fetchone()
    assert job.request_id == f"cogreel-{installation}-1-1"
    ensure_installation(db)
    assert db.execute("SELECT installation_id FROM installation").fetchall() == [(installation,)]
