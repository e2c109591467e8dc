"""The one way into the queue, whatever a person did: price, question, limits, one transaction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.domain.confirmation import ConfirmationGoneError, ConfirmationNeededError
from bot.domain.errors import QueueFullError, QuotaExceededError
from bot.domain.job import Job, NewJob, Origin, Place, TellBy
from bot.domain.render_setting import setting_of
from bot.domain.takes import NotAllFitError, origin_keys
from bot.fault_points import FaultPoint, reached
from bot.services.prices import Prices
from bot.services.prompt_notes import PromptNotes
from bot.services.refusals import record_refusal
from storage import confirmations, enqueue
from storage.trial import try_out

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from datetime import datetime

    from bot.clock import Clock
    from bot.domain.capability import Capability
    from bot.domain.catalogues import Catalogues
    from bot.domain.confirmation import Confirmation
    from bot.domain.gates import Visitor
    from bot.domain.quota import Terms
    from bot.domain.request import VideoRequest
    from bot.services.policies import Policies
    from storage.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asks, where, and by what.

    Attributes:
        visitor: The member, as the gates see them.
        place: Where the job will live.
        origin: What caused it.
        origin_key: Unique per cause, or None; see `NewJob`.
        tell_by: How they want to be told that it is done; None for not at all.
    """

    visitor: Visitor
    place: Place
    origin: Origin
    origin_key: str | None
    tell_by: TellBy | None = None

    @property
    def user_id(self) -> int:
        """The member."""
        return self.visitor.user_id

    @property
    def role_ids(self) -> tuple[int, ...]:
        """Their roles, the server's id (@everyone) included."""
        return self.visitor.role_ids


