"""The database and the reference models side by side: everything that happens, happens to both.

An act is a transaction, with what the references make of its answer. It may be one of several in a
commit, may raise when its work is done, or may be cut off by a kill.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, cast

from bot.domain.cost import Cost
from bot.domain.errors import (
    NotCancellableError,
    QueueFullError,
    QuotaExceededError,
    StaleStateError,
    TakeAlreadyOpenError,
)
from bot.domain.fairness import TurnTerms
from bot.domain.job import Clip, Job, JobState, NewJob, Origin, OutcomeReason, Place
from bot.domain.money import Money, Rates
from bot.domain.quota import Measure, Scope, Terms
from bot.domain.request import VideoRequest
from bot.domain.routing import NOWHERE, Room, Rooms
from bot.engine.reroute import send
from storage import artifacts, erasure, films, steps, takedowns
from storage.enqueue import enqueue
from storage.job_rows import require_job
from storage.lanes import claim_next
from storage.quotas import Asked, explain
from tests.accounts import setting
from tests.storage.mortal import MortalDatabase
from tests.storage.reference_books import USD_PER_UNIT, Price, ReferenceBooks
from tests.storage.reference_queue import AFTER_ANOTHER, Queued, ReferenceQueue

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from tests.storage.mortal import Kill

BEGIN = datetime(2026, 3, 27, 12, tzinfo=UTC)  # two days before clocks change in Berlin
RATES = Rates(usd_per_unit={name: worth for name, worth in USD_PER_UNIT.items() if name != "USD"})
UNDER_WAY = {JobState.QUEUED, JobState.SUBMITTING, JobState.RENDERING, JobState.FETCHED}
OPEN = UNDER_WAY | {JobState.HELD}
MOST_OF_MEMBER, MOST_OF_GUILD = 6, 9
FRAME = "f" * 64
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


@dataclass(frozen=True)
class Enqueued:
    """What asking gave."""

    job: Job
    cost_ms: int


@dataclass
class World:
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

    # --- how things happen -------------------------------------------------------------------

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

    # --- a job comes -------------------------------------------------------------------------

    def ask(
        self,
        offer: Offer,
        *,
        key: str,
        guild_id: int = 1,
        user_id: int = 1,
        role_ids: tuple[int, ...] = (),
        median_s: float = 90.0,
        parent: int | None = None,
        after_another: bool = False,
    ) -> None:
        """Ask for a video; a key that was used before is the same click once more."""
        at = self.now
        new = NewJob(
            request=VideoRequest(model=offer.model, prompt="p"),
            user_id=user_id,
            role_ids=role_ids,
            place=Place(guild_id=guild_id, channel_id=1, in_thread=False),
            origin=Origin.COMMAND if parent is None else Origin.AGAIN,
            origin_key=key,
            parent_job_id=parent,
            route=AFTER_ANOTHER if after_another else offer.route,
            setting=setting(offer.model, median_s=median_s),
            cost=offer.cost,
        )

        terms = Terms(rules=tuple(self.books.operators), rates=RATES)
        asked = Asked(guild_id=guild_id, user_id=user_id, role_ids=role_ids, at=at, terms=terms)
        explained: list[bool] = []

        def run(db: sqlite3.Connection) -> Enqueued:
            explained[:] = [explain(db, asked, offer.cost).verdict.passes]
            job = enqueue(
                db,
                new,
                at=at,
                max_waiting_per_member=MOST_OF_MEMBER,
                max_waiting_per_guild=MOST_OF_GUILD,
                terms=terms,
            )
            (cost_ms,) = db.execute(
                "SELECT cost_ms FROM job WHERE job_id = ?", (job.job_id,)
            ).fetchone()
            return Enqueued(job, cost_ms)

        learn = partial(self._learn_asked, new=new, prices=offer.prices, at=at, explained=explained)
        self.perform(Act(run, learn))

    def _learn_asked(
        self,
        answer: object,
        *,
        new: NewJob,
        prices: dict[str, Price | None],
        at: datetime,
        explained: list[bool],
    ) -> None:
        guild_id, user_id = new.place.guild_id, new.user_id
        known = [life for life in self.lives.values() if life.key == new.origin_key]
        if known:
            assert isinstance(answer, Enqueued), answer
            assert answer.job.job_id == known[0].job_id
            assert answer.job.state is known[0].state
            return
        takes = [
            life
            for life in self.lives.values()
            if new.parent_job_id is not None
            and (life.parent, life.user_id) == (new.parent_job_id, user_id)
            and life.state in OPEN
        ]
        if takes:
            assert isinstance(answer, TakeAlreadyOpenError), answer
            return
        of_guild = [job for job in self.queue.waiting if job.guild_id == guild_id]
        of_member = [job for job in of_guild if job.user_id == user_id]
        decided = self.queue.most_waiting_on.get(guild_id)
        most = MOST_OF_MEMBER if decided is None or decided > MOST_OF_MEMBER else decided
        if len(of_member) >= most or len(of_guild) >= MOST_OF_GUILD:
            assert isinstance(answer, QueueFullError), answer
            limits = (MOST_OF_GUILD, True) if len(of_member) < most else (most, False)
            assert (answer.limit, answer.of_server) == limits
            return
        refusing = self.books.refusing(
            prices,
            guild_id=guild_id,
            user_id=user_id,
            role_ids=new.role_ids,
            under_way=self.under_way(guild_id, user_id),
            at=at,
        )
        if refusing:
            assert isinstance(answer, QuotaExceededError), (answer, refusing)
            said = (answer.scope, answer.subject_id, answer.limit)
            assert said in [(one.scope, one.subject_id, one.limit) for one in refusing]
            assert explained == [False], "what is explained is what happens"
            return
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, Enqueued), answer
        assert explained == [True], "what is explained is what happens"
        job, cost_ms = answer.job, answer.cost_ms
        assert job.job_id == len(self.lives) + 1, "numbers are given one after another"
        assert 0.8 < cost_ms / (new.setting.assumed.quantile_s(0.5) * 1000) < 1.2
        granted = self.books.usable_grant(guild_id, user_id, at) is not None
        self.books.reserve(job.job_id, guild_id=guild_id, user_id=user_id, prices=prices, at=at)
        self._nothing_is_passed(new, prices, at, granted=granted)
        self.lives[job.job_id] = Life(
            job_id=job.job_id,
            guild_id=guild_id,
            user_id=user_id,
            model=new.request.model,
            parent=new.parent_job_id,
            key=new.origin_key or "",
        )
        queued = Queued(
            job_id=job.job_id,
            guild_id=guild_id,
            user_id=user_id,
            model=new.request.model,
            route=new.route,
            cost_ms=cost_ms,
        )
        self.queue.join(queued, role_ids=new.role_ids)

    def _nothing_is_passed(
        self, new: NewJob, prices: dict[str, Price | None], at: datetime, *, granted: bool
    ) -> None:
        """With the new video in the books, no limit that it had to pass is below what is used."""
        guild_id, user_id = new.place.guild_id, new.user_id
        for rule in self.books.deciding(guild_id, user_id, new.role_ids, prices):
            of_member = rule.scope in {Scope.MEMBER, Scope.ROLE}
            is_free = rule.measure is Measure.MONEY and all(
                price is not None and price[0] == 0 for price in prices.values()
            )
            if rule.window is None or is_free or (granted and of_member):
                continue
            used = self.books.used(rule, guild_id, user_id, at)
            assert used is not None
            assert used <= rule.limit, rule

    def under_way(self, guild_id: int, user_id: int) -> int:
        """What a member has under way on a server; what is held does not count."""
        return sum(
            (life.guild_id, life.user_id) == (guild_id, user_id) and life.state in UNDER_WAY
            for life in self.lives.values()
        )

    # --- a job is served ---------------------------------------------------------------------

    @property
    def rooms(self) -> Rooms:
        """The doors, as the scheduler would tell them."""
        return {
            key: Room(
                limit=door.places,
                is_closed=door.is_closed,
                is_broken=door.is_broken,
                is_trying=door.is_trying,
            )
            for key, door in self.queue.doors.items()
        }

    @property
    def turn_terms(self) -> TurnTerms:
        """What the operator decided of turns."""
        return TurnTerms(
            in_flight_per_guild=self.queue.most_of_guild,
            in_flight_per_member=self.queue.most_of_member,
            guild_weights=dict(self.queue.guild_weights),
        )

    def claim(self) -> None:
        """Claim the next job."""
        at = self.now

        def run(db: sqlite3.Connection) -> Job | None:
            return claim_next(db, rooms=self.rooms, terms=self.turn_terms, at=at)

        self.perform(Act(run, self._learn_claimed))

    def _learn_claimed(self, answer: object) -> None:
        chosen = self.queue.claim()
        if chosen is None:
            assert answer is None, answer
            return
        assert isinstance(answer, Job), answer
        assert answer.job_id == chosen.job.job_id
        assert (answer.account, answer.passed_over) == (chosen.account, chosen.stands_in_for)
        life = self.lives[chosen.job.job_id]
        if life.request_id is None or life.account != chosen.account:
            life.attempt += 1
            life.request_id = answer.request_id
            assert answer.request_id not in self.paid
            assert (answer.request_id or "").endswith(f"-{life.job_id}-{life.attempt}")
        life.account, life.state = chosen.account, JobState.SUBMITTING

    def pay(self, job_id: int) -> str:
        """Send a job's request to the gateway, which takes each request once; its task."""
        (request_id,) = self.database.read(
            lambda db: db.execute(
                "SELECT request_id FROM job WHERE job_id = ?", (job_id,)
            ).fetchone()
        )
        self.paid[request_id] = job_id
        return f"task-{request_id}"

    def is_carried(self, job_id: int) -> bool:
        """Whether an act that waits for its commit brings this job on."""
        return any(act.carries == job_id for act in self.together)

    def is_paid(self, job_id: int) -> bool:
        """Whether the gateway has taken a request of this job."""
        return job_id in self.paid.values()

    # --- what a job goes through -------------------------------------------------------------

    def requeue(self, job_id: int, *, fresh: bool) -> None:
        """Nobody took it. One that was taken down meanwhile waits for nothing more."""

        def learn(answer: object) -> None:
            life = self.lives[job_id]
            if life.state is not JobState.SUBMITTING:
                assert isinstance(answer, StaleStateError), answer
                return
            if isinstance(answer, Exception):
                raise answer
            life.state = JobState.QUEUED
            life.request_id = None if fresh else life.request_id
            self.queue.come_back(job_id)
            if life.is_taken_down:
                life.state = JobState.CANCELLED
                self._left(job_id)
            assert isinstance(answer, Job), answer
            assert answer.state is life.state

        run = partial(steps.requeue, job_id=job_id, fresh_request=fresh, at=self.now)
        self.perform(Act(run, learn, job_id))

    def record_task(self, job_id: int) -> None:
        """The gateway takes it; or it is known by now that it did."""
        may = self.lives[job_id].state in {JobState.SUBMITTING, JobState.HELD}
        task = self.pay(job_id) if may else f"nobody's-{job_id}"

        def then(_: Life) -> None:
            away = self.queue.away_job(job_id)
            away.is_asking, away.takes_a_place = False, True

        self._move(
            job_id,
            {JobState.SUBMITTING: JobState.RENDERING, JobState.HELD: JobState.RENDERING},
            partial(steps.record_task, job_id=job_id, provider_task_id=task, at=self.now),
            then,
        )

    def record_link(self, job_id: int) -> None:
        """It is rendered, and its place is free."""

        def then(life: Life) -> None:
            life.has_link = True
            self._free(job_id)

        self._move(
            job_id,
            {JobState.RENDERING: JobState.RENDERING},
            partial(steps.record_result_url, job_id=job_id, url="https://x/", at=self.now),
            then,
        )

    def record_fetched(self, job_id: int) -> None:
        """Its clip is here."""
        self._move(
            job_id,
            {JobState.RENDERING: JobState.FETCHED},
            partial(steps.record_fetched, job_id=job_id, clip=CLIP, at=self.now),
            lambda _: self._free(job_id),
        )

    def record_delivered(self, job_id: int) -> None:
        """Its clip is posted."""
        self._move(
            job_id,
            {JobState.FETCHED: JobState.DELIVERED},
            partial(
                steps.record_delivered,
                job_id=job_id,
                result_message_id=job_id,
                thread_id=None,
                at=self.now,
            ),
            lambda life: self.books.pay(job_id, life.account or ""),
        )

    def withhold(self, job_id: int) -> None:
        """Its clip is here, and not posted, because moderators took it down."""
        self._move(
            job_id,
            {JobState.FETCHED: JobState.FAILED},
            partial(takedowns.withhold, job_id=job_id, at=self.now),
            lambda life: self.books.pay(job_id, life.account or ""),
            may=lambda life: life.is_taken_down,
        )

    def finish(self, job_id: int, state: JobState) -> None:
        """It ends without a clip, or is held."""
        expected = self.lives[job_id].state

        def then(life: Life) -> None:
            if expected is JobState.QUEUED:
                self.queue.leave(job_id)
            else:
                self._free(job_id)
            if life.state is not JobState.HELD:
                self.books.give_back(job_id)

        self._move(
            job_id,
            {expected: state},
            partial(
                steps.finish,
                job_id=job_id,
                expected=expected,
                state=state,
                reason=OutcomeReason.RENDER_FAILED,
                at=self.now,
            ),
            then,
        )

    def cancel(self, job_id: int) -> None:
        """Its member does not want it any more."""
        self._move(
            job_id,
            {JobState.QUEUED: JobState.CANCELLED},
            partial(
                steps.cancel_waiting,
                job_id=job_id,
                reason=OutcomeReason.CANCELLED_BY_MEMBER,
                at=self.now,
            ),
            lambda _: self._left(job_id),
            refusal=NotCancellableError,
        )

    def put_first(self, job_id: int) -> None:
        """Its member wants it before their others."""
        self._move(
            job_id,
            {JobState.QUEUED: JobState.QUEUED},
            partial(steps.put_first, job_id=job_id),
            lambda _: self.queue.put_first(job_id),
        )

    def take_down(self, job_id: int) -> None:
        """Moderators do not want it."""
        at = self.now

        def learn(answer: object) -> None:
            assert answer == (not self.lives[job_id].is_taken_down), answer
            self._taken_down(self.lives[job_id])

        self.perform(Act(partial(takedowns.take_down, job_id=job_id, at=at), learn))

    def withdraw(self, user_id: int, *, limit: int) -> None:
        """A member wants theirs deleted, on every server, some at a time."""
        at = self.now

        def learn(answer: object) -> None:
            left = [
                life
                for life in self.lives.values()
                if life.user_id == user_id and not life.is_withdrawn
            ]
            withdrawn, cancelled = cast("tuple[list[int], list[Job]]", answer)
            assert withdrawn == [life.job_id for life in left[:limit]]
            waited = [life.job_id for life in left[:limit] if life.state is JobState.QUEUED]
            assert [job.job_id for job in cancelled] == waited
            for life in left[:limit]:
                self._taken_down(life)
                life.is_withdrawn = True

        self.perform(Act(partial(erasure.withdraw, user_id=user_id, at=at, limit=limit), learn))

    def erase(self, job_id: int) -> None:
        """Its words and its link are kept no longer."""
        at = self.now

        def learn(answer: object) -> None:
            life = self.lives[job_id]
            if not life.has_ended:
                assert isinstance(answer, ValueError), answer
                return
            assert isinstance(answer, Job), answer
            assert answer.request.prompt == ""
            life.is_erased, life.has_link = True, False

        self.perform(Act(partial(erasure.erase, job_id=job_id, at=at), learn))

    def send(self, job_id: int, offer: Offer) -> None:
        """The accounts changed, and it goes another way, or nowhere.

        One that waited for another job has its first frame now, and finds its way.
        """
        at = self.now
        terms = Terms(rules=tuple(self.books.operators), rates=RATES)

        def run(db: sqlite3.Connection) -> Job | None:
            if require_job(db, job_id).state is not JobState.QUEUED:
                return None
            artifacts.register(db, FRAME, kind="image", size_bytes=1, at=at)
            films.let_wait_for_turn(db, job_id, image_id=FRAME, route=offer.route)
            return send(db, job_id, offer.route, cost=offer.cost, terms=terms, at=at)

        def learn(answer: object) -> None:
            life = self.lives[job_id]
            if life.state is not JobState.QUEUED:
                assert answer is None, answer
                return
            assert isinstance(answer, Job), answer
            if self.queue.waiting_job(job_id).route == AFTER_ANOTHER:
                self.queue.come_into_line(job_id, offer.route)
            own = offer.of_own
            offers = [offer, own] if own.prices else [offer]
            allowed = self.books.reprice(job_id, *(one.prices for one in offers))
            chosen = own if allowed is own.prices else offer
            self.queue.waiting_job(job_id).route = chosen.route
            if allowed is None or offer.route == NOWHERE:
                life.state = JobState.FAILED
                self._left(job_id)

        self.perform(Act(run, learn))

    def _move(
        self,
        job_id: int,
        moves: dict[JobState, JobState],
        run: Callable[[sqlite3.Connection], Job],
        then: Callable[[Life], None],
        *,
        refusal: type[Exception] = StaleStateError,
        may: Callable[[Life], bool] = lambda _: True,
    ) -> None:
        def learn(answer: object) -> None:
            life = self.lives[job_id]
            if life.state not in moves or not may(life):
                assert isinstance(answer, refusal), answer
                return
            life.state = moves[life.state]
            if isinstance(answer, Exception):
                raise answer
            assert isinstance(answer, Job), answer
            assert answer.state is life.state
            then(life)

        self.perform(Act(run, learn, job_id))

    def _taken_down(self, life: Life) -> None:
        if life.state is JobState.QUEUED:
            life.state = JobState.CANCELLED
            self._left(life.job_id)
        life.is_taken_down = True

    def _left(self, job_id: int) -> None:
        self.queue.leave(job_id)
        self.books.give_back(job_id)

    def _free(self, job_id: int) -> None:
        away = self.queue.away_job(job_id)
        away.is_asking = away.takes_a_place = False


def _raising(function: Callable[[sqlite3.Connection], object], db: sqlite3.Connection) -> object:
    function(db)
    raise ToldToRaiseError


def _must_have_raised(answer: object) -> None:
    assert isinstance(answer, Exception), answer
