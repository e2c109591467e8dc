"""What becomes of a job once it is in the queue, in the database and in the references."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

from bot.domain.errors import NotCancellableError, StaleStateError
from bot.domain.fairness import TurnTerms
from bot.domain.job import Clip, Job, JobState, OutcomeReason
from bot.domain.quota import Terms
from bot.domain.routing import NOWHERE, Room, Rooms
from bot.engine.reroute import send
from storage import artifacts, erasure, films, steps, takedowns
from storage.job_rows import require_job
from storage.lanes import claim_next
from tests.storage.reference_queue import AFTER_ANOTHER
from tests.storage.whole_acts import RATES, Act, Life, Offer
from tests.storage.whole_asking import Asking

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

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


class World(Asking):
    """Everything that can happen to both. Call `database.close` in the end."""

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
