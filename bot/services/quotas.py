"""Moderators set limits and give grants; everyone sees their own; all of it is explained."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.audit import Act, AuditAction, SubjectKind
from bot.domain.cost import UNPRICED, Cost
from bot.domain.errors import MemberError
from bot.domain.language import Language, _
from bot.domain.quota import Measure, QuotaRule, Scope, Standing, applicable_rules
from bot.domain.quota_refusals import rule_text
from bot.languages import speaking
from bot.services.exports import Export, exported
from bot.services.time_zones import zone_meant, zones_like
from providers.capabilities import PRICES_OF
from storage import audit, ledger, quota_trials, quotas
from storage.balances import Holder
from storage.guild_settings import set_time_zone, time_zone_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping
    from contextlib import AbstractAsyncContextManager

    from bot.clock import Clock
    from bot.domain.catalogues import Catalogues
    from bot.domain.explanation import Explanation
    from bot.domain.quota import Grant, Terms
    from bot.domain.windows import Window
    from storage.database import Database

RESET_REACHES = timedelta(days=33)
"""Longer than any window."""


ZONES_TOLD = 3  # of those that may be meant by a name that is none


class UnknownTimeZoneError(MemberError):
    """There is no such time zone."""

    def __init__(self, *, given: str) -> None:
        near = _(" or ").join(f"`{zone}`" for zone in zones_like(given, limit=ZONES_TOLD))
        text = (
            _(
                "There is no such time zone. Did you mean {near}? "
                "Choose one of those that `/quota timezone` offers as you type."
            )
            if near
            else _(
                "There is no such time zone. "
                "Choose one of those that `/quota timezone` offers as you type."
            )
        )
        super().__init__(text.format(near=near))


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a limit would mean if it were set now.

    Attributes:
        stopped: The members who would have none left, each with what they have used of it, as
            `Standing` has it. Of a limit of nothing, those of them who have used something.
        pool_used: Of a server's limit, what everybody together has used; None where nobody can
            convert it.
    """

    stopped: tuple[tuple[int, int | None], ...]
    pool_used: int | None


