"""What policy refuses is put on record, whoever asked and whatever the limit."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from bot.domain.audit import Act, AuditAction, SubjectKind
from bot.domain.errors import QuotaExceededError, StorageError
from bot.domain.gates import Gate
from bot.domain.language import Language
from bot.domain.quota_refusals import OtherLimitError, rule_text
from bot.domain.takes import NotAllFitError
from bot.languages import speaking
from storage import audit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bot.domain.errors import QueueFullError
    from bot.domain.job import NewJob
    from bot.domain.words import WordRule
    from storage.database import Database

GATE_ACTIONS = {
    Gate.CHANNEL: AuditAction.REFUSED_CHANNEL,
    Gate.ROLE: AuditAction.REFUSED_ROLE,
    Gate.ACCOUNT_AGE: AuditAction.REFUSED_ACCOUNT_AGE,
    Gate.MEMBERSHIP: AuditAction.REFUSED_MEMBERSHIP,
    Gate.AGE_RESTRICTION: AuditAction.REFUSED_AGE_RESTRICTION,
}

log = logging.getLogger(__name__)


async def record_refusal(
    database: Database,
    refusal: QuotaExceededError | QueueFullError | NotAllFitError,
    new: NewJob,
    *,
    at: datetime,
) -> None:
    """Record that a job was refused, in a transaction of its own: the refused one was undone.

    A refusal that cannot be recorded stays one, and is in the log.
    """
    if isinstance(refusal, NotAllFitError):
        refusal = refusal.refusal
    act = _refused(refusal, guild_id=new.place.guild_id, user_id=new.user_id)
    await _record(database, act, at=at)


async def record_blocked(
    database: Database, rule: WordRule, *, guild_id: int, user_id: int, at: datetime
) -> None:
    """Record which rule stopped a prompt, as `record_refusal` does; never the prompt."""
    restricted = AuditAction.REFUSED_RESTRICTED_WORDS
    await record_refused_member(
        database,
        restricted if rule.age_restricted else AuditAction.REFUSED_WORDS,
        guild_id=guild_id,
        user_id=user_id,
        detail={"kind": rule.kind.value, "text": rule.text},
        at=at,
    )


async def record_refused_member(  # the facts of one refusal
    database: Database,
    action: AuditAction,
    *,
    guild_id: int,
    user_id: int,
    detail: Mapping[str, str | int | None],
    at: datetime,
) -> None:
    """Record that a member was refused for what they are or asked, as `record_refusal` does."""
    act = Act(
        guild_id=guild_id,
        actor_id=user_id,
        action=action,
        subject_kind=SubjectKind.MEMBER,
        subject_id=user_id,
        detail=detail,
    )
    await _record(database, act, at=at)


async def _record(database: Database, act: Act, *, at: datetime) -> None:
    try:
        await database.write(lambda db: audit.append_refusal(db, act, at=at))
    except StorageError:
        log.exception("a refusal could not be recorded: %s", act.action)


def _refused(refusal: QuotaExceededError | QueueFullError, *, guild_id: int, user_id: int) -> Act:
    if isinstance(refusal, OtherLimitError):
        with speaking(Language.ENGLISH):  # the record is one text for all
            limit = rule_text(refusal.rule)
        return Act(
            guild_id=guild_id,
            actor_id=user_id,
            action=AuditAction.REFUSED_LIMIT,
            subject_kind=SubjectKind(refusal.scope),
            subject_id=refusal.subject_id,
            detail={"limit": limit},
        )
    if isinstance(refusal, QuotaExceededError):
        return Act(
            guild_id=guild_id,
            actor_id=user_id,
            action=AuditAction.REFUSED_QUOTA,
            subject_kind=SubjectKind(refusal.scope),
            subject_id=refusal.subject_id,
            detail={"limit": refusal.limit, "used": refusal.used, "window": refusal.window},
        )
    return Act(
        guild_id=guild_id,
        actor_id=user_id,
        action=AuditAction.REFUSED_QUEUE_FULL,
        subject_kind=SubjectKind.SERVER if refusal.of_server else SubjectKind.MEMBER,
        subject_id=guild_id if refusal.of_server else user_id,
        detail={"limit": refusal.limit},
    )
