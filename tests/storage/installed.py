"""An installation to back up: with work that needs its files, and work that is done with them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from hashlib import sha256
from typing import TYPE_CHECKING

from bot.domain.job import OutcomeReason
from storage import steps
from storage.artifacts import register
from storage.database import Database
from storage.enqueue import enqueue
from storage.lanes import claim_next
from tests.accounts import rooms

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from bot.domain.job import NewJob

CANCELLED = OutcomeReason.CANCELLED_BY_MEMBER
NEEDED, DONE, CLIP = b"an image that waits", b"an image of long ago", b"a clip to be posted"


def named(content: bytes) -> str:
    return sha256(content).hexdigest()


def states(folder: Path) -> list[tuple[int, str]]:
    with closing(sqlite3.connect(folder / "cogreel.sqlite3")) as db:
        return db.execute("SELECT job_id, state FROM job ORDER BY job_id").fetchall()


def files(folder: Path) -> set[str]:
    return {path.name for path in (folder / "files").iterdir()}


async def install(folder: Path, new_job: Callable[..., NewJob], at: datetime) -> None:
    """One job waits with its image, one is cancelled with another, one has fetched its clip."""
    (folder / "files").mkdir(parents=True)

    def fill(db: sqlite3.Connection) -> None:
        for content in (NEEDED, DONE):
            register(db, named(content), kind="image", size_bytes=len(content), at=at)
            (folder / "files" / f"{named(content)}.jpg").write_bytes(content)
        fetched = enqueue(db, new_job(), at=at, max_waiting_per_member=9)
        assert claim_next(db, rooms=rooms({"cogvideox-3": 9}), at=at)
        steps.record_task(db, fetched.job_id, provider_task_id="t", at=at)
        register(db, named(CLIP), kind="clip", size_bytes=len(CLIP), at=at)
        (folder / "files" / f"{named(CLIP)}.mp4").write_bytes(CLIP)
        db.execute("INSERT INTO clip VALUES (?, 1280, 720, 5, 30, 0, 1, 1)", (named(CLIP),))
        db.execute(
            "UPDATE job SET state = 'fetched', clip_artifact_id = ?, fetched_at_ms = 1"
            " WHERE job_id = ?",
            (named(CLIP), fetched.job_id),
        )
        done = enqueue(db, new_job(images=(named(DONE),)), at=at, max_waiting_per_member=9)
        steps.cancel_waiting(db, done.job_id, reason=CANCELLED, at=at)
        enqueue(db, new_job(images=(named(NEEDED),)), at=at, max_waiting_per_member=9)

    async with await Database.open(folder / "cogreel.sqlite3") as database:
        await database.write(fill)
