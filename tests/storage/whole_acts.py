"""The database and the reference models side by side: everything that happens, happens to both.

An act is a transaction, with what the references make of its answer. It may be one of several in a
commit, may raise when its work is done, or may be cut off by a kill.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from bot.domain.cost import Cost
from bot.domain.job import JobState
from bot.domain.money import Money, Rates
from bot.domain.routing import NOWHERE
from tests.storage.mortal import MortalDatabase
from tests.storage.reference_books import ReferenceBooks
from tests.storage.reference_prices import USD_PER_UNIT, Price
from tests.storage.reference_queue import ReferenceQueue

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from tests.storage.mortal import Kill

BEGIN = datetime(2026, 3, 27, 12, tzinfo=UTC)  # two days before clocks change in Berlin
RATES = Rates(usd_per_unit={name: worth for name, worth in USD_PER_UNIT.items() if name != "USD"})
UNDER_WAY = {JobState.QUEUED, JobState.SUBMITTING, JobState.RENDERING, JobState.FETCHED}
OPEN = UNDER_WAY | {JobState.HELD}


class ToldToRaiseError(Exception):
    """An act that was told to raise did."""


@dataclass(frozen=True)
class Act:
    """One transaction.

    Attributes:
        run: The transaction.
        learn: Holds what it returned, or raised, against the references, and moves those on.
        carries: The job that it brings on, which nobody else does at the same time.
    """

    run: Callable[[sqlite3.Connection], object]
    learn: Callable[[object], None]
    carries: int | None = None


@dataclass(frozen=True)
class Offer:
    """A model, and what each account asks for it, the first one in front."""

    model: str
    prices: dict[str, Price | None]
    dearer: tuple[str, ...] = ()

    @property
    def of_own(self) -> Offer:
        """With the server's own accounts alone."""
        own = {name: price for name, price in self.prices.items() if name.startswith("own-")}
        return replace(self, prices=own)

    @property
    def route(self) -> str:
        """As a job has it."""
        names = (f"{name}{'!' if name in self.dearer else ''}" for name in self.prices)
        return f"{self.model} {','.join(names)}" if self.prices else NOWHERE

    @property
    def cost(self) -> Cost:
        """As a job has it."""
        return Cost(
            by_account={
                name: None if price is None else Money(micros=price[0], currency=price[1])
                for name, price in self.prices.items()
            }
        )


@dataclass(kw_only=True)
class Life:
    """A job, as it should be on record."""

    job_id: int
    guild_id: int
    user_id: int
    model: str
    parent: int | None
    key: str
    state: JobState = JobState.QUEUED
    account: str | None = None
    attempt: int = 0
    request_id: str | None = None
    has_link: bool = False
    is_taken_down: bool = False
    is_withdrawn: bool = False
    is_erased: bool = False

    @property
    def has_ended(self) -> bool:
        """Whether nothing more comes of it."""
        return self.state not in OPEN


@dataclass
class Both:
    """Call `database.close` in the end."""

    database: MortalDatabase = field(default_factory=MortalDatabase)
    queue: ReferenceQueue = field(default_factory=ReferenceQueue)
    books: ReferenceBooks = field(default_factory=ReferenceBooks)
    lives: dict[int, Life] = field(default_factory=dict[int, Life])
    paid: dict[str, int] = field(default_factory=dict[str, int])  # requests, at the gateway
    now: datetime = BEGIN
    together: list[Act] = field(default_factory=list[Act])
    wanted_together: int = 1
    kill: Kill | None = None
    raises: bool = False
    equal_costs: bool = False

    def perform(self, act: Act) -> None:
        """Run an act, or keep it for the others that it shall share a commit with."""
        if self.raises:
            self.raises = False
            act = Act(partial(_raising, act.run), _must_have_raised, act.carries)
        self.together.append(act)
        if len(self.together) >= self.wanted_together:
            self.flush()

    def flush(self) -> None:
        """Run what was kept."""
        acts, self.together, self.wanted_together = self.together, [], 1
        kill, self.kill = self.kill, None
        functions = [act.run for act in acts]
        if kill is None:
            answers: list[object] | None = self.database.write_together(functions)
        else:
            answers = self.database.write_and_die(functions, kill)
        for act, answer in zip(acts, answers or (), strict=False):
            act.learn(answer)

    def under_way(self, guild_id: int, user_id: int) -> int:
        """What a member has under way on a server; what is held does not count."""
        return sum(
            (life.guild_id, life.user_id) == (guild_id, user_id) and life.state in UNDER_WAY
            for life in self.lives.values()
        )


def _raising(function: Callable[[sqlite3.Connection], object], db: sqlite3.Connection) -> object:
    function(db)
    raise ToldToRaiseError


def _must_have_raised(answer: object) -> None:
    assert isinstance(answer, Exception), answer
