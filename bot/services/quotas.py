"""Moderators set limits; everyone sees their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.audit import Act, AuditAction, SubjectKind
from storage import audit, quotas

if TYPE_CHECKING:
    import sqlite3

    from bot.clock import Clock
    from bot.domain.quota import QuotaRule, Scope, Standing, Window
    from storage.database import Database


class Quotas:
    """Limits per member, role and server. Who may set them is the caller's to know.

    What a moderator does to them is recorded in the transaction that does it.
    """

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def set_rule(self, guild_id: int, rule: QuotaRule, *, set_by: int) -> None:
        """Set or replace the limit of this subject in this window."""
        at = self._clock.now()
        act = Act(
            guild_id=guild_id,
            actor_id=set_by,
            action=AuditAction.QUOTA_SET,
            subject_kind=SubjectKind(rule.scope.value),
            subject_id=rule.subject_id,
            detail={"limit": rule.limit, "window": rule.window.value},
        )

        def write(db: sqlite3.Connection) -> None:
            quotas.set_rule(db, guild_id, rule, set_by=set_by, at=at)
            audit.append(db, act, at=at)

        await self._database.write(write)

    async def clear_rule(
        self, guild_id: int, *, scope: Scope, subject_id: int, window: Window, cleared_by: int
    ) -> bool:
        """Remove the limit of this subject in this window; whether there was one."""
        at = self._clock.now()
        act = Act(
            guild_id=guild_id,
            actor_id=cleared_by,
            action=AuditAction.QUOTA_CLEARED,
            subject_kind=SubjectKind(scope.value),
            subject_id=subject_id,
            detail={"window": window.value},
        )

        def write(db: sqlite3.Connection) -> bool:
            cleared = quotas.clear_rule(
                db, guild_id, scope=scope, subject_id=subject_id, window=window
            )
            if cleared:
                audit.append(db, act, at=at)
            return cleared

        return await self._database.write(write)

    async def standings(
        self, guild_id: int, *, user_id: int, role_ids: tuple[int, ...]
    ) -> list[Standing]:
        """Every limit that applies to a member now, and how much of it is used."""
        at = self._clock.now()
        return await self._database.read(
            lambda db: quotas.standings(db, guild_id, user_id, role_ids, at=at)
        )
