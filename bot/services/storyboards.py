"""A storyboard is started, all of it at once, and its shots are retaken."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from bot.domain.confirmation import is_asked_about, is_confirmed
from bot.domain.errors import NotAllowedError, QueueFullError, QuotaExceededError
from bot.domain.language import _
from bot.domain.storyboard import (
    SHOTS_MIN,
    NoSuchShotError,
    RetakePriceError,
    Shot,
    ShotUnderWayError,
    Storyboard,
    StoryboardClosedError,
    StoryboardCostError,
    TooFewShotsError,
    shot_key,
    total_of,
)
from bot.fault_points import FaultPoint, reached
from bot.services.courses import Courses
from bot.services.drafts import draft_of_member
from bot.services.refusals import record_refusal
from bot.services.shots import of_member
from bot.services.submissions import NOT_YET_TAKEN_IN
from storage import storyboards
from storage.trial import try_out

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from bot.clock import Clock
    from bot.domain.capability import Capability
    from bot.domain.job import Job, NewJob
    from bot.domain.money import Money, Rates
    from bot.domain.request import VideoRequest
    from bot.services.courses import Course
    from bot.services.entrance import Asker
    from bot.services.intake import Attachment
    from bot.services.policies import Policies
    from bot.services.shots import ShotIntake
    from storage.database import Database

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Retake:
    """What would be made anew.

    Attributes:
        shot: The shot, as it is.
        request: What that asks for.
        row: Whose limits it is within.
        followers: Those that start from its last frame, one after the other.
        price: The most that all of it may cost; None where nobody knows.
        before: The job that the shot is made anew after.
    """

    shot: Shot
    request: VideoRequest
    row: Capability
    followers: tuple[Shot, ...]
    price: Money | None
    before: int


class Storyboards:
    """What was started goes on by itself: ``bot/engine/director.py``."""

    def __init__(  # the composition root hands over what it owns
        self,
        *,
        database: Database,
        clock: Clock,
        shots: ShotIntake,
        policies: Policies,
        rates: Rates,
        let_go: Sequence[Callable[[], None]],
    ) -> None:
        """Hold what it works with.

        Args:
            database: Of the jobs.
            clock: Says what the time is.
            shots: Makes shots of what members want, and jobs of these.
            policies: What the servers' moderators decided.
            rates: To compare prices.
            let_go: Called when the queue, and the storyboards, are to be looked at.
        """
        self._database = database
        self._clock = clock
        self._shots = shots
        self._planner = shots.planner
        self._submissions = shots.planner.submissions
        self._policies = policies
        self.courses = Courses(database=database)
        self._rates = rates
        self._let_go = let_go

    async def start(self, storyboard_id: int, asker: Asker, *, is_agreed: bool) -> Storyboard:
        """Put all shots of a draft into the queue, or none. Let them go with `let_go`.

        Args:
            storyboard_id: Which; may be forged.
            asker: The member, and where the storyboard will live.
            is_agreed: Whether the member says yes to what they were told that it may cost.

        Returns:
            The storyboard; the same one however often it is started.

        Raises:
            StoryboardCostError: It costs more than is made here without asking.
            MemberError: Refused; nothing was reserved.
        """
        find = partial(of_member, storyboard_id=storyboard_id, asker=asker)
        known = await self._database.read(find)
        if known is not None and known.started_at is not None:
            return known
        return await self._start(storyboard_id, asker, is_agreed=is_agreed)

    async def _start(self, storyboard_id: int, asker: Asker, *, is_agreed: bool) -> Storyboard:
        find = partial(draft_of_member, storyboard_id=storyboard_id, asker=asker)
        board = await self._database.read(find)
        if len(board.shots) < SHOTS_MIN:
            raise TooFewShotsError
        await self._submissions.admit(asker, model=board.common.model)
        for shot in board.shots:
            await self._submissions.check_words(shot.prompt, asker)
        new = self._new_jobs(board, board.shots, asker)
        price = total_of([each.cost for each in new], self._rates)
        above = self._asked_above(price, board, is_agreed=is_agreed)
        at = self._clock.now()

        def write(db: sqlite3.Connection) -> Storyboard | StoryboardCostError:
            now = of_member(db, storyboard_id, asker)
            if now is not None and now.started_at is not None:
                return now
            if draft_of_member(db, storyboard_id, asker) != board:
                raise NoSuchShotError
            if above is not None:  # nobody is to agree to a price only to be refused after it
                try_out(db, lambda db: self._put_all(db, new, at))
                storyboards.record_told(db, storyboard_id, price)
                return StoryboardCostError(storyboard_id, price=price, above=above)
            jobs = self._put_all(db, new, at)
            storyboards.record_started(db, storyboard_id, asker.place, at=at)
            storyboards.record_takes(db, storyboard_id, dict(enumerate(jobs)), board.shots)
            return storyboards.require(db, storyboard_id)

        started = await self._written(write, new[0], at)
        reached(FaultPoint.AFTER_STORYBOARD_START)
        if isinstance(started, StoryboardCostError):
            raise started
        return started

    def let_go(self) -> None:
        """What was put into the queue may begin; what waits for a shot may see that it ended."""
        for each in self._let_go:
            each()

    # --- a shot once more -------------------------------------------------------------------------

    async def retakeable(self, storyboard_id: int, asker: Asker) -> Course:
        """A storyboard of the member's whose shots may be made anew.

        Raises:
            NotAllowedError: Somebody else's.
            StoryboardClosedError: Something of it was taken down or deleted.
        """
        course = await self.courses.of(storyboard_id)
        if course is None or course.board.place.guild_id != asker.place.guild_id:
            raise NoSuchShotError
        if course.board.user_id != asker.user_id:
            raise NotAllowedError(
                action=_("retake a shot of this storyboard"),
                needed=_("the member who asked for it"),
            )
        if course.is_closed:
            raise StoryboardClosedError
        return course

    async def retake_of(self, storyboard_id: int, position: int, asker: Asker) -> Retake:
        """What a retake of a shot would be; nothing is started.

        Raises:
            ShotUnderWayError: It, or one that starts from it, is still being made.
            MemberError: See `retakeable`.
        """
        course = await self.retakeable(storyboard_id, asker)
        if position >= len(course.takes):
            raise NoSuchShotError
        shots = course.board.with_followers(position)
        for shot in shots:
            if not course.takes[shot.position].is_terminal:
                raise ShotUnderWayError(number=shot.number)
        new = self._new_jobs(course.board, shots, asker)
        return Retake(
            shot=shots[0],
            request=course.board.request_of(shots[0], first_frame=NOT_YET_TAKEN_IN),
            row=self._planner.row_of(course.board, shots[0]),
            followers=shots[1:],
            price=total_of([each.cost for each in new], self._rates),
            before=course.takes[position].job_id,
        )

    async def retake(
        self,
        storyboard_id: int,
        told: Retake,
        wanted: Shot,
        attachment: Attachment | None,
        asker: Asker,
    ) -> list[Job]:
        """Make a shot anew, and those that start from its last frame, all at once or none.

        Args:
            storyboard_id: Which.
            told: As the member was told.
            wanted: What the shot is to be now. Its image is the one that it had, if that stays.
            attachment: Another image for it.
            asker: The member.

        Returns:
            The new takes.

        Raises:
            RetakePriceError: It costs more by now, or as it is wanted.
            ShotUnderWayError: It is being made, or was made anew since they were told.
            MemberError: Refused; nothing was reserved.
        """
        now = await self.retake_of(storyboard_id, told.shot.position, asker)
        if now.before != told.before:
            raise ShotUnderWayError(number=told.shot.number)
        board = (await self.retakeable(storyboard_id, asker)).board
        planned = self._shots.planned(board, wanted, attachment)
        home = replace(asker, place=board.place_of_jobs)
        price = total_of(
            [each.cost for each in self._new_jobs(board, (planned, *now.followers), home)],
            self._rates,
        )
        if not is_confirmed(price, told=told.price, rates=self._rates):
            raise RetakePriceError(price)
        taken_in = await self._shots.taken_in(board, planned, attachment, asker)
        shots = (taken_in, *now.followers)
        new = self._new_jobs(board, shots, home)
        at = self._clock.now()

        def write(db: sqlite3.Connection) -> list[Job]:
            if storyboards.require(db, storyboard_id) != board:
                raise ShotUnderWayError(number=told.shot.number)
            jobs = self._put_all(db, new, at)
            storyboards.record_takes(
                db,
                storyboard_id,
                {shot.position: job for shot, job in zip(shots, jobs, strict=True)},
                shots,
            )
            return jobs

        jobs = await self._written(write, new[0], at)
        reached(FaultPoint.AFTER_STORYBOARD_START)
        self.let_go()
        return jobs

    def _new_jobs(self, board: Storyboard, shots: Sequence[Shot], asker: Asker) -> list[NewJob]:
        """What is put into the queue for these shots, in their order."""
        new: list[NewJob] = []
        for shot in shots:
            key = shot_key(board.storyboard_id, shot.position, shot.job_id)
            job = self._planner.new_job(board, shot, replace(asker, origin_key=key))
            new.append(replace(job, parent_job_id=shot.job_id, is_further=bool(new)))
        return new

    def _put_all(self, db: sqlite3.Connection, new: list[NewJob], at: datetime) -> list[Job]:
        # One by one: what is said of takes that do not all fit names a button that is not here.
        return [self._submissions.entrance.put(db, [each], at)[0] for each in new]

    async def _written(
        self, write: Callable[[sqlite3.Connection], T], first: NewJob, at: datetime
    ) -> T:
        try:
            return await self._database.write(write)
        except (QuotaExceededError, QueueFullError) as refusal:
            await record_refusal(self._database, refusal, first, at=at)
            raise

    def _asked_above(
        self, price: Money | None, board: Storyboard, *, is_agreed: bool
    ) -> Money | None:
        """What is made without asking, where this has to be asked about; None elsewhere."""
        if is_agreed and is_confirmed(price, told=board.told, rates=self._rates):
            return None
        above = self._policies.of(board.place.guild_id).confirm_above
        return above if is_asked_about(price, above=above, rates=self._rates) else None
