"""A person looks at jobs, or cancels one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain import routing
from bot.domain.audit import Act, AuditAction, SubjectKind
from bot.domain.errors import JobNotFoundError, MemberError, NotAllowedError, StaleStateError
from bot.domain.fairness import ALIKE
from bot.domain.job import Job, JobState, OutcomeReason
from bot.domain.language import _
from bot.domain.line import Ahead, expected_wait_s
from bot.domain.render_setting import setting_of
from bot.domain.render_times import ExpectedTime, expected_time
from bot.fault_points import FaultPoint, reached
from bot.metrics import count_end
from storage import audit, job_queries, places, steps
from storage.job_rows import require_job
from storage.ledger import charge_of
from storage.render_times import load_times
from storage.turn_rules import rules_of_guild

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from datetime import datetime

    from bot.clock import Clock
    from bot.domain.catalogues import Catalogues
    from bot.domain.cost import Charge
    from bot.domain.delivery import Fitting
    from bot.domain.fairness import TurnTerms
    from bot.domain.routing import Rooms
    from bot.services.viewer import Viewer
    from storage.database import Database

SHOWN_AT_MOST = 25  # jobs in one listing: Discord takes so many choices, and shows fewer lines
TAKES_SHOWN = 9  # of one job
LOOKED_AT = 200  # open jobs of one server that a listing is made from


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A job, and what a person wants to know about it.

    Attributes:
        job: As last stored.
        place: 1 for the next to start; None when it does not wait.
        expected: When its render is expected to be done; None when it does not render.
        is_stopped: Whether it waits because none of its accounts takes anything.
        starts_at: When it is expected to start, where it has to wait for others.
        charge: The most that it may cost, or what it did; None where it costs nothing any more.
        fitting: How far its clip is in being made to fit; None where it is not.
    """

    job: Job
    place: int | None
    expected: ExpectedTime | None
    is_stopped: bool
    starts_at: datetime | None = None
    charge: Charge | None = None
    fitting: Fitting | None = None


class NumberDecidesError(MemberError):
    """On this server the videos are made in the order in which they were asked for."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "On this server the first to ask is the first to be served, so no video can be put "
                "before another. See `/video queue` for the order."
            )
        )


class NotWaitingError(MemberError):
    """The job has started, or ended.

    Attributes:
        job_id: The job.
    """

    def __init__(self, *, job_id: int) -> None:
        self.job_id = job_id
        super().__init__(
            _(
                "Video #{job_id} does not wait any more. See `/video status` for where it stands."
            ).format(job_id=job_id)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A server's open jobs, as one member may see them.

    Attributes:
        standings: Those that the member may know of, in their order.
        hidden: How many others there are.
    """

    standings: list[Standing]
    hidden: int


