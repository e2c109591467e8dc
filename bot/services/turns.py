"""Moderators decide whose turn it is among the members of their server, and how much at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.domain.audit import Act, AuditAction, SubjectKind, setting_changed
from bot.domain.errors import MemberError
from bot.domain.fairness import lower_cap
from bot.domain.language import N_, _
from storage import audit, lanes, turn_rules

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping

    from bot.clock import Clock
    from bot.domain.fairness import TurnRules
    from storage.database import Database

    Detail = dict[str, str | int | None]

IN_FLIGHT_MAX = 1000  # where the operator sets no cap; as many as their own may be


class CapTooHighError(MemberError):
    """Moderators cannot allow more than the operator does.

    Attributes:
        limit: What the operator allows.
    """

    def __init__(self, *, limit: int) -> None:
        self.limit = limit
        super().__init__(
            _(
                "The most that can be chosen is {limit}, as the operator of this bot set it. "
                "Nothing was changed. Use a lower number, or leave the field empty for the most."
            ).format(limit=limit)
        )


class EverybodysShareError(MemberError):
    """A share of @everyone would be everybody's, and so nobody's."""

    def __init__(self) -> None:
        super().__init__(
            _("Everybody has that role, so its share would change nothing. Choose another role.")
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberCaps:
    """How much one member may have at once; None for as many as the operator allows.

    Attributes:
        in_flight: Videos that are being made.
        waiting: Videos that wait.
    """

    in_flight: int | None
    waiting: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """All that a server's moderators decided of turns.

    Attributes:
        rules: For the whole server.
        caps: What they come to for one member, with the operator's.
        shares: By role, where it is not 1; also of roles that are gone.
    """

    rules: TurnRules
    caps: MemberCaps
    shares: Mapping[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What waits of a member's, or of the whole server's.

    Attributes:
        of_server: Whose.
        waiting: How many videos.
        most: How many may; None for any number.
    """

    of_server: bool
    waiting: int
    most: int | None

    @property
    def is_full(self) -> bool:
        """Whether one more is refused."""
        return self.most is not None and self.waiting >= self.most


class Turns:
    """A server's rules of turns and its roles' shares. Who may decide is the caller's to know.

    The database answers each claim itself, so that a decision holds for what waits already.
    What changes nothing is no act, and is not recorded.
    """

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        operators: MemberCaps,
        max_waiting_per_guild: int | None,
        job_arrived: Callable[[], None],
    ) -> None:
        """Hold what it works with.

        Args:
            database: Of the rules.
            clock: For the record.
            operators: What the operator allows a member at most.
            max_waiting_per_guild: How many videos of one server may wait; None for any number.
            job_arrived: Makes the queue be looked at, as more may be claimed by new rules.
        """
        self._database = database
        self._clock = clock
        self._operators = operators
        self._max_waiting_per_guild = max_waiting_per_guild
        self._job_arrived = job_arrived

    async def of(self, guild_id: int) -> Decided:
        """What was decided on a server."""

        def read(db: sqlite3.Connection) -> Decided:
            rules = turn_rules.rules_of_guild(db, guild_id)
            shares = turn_rules.role_weights(db, guild_id)
            return Decided(rules=rules, caps=self._caps(rules), shares=shares)

        return await self._database.read(read)

    async def backlogs(self, guild_id: int, user_id: int) -> tuple[Backlog, Backlog]:
        """What waits of a member's and of their server's, in the order in which it is asked for."""

        def read(db: sqlite3.Connection) -> tuple[Backlog, Backlog]:
            rules = turn_rules.rules_of_guild(db, guild_id)
            of_member = Backlog(
                of_server=False,
                waiting=lanes.waiting_of_member(db, guild_id, user_id),
                most=self._caps(rules).waiting,
            )
            of_server = Backlog(
                of_server=True,
                waiting=lanes.waiting_of_guild(db, guild_id),
                most=self._max_waiting_per_guild,
            )
            return of_member, of_server

        return await self._database.read(read)

    async def serve_by_number(self, guild_id: int, *, wanted: bool, by: int) -> None:
        """Serve who asked first, or in turns. It holds for what waits already."""
        value = N_("first come, first served") if wanted else N_("members take turns")
        detail: Detail = {"setting": N_("whose turn it is"), "kind": "text", "value": value}
        await self._change(
            guild_id, lambda old: replace(old, first_come_first_served=wanted), detail, by=by
        )

    async def cap_members(self, guild_id: int, caps: MemberCaps, *, by: int) -> None:
        """Let one member have so much at once. What they have by now goes on.

        Raises:
            CapTooHighError: The operator allows less.
        """
        in_flight_max = self._operators.in_flight or IN_FLIGHT_MAX
        for cap, most in (
            (caps.in_flight, in_flight_max),
            (caps.waiting, self._operators.waiting),
        ):
            if cap is not None and most is not None and cap > most:
                raise CapTooHighError(limit=most)
        value = f"being made {_cap(caps.in_flight)}, waiting {_cap(caps.waiting)}"
        detail: Detail = {"setting": N_("the most of one member"), "kind": "text", "value": value}
        await self._change(
            guild_id,
            lambda old: replace(
                old, in_flight_per_member=caps.in_flight, waiting_per_member=caps.waiting
            ),
            detail,
            by=by,
        )

    async def set_share(self, guild_id: int, role_id: int, share: int, *, by: int) -> bool:
        """Give a role's members a share, from their next video on; whether it was another one.

        Args:
            guild_id: The server.
            role_id: The role.
            share: From 1, which everybody has who has no role with more, to `LARGEST_SHARE`.
            by: The moderator.

        Raises:
            EverybodysShareError: The role is @everyone.
        """
        if role_id == guild_id:
            raise EverybodysShareError
        at = self._clock.now()
        act = Act(
            guild_id=guild_id,
            actor_id=by,
            action=AuditAction.SHARE_SET,
            subject_kind=SubjectKind.ROLE,
            subject_id=role_id,
            detail={"share": share},
        )

        def write(db: sqlite3.Connection) -> bool:
            changes = turn_rules.role_weight(db, guild_id, role_id) != share
            if changes:
                turn_rules.set_role_weight(db, guild_id, role_id, share)
                audit.append(db, act, at=at)
            return changes

        return await self._database.write(write)

    def _caps(self, rules: TurnRules) -> MemberCaps:
        most = self._operators
        return MemberCaps(
            in_flight=lower_cap(most.in_flight, rules.in_flight_per_member),
            waiting=lower_cap(most.waiting, rules.waiting_per_member),
        )

    async def _change(
        self,
        guild_id: int,
        change: Callable[[TurnRules], TurnRules],
        detail: Detail,
        *,
        by: int,
    ) -> None:
        at = self._clock.now()
        act = setting_changed(guild_id, detail, by=by)

        def write(db: sqlite3.Connection) -> None:
            old = turn_rules.rules_of_guild(db, guild_id)
            new = change(old)
            if new != old:
                turn_rules.save(db, guild_id, new)
                audit.append(db, act, at=at)

        await self._database.write(write)
        self._job_arrived()


def _cap(cap: int | None) -> str:
    return "as the operator allows" if cap is None else str(cap)
