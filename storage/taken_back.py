"""What was taken down, withdrawn and posted again since a backup is known once it is restored."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from storage.erasure import withdraw_one
from storage.takedowns import take_down

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path


def take_back_again(restored: sqlite3.Connection, replaced: Path, *, at: datetime) -> int | None:
    """Repeat what the database that is replaced knows of, in one transaction.

    The bot deletes posts, files and words at its next start, as if it were asked anew.

    Args:
        restored: The database that takes its place, up to date, in no transaction.
        replaced: The database that is there until now.
        at: Now.

    Returns:
        How many jobs that were; None where the replaced database cannot be read.
    """
    try:
        with closing(sqlite3.connect(f"{replaced.absolute().as_uri()}?mode=ro", uri=True)) as db:
            known = db.execute(
                "SELECT job_id, user_id, created_at_ms, withdrawn_at_ms IS NOT NULL FROM job"
                " WHERE taken_down_at_ms IS NOT NULL ORDER BY job_id"
            ).fetchall()
    except sqlite3.Error:
        return None
    count = 0
    restored.execute("BEGIN IMMEDIATE")
    for job_id, user_id, created_at_ms, is_withdrawn in known:
        found = restored.execute(
            "SELECT taken_down_at_ms IS NOT NULL, withdrawn_at_ms IS NOT NULL FROM job"
            # The same job, and not one of another installation with the same number.
            " WHERE job_id = ? AND user_id = ? AND created_at_ms = ?",
            (job_id, user_id, created_at_ms),
        ).fetchone()
        if found is None or found == (1, is_withdrawn):
            continue
        if is_withdrawn:
            withdraw_one(restored, job_id, at=at)
        else:
            take_down(restored, job_id, at=at)
        count += 1
    restored.execute("COMMIT")
    return count


def know_further_posts(restored: sqlite3.Connection, replaced: Path) -> None:
    """Take over what the database that is replaced knows of further posts, where it can be read.

    They are in Discord, and go with their video. Arguments as for `take_back_again`.
    """
    try:
        with closing(sqlite3.connect(f"{replaced.absolute().as_uri()}?mode=ro", uri=True)) as db:
            known = db.execute(
                "SELECT job.user_id, job.created_at_ms, further_post.job_id, further_post.guild_id,"
                " kind, by_user_id, wanted_at_ms, further_post.channel_id, tried_at_ms, message_id"
                " FROM further_post JOIN job USING (job_id)"
                " WHERE tried_at_ms IS NOT NULL ORDER BY post_id"
            ).fetchall()
    except sqlite3.Error:
        return
    restored.execute("BEGIN IMMEDIATE")
    for user_id, created_at_ms, job_id, *post in known:
        same = restored.execute(
            "SELECT 1 FROM job WHERE job_id = ? AND user_id = ? AND created_at_ms = ?",
            (job_id, user_id, created_at_ms),
        ).fetchone()
        if same is None:
            continue
        restored.execute(
            "DELETE FROM further_post"
            " WHERE job_id = ? AND kind = 'gallery' AND ? = 'gallery' AND message_id IS NULL",
            (job_id, post[1]),
        )
        restored.execute(
            "INSERT INTO further_post (job_id, guild_id, kind, by_user_id, wanted_at_ms,"
            " channel_id, tried_at_ms, message_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            (job_id, *post),
        )
    restored.execute("COMMIT")