class Entrance:
    """Puts checked requests into the queue, or asks about their cost and their words."""

    def __init__(  # noqa: PLR0913  # all that decides, by name
        self,
        *,
        database: Database,
        clock: Clock,
        catalogues: Catalogues,
        policies: Policies,
        max_waiting_per_member: int,
        max_waiting_per_guild: int | None,
        terms: Terms,
        job_arrived: Callable[[], None],
    ) -> None:
        self._database = database
        self._clock = clock
        self._catalogues = catalogues
        self._max_waiting_per_member = max_waiting_per_member
        self._max_waiting_per_guild = max_waiting_per_guild
        self._terms = terms
        self._prices = Prices(catalogues=catalogues, policies=policies, rates=terms.rates)
        self._job_arrived = job_arrived
        self._notes = PromptNotes()

    def asks_about(
        self,
        request: VideoRequest,
        asker: Asker,
        *,
        before: VideoRequest | None = None,
        takes: int = 1,
    ) -> bool:
        """Whether a member has to confirm this, for its cost or its words, as things stand; free.

        Args:
            request: Checked.
            asker: Who, and where.
            before: What it is made of.
            takes: How many.
        """
        guild_id = asker.place.guild_id
        here = self._catalogues.of(guild_id)
        cost = self._prices.cost_of(here.route_of(request), guild_id=guild_id)
        price = self._prices.price_of(cost, takes=takes)
        if self._prices.asked_above(price, guild_id=guild_id) is not None:
            return True
        row = here.check(request)
        return bool(self._notes.on(request, row, user_id=asker.user_id, before=before))

    async def enter(  # noqa: PLR0913  # all that decides, by name
        self,
        request: VideoRequest,
        row: Capability,
        asker: Asker,
        *,
        parent: Job | None = None,
        confirmed: Confirmation | None = None,
        instead_of: Confirmation | None = None,
        takes: int = 1,
    ) -> list[Job]:
        """Put a request into the queue, several times where it is to be made so often.

        Args:
            request: Checked.
            row: The one whose limits it is within.
            asker: Whose quota it is under.
            parent: The job that it is made of.
            confirmed: What the member has said yes to.
            instead_of: The question that they answered with other words; it ends with this.
            takes: How many; all of them, or none.

        Raises:
            ConfirmationNeededError: It costs more than is made without asking, or than was told,
                or there is something to know of its prompt.
            ConfirmationGoneError: What this is instead of does not stand any more.
            MemberError: See ``storage.enqueue``.
        """
        guild_id = asker.place.guild_id
        new = self.new_job(
            request, row, asker, parent_job_id=None if parent is None else parent.job_id
        )
        keys = [new.origin_key] if new.origin_key is None else origin_keys(new.origin_key, takes)
        # One message shows the first; the others get their own.
        place = replace(new.place, status_message_id=None)
        news = [new, *(replace(new, origin_key=key, place=place) for key in keys[1:])]
        price = self._prices.price_of(new.cost, takes=takes)
        above = self._prices.asked_above(price, guild_id=guild_id, confirmed=confirmed)
        before = None if parent is None else parent.request
        notes = self._notes.on(request, row, user_id=asker.user_id, before=before)
        if confirmed is not None:
            notes = ()  # they were told
        at = self._clock.now()

        def write(db: sqlite3.Connection) -> list[Job] | ConfirmationNeededError:
            made = _answered(db, confirmed, instead_of, at)
            if made:
                return made
            if above is None and not notes:
                return self.put(db, news, at)
            # Nobody is to agree to something only to be refused after it.
            try_out(db, lambda db: self.put(db, news, at))
            if confirmed is None:
                asked = confirmations.ask(db, new, price=price, at=at, takes=takes)
            else:  # in the same message
                shown_by = confirmed.message_id
                asked = confirmations.ask(
                    db, new, price=price, at=at, takes=takes, message_id=shown_by
                )
                confirmations.record_message(db, confirmed.confirmation_id, message_id=None)
            was_told = confirmed is not None
            return ConfirmationNeededError(asked, above=above, was_told=was_told, notes=notes)

        reached(FaultPoint.BEFORE_ENQUEUE)
        try:
            written = await self._database.write(write)
        except (QuotaExceededError, QueueFullError, NotAllFitError) as refusal:
            await record_refusal(self._database, refusal, new, at=at)
            raise
        reached(FaultPoint.AFTER_ENQUEUE)
        if isinstance(written, ConfirmationNeededError):
            self._notes.told(request, user_id=asker.user_id)
            raise written
        self._job_arrived()
        return written

    def new_job(
        self,
        request: VideoRequest,
        row: Capability,
        asker: Asker,
        *,
        parent_job_id: int | None = None,
    ) -> NewJob:
        """What is put into the queue for a checked request, at the prices of now."""
        guild_id = asker.place.guild_id
        route = self._catalogues.of(guild_id).route_of(request)
        return NewJob(
            request=request,
            user_id=asker.user_id,
            role_ids=asker.role_ids,
            place=asker.place,
            origin=asker.origin,
            origin_key=asker.origin_key,
            parent_job_id=parent_job_id,
            route=str(route),
            setting=setting_of(request, row),
            cost=self._prices.cost_of(route, guild_id=guild_id),
            tell_by=asker.tell_by,
        )

    def put(self, db: sqlite3.Connection, news: list[NewJob], at: datetime) -> list[Job]:
        """Into the queue, all or none; see ``storage.enqueue``."""
        return enqueue.enqueue_all(
            db,
            news,
            at=at,
            max_waiting_per_member=self._max_waiting_per_member,
            max_waiting_per_guild=self._max_waiting_per_guild,
            terms=self._terms,
        )


def _answered(
    db: sqlite3.Connection,
    confirmed: Confirmation | None,
    instead_of: Confirmation | None,
    at: datetime,
) -> list[Job]:
    """End the question that was answered; what was made of it before."""
    if instead_of is not None and not confirmations.end(db, instead_of.confirmation_id, at=at):
        raise ConfirmationGoneError
    return [] if confirmed is None else confirmations.take(db, confirmed.confirmation_id, at=at)
