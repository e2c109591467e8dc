"""Members answer whether a video is to be made as they asked for it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.domain.confirmation import AlreadyConfirmedError, ConfirmationGoneError
from bot.domain.errors import NotAllowedError
from bot.domain.language import _
from storage import confirmations

if TYPE_CHECKING:
    import sqlite3

    from bot.clock import Clock
    from bot.domain.confirmation import Confirmation
    from bot.domain.gates import Visitor
    from bot.domain.job import Job
    from bot.services.entrance import Asker
    from bot.services.options import Options
    from bot.services.submissions import Submissions
    from bot.services.viewer import Viewer
    from storage.database import Database

CLEARED_AT_ONCE = 50


class Confirmations:
    """The answers to the questions that `Submissions` asks."""

    def __init__(self, *, database: Database, clock: Clock, submissions: Submissions) -> None:
        self._database = database
        self._clock = clock
        self._submissions = submissions

    async def agree(
        self,
        confirmation_id: int,
        visitor: Visitor,
        *,
        viewer: Viewer,
        parent_channel_id: int | None = None,
    ) -> list[Job]:
        """Make what a member was asked about.

        Args:
            confirmation_id: The question; may be forged.
            visitor: Who says yes, as the gates see them now.
            viewer: The same person, with what they may know of.
            parent_channel_id: The channel above a public thread; the question does not keep it.

        Returns:
            The jobs; the same ones however often this is said.

        Raises:
            ConfirmationGoneError: The question does not stand.
            NotAllowedError: Somebody else was asked.
            MemberError: See `Submissions.make_confirmed`.
        """
        made, asked = await self._find(confirmation_id, viewer)
        if made:
            return made
        if asked is None:
            raise ConfirmationGoneError
        asked = replace(asked, place=replace(asked.place, parent_channel_id=parent_channel_id))
        return await self._submissions.make_confirmed(asked, visitor, viewer=viewer)

    async def keep_open(self, confirmation_id: int, viewer: Viewer) -> Confirmation:
        """The question, which stands for as long again while its member finds other words.

        Raises:
            ConfirmationGoneError: It does not stand.
            NotAllowedError: Somebody else was asked.
        """
        at = self._clock.now()
        asked = await self._standing(confirmation_id, viewer)
        if not await self._database.write(
            lambda db: confirmations.keep(db, confirmation_id, at=at)
        ):
            raise ConfirmationGoneError
        return asked

    async def change(
        self, confirmation_id: int, options: Options, asker: Asker, *, viewer: Viewer
    ) -> list[Job]:
        """Make something else than a member was asked about.

        Raises:
            ConfirmationGoneError: The question does not stand.
            NotAllowedError: Somebody else was asked.
            MemberError: See `Submissions.make_changed`.
        """
        asked = await self._standing(confirmation_id, viewer)
        return await self._submissions.make_changed(asked, options, asker, viewer=viewer)

    async def decline(self, confirmation_id: int, viewer: Viewer) -> None:
        """Drop the question.

        Raises:
            ConfirmationGoneError: It does not stand.
            AlreadyConfirmedError: It was answered with yes.
            NotAllowedError: Somebody else was asked.
        """
        at = self._clock.now()
        made, _asked = await self._find(confirmation_id, viewer)
        if made:
            raise AlreadyConfirmedError(job_id=made[0].job_id)
        if not await self._database.write(lambda db: confirmations.end(db, confirmation_id, at=at)):
            raise ConfirmationGoneError

    async def record_message(self, confirmation_id: int, message_id: int) -> bool:
        """Remember where everybody sees a question; False where it was cleared away meanwhile."""
        return await self._database.write(
            lambda db: confirmations.record_message(db, confirmation_id, message_id=message_id)
        )

    async def ended(self) -> list[Confirmation]:
        """Questions to be cleared away, the first that ended at the front."""
        at = self._clock.now()
        return await self._database.read(
            lambda db: confirmations.ended(db, at=at, limit=CLEARED_AT_ONCE)
        )

    async def forget(self, confirmation_id: int) -> None:
        """The question is cleared away."""
        await self._database.write(lambda db: confirmations.forget(db, confirmation_id))

    async def _standing(self, confirmation_id: int, viewer: Viewer) -> Confirmation:
        """A question of the viewer's that they may answer with other words: a private one."""
        made, asked = await self._find(confirmation_id, viewer)
        if made or asked is None or asked.message_id is not None or asked.takes > 1:
            raise ConfirmationGoneError
        return asked

    async def _find(
        self, confirmation_id: int, viewer: Viewer
    ) -> tuple[list[Job], Confirmation | None]:
        """The jobs that were made of a question of the viewer's, and the question if it stands."""
        at = self._clock.now()

        def read(db: sqlite3.Connection) -> tuple[list[Job], Confirmation | None]:
            made = confirmations.jobs_made_of(db, confirmation_id)
            return made, confirmations.find(db, confirmation_id, at=at)

        made, asked = await self._database.read(read)
        whose = made[0] if made else asked
        if whose is None or whose.place.guild_id != viewer.guild_id:
            raise ConfirmationGoneError
        if whose.user_id != viewer.user_id:
            raise NotAllowedError(action=_("answer this"), needed=_("the member who was asked"))
        return made, asked
