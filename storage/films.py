"""What a storyboard does by itself: shots that wait for others, and the film."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.clock import to_ms
from bot.domain.job import FILM_ACCOUNT, Job, JobState, Origin
from bot.domain.routing import WAITS_FOR_SHOT
from bot.domain.storyboard import film_key
from storage import telling
from storage.artifacts import register_clip
from storage.job_rows import SELECT_JOB, find_job, require_job
from storage.lanes import join_late
from storage.request_codec import encode_request

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from bot.domain.job import Clip
    from bot.domain.storyboard import Storyboard

_INSERT_FILM = """
INSERT INTO job (
    state, state_at_ms, created_at_ms, guild_id, user_id, request, model, origin, origin_key,
    channel_id, in_thread, parent_channel_id, thread_under_id, storyboard_id, route, account,
    attempt, request_id, submitted_at_ms, provider_task_id, clip_artifact_id, fetched_at_ms
) VALUES (
    'fetched', :at_ms, :at_ms, :guild_id, :user_id, :request, :model, :origin, :key,
    :channel_id, :in_thread, :parent_channel_id, :thread_under_id, :storyboard_id, '', :account,
    1, :request_id, :at_ms, :key, :clip, :at_ms
) RETURNING job_id
"""


def let_wait_for_turn(db: sqlite3.Connection, job_id: int, *, image_id: str, route: str) -> bool:
    """A shot that waited for the one before has its first frame, and waits for its turn now.

    Args:
        db: In a transaction.
        job_id: The shot's job.
        image_id: The frame: a registered artifact.
        route: Who may render it.

    Returns:
        Whether it did wait so.
    """
    job = require_job(db, job_id)
    if job.state is not JobState.QUEUED or job.route != WAITS_FOR_SHOT:
        return False
    db.execute(
        "UPDATE job SET request = ? WHERE job_id = ?",
        (encode_request(replace(job.request, images=(image_id,))), job_id),
    )
    db.execute(
        "INSERT INTO job_input (job_id, position, artifact_id) VALUES (?, 0, ?)",
        (job_id, image_id),
    )
    join_late(db, job_id, route)
    return True


def begin_join(db: sqlite3.Connection, storyboard_id: int) -> None:
    """The intent: its takes are about to be joined."""
    db.execute(
        "UPDATE storyboard SET join_tries = join_tries + 1 WHERE storyboard_id = ?",
        (storyboard_id,),
    )


def put_off_join(db: sqlite3.Connection, storyboard_id: int) -> None:
    """The try that was begun does not count: the takes were not to blame."""
    db.execute(
        "UPDATE storyboard SET join_tries = max(0, join_tries - 1) WHERE storyboard_id = ?",
        (storyboard_id,),
    )


def record_film(
    db: sqlite3.Connection, board: Storyboard, clip: Clip, *, at: datetime
) -> Job | None:
    """The outcome: the film is on the disk, and is posted as any other clip.

    It costs nobody anything: the takes were paid for.

    Args:
        db: In a transaction.
        board: As it was joined.
        clip: The film.
        at: Now.

    Returns:
        The film's job, ``fetched``; the one that there is of these takes; None where one of them
        was taken down or made anew meanwhile.
    """
    takes = [shot.job_id or 0 for shot in board.shots]
    now = db.execute(
        "SELECT job.job_id FROM shot JOIN job USING (job_id)"
        " WHERE shot.storyboard_id = ? AND taken_down_at_ms IS NULL ORDER BY position",
        (board.storyboard_id,),
    ).fetchall()
    if [job_id for (job_id,) in now] != takes:
        return None
    key, place = film_key(board.storyboard_id, takes), board.place
    known = find_job(db, SELECT_JOB + "WHERE job.origin_key = ?", (key,))
    if known is None:
        register_clip(db, clip, at=at)
        ((job_id,),) = db.execute(
            _INSERT_FILM,
            {
                "at_ms": to_ms(at),
                "guild_id": place.guild_id,
                "user_id": board.user_id,
                "request": encode_request(replace(board.common, prompt=board.film_prompt)),
                "model": board.common.model,
                "origin": Origin.COMMAND.value,
                "key": key,
                "channel_id": place.channel_id,
                "in_thread": int(place.in_thread),
                "parent_channel_id": place.parent_channel_id,
                "thread_under_id": place.thread_under_id,
                "storyboard_id": board.storyboard_id,
                "account": FILM_ACCOUNT,
                "request_id": f"film-of-{board.storyboard_id}",
                "clip": clip.artifact_id,
            },
        ).fetchall()
        known = require_job(db, job_id)
    db.execute(
        "UPDATE storyboard SET film_job_id = ?, is_open = 0 WHERE storyboard_id = ?",
        (known.job_id, board.storyboard_id),
    )
    telling.hand_over(db, board.storyboard_id, known.job_id)
    return require_job(db, known.job_id)


def record_join_failure(db: sqlite3.Connection, storyboard_id: int, *, why: str) -> None:
    """The other outcome: these takes cannot be joined."""
    db.execute(
        "UPDATE storyboard SET join_failure = ?, is_open = 0 WHERE storyboard_id = ?",
        (why, storyboard_id),
    )


def close(db: sqlite3.Connection, storyboard_id: int) -> None:
    """Nothing goes on by itself: one of its shots was not made."""
    db.execute("UPDATE storyboard SET is_open = 0 WHERE storyboard_id = ?", (storyboard_id,))
