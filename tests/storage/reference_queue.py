"""Whose turn it is, said a second time: lists of jobs, gone through from end to end.

Nothing here is shared with ``storage``, ``bot/domain/fairness.py`` or ``tests/fair_queue.py``: what
they got wrong in the same way nobody would find.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field

AFTER_ANOTHER = "after"  # no account's: the route of what waits for another job first
Key = tuple[str | int, ...]
"""A model; a model and a server; or these and a member."""


@dataclass(kw_only=True)
class Door:
    """Whether an account takes jobs of a model."""

    places: int = 2
    is_closed: bool = False
    is_broken: bool = False
    is_trying: bool = False


@dataclass(kw_only=True)
class Queued:
    """A job in the queue; the same one while it is away from it."""

    job_id: int
    guild_id: int
    user_id: int
    model: str
    route: str
    cost_ms: int
    priority: int = 0

    @property
    def keys(self) -> tuple[Key, Key]:
        """The server's and the member's."""
        return (self.model, self.guild_id), (self.model, self.guild_id, self.user_id)


@dataclass(kw_only=True)
class Away:
    """A job that was claimed, and what the claim did."""

    job: Queued
    account: str
    is_asking: bool = True
    takes_a_place: bool = True
    charges: tuple[int, int]
    served_before: tuple[int, int]


@dataclass(kw_only=True)
class Chosen:
    """The next job, the account that takes it, and who was in front of it but had too much."""

    job: Queued
    account: str
    stands_in_for: str | None
    passed_over: list[tuple[Key, Key]]


@dataclass
class ReferenceQueue:
    """Every job that waits, and every one that was claimed."""

    doors: dict[tuple[str, str], Door] = field(default_factory=dict[tuple[str, str], Door])
    most_of_guild: int | None = None
    most_of_member: int | None = None
    guild_weights: dict[int, int] = field(default_factory=dict[int, int])
    role_weights: dict[tuple[int, int], int] = field(default_factory=dict[tuple[int, int], int])
    by_number: set[int] = field(default_factory=set[int])
    most_of_member_on: dict[int, int | None] = field(default_factory=dict[int, int | None])
    most_waiting_on: dict[int, int | None] = field(default_factory=dict[int, int | None])
    waiting: list[Queued] = field(default_factory=list[Queued])
    away: list[Away] = field(default_factory=list[Away])
    claims: int = 0
    time: dict[Key, int] = field(default_factory=dict[Key, int])
    clock: dict[Key, int] = field(default_factory=dict[Key, int])
    served: dict[Key, int] = field(default_factory=dict[Key, int])
    weights: dict[tuple[int, int], int] = field(default_factory=dict[tuple[int, int], int])

    # --- what happens to jobs ----------------------------------------------------------------

    def join(self, job: Queued, *, role_ids: tuple[int, ...]) -> None:
        """A job comes. What waits for another one is not in line yet."""
        if job.route == AFTER_ANOTHER:
            for key in job.keys:
                self.time.setdefault(key, self.clock.get(key[:-1], 0))
        else:
            self._begin(job)
        weights = [self.role_weights.get((job.guild_id, role), 1) for role in role_ids]
        self.weights[job.guild_id, job.user_id] = max([1, *weights])
        self.waiting.append(job)

    def come_into_line(self, job_id: int, route: str) -> None:
        """A job that waited for another one waits for its turn, as though it came now."""
        job = self.waiting_job(job_id)
        self._begin(job)
        job.route = route

    def leave(self, job_id: int) -> None:
        """A waiting job ends."""
        self.waiting.remove(self.waiting_job(job_id))

    def claim(self) -> Chosen | None:
        """Serve the next one."""
        chosen = self.next()
        if chosen is None:
            return None
        job, keys = chosen.job, chosen.job.keys
        weights = (
            self.guild_weights.get(job.guild_id, 1),
            self.weights[job.guild_id, job.user_id],
        )
        charges = [job.cost_ms * 1000 // weight for weight in weights]
        away = Away(
            job=job,
            account=chosen.account,
            charges=(charges[0], charges[1]),
            served_before=(self.served.get(keys[0], 0), self.served.get(keys[1], 0)),
        )
        self.claims += 1
        for behind, served in chosen.passed_over:
            self.time[behind] = max(self.time[behind], self.time[served])
        self.served[job.model,] = self.claims
        for key, charged in zip(keys, charges, strict=True):
            self.clock[key[:-1]] = max(self.clock.get(key[:-1], 0), self.time[key])
            self.time[key] += charged
            self.served[key] = self.claims
        self.waiting.remove(job)
        self.away.append(away)
        return chosen

    def come_back(self, job_id: int) -> None:
        """A claim was none: what it added is taken off again."""
        away = self.away_job(job_id)
        self.away.remove(away)
        self.waiting.append(away.job)
        for key, charged, before in zip(
            away.job.keys, away.charges, away.served_before, strict=True
        ):
            self.time[key] -= charged
            self.served[key] = min(self.served[key], before)

    def put_first(self, job_id: int) -> None:
        """Before the member's other ones."""
        job = self.waiting_job(job_id)
        own = [
            other.priority
            for other in self.waiting
            if (other.guild_id, other.user_id) == (job.guild_id, job.user_id)
        ]
        job.priority = max(own) + 1

    def waiting_job(self, job_id: int) -> Queued:
        """One that waits."""
        return next(job for job in self.waiting if job.job_id == job_id)

    def away_job(self, job_id: int) -> Away:
        """One that was claimed."""
        return next(away for away in self.away if away.job.job_id == job_id)

    # --- who is next -------------------------------------------------------------------------

    def next(self) -> Chosen | None:
        """The job that is served next; None where none has its turn."""
        takers = {job.route: self.taker(job.route) for job in self.waiting}
        ready = [job for job in self.waiting if takers[job.route] is not None]
        models = {job.model for job in ready}
        for model in sorted(models, key=lambda model: (self.served.get((model,), 0), model)):
            found = self._next_of_model(model, [job for job in ready if job.model == model])
            if found is not None:
                job, passed_over = found
                account, stands_in_for = takers[job.route] or ("", None)
                return Chosen(
                    job=job, account=account, stands_in_for=stands_in_for, passed_over=passed_over
                )
        return None

    def order(self, model: str) -> list[int]:
        """The waiting jobs of a model in the order of service, were there room for all of them."""
        later = deepcopy(self)
        later.waiting = [job for job in later.waiting if job.model == model]
        later.doors = {
            (account, model): Door(places=len(self.waiting) + len(self.away) + 1)
            for job in self.waiting
            for account, _ in _legs(job.route)
        }
        later.most_of_guild = later.most_of_member = None
        later.most_of_member_on = {}
        order: list[int] = []
        while (chosen := later.claim()) is not None:
            order.append(chosen.job.job_id)
        return order

    def taker(self, route: str) -> tuple[str, str | None] | None:
        """The account that takes a job of this route, and the broken one that it stands in for."""
        model, legs = route.partition(" ")[0], _legs(route)
        cheap = [account for account, is_dearer in legs if not is_dearer]
        for account, is_dearer in legs:
            if is_dearer and not all(self._is_broken(other, model) for other in cheap):
                continue
            if self._has_place(account, model):
                first = legs[0][0]
                stands_in = account != first and self._is_broken(first, model)
                return account, first if stands_in else None
        return None

    def _begin(self, job: Queued) -> None:
        """Who had nothing in line begins at the clock."""
        in_line = [other for other in self.waiting if other.route != AFTER_ANOTHER]
        for key in job.keys:
            if not any(key in other.keys for other in in_line):
                self.time[key] = max(self.time.get(key, 0), self.clock.get(key[:-1], 0))

    def _next_of_model(
        self, model: str, jobs: list[Queued]
    ) -> tuple[Queued, list[tuple[Key, Key]]] | None:
        guilds = self._in_turn([(model, job.guild_id) for job in jobs])
        for number, guild in enumerate(guilds):
            of_guild = [job for job in jobs if job.keys[0] == guild]
            guild_id = of_guild[0].guild_id
            if _is_full(self.most_of_guild, self._taken(guild_id)):
                continue
            caps = (self.most_of_member, self.most_of_member_on.get(guild_id))
            free = [
                job
                for job in of_guild
                if not any(_is_full(cap, self._taken(guild_id, job.user_id)) for cap in caps)
            ]
            if not free:
                continue
            passed_over = [(before, guild) for before in guilds[:number]]
            if guild_id in self.by_number:
                return min(free, key=lambda job: job.job_id), passed_over
            members = self._in_turn([job.keys[1] for job in of_guild])
            first = next(key for key in members if any(job.keys[1] == key for job in free))
            passed_over += [(before, first) for before in members[: members.index(first)]]
            own = [job for job in free if job.keys[1] == first]
            return min(own, key=lambda job: (-job.priority, job.job_id)), passed_over
        return None

    def _in_turn(self, keys: list[Key]) -> list[Key]:
        return sorted(
            set(keys), key=lambda key: (self.time[key], self.served.get(key, 0), int(key[-1]))
        )

    def _taken(self, guild_id: int, user_id: int | None = None) -> int:
        return sum(
            away.takes_a_place
            and away.job.guild_id == guild_id
            and user_id in {None, away.job.user_id}
            for away in self.away
        )

    def _is_broken(self, account: str, model: str) -> bool:
        door = self.doors.get((account, model))
        return door is None or door.is_broken

    def _has_place(self, account: str, model: str) -> bool:
        door = self.doors.get((account, model))
        if door is None or door.is_closed:
            return False
        there = [away for away in self.away if away.takes_a_place and away.account == account]
        if door.is_trying and any(away.is_asking for away in there):
            return False
        return sum(away.job.model == model for away in there) < door.places


def _legs(route: str) -> list[tuple[str, bool]]:
    names = [name for name in route.partition(" ")[2].split(",") if name]
    return [(name.removesuffix("!"), name.endswith("!")) for name in names]


def _is_full(most: int | None, taken: int) -> bool:
    return most is not None and taken >= most
