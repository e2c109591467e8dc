"""The audit's rows: appended with the act they record, read by server, proved as a whole."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.clock import from_ms, to_ms
from bot.domain.audit import (
    Act,
    AuditAction,
    AuditEntry,
    Head,
    Link,
    SubjectKind,
    Verdict,
    canonical_bytes,
    chained_hash,
    detail_text,
    genesis_hash,
    verify,
)
from storage.installation import installation_id

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from datetime import datetime

# Of one member's equal refusals so many seconds' worth are one entry: a flood of clicks
# would otherwise write a row each, and no row ever goes away.
SAME_REFUSAL_WITHIN = timedelta(minutes=1)

NEWEST = 2**63 - 1  # above every number

# All but the hashes is what they are made of, in this order: it can never change.
_SELECT = (
    "SELECT seq, at_ms, guild_id, actor_id, action, subject_kind, subject_id, detail,"
    " previous_hash, own_hash FROM audit_entry "
)
_INSERT = (
    "INSERT INTO audit_entry (seq, at_ms, guild_id, actor_id, action, subject_kind, subject_id,"
    " detail, previous_hash, own_hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def append(db: sqlite3.Connection, act: Act, *, at: datetime) -> AuditEntry:
    """Put an act on record.

    Args:
        db: In the transaction of the act itself, so that neither is kept without the other.
        act: What was done or refused.
        at: When; kept to the millisecond.
    """
    before = head(db)
    seq, at_ms = before.seq + 1, to_ms(at)
    content = (
        seq,
        at_ms,
        act.guild_id,
        act.actor_id,
        act.action.value,
        act.subject_kind.value,
        act.subject_id,
        detail_text(act),
    )
    own_hash = chained_hash(before.own_hash, canonical_bytes(content))
    db.execute(_INSERT, (*content, before.own_hash, own_hash))
    db.execute(
        "INSERT INTO audit_head (only_row, seq, own_hash) VALUES (1, ?, ?)"
        " ON CONFLICT (only_row) DO UPDATE SET seq = excluded.seq, own_hash = excluded.own_hash",
        (seq, own_hash),
    )
    return AuditEntry(seq=seq, at=from_ms(at_ms), act=act)


def append_refusal(db: sqlite3.Connection, act: Act, *, at: datetime) -> AuditEntry | None:
    """Put a refusal on record; None where it is already, by `SAME_REFUSAL_WITHIN`.

    The same refusal is that of the same member, for the same reason and about the same subject.
    """
    found = db.execute(
        "SELECT 1 FROM audit_entry WHERE guild_id = ? AND actor_id = ? AND action = ?"
        # The upper bound: after the clock was set back, a later entry silences nothing.
        " AND at_ms > ? AND at_ms <= ? AND subject_kind = ? AND subject_id = ? LIMIT 1",
        (
            act.guild_id,
            act.actor_id,
            act.action.value,
            to_ms(at - SAME_REFUSAL_WITHIN),
            to_ms(at),
            act.subject_kind.value,
            act.subject_id,
        ),
    ).fetchone()
    return None if found else append(db, act, at=at)


def is_on_record(db: sqlite3.Connection, act: Act) -> bool:
    """Whether the same person did the same to the same subject before, at whatever time."""
    found = db.execute(
        "SELECT 1 FROM audit_entry WHERE guild_id = ? AND actor_id = ? AND action = ?"
        " AND subject_kind = ? AND subject_id = ? LIMIT 1",
        (act.guild_id, act.actor_id, act.action.value, act.subject_kind.value, act.subject_id),
    ).fetchone()
    return found is not None


def count_since(db: sqlite3.Connection, act: Act, *, since: datetime) -> int:
    """How often the same person did the same since an instant, to whatever subject."""
    ((count,),) = db.execute(
        "SELECT count(*) FROM audit_entry WHERE guild_id = ? AND actor_id = ? AND action = ?"
        " AND at_ms > ?",
        (act.guild_id, act.actor_id, act.action.value, to_ms(since)),
    ).fetchall()
    return int(count)


def entries_of_guild(
    db: sqlite3.Connection, guild_id: int, *, limit: int, before: int = NEWEST
) -> list[AuditEntry]:
    """A server's newest entries of those before an entry, newest first."""
    rows = db.execute(
        _SELECT + "WHERE guild_id = ? AND seq < ? ORDER BY seq DESC LIMIT ?",
        (guild_id, before, limit),
    ).fetchall()
    return [_entry(row) for row in rows]


def entries_of_guild_after(
    db: sqlite3.Connection, guild_id: int, seq: int, *, limit: int, up_to: int | None = None
) -> list[AuditEntry]:
    """A server's entries after one, and up to another; oldest first."""
    rows = db.execute(
        _SELECT + "WHERE guild_id = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?",
        (guild_id, seq, NEWEST if up_to is None else up_to, limit),
    ).fetchall()
    return [_entry(row) for row in rows]


def head(db: sqlite3.Connection) -> Head:
    """Where the chain was said to end when the last entry was written."""
    found = db.execute("SELECT seq, own_hash FROM audit_head").fetchone()
    if found is None:
        return Head(seq=0, own_hash=genesis_hash(installation_id(db)))
    return Head(seq=found[0], own_hash=found[1])


def prove(db: sqlite3.Connection, *, noted_hash: str | None = None) -> Verdict:
    """Prove the whole chain, whatever its length, in little memory; see `verify`.

    Args:
        db: As `opened_for_proof` gives it.
        noted_hash: A head's hash from an earlier proof, which must still be in the chain.
    """
    genesis = genesis_hash(installation_id(db))
    return verify(_links(db), genesis=genesis, head=head(db), noted_hash=noted_hash)


def _links(db: sqlite3.Connection) -> Iterator[Link]:
    for *content, previous_hash, own_hash in db.execute(_SELECT + "ORDER BY seq"):
        yield Link(
            seq=content[0],
            content=canonical_bytes(content),
            previous_hash=previous_hash,
            own_hash=own_hash,
        )


def _entry(row: tuple[int, int, int, int, str, str, int, str, str, str]) -> AuditEntry:
    seq, at_ms, guild_id, actor_id, action, subject_kind, subject_id, detail, _, _ = row
    return AuditEntry(
        seq=seq,
        at=from_ms(at_ms),
        act=Act(
            guild_id=guild_id,
            actor_id=actor_id,
            action=AuditAction(action),
            subject_kind=SubjectKind(subject_kind),
            subject_id=subject_id,
            detail=json.loads(detail),
        ),
    )
