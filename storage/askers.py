"""What has to be known of whoever asks for a video, in one query: each costs as much again."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from storage.job_states import CLAIMED

if TYPE_CHECKING:
    import sqlite3

# What is on hold, or parked, waits for a person, and is not under way.
_LOOK = f"""
SELECT (SELECT job_id FROM job WHERE origin_key = :origin_key),
    (SELECT time_zone FROM guild_setting WHERE guild_id = :guild_id),
    (SELECT waiting_per_member FROM guild_setting WHERE guild_id = :guild_id),
    (SELECT coalesce(sum(waiting), 0) FROM guild_lane WHERE guild_id = :guild_id),
    (SELECT coalesce(sum(waiting), 0) FROM member_lane
        WHERE guild_id = :guild_id AND user_id = :user_id),
    (SELECT count(*) FROM job WHERE guild_id = :guild_id AND user_id = :user_id
        AND {CLAIMED} AND state <> 'held' AND parked_at_ms IS NULL),
    EXISTS (SELECT 1 FROM quota_grant
        WHERE guild_id = :guild_id AND user_id = :user_id AND videos_left > 0),
    EXISTS (SELECT 1 FROM role_weight WHERE guild_id = :guild_id)
"""  # noqa: S608  # constants


class Look(NamedTuple):
    """A member of a server, as far as their next video is concerned.

    Attributes:
        known_job_id: The job that the same cause has made already.
        time_zone: The server's, where it has one.
        waiting_per_member: How many its moderators let a member have waiting, where they do.
        waiting_in_guild: How many videos wait there.
        waiting: How many of them are the member's.
        claimed: How many of theirs are under way besides.
        has_grants: Whether they have grants with something left, expired or not.
        has_weights: Whether a role there has a share of its own.
    """

    known_job_id: int | None
    time_zone: str | None
    waiting_per_member: int | None
    waiting_in_guild: int
    waiting: int
    claimed: int
    has_grants: bool
    has_weights: bool


def look_at(
    db: sqlite3.Connection, guild_id: int, user_id: int, *, origin_key: str | None = None
) -> Look:
    """Look up a member of a server.

    Args:
        db: In a transaction, of which the look is a part.
        guild_id: The server.
        user_id: The member.
        origin_key: What they ask with; None where nothing is asked.
    """
    row = db.execute(
        _LOOK, {"guild_id": guild_id, "user_id": user_id, "origin_key": origin_key}
    ).fetchone()
    return Look(*row)
