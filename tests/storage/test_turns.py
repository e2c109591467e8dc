"""The order of the lanes against the rule, under random joins, claims, cancels and returns."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bot.domain.fairness import Waiting, serving_order
from bot.domain.job import Job, JobState, NewJob, Origin, OutcomeReason, Place
from bot.domain.request import VideoRequest
from storage import steps
from storage.enqueue import enqueue
from storage.installation import ensure_installation
from storage.job_queries import open_jobs_of_guild, place_in_queue, waiting_count
from storage.lanes import claim_next, recount_lanes
from storage.migrate import migrate
from tests.accounts import rooms, route

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

AT = datetime(2026, 1, 14, 12, tzinfo=UTC)
FEW = st.integers(1, 3)
MODELS = st.sampled_from(("m", "n"))


class Turns(RuleBasedStateMachine):
    """A queue, and beside it what `serving_order` needs to know of it."""

    def __init__(self) -> None:
        super().__init__()
        self.db = sqlite3.connect(":memory:", isolation_level=None)
        migrate(self.db, at=AT)
        ensure_installation(self.db)
        self.waiting: dict[int, Waiting] = {}
        self.models: dict[int, str] = {}
        self.claimed: dict[int, tuple[Waiting, int, int]] = {}
        self.claims = 0
        self.guild_served: dict[int, int] = {}
        self.member_served: dict[tuple[int, int], int] = {}

    def teardown(self) -> None:
        self.db.close()

    @rule(guild_id=FEW, user_id=FEW, model=MODELS)
    def join(self, guild_id: int, user_id: int, model: str) -> None:
        new = NewJob(
            request=VideoRequest(model=model, prompt="p"),
            user_id=user_id,
            role_ids=(),
            place=Place(guild_id=guild_id, channel_id=1, in_thread=False),
            origin=Origin.REACTION,
            origin_key=None,
            route=route(model),
        )
        job = enqueue(self.db, new, at=AT, max_waiting_per_member=1000)
        self.models[job.job_id] = model
        self.waiting[job.job_id] = Waiting(job_id=job.job_id, guild_id=guild_id, user_id=user_id)

    @rule(open_models=st.sets(MODELS))
    def claim(self, open_models: set[str]) -> None:
        order = self.order(open_models)
        limits = {model: 1000 if model in open_models else 0 for model in ("m", "n")}
        job = claim_next(self.db, rooms=rooms(limits), at=AT)
        if not order:
            assert job is None
            return
        assert job is not None
        assert job.job_id == order[0]
        turn = self.waiting.pop(job.job_id)
        lane = (turn.guild_id, turn.user_id)
        guild, member = self.guild_served.get(lane[0], 0), self.member_served.get(lane, 0)
        self.claimed[job.job_id] = (turn, guild, member)
        self.claims += 1
        self.guild_served[lane[0]] = self.member_served[lane] = self.claims

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        job_id = data.draw(st.sampled_from(sorted(self.waiting)))
        steps.cancel_waiting(self.db, job_id, reason=OutcomeReason.CANCELLED_BY_MEMBER, at=AT)
        del self.waiting[job_id]

    @precondition(lambda self: self.claimed)
    @rule(data=st.data(), fresh=st.booleans())
    def requeue(self, data: st.DataObject, fresh: bool) -> None:
        job_id = data.draw(st.sampled_from(sorted(self.claimed)))
        steps.requeue(self.db, job_id, at=AT, fresh_request=fresh)
        turn, guild, member = self.claimed.pop(job_id)
        lane = (turn.guild_id, turn.user_id)
        self.guild_served[lane[0]] = min(self.guild_served[lane[0]], guild)
        self.member_served[lane] = min(self.member_served[lane], member)
        self.waiting[job_id] = turn

    @precondition(lambda self: self.claimed)
    @rule(data=st.data())
    def fail(self, data: st.DataObject) -> None:
        job_id = data.draw(st.sampled_from(sorted(self.claimed)))
        del self.claimed[job_id]
        steps.finish(
            self.db,
            job_id,
            expected=JobState.SUBMITTING,
            state=JobState.FAILED,
            reason=OutcomeReason.RENDER_FAILED,
            at=AT,
        )

    def order(self, models: Collection[str] = ("m", "n")) -> list[int]:
        return serving_order(
            [turn for number, turn in self.waiting.items() if self.models[number] in models],
            guild_served=self.guild_served,
            member_served=self.member_served,
        )

    @invariant()
    def places_are_those_of_the_order(self) -> None:
        order = self.order()
        assert [place_in_queue(self.db, job_id) for job_id in order] == [
            number + 1 for number in range(len(order))
        ]
        assert waiting_count(self.db) == len(order)

    @invariant()
    def a_servers_list_is_in_its_order(self) -> None:
        order = self.order()
        for guild_id in (1, 2, 3):
            listed = open_jobs_of_guild(self.db, guild_id, limit=1000)
            running = sorted(
                n for n, (turn, *_) in self.claimed.items() if turn.guild_id == guild_id
            )
            waits = [n for n in order if self.waiting[n].guild_id == guild_id]
            assert [job.job_id for job in listed] == running + waits

    @invariant()
    def no_lane_is_off(self) -> None:
        assert recount_lanes(self.db) == 0


Turns.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
TestTurns = Turns.TestCase


def test_lanes_that_are_off_are_counted_and_mended(
    db: sqlite3.Connection, put: Callable[..., Job]
) -> None:
    put()
    put(user_id=11)
    put(guild_id=2)
    db.execute("UPDATE guild_lane SET waiting = 7 WHERE guild_id = 1")
    db.execute("DELETE FROM member_lane WHERE guild_id = 1 AND user_id = 11")
    db.execute("INSERT INTO member_lane (guild_id, user_id, waiting) VALUES (3, 3, 3)")
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
    assert [job and job.job_id for job in claimed] == [first.job_id, other.job_id, None]
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
