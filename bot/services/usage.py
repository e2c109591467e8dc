"""What was made on a server, for its moderators, and by a member, for themselves."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from bot.domain.errors import MediaError, StorageError
from bot.domain.language import Language
from bot.domain.usage import Made, UsageOf, by_role, last_days
from bot.languages import speaking
from storage import usage
from storage.guild_settings import time_zone_of
from storage.quotas import zone_named

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import AsyncGenerator, Callable, Collection, Mapping
    from datetime import date

    from bot.clock import Clock
    from bot.domain.chart import Chart
    from bot.domain.money import Rates
    from bot.domain.quota import Terms
    from bot.domain.usage import Days
    from media.worker import MediaWorker
    from storage.database import Database

log = logging.getLogger(__name__)

DRAWN_AT_ONCE = 4  # one is drawn, in some tenths of a second, and the others wait for it


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageOfDays:
    """What was asked for on each of some days, and made."""

    days: Days
    made: list[tuple[date, Made]]


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageOfMembers:
    """What each member asked for in some days, and was made."""

    days: Days
    made: dict[int, Made]


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageOfRoles:
    """What those with each role asked for in some days, and was made.

    Attributes:
        made: By role.
        without: Of those who have none.
        gone: Of those who are not on the server any more, or of whom nobody knows.
    """

    made: dict[int, Made]
    without: Made
    gone: Made


class UsageReports:
    """Looks, and writes nothing. Who may see what is the caller's to know."""

    def __init__(
        self, *, database: Database, clock: Clock, terms: Terms, media: MediaWorker
    ) -> None:
        self._database = database
        self._clock = clock
        self._terms = terms
        self._media = media
        self._drawing = 0

    @property
    def rates(self) -> Rates:
        """What currencies are worth."""
        return self._terms.rates

    async def by_day(
        self, guild_id: int, of: UsageOf, *, days: int, user_id: int | None = None
    ) -> UsageOfDays:
        """Of a server, or of one of its members: today and the days before it, so many in all."""
        at = self._clock.now()

        read_span = usage.waits_in if of is UsageOf.WAITING else usage.made_in

        def read(db: sqlite3.Connection) -> UsageOfDays:
            found = last_days(days, at, zone_named(time_zone_of(db, guild_id)))
            made = [read_span(db, guild_id, span, user_id=user_id) for span in found.spans]
            return UsageOfDays(days=found, made=list(zip(found.dates, made, strict=True)))

        return await self._database.read(read)

    async def by_member(self, guild_id: int, of: UsageOf, *, days: int) -> UsageOfMembers:
        """Of each member of a server who asked for something that was made."""
        at = self._clock.now()

        read_members = usage.waits_by_member if of is UsageOf.WAITING else usage.made_by_member

        def read(db: sqlite3.Connection) -> UsageOfMembers:
            found = last_days(days, at, zone_named(time_zone_of(db, guild_id)))
            return UsageOfMembers(days=found, made=read_members(db, guild_id, found.span))

        return await self._database.read(read)

    async def by_role(
        self, members: UsageOfMembers, roles_of: Mapping[int, Collection[int]]
    ) -> UsageOfRoles:
        """The same by the roles that members have; see `bot.domain.usage.by_role`."""
        made, without, gone = await asyncio.to_thread(by_role, members.made, roles_of)
        return UsageOfRoles(made=made, without=without, gone=gone)

    @asynccontextmanager
    async def drawn(self, make: Callable[[], Chart]) -> AsyncGenerator[Path | None]:
        """A chart as a PNG, which is gone when this is left; None where it cannot be drawn.

        That is also where `DRAWN_AT_ONCE` others are being drawn: the child has videos to look at.
        Its words are English where no font here has those of the language that is spoken.

        Args:
            make: Puts the chart into words, in the language that is spoken when it is called.
        """
        try:
            folder = await asyncio.to_thread(TemporaryDirectory)
        except OSError as exc:
            log.warning("a chart has no room on the disk: %s", exc.strerror)
            yield None
            return
        try:
            yield await self._drawn(make, Path(folder.name) / "usage.png")
        finally:
            await asyncio.to_thread(folder.cleanup)

    async def _drawn(self, make: Callable[[], Chart], path: Path) -> Path | None:
        if self._drawing >= DRAWN_AT_ONCE:
            return None
        self._drawing += 1
        try:
            return await self._draw(make, path)
        finally:
            self._drawing -= 1

    async def _draw(self, make: Callable[[], Chart], path: Path) -> Path | None:
        try:
            # Put into words on a thread of its own, where there is much to be sorted.
            if await self._media.draw_chart(await asyncio.to_thread(make), path):
                return path
            with speaking(Language.ENGLISH):
                chart = await asyncio.to_thread(make)
            return path if await self._media.draw_chart(chart, path) else None
        except (MediaError, StorageError) as exc:
            log.warning("a chart could not be drawn: %s", exc)
            return None
