"""The moderators of a server decide whether dearer accounts may stand in for cheaper ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage import guild_settings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.domain.catalogues import Catalogues
    from storage.database import Database


class StandIns:
    """What each server decided: the database keeps it, the catalogues go by it."""

    def __init__(
        self,
        *,
        database: Database,
        catalogues: Catalogues,
        reroute: Callable[[int], Awaitable[None]],
    ) -> None:
        self._database = database
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

    async def let_dearer(self, guild_id: int, *, allowed: bool) -> None:
        """Decide it anew; what waits goes by it too."""
        await self._database.write(
            lambda db: guild_settings.let_dearer_stand_in(db, guild_id, allowed=allowed)
        )
        self._catalogues.let_dearer_stand_in(guild_id, allowed=allowed)
        await self._reroute(guild_id)
