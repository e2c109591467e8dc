"""The audit of a server, as its moderators see it: on demand, and in its log channel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage import audit, log_cursors

if TYPE_CHECKING:
    from bot.clock import Clock
    from bot.domain.audit import AuditEntry
    from bot.domain.log_cursor import LogCursor
    from storage.database import Database


class GuildLogs:
    """Entries are written where they become so: see `storage.audit`."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def newest(self, guild_id: int, *, limit: int, before: int | None) -> list[AuditEntry]:
        """A server's newest entries, of those before an entry where one is named; newest first."""
        ahead = audit.NEWEST if before is None else before
        return await self._database.read(
            lambda db: audit.entries_of_guild(db, guild_id, limit=limit, before=ahead)
        )

    async def end(self) -> int:
        """The number of the last entry of all servers."""
        return (await self._database.read(audit.head)).seq

    async def behind(self) -> list[LogCursor]:
        """The servers whose log channels have not shown everything yet."""
        return await self._database.read(log_cursors.behind)

    async def to_post(self, cursor: LogCursor, *, limit: int) -> list[AuditEntry]:
        """The next entries for a log channel, oldest first; of a try, none after it."""
        return await self._database.read(
            lambda db: audit.entries_of_guild_after(
                db, cursor.guild_id, cursor.posted_seq, limit=limit, up_to=cursor.tried_seq
            )
        )

    async def record_try(self, guild_id: int, seq: int) -> None:
        """Remember, before a post, that there may be one up to this entry from now on."""
        at = self._clock.now()
        await self._database.write(lambda db: log_cursors.record_try(db, guild_id, seq, at=at))

    async def record_posted(self, guild_id: int, seq: int) -> None:
        """Remember that the entries up to this one are in the channel."""
        await self._database.write(lambda db: log_cursors.record_posted(db, guild_id, seq))
