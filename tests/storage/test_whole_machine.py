"""Queue, quotas, ledger and kills in one machine, against references that are plain lists.

Whatever can happen to the database happens here, in any order: to one job or to many in one commit,
with clocks that jump, and with a process that may die at any byte.
"""

from __future__ import annotations

import os
from dataclasses import replace
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

from bot.domain.job import JobState
from tests.storage.reference_queue import Door
from tests.storage.whole_acts import Offer
from tests.storage.whole_checks import disagreements
from tests.storage.whole_draws import (
    ACCOUNTS,
    BACK_S,
    CAPS,
    DOORS,
    FEW,
    KILLS,
    MODELS,
    ROLES,
    SETTINGS,
    STEPS_S,
    offers,
)
from tests.storage.whole_moderators import MODERATORS
from tests.storage.whole_world import World

if TYPE_CHECKING:
    from collections.abc import Callable

# Longer for a night: see docs/testing.md.
EXAMPLES = int(os.environ.get("MACHINE_EXAMPLES", "50"))
STEPS = int(os.environ.get("MACHINE_STEPS", "50"))
pytestmark = pytest.mark.timeout(EXAMPLES * STEPS / 4)  # a step takes some 10 ms

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
        act: Callable[[st.DataObject], None] = (
            partial(MODERATORS[what], self.world) if what in MODERATORS else getattr(self, what)
        )
        act(data)

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


Whole.TestCase.settings = settings(max_examples=EXAMPLES, stateful_step_count=STEPS)
TestWhole = Whole.TestCase
