"""What a server's board shows, and where it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.board import health_of
from bot.services.viewer import Viewer
from storage import boards

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.clock import Clock
    from bot.domain.board import Board, Health
    from bot.domain.catalogues import Catalogues
    from bot.domain.job import Place
    from bot.domain.routing import Rooms
    from bot.services.jobs import Jobs, Listing
    from storage.database import Database

EVERYBODY = 0  # no member: they see what everybody sees, and nothing is theirs


class Boards:
    """Reads what there is to be shown; `cogs/boards.py` shows it."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        jobs: Jobs,
        catalogues: Catalogues,
        rooms: Callable[[], Rooms],
    ) -> None:
        """Hold what it reads from.

        Args:
            database: Of the boards.
            clock: Says when one is begun.
            jobs: What is shown.
            catalogues: The accounts that a server may use.
            rooms: Which of them take jobs at present. Called in the event loop.
        """
        self._database = database
        self._clock = clock
        self._jobs = jobs
        self._catalogues = catalogues
        self._rooms = rooms

    async def all(self) -> dict[int, Board]:
        """Those that there are, by server."""
        return {each.guild_id: each for each in await self._database.read(boards.all_boards)}

    async def begin(self, guild_id: int, channel_id: int) -> Board:
        """Remember, before it is posted, that there may be one from now on."""
        at = self._clock.now()
        await self._database.write(lambda db: boards.begin(db, guild_id, channel_id, at=at))
        return (await self.all())[guild_id]

    async def record_posted(self, guild_id: int, message_id: int) -> None:
        """Remember the message."""
        await self._database.write(lambda db: boards.record_posted(db, guild_id, message_id))

    async def forget(self, guild_id: int) -> None:
        """Remember that there is none."""
        await self._database.write(lambda db: boards.forget(db, guild_id))

    async def seen(self, guild_id: int, sees: Callable[[Place], bool]) -> Listing:
        """The open jobs of a server that everybody may know of."""
        everybody = Viewer(user_id=EVERYBODY, guild_id=guild_id, is_moderator=False, sees=sees)
        return await self._jobs.open_on_server(everybody)

    def health(self, guild_id: int) -> list[tuple[str, Health]]:
        """The accounts that a server may use, by name for people, and how they are."""
        rooms = self._rooms()
        return [
            (
                account.title,
                health_of(room for (name, _), room in rooms.items() if name == account.name),
            )
            for account in self._catalogues.of(guild_id).accounts
        ]
