"""Looks of a server: those that everybody has, and those that its moderators added."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from bot.domain.audit import Act, AuditAction, SubjectKind
from bot.domain.looks import LOOKS, Look, UnknownLookError, look_named, own_look, prompt_of
from bot.services.words import BlockedWordsError
from storage import audit, guild_looks

if TYPE_CHECKING:
    import sqlite3

    from bot.clock import Clock
    from bot.services.words import Words
    from storage.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class GuildLooks:
    """Who may add and remove some is the caller's to say; both are put on record."""

    database: Database
    clock: Clock
    words: Words

    async def of(self, guild_id: int) -> list[Look]:
        """Everybody's, then the server's own."""
        read = partial(guild_looks.looks_of_guild, guild_id=guild_id)
        return [*LOOKS, *await self.database.read(read)]

    async def named(self, guild_id: int, typed: str) -> Look:
        """The look that somebody means.

        Raises:
            UnknownLookError: There is none here.
        """
        return look_named(typed, await self.of(guild_id))

    async def add(self, guild_id: int, look: Look, *, by: int) -> Look:
        """Add a look, in place of the server's own one of the same name.

        Raises:
            LookNameError: It cannot be called so.
            BlockedWordsError: Its words are blocked here.
            TooManyLooksError: The server has as many as it may have.
        """
        made, at = own_look(look), self.clock.now()
        if found := await self.words.found_in(guild_id, prompt_of(made)):
            raise BlockedWordsError(found=found)

        def write(db: sqlite3.Connection) -> None:
            guild_looks.add(db, guild_id, made, added_by=by, at=at)
            audit.append(db, _act(AuditAction.LOOK_ADDED, guild_id, made.name, by=by), at=at)

        await self.database.write(write)
        return made

    async def remove(self, guild_id: int, typed: str, *, by: int) -> str:
        """Take one of the server's own looks away; its name.

        Raises:
            UnknownLookError: It has none of this name; everybody's stay.
        """
        name, at = typed.strip().lower(), self.clock.now()

        def write(db: sqlite3.Connection) -> None:
            if not guild_looks.remove(db, guild_id, name):
                raise UnknownLookError(guild_looks.looks_of_guild(db, guild_id))
            audit.append(db, _act(AuditAction.LOOK_REMOVED, guild_id, name, by=by), at=at)

        await self.database.write(write)
        return name


def _act(action: AuditAction, guild_id: int, name: str, *, by: int) -> Act:
    return Act(
        guild_id=guild_id,
        actor_id=by,
        action=action,
        subject_kind=SubjectKind.SERVER,
        subject_id=guild_id,
        detail={"name": name},
    )
