"""Everything that is kept about one member, on every server: to count it, and to hand it out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bot.clock import from_ms

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

# A member's next videos: their numbers alone, which an index has, before any row is read.
_JOB_IDS = (
    "(SELECT job_id FROM job INDEXED BY job_of_member WHERE user_id = :user_id"
    " AND job_id > :after ORDER BY job_id LIMIT :limit)"
)
_COUNTED = (
    "SELECT entry_id AS entry, guild_id AS server, at_ms AS at, kind, job_id AS video,"
    " grant_id AS of_grant, videos, micros, currency FROM ledger"
)
# By the name that the member reads: the rows, and which number of each is asked for in turn.
# Who of the moderators did something to them is not theirs to know.
_SOURCES: dict[str, tuple[str, str]] = {
    "videos": (
        (
            "SELECT job_id AS number, guild_id AS server, created_at_ms AS asked_at,"  # noqa: S608  # constants of this module
            " state, state_at_ms AS state_at, reason, request, origin, parent_job_id AS take_of,"
            " channel_id AS channel, thread_id AS thread, status_message_id AS status_message,"
            " result_message_id AS result_message, account, tell_by,"
            " withdrawn_at_ms AS withdrawn_at, erased_at_ms AS erased_at FROM job"
            " WHERE job_id IN " + _JOB_IDS + " ORDER BY job_id"
        ),
        "number",
    ),
    "what_counted": (
        (
            # All of a video's, which are two or three: so many videos at once, not rows.
            f"{_COUNTED} WHERE job_id IN {_JOB_IDS} ORDER BY job_id, entry_id"
        ),
        "video",
    ),
    "counted_besides": (
        (
            f"{_COUNTED} WHERE user_id = :user_id AND job_id IS NULL AND entry_id > :after"
            " ORDER BY entry_id LIMIT :limit"
        ),
        "entry",
    ),
    "grants": (
        (
            "SELECT grant_id AS number, guild_id AS server, videos, videos_left,"
            " given_at_ms AS given_at, expires_at_ms AS expires_at FROM quota_grant"
            " WHERE user_id = :user_id AND grant_id > :after ORDER BY grant_id LIMIT :limit"
        ),
        "number",
    ),
    "limits": (
        (
            "SELECT rowid AS number, guild_id AS server, measure, per_window, amount, currency,"
            " set_at_ms AS set_at FROM quota_rule WHERE scope = 'member' AND subject_id = :user_id"
            " AND rowid > :after ORDER BY rowid LIMIT :limit"
        ),
        "number",
    ),
    "defaults": (
        (
            "SELECT 1 AS number, model, size, duration_s, quality, fps, with_audio, aspect_ratio,"
            " style, movement, set_at_ms AS set_at FROM member_default WHERE user_id = :user_id"
            " AND 1 > :after LIMIT :limit"
        ),
        "number",
    ),
    "blocks": (
        (
            "SELECT rowid AS number, guild_id AS server, blocked_at_ms AS blocked_at,"
            " until_ms AS until, reason FROM member_block WHERE user_id = :user_id"
            " AND rowid > :after ORDER BY rowid LIMIT :limit"
        ),
        "number",
    ),
    "favourites": (
        (
            "SELECT rowid AS entry, guild_id AS server, job_id AS video, at_ms AS at"
            " FROM favourite WHERE user_id = :user_id AND rowid > :after"
            " ORDER BY rowid LIMIT :limit"
        ),
        "entry",
    ),
    "posted_again": (
        (
            "SELECT post_id AS entry, guild_id AS server, job_id AS video, kind,"
            " wanted_at_ms AS wanted_at, channel_id AS channel, message_id AS message"
            " FROM further_post WHERE by_user_id = :user_id AND post_id > :after"
            " ORDER BY post_id LIMIT :limit"
        ),
        "entry",
    ),
    "shots": (
        (
            "SELECT shot_id AS number, storyboard_id AS storyboard, guild_id AS server, position,"
            " prompt, is_chained, job_id AS video, storyboard.tell_by,"
            " changed_at_ms AS changed_at FROM shot"
            " JOIN storyboard USING (storyboard_id) WHERE user_id = :user_id AND shot_id > :after"
            " ORDER BY shot_id LIMIT :limit"
        ),
        "number",
    ),
    "on_record": (
        (
            "SELECT seq AS entry, guild_id AS server, at_ms AS at, action, subject_kind, subject_id"
            " FROM audit_entry WHERE seq IN ("
            "SELECT * FROM (SELECT seq FROM audit_entry WHERE actor_id = :user_id"
            " AND seq > :after ORDER BY seq LIMIT :limit)"
            " UNION SELECT * FROM (SELECT seq FROM audit_entry WHERE subject_kind = 'member'"
            " AND subject_id = :user_id AND seq > :after ORDER BY seq LIMIT :limit)"
            ") ORDER BY seq LIMIT :limit"
        ),
        "entry",
    ),
}
KINDS = tuple(_SOURCES)
_INSTANTS = ("_at", "at", "until")
_SNOWFLAKES = frozenset(
    {"server", "channel", "thread", "message", "status_message", "result_message"}
)


def counts(db: sqlite3.Connection, user_id: int) -> dict[str, int]:
    """How much there is of each of `KINDS`."""
    found: dict[str, int] = {}
    for kind, (query, _) in _SOURCES.items():
        ((found[kind],),) = db.execute(
            f"SELECT count(*) FROM ({query})",  # noqa: S608  # constants of this module
            {"user_id": user_id, "after": -1, "limit": -1},
        ).fetchall()
    return found


def videos(db: sqlite3.Connection, user_id: int) -> int:
    """How many videos a member asked for, read from an index alone."""
    ((found,),) = db.execute("SELECT count(*) FROM job WHERE user_id = ?", (user_id,)).fetchall()
    return int(found)


def with_words(db: sqlite3.Connection, user_id: int) -> int:
    """How many of a member's videos have their words and images still."""
    ((found,),) = db.execute(
        "SELECT count(*) FROM job WHERE user_id = ? AND erased_at_ms IS NULL", (user_id,)
    ).fetchall()
    return int(found)


def page(
    db: sqlite3.Connection, user_id: int, kind: str, *, after: int, limit: int
) -> tuple[list[dict[str, Any]], int]:
    """The next entries of a kind after a number, ready for JSON, and the last one's number."""
    query, number = _SOURCES[kind]
    cursor = db.execute(query, {"user_id": user_id, "after": after, "limit": limit})
    names = [column[0] for column in cursor.description]
    rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return [dict(_readable(row)) for row in rows], rows[-1][number] if rows else after


def _readable(row: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in row.items():
        if value is None:
            yield name, None
        elif name.endswith(_INSTANTS):
            yield name, from_ms(value).isoformat(timespec="seconds")
        elif name == "request":
            yield name, json.loads(value)
        elif name in _SNOWFLAKES:
            yield name, str(value)  # too large for a JSON reader
        else:
            yield name, value