class Jobs:
    """Each job is told of one moment; cancelling is one transaction, with its record."""

    def __init__(  # noqa: PLR0913  # all it reads from, by name
        self,
        *,
        database: Database,
        clock: Clock,
        catalogues: Catalogues,
        rooms: Callable[[], Rooms],
        poll_pace: float,
        terms: TurnTerms = ALIKE,
        fitting: Callable[[int], Fitting | None] = lambda _: None,
    ) -> None:
        """Hold what it reads from.

        Args:
            database: Of the jobs.
            clock: Says how long they render.
            catalogues: By whom.
            rooms: Which accounts take jobs at present. Called in the event loop.
            poll_pace: Multiplies what renders are expected to take.
            terms: The shares that the order of turns is made by.
            fitting: How far a job's clip is in being made to fit.
        """
        self._database = database
        self._clock = clock
        self._catalogues = catalogues
        self._rooms = rooms
        self._poll_pace = poll_pace
        self._terms = terms
        self._fitting = fitting

    async def standing(self, job_id: int) -> Standing | None:
        """One job as it stands, whoever asks; None if it does not exist."""
        rooms = self._rooms()
        return await self._database.read(lambda db: self._standing(db, job_id, rooms))

    async def seen_by(self, viewer: Viewer, job_id: int) -> Standing:
        """One job of the viewer's server.

        Raises:
            JobNotFoundError: No such job there, or none that the viewer may know of.
        """
        found = await self.standing(job_id)
        if found is None or not viewer.may_know_of(found.job):
            raise JobNotFoundError(job_id=job_id)
        return found

    async def lineage(self, viewer: Viewer, job: Job) -> tuple[Job | None, list[Job]]:
        """What a job was made of, and what was made of it, as far as the viewer may know of it."""

        def read(db: sqlite3.Connection) -> tuple[Job | None, list[Job]]:
            parent_id = job.parent_job_id
            parent = None if parent_id is None else job_queries.get_job(db, parent_id)
            return parent, job_queries.takes_of(db, job.job_id, limit=TAKES_SHOWN)

        parent, takes = await self._database.read(read)
        if parent is not None and not viewer.may_know_of(parent):
            parent = None
        return parent, [take for take in takes if viewer.may_know_of(take)]

    async def latest_of_member(self, *, guild_id: int, user_id: int) -> Standing:
        """The member's newest job here.

        Raises:
            JobNotFoundError: They have none.
        """
        rooms = self._rooms()

        def read(db: sqlite3.Connection) -> Standing | None:
            job = job_queries.latest_job_of_member(db, guild_id, user_id)
            return None if job is None else self._with_standing(db, job, rooms)

        found = await self._database.read(read)
        if found is None:
            raise JobNotFoundError(job_id=None)
        return found

    async def open_on_server(self, viewer: Viewer) -> Listing:
        """Running jobs, then waiting ones in the order of their turns; at most `SHOWN_AT_MOST`.

        Those in channels that the viewer does not see are counted, of the first `LOOKED_AT`.
        """
        guild_id = viewer.guild_id
        jobs = await self._database.read(
            lambda db: places.open_jobs_of_guild(db, guild_id, limit=LOOKED_AT)
        )
        known = [job for job in jobs if viewer.may_know_at(job.place, of=job.user_id)]
        shown = known[:SHOWN_AT_MOST]
        rooms = self._rooms()

        def read(db: sqlite3.Connection) -> list[Standing | None]:
            lanes = places.LanesAtOnce(db, self._terms)
            return [self._standing(db, job.job_id, rooms, lanes) for job in shown]

        standings = await self._database.read(read)
        # What ended since the first look is not open any more.
        found = [each for each in standings if each is not None and not each.job.is_terminal]
        return Listing(standings=found, hidden=len(jobs) - len(known))

    async def newest_to_cancel(self, *, guild_id: int, user_id: int) -> int:
        """The number of the member's newest waiting job here, else newest open, else newest.

        Raises:
            JobNotFoundError: They have none.
        """
        found = await self._database.read(
            lambda db: job_queries.newest_to_cancel(db, guild_id, user_id)
        )
        if found is None:
            raise JobNotFoundError(job_id=None)
        return found

    async def of_member(self, *, guild_id: int, user_id: int, open_only: bool) -> list[Job]:
        """The member's newest jobs here; at most `SHOWN_AT_MOST`."""
        return await self._database.read(
            lambda db: job_queries.jobs_of_member(
                db, guild_id, user_id, limit=SHOWN_AT_MOST, open_only=open_only
            )
        )

    async def next_in_line(self, limit: int) -> list[int]:
        """The ids of the waiting jobs that asked first, on any server."""
        return await self._database.read(lambda db: job_queries.oldest_waiting(db, limit=limit))

    async def at_rest_unshown(self, *, since: datetime, before: datetime, limit: int) -> list[int]:
        """The jobs, newest first, that came to rest in this time and were not shown so."""
        return await self._database.read(
            lambda db: job_queries.at_rest_unshown(db, since=since, before=before, limit=limit)
        )

    async def record_shown(self, job_id: int, state: JobState) -> None:
        """Remember that the job's status message says this state."""
        await self._database.write(lambda db: steps.record_shown(db, job_id, state=state))

    async def for_message(self, message_id: int) -> Job | None:
        """The job whose status or result this message is."""
        return await self._database.read(lambda db: job_queries.job_for_message(db, message_id))

    async def cancel(self, viewer: Viewer, job_id: int) -> Job:
        """Cancel a waiting job; of a finished one, its newest take that waits.

        Of the takes a member's own ones alone are looked at, for a moderator all of them.

        Raises:
            JobNotFoundError: No such job on this server, or none that the viewer may know of.
            NotAllowedError: Somebody else's, and not a moderator.
            NotCancellableError: Neither it nor a take of it waits.
        """
        found = await self._database.read(lambda db: job_queries.get_job(db, job_id))
        if found is None or not viewer.may_know_of(found):
            raise JobNotFoundError(job_id=job_id)
        user_id, is_moderator = viewer.user_id, viewer.is_moderator
        at = self._clock.now()

        def write(db: sqlite3.Connection) -> Job:
            job = require_job(db, job_id)
            if job.is_terminal:
                whose = None if is_moderator else user_id
                job = job_queries.newest_waiting_take(db, job_id, whose) or job
            if job.user_id != user_id and not is_moderator:
                raise NotAllowedError(
                    action=_("cancel this video"),
                    needed=_("the member who asked for it, or a moderator,"),
                )
            if job.user_id == user_id:
                reason = OutcomeReason.CANCELLED_BY_MEMBER
            else:
                reason = OutcomeReason.CANCELLED_BY_MODERATOR
                audit.append(db, _cancelled(job, by=user_id), at=at)
            return steps.cancel_waiting(db, job.job_id, reason=reason, at=at)

        reached(FaultPoint.BEFORE_CANCEL)
        cancelled = await self._database.write(write)
        reached(FaultPoint.AFTER_CANCEL)
        count_end(cancelled)
        return cancelled

    async def put_first(self, viewer: Viewer, job_id: int) -> Standing:
        """Put one's own waiting job before one's own other ones.

        Raises:
            JobNotFoundError: No such job on this server, or none that the viewer may know of.
            NotAllowedError: Somebody else's.
            NotWaitingError: It does not wait.
            NumberDecidesError: The server serves by number.
        """
        guild_id = viewer.guild_id
        rules = await self._database.read(lambda db: rules_of_guild(db, guild_id))
        if rules.first_come_first_served:
            raise NumberDecidesError
        job = (await self.seen_by(viewer, job_id)).job
        if job.user_id != viewer.user_id:
            raise NotAllowedError(
                action=_("put this video first"), needed=_("the member who asked for it")
            )
        try:
            await self._database.write(lambda db: steps.put_first(db, job_id))
        except StaleStateError as exc:
            raise NotWaitingError(job_id=job_id) from exc
        return await self.seen_by(viewer, job_id)

    async def record_status_message(self, job_id: int, message_id: int) -> None:
        """Remember the status message of a job whose cause was no interaction."""
        await self._database.write(
            lambda db: steps.record_status_message(db, job_id, message_id=message_id)
        )

    def _standing(
        self,
        db: sqlite3.Connection,
        job_id: int,
        rooms: Rooms,
        lanes: places.LanesAtOnce | None = None,
    ) -> Standing | None:
        job = job_queries.get_job(db, job_id)
        return None if job is None else self._with_standing(db, job, rooms, lanes)

    def _with_standing(
        self,
        db: sqlite3.Connection,
        job: Job,
        rooms: Rooms,
        lanes: places.LanesAtOnce | None = None,
    ) -> Standing:
        waits = job.state is JobState.QUEUED and job.route != routing.WAITS_FOR_SHOT
        ahead = places.ahead_of(db, job.job_id, terms=self._terms, lanes=lanes) if waits else None
        is_stopped = waits and routing.is_stopped(routing.route_from(job.route), rooms)
        expected = self._expected(db, job) if job.state is JobState.RENDERING else None
        return Standing(
            job=job,
            place=None if ahead is None else ahead.jobs + 1,
            expected=expected,
            is_stopped=is_stopped,
            starts_at=None if ahead is None else self._starts_at(db, job, ahead, rooms),
            charge=charge_of(db, job.job_id),
            fitting=self._fitting(job.job_id),
        )

    def _starts_at(
        self, db: sqlite3.Connection, job: Job, ahead: Ahead, rooms: Rooms
    ) -> datetime | None:
        """When the job starts; None where a place is free, or no account takes anything."""
        model = job.request.model
        open_rooms = routing.likely_rooms(routing.route_from(job.route), rooms)
        limit = sum(room.limit for room in open_rooms.values())
        if limit == 0:
            return None
        now = self._clock.now()
        in_flight_s = [
            max(0.0, cost_ms / 1000 * self._poll_pace - (now - since).total_seconds())
            for cost_ms, since in job_queries.in_flight_of_model(db, model, open_rooms.keys())
        ]
        scaled = Ahead(ahead.jobs, round(ahead.cost_ms * self._poll_pace))
        wait_s = expected_wait_s(scaled, in_flight_s, places=limit)
        return now + timedelta(seconds=wait_s) if wait_s else None

    def _expected(self, db: sqlite3.Connection, job: Job) -> ExpectedTime:
        times = load_times(db, setting_of(job.request, self._catalogues.row_of(job)))
        since = job.submitted_at or job.state_at
        elapsed_s = (self._clock.now() - since).total_seconds()
        return expected_time(times, elapsed_s=elapsed_s, pace=self._poll_pace)


def _cancelled(job: Job, *, by: int) -> Act:
    return Act(
        guild_id=job.place.guild_id,
        actor_id=by,
        action=AuditAction.JOB_CANCELLED,
        subject_kind=SubjectKind.JOB,
        subject_id=job.job_id,
        detail={"member_id": job.user_id},
    )