class Quotas:
    """Limits per member, role and server. Who may set them is the caller's to know.

    What a moderator does to them is recorded in the transaction that does it.
    """

    def __init__(
        self, *, database: Database, clock: Clock, catalogues: Catalogues, terms: Terms
    ) -> None:
        self._database = database
        self._clock = clock
        self._catalogues = catalogues
        self._terms = terms

    async def set_rule(self, guild_id: int, rule: QuotaRule, *, set_by: int) -> None:
        """Set or replace the limit of this subject in this window."""
        await self._database.write(self._setting(guild_id, rule, set_by=set_by))

    async def set_budget(self, guild_id: int, rule: QuotaRule, *, set_by: int) -> Standing:
        """Likewise of a budget; and how much of it is used."""
        asked = self._asked(guild_id, 0, ())
        write = self._setting(guild_id, rule, set_by=set_by)

        def write_and_look(db: sqlite3.Connection) -> Standing:
            write(db)
            (standing,) = quotas.standings(db, asked, [rule])
            return standing

        return await self._database.write(write_and_look)

    def _setting(
        self, guild_id: int, rule: QuotaRule, *, set_by: int
    ) -> Callable[[sqlite3.Connection], None]:
        at = self._clock.now()
        if rule.measure is Measure.VIDEOS:
            action = AuditAction.QUOTA_SET
            detail: Mapping[str, str | int | None] = {"limit": rule.limit, "window": rule.window}
        else:
            with speaking(Language.ENGLISH):  # the record is one text for all
                action, detail = AuditAction.LIMIT_SET, {"limit": rule_text(rule)}
        act = Act(
            guild_id=guild_id,
            actor_id=set_by,
            action=action,
            subject_kind=SubjectKind(rule.scope.value),
            subject_id=rule.subject_id,
            detail=detail,
        )

        def write(db: sqlite3.Connection) -> None:
            quotas.set_rule(db, guild_id, rule, set_by=set_by, at=at)
            audit.append(db, act, at=at)

        return write

    async def clear_rule(
        self,
        guild_id: int,
        *,
        scope: Scope,
        subject_id: int,
        window: Window | None,
        measure: Measure = Measure.VIDEOS,
        cleared_by: int,
    ) -> bool:
        """Remove the limit of this subject in this window; whether there was one."""
        at = self._clock.now()
        of_videos = measure is Measure.VIDEOS
        detail = {"window": window} if of_videos else {"measure": measure, "window": window or ""}
        act = Act(
            guild_id=guild_id,
            actor_id=cleared_by,
            action=AuditAction.QUOTA_CLEARED if of_videos else AuditAction.LIMIT_CLEARED,
            subject_kind=SubjectKind(scope.value),
            subject_id=subject_id,
            detail=detail,
        )

        def write(db: sqlite3.Connection) -> bool:
            cleared = quotas.clear_rule(
                db, guild_id, scope=scope, subject_id=subject_id, window=window, measure=measure
            )
            if cleared:
                audit.append(db, act, at=at)
            return cleared

        return await self._database.write(write)

    async def try_rule(self, guild_id: int, rule: QuotaRule) -> Trial:
        """Whom a limit would stop if it were set now. Of a role, whoever has it: nobody knows here.

        Nothing is written.
        """
        asked = self._asked(guild_id, rule.subject_id if rule.scope is Scope.MEMBER else 0, ())

        def read(db: sqlite3.Connection) -> Trial:
            if rule.is_pool:
                return Trial(stopped=(), pool_used=quota_trials.use_of_pool(db, asked, rule))
            uses = quota_trials.use_of_members(db, asked, rule)
            stopped = tuple((user, used) for user, used in uses.items() if _stops(rule, used))
            return Trial(stopped=stopped, pool_used=None)

        return await self._database.read(read)

    async def rules(self, guild_id: int) -> list[QuotaRule]:
        """Every limit that is set on a server."""
        return await self._database.read(lambda db: quotas.rules_of_guild(db, guild_id))

    async def standings(
        self, guild_id: int, *, user_id: int, role_ids: tuple[int, ...]
    ) -> list[Standing]:
        """Every limit that applies to a member now, and how much of it is used."""
        asked = self._asked(guild_id, user_id, role_ids)
        rates = self._terms.rates

        def read(db: sqlite3.Connection) -> list[Standing]:
            rules = quotas.rules_for(db, guild_id, user_id, role_ids)
            applying = applicable_rules([*rules, *self._terms.rules], rates)
            found = quotas.standings(db, asked, applying)
            return [quotas.with_reset(db, asked, standing, UNPRICED) for standing in found]

        return await self._database.read(read)

    async def grants(self, guild_id: int, user_id: int) -> list[Grant]:
        """A member's grants with something left, the one that expires first at the front."""
        at = self._clock.now()
        return await self._database.read(lambda db: ledger.grants_of(db, guild_id, user_id, at=at))

    async def budgets(self, guild_id: int) -> list[Standing]:
        """The budgets of a server, and how much of each is used."""
        asked = self._asked(guild_id, 0, ())

        def read(db: sqlite3.Connection) -> list[Standing]:
            rules = [rule for rule in quotas.rules_of_guild(db, guild_id) if rule.is_budget]
            return quotas.standings(db, asked, rules)

        return await self._database.read(read)

    async def explain(
        self, guild_id: int, *, user_id: int, role_ids: tuple[int, ...], model: str
    ) -> Explanation:
        """What would come of one more video of this model, and because of what."""
        asked = self._asked(guild_id, user_id, role_ids)
        renderers = self._catalogues.of(guild_id).renderers(model)
        cost = Cost(by_account={one.name: row.price for one, row in renderers}, of=PRICES_OF)

        return await self._database.read(lambda db: quotas.explain(db, asked, cost))

    async def give(
        self, guild_id: int, *, user_id: int, videos: int, days: int, given_by: int
    ) -> Grant:
        """Give a member videos besides their limits, for so many days."""
        at = self._clock.now()
        member = Holder(Scope.MEMBER, guild_id, user_id)
        act = _about_member(member, AuditAction.GRANT_GIVEN, given_by, videos=videos, days=days)

        def write(db: sqlite3.Connection) -> Grant:
            audit.append(db, act, at=at)
            expires_at = at + timedelta(days=days)
            return ledger.give(
                db, member, videos=videos, expires_at=expires_at, given_by=given_by, at=at
            )

        return await self._database.write(write)

    async def reset(self, guild_id: int, *, user_id: int, reset_by: int) -> int:
        """Let a member begin anew; how many videos that took back. What is under way stays."""
        at = self._clock.now()
        member = Holder(Scope.MEMBER, guild_id, user_id)

        def write(db: sqlite3.Connection) -> int:
            since = at - RESET_REACHES
            videos = ledger.reset(db, member, since=since, reset_by=reset_by, at=at)
            act = _about_member(member, AuditAction.QUOTA_RESET, reset_by, videos=videos)
            audit.append(db, act, at=at)
            return videos

        return await self._database.write(write)

    def export(self, guild_id: int, *, days: int) -> AbstractAsyncContextManager[Export]:
        """A server's rows of the ledger of so many days, as a file: see `exported`."""
        since = self._clock.now() - timedelta(days=days)
        return exported(self._database, guild_id, since=since)

    async def time_zone(self, guild_id: int) -> str:
        """Where a server's calendar is kept."""
        return await self._database.read(lambda db: time_zone_of(db, guild_id))

    async def set_time_zone(self, guild_id: int, typed: str, *, set_by: int) -> str:
        """Keep a server's calendar somewhere else from now on; the zone's name as it is written.

        Raises:
            UnknownTimeZoneError: There is no such zone.
        """
        time_zone = zone_meant(typed)
        if time_zone is None:
            raise UnknownTimeZoneError(given=typed)
        at = self._clock.now()
        act = Act(
            guild_id=guild_id,
            actor_id=set_by,
            action=AuditAction.TIME_ZONE_SET,
            subject_kind=SubjectKind.SERVER,
            subject_id=guild_id,
            detail={"time_zone": time_zone},
        )

        def write(db: sqlite3.Connection) -> None:
            set_time_zone(db, guild_id, time_zone)
            audit.append(db, act, at=at)

        await self._database.write(write)
        return time_zone

    def _asked(self, guild_id: int, user_id: int, role_ids: tuple[int, ...]) -> quotas.Asked:
        return quotas.Asked(
            guild_id=guild_id,
            user_id=user_id,
            role_ids=role_ids,
            at=self._clock.now(),
            terms=self._terms,
        )


def _about_member(member: Holder, action: AuditAction, by: int, **detail: int) -> Act:
    return Act(
        guild_id=member.guild_id,
        actor_id=by,
        action=action,
        subject_kind=SubjectKind.MEMBER,
        subject_id=member.user_id,
        detail=detail,
    )


def _stops(rule: QuotaRule, used: int | None) -> bool:
    """Whether a limit of which so much is used stops whoever needs the least that there is."""
    return not Standing(rule=rule, used=used, resets_at=None).passes(1)
