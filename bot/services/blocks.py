"""Moderators keep members from making videos, for a time or for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.audit import Act, AuditAction, SubjectKind
from bot.domain.block import Block, BlockedMemberError, canonical_reason
from bot.domain.durations import duration_in_words
from bot.domain.language import N_, Language
from bot.languages import speaking
from bot.services.possible_holders import PossibleHolders
from bot.services.refusals import record_refused_member
from storage import audit, blocks

if TYPE_CHECKING:
    import sqlite3
    from datetime import timedelta

    from bot.clock import Clock
    from storage.database import Database


class Blocks:
    """Who may change it is the caller's to say. Each change is recorded with itself."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        # Asked before each first answer.
        self._may_be_blocked = PossibleHolders(database, blocks.blocked_members)

    async def block(
        self, guild_id: int, user_id: int, *, span: timedelta | None, reason: str | None, by: int
    ) -> Block:
        """Block a member from now on, in place of what block there was.

        Args:
            guild_id: The server.
            user_id: The member.
            span: For how long; None for ever.
            reason: As typed.
            by: The moderator.
        """
        at = self._clock.now()
        made = Block(
            user_id=user_id,
            blocked_by=by,
            blocked_at=at,
            until=None if span is None else at + span,
            reason=canonical_reason(reason),
        )
        with speaking(Language.ENGLISH):  # the record is one text for all
            told = "ever" if span is None else duration_in_words(span)
        act = Act(
            guild_id=guild_id,
            actor_id=by,
            action=AuditAction.MEMBER_BLOCKED,
            subject_kind=SubjectKind.MEMBER,
            subject_id=user_id,
            detail={
                "span": told,
                "reason": made.reason or N_("no reason given"),
            },
        )

        def write(db: sqlite3.Connection) -> None:
            blocks.put(db, guild_id, made)
            audit.append(db, act, at=at)

        self._may_be_blocked.add((guild_id, user_id))
        await self._database.write(write)
        return made

    async def unblock(self, guild_id: int, user_id: int, *, by: int) -> bool:
        """Let a member make videos again; whether they were blocked."""
        at = self._clock.now()
        act = Act(
            guild_id=guild_id,
            actor_id=by,
            action=AuditAction.MEMBER_UNBLOCKED,
            subject_kind=SubjectKind.MEMBER,
            subject_id=user_id,
            detail={},
        )

        def write(db: sqlite3.Connection) -> bool:
            removed = blocks.remove(db, guild_id, user_id, at=at)
            if removed:
                audit.append(db, act, at=at)
            return removed

        return await self._database.write(write)

    async def of_guild(self, guild_id: int) -> list[Block]:
        """Who is blocked on a server now, the newest block first."""
        at = self._clock.now()
        return await self._database.read(lambda db: blocks.blocks_of_guild(db, guild_id, at=at))

    async def check(self, guild_id: int, user_id: int) -> None:
        """Let a member pass, or not, and then put that on record.

        Raises:
            BlockedMemberError: Says until when, and why.
        """
        if not await self._may_be_blocked.may_include((guild_id, user_id)):
            return
        at = self._clock.now()
        found = await self._database.read(lambda db: blocks.find(db, guild_id, user_id, at=at))
        if found is not None:
            await record_refused_member(
                self._database,
                AuditAction.REFUSED_BLOCKED,
                guild_id=guild_id,
                user_id=user_id,
                detail={},
                at=at,
            )
            raise BlockedMemberError(block=found)
