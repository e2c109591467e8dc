"""Which waiting job is next: the first entries of a few indexes, however many jobs wait.

The order is that of ``bot/domain/fairness.py``, of the jobs whose route has room: a full account
holds up its own jobs and nobody else's. Who is passed over for having too much in flight costs a
look each, so a choice looks at no more lanes than there are jobs in flight.

The predicates ``is_waiting = 1`` and ``state = 'queued'`` stand literally in the queries: with a
bound value the planner would not use the partial indexes.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import cached_property
from heapq import merge
from typing import TYPE_CHECKING, Any

from bot.domain.routing import route_from
from storage.turn_rules import rules_of_guild

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable, Iterator

    from bot.domain.fairness import TurnRules, TurnTerms

GUILDS_IN_TURN = """
SELECT vtime, served, guild_id FROM guild_lane
WHERE route = :route AND is_waiting = 1 ORDER BY vtime, served, guild_id
"""
MEMBERS_IN_TURN = """
SELECT vtime, served, user_id FROM member_lane
WHERE guild_id = :guild_id AND route = :route AND is_waiting = 1 ORDER BY vtime, served, user_id
"""
MEMBERS_BY_NUMBER = """
SELECT job_id, user_id FROM job
WHERE guild_id = :guild_id AND route = :route AND state = 'queued' AND by_number = 1
ORDER BY job_id
"""
NEXT_JOB = """
SELECT -priority, job_id, route, cost_ms FROM job
WHERE guild_id = :guild_id AND user_id = :user_id AND route = :route AND state = 'queued'
ORDER BY priority DESC, job_id LIMIT 1
"""
NEXT_JOB_BY_NUMBER = """
SELECT 0, job_id, route, cost_ms FROM job
WHERE guild_id = :guild_id AND user_id = :user_id AND route = :route AND state = 'queued'
AND by_number = 1 ORDER BY job_id LIMIT 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """The next waiting job, and who had to be passed over for it.

    Attributes:
        job_id: The job.
        model: Whose places it competes for.
        route: Its lanes' route.
        guild_id: Its guild lane, with the route.
        user_id: Its member lane, with both.
        cost_ms: Its cost.
        guilds_passed_over: Were in front of its guild, and have too much in flight.
        members_passed_over: Likewise of its guild's members.
    """

    job_id: int
    model: str
    route: str
    guild_id: int
    user_id: int
    cost_ms: int
    guilds_passed_over: tuple[int, ...]
    members_passed_over: tuple[int, ...]


def next_turn(db: sqlite3.Connection, routes: Collection[str], terms: TurnTerms) -> Turn | None:
    """The job on one of these routes that is served next; None where none has its turn."""
    by_model: defaultdict[str, list[str]] = defaultdict(list)
    for route in routes:
        by_model[route_from(route).model].append(route)
    in_flight = _InFlight(db, terms)
    models = db.execute("SELECT model FROM model_clock ORDER BY served, model").fetchall()
    for (model,) in models:
        if model in by_model:
            turn = _Choice(db, model, by_model[model], in_flight).made()
            if turn is not None:
                return turn
    return None


class _InFlight:
    """Who has how much in flight, on all models together; not looked at where nothing limits it."""

    def __init__(self, db: sqlite3.Connection, terms: TurnTerms) -> None:
        self._db = db
        self._terms = terms

    def is_full_guild(self, guild_id: int) -> bool:
        cap = self._terms.in_flight_per_guild
        return cap is not None and self._of_guild[guild_id] >= cap

    def is_full_member(self, guild_id: int, user_id: int, rules: TurnRules) -> bool:
        cap = self._terms.member_cap(rules)
        return cap is not None and self._of_member[guild_id, user_id] >= cap

    @cached_property
    def _of_guild(self) -> Counter[int]:
        found: Counter[int] = Counter()
        for (guild_id, _), count in self._of_member.items():
            found[guild_id] += count
        return found

    @cached_property
    def _of_member(self) -> Counter[tuple[int, int]]:
        rows = self._db.execute(
            "SELECT guild_id, user_id, count(*) FROM job"
            " WHERE state IN ('submitting', 'rendering') AND result_url IS NULL"
            " GROUP BY guild_id, user_id"
        ).fetchall()
        return Counter({(guild_id, user_id): count for guild_id, user_id, count in rows})


@dataclass(frozen=True, slots=True)
class _Choice:
    """The choice among the waiting jobs of one model, on the routes that have room."""

    db: sqlite3.Connection
    model: str
    routes: list[str]
    in_flight: _InFlight

    def made(self) -> Turn | None:
        passed_over: list[int] = []
        with ExitStack() as cursors:
            for guild_id in self._ids(cursors, GUILDS_IN_TURN, {}):
                if not self.in_flight.is_full_guild(guild_id):
                    turn = self._in_guild(guild_id, tuple(passed_over))
                    if turn is not None:
                        return turn
                passed_over.append(guild_id)
        return None

    def _in_guild(self, guild_id: int, guilds_passed_over: tuple[int, ...]) -> Turn | None:
        rules = rules_of_guild(self.db, guild_id)
        by_number = rules.first_come_first_served
        query = MEMBERS_BY_NUMBER if by_number else MEMBERS_IN_TURN
        job_query = NEXT_JOB_BY_NUMBER if by_number else NEXT_JOB
        passed_over: list[int] = []
        with ExitStack() as cursors:
            for user_id in self._ids(cursors, query, {"guild_id": guild_id}):
                if self.in_flight.is_full_member(guild_id, user_id, rules):
                    passed_over.append(user_id)
                    continue
                job_id, route, cost_ms = self._job_of(guild_id, user_id, query=job_query)
                return Turn(
                    job_id=job_id,
                    model=self.model,
                    route=route,
                    guild_id=guild_id,
                    user_id=user_id,
                    cost_ms=cost_ms,
                    guilds_passed_over=guilds_passed_over,
                    members_passed_over=() if by_number else tuple(passed_over),
                )
        return None

    def _job_of(self, guild_id: int, user_id: int, *, query: str) -> tuple[int, str, int]:
        member = {"guild_id": guild_id, "user_id": user_id}
        firsts = (
            self.db.execute(query, member | {"route": route}).fetchone() for route in self.routes
        )
        _, job_id, route, cost_ms = min(first for first in firsts if first is not None)
        return job_id, route, cost_ms

    def _ids(self, cursors: ExitStack, query: str, of: dict[str, object]) -> Iterator[int]:
        """The last column over all routes, in order, each once."""
        rows: list[Iterable[Any]] = [
            cursors.enter_context(closing(self.db.execute(query, of | {"route": route})))
            for route in self.routes
        ]
        seen: set[int] = set()
        for row in merge(*rows):
            if row[-1] not in seen:
                seen.add(row[-1])
                yield row[-1]
