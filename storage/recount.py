"""The lanes' counts against the jobs, in case a defect made them differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.lanes import count_in_guild_lane, count_in_member_lane

if TYPE_CHECKING:
    import sqlite3

_GUILD_LANES_OFF = """
SELECT guild_id, model, route, sum(jobs), sum(cost_ms) FROM (
    SELECT guild_id, model, route, 1 AS jobs, cost_ms FROM job WHERE state = 'queued'
    UNION ALL SELECT guild_id, model, route, -waiting, -waiting_cost_ms FROM guild_lane
) AS counted GROUP BY guild_id, model, route HAVING sum(jobs) <> 0 OR sum(cost_ms) <> 0
"""
_MEMBER_LANES_OFF = """
SELECT guild_id, user_id, model, route, sum(jobs), sum(cost_ms) FROM (
    SELECT guild_id, user_id, model, route, 1 AS jobs, cost_ms FROM job WHERE state = 'queued'
    UNION ALL SELECT guild_id, user_id, model, route, -waiting, -waiting_cost_ms FROM member_lane
) AS counted GROUP BY guild_id, user_id, model, route
HAVING sum(jobs) <> 0 OR sum(cost_ms) <> 0
"""


def recount_lanes(db: sqlite3.Connection) -> int:
    """Set every lane's counts to what the jobs say; their virtual times stay.

    Returns:
        How many lanes were off. Anything but 0 is a defect, to be logged.
    """
    guilds = db.execute(_GUILD_LANES_OFF).fetchall()
    for guild_id, model, route, more, more_cost_ms in guilds:
        lane = {"guild_id": guild_id, "model": model, "route": route}
        count_in_guild_lane(db, lane | {"more": more, "more_cost_ms": more_cost_ms})
    members = db.execute(_MEMBER_LANES_OFF).fetchall()
    for guild_id, user_id, model, route, more, more_cost_ms in members:
        lane = {"guild_id": guild_id, "user_id": user_id, "model": model, "route": route}
        count_in_member_lane(db, lane | {"more": more, "more_cost_ms": more_cost_ms})
    return len(guilds) + len(members)
