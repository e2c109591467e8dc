"""Queue, quotas, ledger and kills in one machine, against references that are plain lists.

Whatever can happen to the database happens here, in any order: to one job or to many in one commit,
with clocks that jump, and with a process that may die at any byte.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
)

from bot.domain.fairness import TurnRules
from bot.domain.job import JobState
from bot.domain.quota import BOT_ID, Grant, Measure, QuotaRule, Scope
from bot.domain.windows import Window
from storage import ledger, quotas, turn_rules
from storage.balances import Holder
from storage.guild_settings import set_time_zone
from tests.storage.mortal import KilledAfter, KilledInCommit, KilledInside
from tests.storage.reference_books import Pool
from tests.storage.reference_queue import Door
from tests.storage.whole_checks import disagreements
from tests.storage.whole_world import Act, Offer, World

if TYPE_CHECKING:
    from collections.abc import Callable

FEW = st.integers(1, 2)  # so that they meet again and again
# Longer for a night: see docs/testing.md.
EXAMPLES = int(os.environ.get("MACHINE_EXAMPLES", "50"))
STEPS = int(os.environ.get("MACHINE_STEPS", "50"))
pytestmark = pytest.mark.timeout(EXAMPLES * STEPS / 4)  # a step takes some 10 ms

ROLE_IDS = (5, 6)
ROLES = st.sets(st.sampled_from(ROLE_IDS)).map(lambda found: tuple(sorted(found)))
MODELS = ("m", "n")
ACCOUNTS = ("a", "b", "own-1")
PRICES = st.sampled_from(
    (
        *((200_000, "USD"), (300_000, "USD"), (2_100_001, "CNY"), (0, "USD")) * 3,
        *((30, "JPY"), None),
    )
)
WAYS = st.sampled_from((("a",), ("b",), ("a", "b"), ("a", "b!"), ("own-1",), ("own-1", "a!")))
CAPS = st.sampled_from((None, None, 1, 2, 3))
TURN_RULES = st.builds(
    TurnRules,
    first_come_first_served=st.booleans(),
    in_flight_per_member=CAPS,
    waiting_per_member=st.sampled_from((None, None, 1, 2, 4, 8)),
)
DAY_S = 86_400
STEPS_S = (1, 420, 900, 3600, 11 * 3600, DAY_S, 7 * DAY_S, 31 * DAY_S, 180 * DAY_S)
BACK_S = (1, 300, 7200, 20 * 3600, 35 * DAY_S)
ZONES = ("UTC", "Europe/Berlin", "Asia/Kathmandu", "America/Havana", "Asia/Beirut")
KILLS = st.one_of(
    st.integers(0, 40).map(KilledInside),
    st.integers(0, 999).map(KilledInCommit),
    st.just(KilledAfter()),
)


@st.composite
def offers(draw: st.DrawFn) -> Offer:
    names = draw(WAYS)
    return Offer(
        model=draw(st.sampled_from(MODELS)),
        prices={name.removesuffix("!"): draw(PRICES) for name in names},
        dearer=tuple(name.removesuffix("!") for name in names if name.endswith("!")),
    )


@st.composite
def rules(draw: st.DrawFn, guild_id: int) -> QuotaRule:
    """A limit of a server, of one of its members, or of a role."""
    scope = draw(st.sampled_from((Scope.MEMBER, Scope.ROLE, Scope.SERVER)))
    measure = draw(st.sampled_from(list(Measure)))
    has_window = measure in {Measure.VIDEOS, Measure.MONEY}
    limit = {
        Measure.VIDEOS: st.integers(0, 9),
        Measure.MONEY: st.integers(0, 9).map(lambda times: times * 300_000),
        Measure.COOLDOWN: st.sampled_from((0, 60, 7200)),
        Measure.CONCURRENT: st.integers(0, 5),
    }[measure]
    subjects = {
        Scope.MEMBER: FEW,
        Scope.ROLE: st.sampled_from(ROLE_IDS),
        Scope.SERVER: st.just(guild_id),
    }
    return QuotaRule(
        scope=scope,
        subject_id=draw(subjects[scope]),
        measure=measure,
        window=draw(st.sampled_from(list(Window))) if has_window else None,
        limit=draw(limit),
        currency=(
            draw(st.sampled_from(("USD", "USD", "CNY", "CNY", "JPY")))
            if measure is Measure.MONEY
            else None
        ),
    )


@st.composite
def budgets(draw: st.DrawFn) -> QuotaRule:
    """A limit that the operator set for the whole bot."""
    currency = draw(st.sampled_from((None, "USD")))
    times = draw(st.integers(0, 15))
    return QuotaRule(
        scope=Scope.BOT,
        subject_id=BOT_ID,
        measure=Measure.VIDEOS if currency is None else Measure.MONEY,
        window=draw(st.sampled_from((Window.DAY, Window.MONTH))),
        limit=times if currency is None else times * 300_000,
        currency=currency,
    )


@dataclass(frozen=True)
class Settings:
    """What the operator decides, and a start makes so."""

    budgets: list[QuotaRule]
    most_of_guild: int | None
    most_of_member: int | None
    guild_weights: dict[int, int]


DOORS = st.none() | st.builds(
    Door,
    places=st.integers(0, 4),
    is_closed=st.sampled_from((False, False, True)),
    is_broken=st.sampled_from((False, False, True)),
    is_trying=st.sampled_from((False, False, True)),
)
SETTINGS = st.builds(
    Settings,
    budgets=st.lists(budgets(), max_size=2, unique_by=lambda one: (one.measure, one.window)),
    most_of_guild=CAPS,
    most_of_member=CAPS,
    guild_weights=st.dictionaries(FEW, st.integers(1, 4)),
)


OFTEN = ("ask",) * 5 + ("claim",) * 4 + ("bring_on",) * 4 + ("make",) * 3
SELDOM = (
    *("ask_again", "change_a_job", "come_too_late", "limit", "unlimit", "grant", "reset", "move"),
    *("weigh_role", "decide_turns", "pass_time", "turn_the_clock_back", "open_or_close"),
    *("withdraw", "put_first", "put_first", "gather", "let_it_die", "restart"),
)
ENDS = {"fail": JobState.FAILED, "expire": JobState.EXPIRED, "hold": JobState.HELD}


class Whole(RuleBasedStateMachine):
    """One rule that chooses among all that can happen now, so that the ordinary is frequent.

    Each run goes without some of what is seldom.
    """

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.keys = 0
        self.without: set[str] = set()

    def teardown(self) -> None:
        self.world.database.close()

    @initialize(
        equal_costs=st.booleans(),
        most_of_member=CAPS,
        without=st.sets(st.sampled_from(SELDOM)),
    )
    def begin(self, *, equal_costs: bool, most_of_member: int | None, without: set[str]) -> None:
        self.world.queue.most_of_member = most_of_member
        self.world.equal_costs = equal_costs
        self.world.queue.doors = {(name, model): Door() for name in ACCOUNTS for model in MODELS}
        self.without = without

    @rule(data=st.data())
    def step(self, data: st.DataObject) -> None:
        needs = {
            "ask_again": self.world.lives,
            "change_a_job": self.world.lives,
            "come_too_late": self.world.lives,
            "put_first": self.world.queue.waiting,
            "bring_on": self._carried(),
            "make": self._carried(),
            "unlimit": any(self.world.books.limits.values()),
        }
        possible = [what for what in OFTEN if needs.get(what, True)]
        possible += [what for what in SELDOM if needs.get(what, True) and what not in self.without]
        what = data.draw(st.sampled_from(possible))
        acts: dict[str, Callable[[st.DataObject], None]] = {
            name: getattr(self, name) for name in possible
        }
        acts[what](data)

    # --- what members do ---------------------------------------------------------------------

    def ask(self, data: st.DataObject) -> None:
        offer, guild_id, user_id, role_ids = (
            data.draw(offers()),
            data.draw(FEW),
            data.draw(FEW),
            data.draw(ROLES),
        )
        median_s = (
            90.0 if self.world.equal_costs else data.draw(st.sampled_from((20.0, 90.0, 600.0)))
        )
        after_another = data.draw(st.sampled_from((False, False, True)))
        for number in range(data.draw(st.integers(1, 3))):
            self.keys += 1
            self.world.ask(
                offer,
                key=f"click-{self.keys}",
                guild_id=guild_id,
                user_id=user_id,
                role_ids=role_ids,
                median_s=median_s,
                after_another=after_another and number > 0,
            )

    def ask_again(self, data: st.DataObject) -> None:
        """Another take of a job; or a click once more, perhaps one whose answer was lost."""
        if data.draw(st.booleans()):
            self.world.ask(data.draw(offers()), key=f"click-{data.draw(st.integers(1, self.keys))}")
            return
        parent = self.world.lives[data.draw(st.sampled_from(sorted(self.world.lives)))]
        self.keys += 1
        self.world.ask(
            data.draw(offers()),
            key=f"click-{self.keys}",
            guild_id=parent.guild_id,
            user_id=data.draw(FEW),
            parent=parent.job_id,
        )

    def change_a_job(self, data: st.DataObject) -> None:
        """Cancel it, take it down, erase it, send it another way or nowhere.

        A shot that waits for another one begins to wait for its turn so.
        """
        lives = self.world.lives
        waiting = [job.job_id for job in self.world.queue.waiting]
        job_id = data.draw(
            st.sampled_from(waiting or sorted(lives)) | st.sampled_from(sorted(lives))
        )
        match data.draw(st.integers(0, 4)):
            case 0:
                self.world.cancel(job_id)
            case 1:
                self.world.take_down(job_id)
            case 2:
                self.world.erase(job_id)
            case 3:
                self.world.send(job_id, Offer(lives[job_id].model, {}))
            case _:
                offer = data.draw(offers())
                self.world.send(job_id, replace(offer, model=lives[job_id].model))

    def withdraw(self, data: st.DataObject) -> None:
        self.world.withdraw(data.draw(FEW), limit=data.draw(st.sampled_from((1, 2, 5, 100))))

    def put_first(self, data: st.DataObject) -> None:
        for _ in range(data.draw(st.integers(1, 3))):
            waiting = [job.job_id for job in self.world.queue.waiting]
            if waiting:
                self.world.put_first(data.draw(st.sampled_from(waiting)))

    # --- what the engine does ----------------------------------------------------------------

    def claim(self, data: st.DataObject) -> None:
        for _ in range(data.draw(st.integers(1, 4))):
            self.world.claim()

    def bring_on(self, data: st.DataObject) -> None:
        """A job that was claimed goes a step on, or ends."""
        world = self.world
        job_id = data.draw(st.sampled_from(self._carried()))
        if world.is_carried(job_id):
            return
        ends = {name: partial(world.finish, job_id, state) for name, state in ENDS.items()}
        if world.lives[job_id].state is JobState.SUBMITTING and world.is_paid(job_id):
            # Whoever knows no better sends it again, or leaves it to the operator.
            ways = [partial(world.record_task, job_id), ends["hold"]]
        else:
            ways = {
                JobState.SUBMITTING: [
                    partial(world.record_task, job_id),
                    partial(world.requeue, job_id, fresh=False),
                    partial(world.requeue, job_id, fresh=True),
                    ends["fail"],
                    ends["hold"],
                ],
                JobState.RENDERING: [
                    partial(world.record_fetched, job_id),
                    partial(world.record_link, job_id),
                    ends["fail"],
                    ends["expire"],
                ],
                JobState.FETCHED: [
                    partial(world.record_delivered, job_id),
                    partial(world.withhold, job_id),
                    ends["fail"],
                ],
                JobState.HELD: [partial(world.record_task, job_id), ends["fail"]],
            }[world.lives[job_id].state]
        data.draw(st.sampled_from(ways))()

    def come_too_late(self, data: st.DataObject) -> None:
        """A step of a job that has ended, or went back to the queue, is refused."""
        world = self.world
        job_id = data.draw(st.sampled_from(sorted(world.lives)))
        if job_id in self._carried() or world.is_carried(job_id):
            return
        ways: list[Callable[[int], None]] = [
            partial(world.requeue, fresh=True),
            world.record_task,
            world.record_link,
            world.record_fetched,
            world.record_delivered,
            world.withhold,
            world.cancel,
        ]
        data.draw(st.sampled_from(ways))(job_id)

    def make(self, _: st.DataObject) -> None:
        """What was claimed goes all the way, as far as nothing happens to it."""
        world = self.world
        for state, step in {
            JobState.SUBMITTING: world.record_task,
            JobState.RENDERING: world.record_fetched,
            JobState.FETCHED: world.record_delivered,
        }.items():
            for job_id in self._carried():
                life = world.lives[job_id]
                if life.state is not state or world.is_carried(job_id):
                    continue
                is_kept_back = state is JobState.FETCHED and life.is_taken_down
                (world.withhold if is_kept_back else step)(job_id)

    # --- what moderators do ------------------------------------------------------------------

    def limit(self, data: st.DataObject) -> None:
        world, at, guild_id = self.world, self.world.now, data.draw(FEW)
        new = data.draw(rules(guild_id))
        world.perform(
            Act(
                lambda db: quotas.set_rule(db, guild_id, new, set_by=9, at=at),
                lambda answer: _done(answer, partial(world.books.limit, guild_id, new)),
            )
        )

    def unlimit(self, data: st.DataObject) -> None:
        world, limits = self.world, self.world.books.limits
        guild_id = data.draw(st.sampled_from([guild_id for guild_id, of in limits.items() if of]))
        gone = data.draw(st.sampled_from(limits[guild_id]))

        def learn(answer: object) -> None:
            before = list(limits[guild_id])
            world.books.unlimit(guild_id, gone)
            assert answer == (before != limits[guild_id])

        clear = partial(
            quotas.clear_rule,
            guild_id=guild_id,
            scope=gone.scope,
            subject_id=gone.subject_id,
            window=gone.window,
            measure=gone.measure,
        )
        world.perform(Act(clear, learn))

    def grant(self, data: st.DataObject) -> None:
        world, at = self.world, self.world.now
        guild_id, user_id, videos = data.draw(FEW), data.draw(FEW), data.draw(st.integers(1, 3))
        expires_at = at + timedelta(hours=data.draw(st.sampled_from((1, 24, 400))))

        def learn(answer: object) -> None:
            assert isinstance(answer, Grant), answer
            world.books.grants[answer.grant_id] = Pool(
                guild_id=guild_id, user_id=user_id, videos=videos, expires_at=expires_at
            )

        give = partial(
            ledger.give,
            member=Holder(Scope.MEMBER, guild_id, user_id),
            videos=videos,
            expires_at=expires_at,
            given_by=9,
            at=at,
        )
        world.perform(Act(give, learn))

    def reset(self, data: st.DataObject) -> None:
        world, at, guild_id, user_id = self.world, self.world.now, data.draw(FEW), data.draw(FEW)
        since = at - timedelta(days=33)

        def learn(answer: object) -> None:
            assert answer == world.books.forgive(guild_id, user_id, since=since)

        member = Holder(Scope.MEMBER, guild_id, user_id)
        world.perform(
            Act(lambda db: ledger.reset(db, member, since=since, reset_by=9, at=at), learn)
        )

    def move(self, data: st.DataObject) -> None:
        guild_id, zone = data.draw(FEW), data.draw(st.sampled_from(ZONES))
        learn = partial(self.world.books.zones.update, {guild_id: zone})
        self.world.perform(
            Act(
                lambda db: set_time_zone(db, guild_id, zone),
                lambda answer: _done(answer, learn),
            )
        )

    def weigh_role(self, data: st.DataObject) -> None:
        guild_id, role_id = data.draw(FEW), data.draw(st.sampled_from(ROLE_IDS))
        weight = data.draw(st.integers(1, 4))
        learn = partial(self.world.queue.role_weights.update, {(guild_id, role_id): weight})
        self.world.perform(
            Act(
                lambda db: turn_rules.set_role_weight(db, guild_id, role_id, weight),
                lambda answer: _done(answer, learn),
            )
        )

    def decide_turns(self, data: st.DataObject) -> None:
        """Of turns, and of how many a member may have at once, in flight and waiting."""
        queue, guild_id, decided = self.world.queue, data.draw(FEW), data.draw(TURN_RULES)

        def learn() -> None:
            by_number = decided.first_come_first_served
            (queue.by_number.add if by_number else queue.by_number.discard)(guild_id)
            queue.most_of_member_on[guild_id] = decided.in_flight_per_member
            queue.most_waiting_on[guild_id] = decided.waiting_per_member

        self.world.perform(
            Act(
                lambda db: turn_rules.save(db, guild_id, decided),
                lambda answer: _done(answer, learn),
            )
        )

    # --- what nobody asked for ---------------------------------------------------------------

    def pass_time(self, data: st.DataObject) -> None:
        self.world.now += timedelta(seconds=data.draw(st.sampled_from(STEPS_S)))

    def turn_the_clock_back(self, data: st.DataObject) -> None:
        self.world.now -= timedelta(seconds=data.draw(st.sampled_from(BACK_S)))

    def open_or_close(self, data: st.DataObject) -> None:
        """An account has room, is full, is asked for a while, or is there no more."""
        key, door = (
            (data.draw(st.sampled_from(ACCOUNTS)), data.draw(st.sampled_from(MODELS))),
            data.draw(DOORS),
        )
        self.world.queue.doors.pop(key, None)
        if door is not None:
            self.world.queue.doors[key] = door

    def gather(self, data: st.DataObject) -> None:
        """What happens next happens at the same moment, in one commit, and one may raise."""
        world = self.world
        world.wanted_together = max(data.draw(st.integers(2, 5)), world.wanted_together)
        world.raises = data.draw(st.booleans())

    def let_it_die(self, data: st.DataObject) -> None:
        """In the next commit."""
        self.world.kill = data.draw(KILLS)

    def restart(self, data: st.DataObject) -> None:
        """Be killed between two commits, and perhaps start with other settings.

        What waits for a commit is lost with the process.
        """
        world = self.world
        world.together.clear()
        world.wanted_together = 1
        found = data.draw(st.none() | SETTINGS)
        if found is not None:
            world.books.operators = found.budgets
            world.queue.most_of_guild = found.most_of_guild
            world.queue.most_of_member = found.most_of_member
            world.queue.guild_weights = found.guild_weights
        world.database.restart()

    # --- what holds --------------------------------------------------------------------------

    @invariant()
    def the_database_agrees_with_the_references(self) -> None:
        assert disagreements(self.world) == []

    def _carried(self) -> list[int]:
        """The jobs that were claimed and have not ended."""
        going = {JobState.SUBMITTING, JobState.RENDERING, JobState.FETCHED, JobState.HELD}
        return [life.job_id for life in self.world.lives.values() if life.state in going]


def _done(answer: object, learn: Callable[[], None]) -> None:
    assert answer is None, answer
    learn()


Whole.TestCase.settings = settings(max_examples=EXAMPLES, stateful_step_count=STEPS)
TestWhole = Whole.TestCase
