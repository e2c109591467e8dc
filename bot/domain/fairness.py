"""Whose turn it is: start-time fair queueing over the guilds, and in a guild over its members.

Each model has its own order, because its places in flight are what is competed for. In it every
guild has a virtual time, which each of its jobs moves on by the job's cost over the guild's
weight; the guild with the least is next. In a guild the same holds of its members. Who has nothing
waiting earns nothing: their virtual time goes on with the clock.

Here are its terms and its arithmetic. The database serves in this order by index look-ups
(``storage/turns.py``); ``tests/fair_queue.py`` says the same order as plainly as possible.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

LEAST_COST_MS = 1000
ORDINARY_WEIGHT = 1
LARGEST_WEIGHT = 1000
LARGEST_SHARE = 10  # of a role, as moderators give it
_VIRTUAL_PER_MS = 1000  # fine enough that a division by a weight loses nothing that matters


def charge(cost_ms: int, weight: int) -> int:
    """How far serving a job moves a virtual time on.

    Args:
        cost_ms: The job's cost.
        weight: Of whom it is served for, from 1.
    """
    return cost_ms * _VIRTUAL_PER_MS // weight


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnTerms:
    """What the operator decided of turns.

    Attributes:
        in_flight_per_guild: Jobs of one guild that may be in flight at once; None for any number.
        in_flight_per_member: Likewise of one member of a guild.
        guild_weights: By guild id, its share in relation to others; who is not in it has 1.
    """

    in_flight_per_guild: int | None = None
    in_flight_per_member: int | None = None
    guild_weights: Mapping[int, int] = field(default_factory=dict[int, int])

    def guild_weight(self, guild_id: int) -> int:
        """The guild's weight."""
        return self.guild_weights.get(guild_id, ORDINARY_WEIGHT)

    def member_cap(self, rules: TurnRules) -> int | None:
        """How many of one member may be in flight at once on a server with these rules."""
        return lower_cap(self.in_flight_per_member, rules.in_flight_per_member)


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnRules:
    """What a server's moderators decided of turns, besides the shares of its roles.

    Attributes:
        first_come_first_served: Whether members are served by the numbers of their jobs.
        in_flight_per_member: Jobs of one member that may be in flight at once, from 1; None for
            as many as the operator allows, whose cap holds in any case.
        waiting_per_member: Likewise of those that may wait.
    """

    first_come_first_served: bool = False
    in_flight_per_member: int | None = None
    waiting_per_member: int | None = None


def lower_cap(one: int | None, other: int | None) -> int | None:
    """The cap that two caps make; None is no cap."""
    return min((cap for cap in (one, other) if cap is not None), default=None)


NO_RULES = TurnRules()
"""Members take turns, and have at once what the operator allows."""
ALIKE = TurnTerms()
"""No caps, and every guild the same share."""
