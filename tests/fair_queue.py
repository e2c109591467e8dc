"""The order of turns, said as plainly as possible: a model to compare what serves by it with.

Its terms and its arithmetic are those of ``bot/domain/fairness.py``, where the order is explained.
"""

from __future__ import annotations

from collections import defaultdict
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.domain.fairness import (
    LEAST_COST_MS,
    NO_RULES,
    ORDINARY_WEIGHT,
    TurnRules,
    TurnTerms,
    charge,
)

if TYPE_CHECKING:
    from collections.abc import Collection


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A waiting job, as the order sees it.

    Attributes:
        job_id: Ours.
        guild_id: Its server.
        user_id: Its member.
        model: Whose places it competes for.
        route: Which accounts may take it; see ``bot/domain/routing.py``.
        cost_ms: The render time that was expected of it when it was enqueued.
        priority: Among its member's own jobs: the highest first, then the lowest number.
    """

    job_id: int
    guild_id: int
    user_id: int
    model: str
    route: str
    cost_ms: int = LEAST_COST_MS
    priority: int = 0

    @property
    def lanes(self) -> tuple[tuple[str | int, ...], tuple[str | int, ...]]:
        """Its guild lane and its member lane."""
        return (self.model, self.guild_id), (self.model, self.guild_id, self.user_id)


@dataclass(slots=True)
class VirtualTime:
    """How far a lane, or a model as a whole, has come.

    Attributes:
        vtime: The start tag of its next job.
        served: The number of the claim that last served it; 0 for none.
        clock: The start tag of what was served last in it: where those begin who had nothing.
    """

    vtime: int = 0
    served: int = 0
    clock: int = 0


@dataclass(frozen=True, slots=True)
class _Served:
    """What a claim did to the guild lane and the member lane of a job, to be undone."""

    job: Waiting
    charges: tuple[int, int]
    served_before: tuple[int, int]


class FairQueue:
    """Every waiting job and every one in flight; each question looks at all of them.

    Attributes:
        terms: What the operator decided.
        rules: What moderators decided, by guild; where it is missing, nothing.
        waiting: By job id.
        in_flight: Likewise.
    """

    def __init__(self, terms: TurnTerms) -> None:
        """Begin with nothing."""
        self.terms = terms
        self.rules: dict[int, TurnRules] = {}
        self.waiting: dict[int, Waiting] = {}
        self.in_flight: dict[int, _Served] = {}
        self._claims = 0
        self._lanes: defaultdict[tuple[str | int, ...], VirtualTime] = defaultdict(VirtualTime)
        self._weights: dict[tuple[int, int], int] = {}

    def join(self, job: Waiting, *, weight: int = ORDINARY_WEIGHT) -> None:
        """A job is enqueued; from now on its member has this weight."""
        for lane in job.lanes:
            if not any(lane in other.lanes for other in self.waiting.values()):
                clock = self._lanes[lane[:-1]].clock
                self._lanes[lane].vtime = max(self._lanes[lane].vtime, clock)
        self._weights[job.guild_id, job.user_id] = weight
        self.waiting[job.job_id] = job

    def leave(self, job_id: int) -> None:
        """A waiting job ended without a turn."""
        del self.waiting[job_id]

    def claim(self, routes: Collection[str]) -> Waiting | None:
        """Serve the next job on one of these routes; None where none of them has its turn."""
        found = [job for job in self.waiting.values() if job.route in routes]
        models = {job.model for job in found}
        for model in sorted(models, key=lambda model: (self._lanes[model,].served, model)):
            jobs = [job for job in found if job.model == model]
            if (job := self._next(model, jobs)) is not None:
                return job
        return None

    def reroute(self, job_id: int, route: str) -> None:
        """Other accounts may take a waiting job from now on."""
        self.waiting[job_id] = replace(self.waiting[job_id], route=route)

    def put_first(self, job_id: int) -> None:
        """A waiting job goes before its member's other ones, of all models."""
        job = self.waiting[job_id]
        own = (job.guild_id, job.user_id)
        highest = max(
            other.priority
            for other in self.waiting.values()
            if (other.guild_id, other.user_id) == own
        )
        self.waiting[job_id] = replace(job, priority=highest + 1)

    def give_back(self, job_id: int) -> None:
        """Nobody took the job: it waits again, and its turn was none."""
        undone = self.in_flight.pop(job_id)
        self.waiting[job_id] = undone.job
        for key, charged, before in zip(
            undone.job.lanes, undone.charges, undone.served_before, strict=True
        ):
            lane = self._lanes[key]
            lane.vtime -= charged
            lane.served = min(lane.served, before)

    def end(self, job_id: int) -> None:
        """A job in flight gives its place free."""
        del self.in_flight[job_id]

    def lane(self, *names: str | int) -> VirtualTime:
        """How far a lane has come: of a model and a guild, and of a member where one is named."""
        return self._lanes[names]

    def order(self, model: str) -> list[int]:
        """The ids of a model's waiting jobs as they are served if none joins and nobody is full."""
        later = deepcopy(self)
        later.terms = TurnTerms(guild_weights=self.terms.guild_weights)
        later.rules = {
            guild_id: replace(rules, in_flight_per_member=None)
            for guild_id, rules in self.rules.items()
        }
        later.waiting = {n: job for n, job in self.waiting.items() if job.model == model}
        routes = {job.route for job in later.waiting.values()}
        return [job.job_id for job in iter(lambda: later.claim(routes), None)]

    def _next(self, model: str, jobs: list[Waiting]) -> Waiting | None:
        passed_over: list[VirtualTime] = []
        for guild_id in self._in_turn((model,), {job.guild_id for job in jobs}):
            lane = self._lanes[model, guild_id]
            of_guild = [job for job in jobs if job.guild_id == guild_id]
            job = None if self._is_full(guild_id) else self._next_in_guild(of_guild)
            if job is None:
                passed_over.append(lane)
                continue
            _go_along(passed_over, lane)
            self._serve(job)
            return job
        return None

    def _next_in_guild(self, jobs: list[Waiting]) -> Waiting | None:
        guild_id = jobs[0].guild_id
        parent = jobs[0].lanes[0]
        by_number = self._rules_of(guild_id).first_come_first_served
        if by_number:
            members = [job.user_id for job in sorted(jobs, key=lambda job: job.job_id)]
        else:
            members = self._in_turn(parent, {job.user_id for job in jobs})
        open_ones = [user for user in members if not self._is_full(guild_id, user)]
        if not open_ones:
            return None
        user_id = open_ones[0]
        if not by_number:
            passed_over = members[: members.index(user_id)]
            _go_along(
                [self._lanes[*parent, user] for user in passed_over], self._lanes[*parent, user_id]
            )
        own = [job for job in jobs if job.user_id == user_id]
        if by_number:
            return min(own, key=lambda job: job.job_id)
        return min(own, key=lambda job: (-job.priority, job.job_id))

    def _in_turn(self, parent: tuple[str | int, ...], ids: set[int]) -> list[int]:
        """The least virtual time, then the least recently served, then the lowest id."""
        lanes = {number: self._lanes[*parent, number] for number in ids}
        return sorted(ids, key=lambda n: (lanes[n].vtime, lanes[n].served, n))

    def _is_full(self, guild_id: int, user_id: int | None = None) -> bool:
        in_flight = [s.job for s in self.in_flight.values() if s.job.guild_id == guild_id]
        cap = self.terms.in_flight_per_guild
        if user_id is not None:
            in_flight = [job for job in in_flight if job.user_id == user_id]
            cap = self.terms.member_cap(self._rules_of(guild_id))
        return cap is not None and len(in_flight) >= cap

    def _rules_of(self, guild_id: int) -> TurnRules:
        return self.rules.get(guild_id, NO_RULES)

    def _serve(self, job: Waiting) -> None:
        self._claims += 1
        guild, member = job.lanes
        weights = (
            self.terms.guild_weight(job.guild_id),
            self._weights[job.guild_id, job.user_id],
        )
        charges = (charge(job.cost_ms, weights[0]), charge(job.cost_ms, weights[1]))
        before = (self._lanes[guild].served, self._lanes[member].served)
        self._lanes[job.model,].served = self._claims
        for key, charged in zip(job.lanes, charges, strict=True):
            lane, parent = self._lanes[key], self._lanes[key[:-1]]
            parent.clock = max(parent.clock, lane.vtime)
            lane.vtime += charged
            lane.served = self._claims
        del self.waiting[job.job_id]
        self.in_flight[job.job_id] = _Served(job, charges, before)


def _go_along(passed_over: list[VirtualTime], served: VirtualTime) -> None:
    """Who is passed over for being full earns nothing by it."""
    for lane in passed_over:
        lane.vtime = max(lane.vtime, served.vtime)
