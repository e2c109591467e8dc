"""Moderators set limits; everyone sees their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage import quotas

if TYPE_CHECKING:
    from bot.clock import Clock
    from bot.domain.quota import QuotaRule, Scope, Standing, Window
    from storage.database import Database


class Quotas:
    """Limits per member, role and server. Who may set them is the caller's to know."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def set_rule(self, guild_id: int, rule: QuotaRule, *, set_by: int) -> None:
        """Set or replace the limit of this subject in this window."""
        at = self._clock.now()
        await self._database.write(
            lambda db: quotas.set_rule(db, guild_id, rule, set_by=set_by, at=at)
        )

    async def clear_rule(
        self, guild_id: int, *, scope: Scope, subject_id: int, window: Window
    ) -> bool:
        """Remove the limit of this subject in this window; whether there was one."""
        return await self._database.write(
            lambda db: quotas.clear_rule(
                db, guild_id, scope=scope, subject_id=subject_id, window=window
            )
        )

    async def standings(
        self, guild_id: int, *, user_id: int, role_ids: tuple[int, ...]
    ) -> list[Standing]:
        """Every limit that applies to a member now, and how much of it is used."""
        at = self._clock.now()
        return await self._database.read(
            lambda db: quotas.standings(db, guild_id, user_id, role_ids, at=at)
        )
