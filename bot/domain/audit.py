"""The audit: who did what, each entry chained to the one before by its hash.

A chain shows that nothing in it was changed, moved or taken out since its last hash was noted.
It does not stop anybody who can write the file from building a new one: docs/operating.md.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime


class AuditAction(StrEnum):
    """What a moderator did, or what policy refused. Stored for ever: never rename a value."""

    QUOTA_SET = "quota_set"
    QUOTA_CLEARED = "quota_cleared"
    QUOTA_RESET = "quota_reset"
    LIMIT_SET = "limit_set"
    LIMIT_CLEARED = "limit_cleared"
    GRANT_GIVEN = "grant_given"
    TIME_ZONE_SET = "time_zone_set"
    JOB_CANCELLED = "job_cancelled"
    WORD_BLOCKED = "word_blocked"
    WORD_RESTRICTED = "word_restricted"
    WORD_ALLOWED = "word_allowed"
    MEMBER_BLOCKED = "member_blocked"
    MEMBER_UNBLOCKED = "member_unblocked"
    JOB_TAKEN_DOWN = "job_taken_down"
    VIDEO_REPORTED = "video_reported"
    SETTING_CHANGED = "setting_changed"
    SHARE_SET = "share_set"
    LOOK_ADDED = "look_added"
    LOOK_REMOVED = "look_removed"
    KEY_BROUGHT = "key_brought"
    KEY_REMOVED = "key_removed"
    STAND_INS_DECIDED = "stand_ins_decided"
    BUDGET_NEARLY_USED = "budget_nearly_used"
    RESULT_ELSEWHERE = "result_elsewhere"
    RESULT_WAITS = "result_waits"
    HELD_SETTLED = "held_settled"
    REFUSED_QUOTA = "refused_quota"
    REFUSED_LIMIT = "refused_limit"
    REFUSED_QUEUE_FULL = "refused_queue_full"
    REFUSED_WORDS = "refused_words"
    REFUSED_RESTRICTED_WORDS = "refused_restricted_words"
    REFUSED_BLOCKED = "refused_blocked"
    REFUSED_CHANNEL = "refused_channel"
    REFUSED_ROLE = "refused_role"
    REFUSED_ACCOUNT_AGE = "refused_account_age"
    REFUSED_MEMBERSHIP = "refused_membership"
    REFUSED_AGE_RESTRICTION = "refused_age_restriction"


class SubjectKind(StrEnum):
    """What an act was about. Stored for ever, as the actions are."""

    MEMBER = "member"
    ROLE = "role"
    SERVER = "server"
    JOB = "job"
    BOT = "bot"


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What somebody did, or was refused.

    Attributes:
        guild_id: Where.
        actor_id: The moderator; of a refusal, the member who was refused.
        action: What.
        subject_kind: What kind of thing it was about.
        subject_id: Its id: Discord's, or a job's.
        detail: Whatever else explains it; flat, small, and never a secret, as it stays for ever.
    """

    guild_id: int
    actor_id: int
    action: AuditAction
    subject_kind: SubjectKind
    subject_id: int
    detail: Mapping[str, str | int | None]


def setting_changed(guild_id: int, detail: Mapping[str, str | int | None], *, by: int) -> Act:
    """A moderator decided something for the whole server."""
    return Act(
        guild_id=guild_id,
        actor_id=by,
        action=AuditAction.SETTING_CHANGED,
        subject_kind=SubjectKind.SERVER,
        subject_id=guild_id,
        detail=detail,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """An act on record.

    Attributes:
        seq: From 1 without gaps, over all servers of the installation.
        at: When, aware UTC, to the millisecond.
        act: What.
    """

    seq: int
    at: datetime
    act: Act


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An entry as it is stored, word for word, for the proof.

    Attributes:
        seq: Its number.
        content: Its canonical bytes.
        previous_hash: The hash of the entry before, as stored with it.
        own_hash: Its own, likewise.
    """

    seq: int
    content: bytes
    previous_hash: str
    own_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The end of the chain.

    Attributes:
        seq: The last entry's number; 0 where there is none.
        own_hash: The last entry's hash; the genesis where there is none.
    """

    seq: int
    own_hash: str


class Fault(StrEnum):
    """Why a chain is broken."""

    GAP = "gap"
    WRONG_PREVIOUS = "wrong previous"
    CHANGED = "changed"
    CUT_OFF = "cut off"
    WRONG_HEAD = "wrong head"
    NOT_AS_NOTED = "not as noted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a proof found.

    Attributes:
        sound: The end of what hangs together, counted from the first entry.
        fault: What is wrong with the entry after it; of `Fault.WRONG_HEAD` and
            `Fault.NOT_AS_NOTED`, with the end itself. None where the chain is whole.
    """

    sound: Head
    fault: Fault | None

    @property
    def broken_seq(self) -> int:
        """The first entry that cannot be trusted."""
        at_the_end = self.fault in {Fault.WRONG_HEAD, Fault.NOT_AS_NOTED}
        return self.sound.seq if at_the_end else self.sound.seq + 1


def genesis_hash(installation_id: str) -> str:
    """What the first entry is chained to: no chain can pass for another installation's."""
    return hashlib.sha256(b"cogreel audit " + installation_id.encode()).hexdigest()


def detail_text(act: Act) -> str:
    """An act's detail as JSON, the one way it is ever written."""
    return _json(dict(act.detail))


def canonical_bytes(stored: Sequence[object]) -> bytes:
    """An entry's stored values, in the order of their columns, as the bytes that are hashed.

    Takes whatever a file can hold, as a changed entry must be found and not stumbled over.
    """
    return _json(list(stored)).encode("ascii")


def chained_hash(previous_hash: str, content: bytes) -> str:
    """The hash of an entry: SHA-256 in hexadecimal, over the hash before and the content."""
    return hashlib.sha256(f"{previous_hash}\n".encode() + content).hexdigest()


def verify(
    links: Iterable[Link], *, genesis: str, head: Head, noted_hash: str | None = None
) -> Verdict:
    """Prove a chain from its first entry to its head.

    Args:
        links: All entries, by their numbers; read once, kept never.
        genesis: What the first is chained to.
        head: Where the chain was said to end when the last entry was written.
        noted_hash: A head's hash from an earlier proof, which must still be in the chain.
    """
    sound = Head(seq=0, own_hash=genesis)
    missed = noted_hash not in {None, genesis}
    for link in links:
        fault = _fault_of(link, sound)
        if fault is not None:
            return Verdict(sound=sound, fault=fault)
        sound = Head(seq=link.seq, own_hash=link.own_hash)
        missed = missed and link.own_hash != noted_hash
    if head.seq > sound.seq:
        return Verdict(sound=sound, fault=Fault.CUT_OFF)
    if head != sound:
        return Verdict(sound=sound, fault=Fault.WRONG_HEAD)
    return Verdict(sound=sound, fault=Fault.NOT_AS_NOTED if missed else None)


def _fault_of(link: Link, before: Head) -> Fault | None:
    if link.seq != before.seq + 1:
        return Fault.GAP
    if link.previous_hash != before.own_hash:
        return Fault.WRONG_PREVIOUS
    if link.own_hash != chained_hash(link.previous_hash, link.content):
        return Fault.CHANGED
    return None


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=repr)
