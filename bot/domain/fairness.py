"""Whose turn it is: round robin over the guilds, and in a guild over its members.

The database serves in this order by index look-ups (``storage/lanes.py``);
this is the rule that they must agree with, and the one the tests compare them to.
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A waiting job, as the order sees it.

    Attributes:
        job_id: Ours; a member's own jobs are served in the order of their ids.
        guild_id: Its server.
        user_id: Its member.
    """

    job_id: int
    guild_id: int
    user_id: int


def serving_order(
    waiting: list[Waiting],
    *,
    guild_served: dict[int, int],
    member_served: dict[tuple[int, int], int],
) -> list[int]:
    """The ids of all waiting jobs in the order in which they will be claimed, if none joins.

    The guild that was served longest ago is next, in it the member that was served longest ago.
    Never served counts as longest ago; ties go to the smaller id.

    Args:
        waiting: All waiting jobs, in any order.
        guild_served: By guild id, the number of the last claim that served it, from 1.
        member_served: By guild and member id, likewise.
    """
    queues: dict[int, dict[int, deque[int]]] = defaultdict(lambda: defaultdict(deque))
    for job in sorted(waiting, key=lambda job: job.job_id):
        queues[job.guild_id][job.user_id].append(job.job_id)
    guild_served, member_served = dict(guild_served), dict(member_served)
    claim = max([0, *guild_served.values(), *member_served.values()])
    order: list[int] = []
    while queues:
        claim += 1
        guild_id = min(queues, key=lambda guild: (guild_served.get(guild, 0), guild))
        members = queues[guild_id]
        user_id = min(members, key=lambda user: (member_served.get((guild_id, user), 0), user))
        order.append(members[user_id].popleft())
        guild_served[guild_id] = member_served[guild_id, user_id] = claim
        if not members[user_id]:
            del members[user_id]
        if not members:
            del queues[guild_id]
    return order
