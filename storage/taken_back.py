"""What was taken down and withdrawn after a backup was made is so again once it is restored."""

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
