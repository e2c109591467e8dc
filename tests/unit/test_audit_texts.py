"""An entry of the audit in one line, for moderators."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.domain.audit import Act, AuditAction, AuditEntry, SubjectKind
from cogs.audit_texts import entry_line

ACT = Act(
    guild_id=1,
    actor_id=9,
    action=AuditAction.QUOTA_SET,
    subject_kind=SubjectKind.MEMBER,
    subject_id=10,
    detail={"limit": 3, "window": "day"},
)
ENTRY = AuditEntry(seq=41, at=datetime(2026, 1, 14, 12, 0, 0, 999_000, tzinfo=UTC), act=ACT)


def test_a_line_says_which_when_who_and_what() -> None:
    assert entry_line(ENTRY) == "`41` <t:1768392000:f> <@9> set the limit of <@10> to 3 per day."


@pytest.mark.parametrize(
    ("kind", "subject_id", "named"),
    [
        (SubjectKind.MEMBER, 10, "<@10>"),
        (SubjectKind.ROLE, 77, "each member with <@&77>"),
        (SubjectKind.ROLE, 1, "each member"),  # the role that everyone has
        (SubjectKind.SERVER, 1, "the whole server"),
        (SubjectKind.JOB, 12, "video #12"),
    ],
)
def test_every_kind_of_subject_has_its_name(kind: SubjectKind, subject_id: int, named: str) -> None:
    act = replace(ACT, subject_kind=kind, subject_id=subject_id)
    assert f" the limit of {named} to " in entry_line(replace(ENTRY, act=act))


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("channel", "50, 51", "<#50>, <#51>"),
        ("role", "20", "<@&20>"),
        ("text", "none of 20", "none of 20"),
    ],
)
def test_a_setting_shows_channels_and_roles_by_their_names(
    kind: str, value: str, shown: str
) -> None:
    detail = {"setting": "the channels for videos", "kind": kind, "value": value}
    act = replace(ACT, action=AuditAction.SETTING_CHANGED, detail=detail)
    line = entry_line(replace(ENTRY, act=act))
    assert line.endswith(f"<@9> changed the channels for videos: {shown}.")


def test_words_in_a_detail_format_nothing_and_ping_nobody() -> None:
    act = replace(ACT, detail={"limit": 3, "window": "**{actor}**\n@everyone <@5> `x`"})
    assert entry_line(replace(ENTRY, act=act)).endswith(
        "to 3 per \\*\\*{actor}\\*\\* @\u200beveryone \\<@5\\> \\`x\\`."
    )
