"""The moderators of a server decide whether dearer accounts may stand in for cheaper ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.audit import Act, AuditAction, SubjectKind
from storage import audit, guild_settings

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Awaitable, Callable

    from bot.clock import Clock
    from bot.domain.catalogues import Catalogues
    from storage.database import Database


class StandIns:
    """What each server decided: the database keeps it, the catalogues go by it."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        catalogues: Catalogues,
        reroute: Callable[[int], Awaitable[None]],
    ) -> None:
        self._database = database
        self._clock = clock
        self._catalogues = catalogues
        self._reroute = reroute

    async def load(self) -> None:
        """Go by what was decided before. Before the engine starts.

        Raises:
            StorageError: The database cannot be read.
        """
        allow = await self._database.read(guild_settings.guilds_that_let_dearer_stand_in)
        for guild_id in allow:
            self._catalogues.let_dearer_stand_in(guild_id, allowed=True)

    async def let_dearer(self, guild_id: int, *, allowed: bool, by: int) -> None:
        """Decide it anew, as somebody wants it; what waits goes by it too."""
        act = Act(
            guild_id=guild_id,
            actor_id=by,
            action=AuditAction.STAND_INS_DECIDED,
            subject_kind=SubjectKind.SERVER,
            subject_id=guild_id,
            detail={"allowed": "yes" if allowed else "no"},
        )
        at = self._clock.now()

        def write(db: sqlite3.Connection) -> None:
            guild_settings.let_dearer_stand_in(db, guild_id, allowed=allowed)
            audit.append(db, act, at=at)

        await self._database.write(write)
        self._catalogues.let_dearer_stand_in(guild_id, allowed=allowed)
        await self._reroute(guild_id)
