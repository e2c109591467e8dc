"""What moderators are told of a result that could not go where it was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.audit import Act, AuditAction, SubjectKind
from bot.domain.destination import DestinationKind
from bot.domain.language import N_
from storage import audit

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from bot.domain.job import Job

_WORDS = {
    DestinationKind.THREAD: N_("its thread"),
    DestinationKind.CHANNEL: N_("the channel"),
    DestinationKind.DIRECT: N_("the member's direct messages"),
    DestinationKind.CLAIM: N_("another channel"),
}


def went_elsewhere(
    db: sqlite3.Connection, job: Job, *, kind: DestinationKind, why: str, at: datetime
) -> None:
    """It was posted, in a place that is not the best; in the transaction that records the post."""
    act = _act(job, AuditAction.RESULT_ELSEWHERE, why=why, where=_WORDS[kind])
    audit.append(db, act, at=at)


def waits_for_claim(db: sqlite3.Connection, job: Job, *, why: str, at: datetime) -> None:
    """No place took it; in the transaction that parks it."""
    audit.append(db, _act(job, AuditAction.RESULT_WAITS, why=why), at=at)


def _act(job: Job, action: AuditAction, **detail: str) -> Act:
    plain = {name: text.replace("**", "") for name, text in detail.items()}
    return Act(
        guild_id=job.place.guild_id,
        actor_id=job.user_id,
        action=action,
        subject_kind=SubjectKind.JOB,
        subject_id=job.job_id,
        detail=plain,
    )
