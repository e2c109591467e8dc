"""What moderators do not allow in prompts, per server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.clock import to_ms
from bot.domain.words import RULES_MAX, TooManyWordRulesError, WordKind, WordRule

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime


def add(
    db: sqlite3.Connection, guild_id: int, rule: WordRule, *, added_by: int, at: datetime
) -> bool:
    """Add a rule, in place of one of the same text that says otherwise; whether that was new.

    Raises:
        TooManyWordRulesError: There are as many of its kind as there may be.
    """
    of_kind = {each.text: each for each in rules_of_guild(db, guild_id) if each.kind is rule.kind}
    if of_kind.get(rule.text) == rule:
        return False
    most = RULES_MAX[rule.kind]
    if rule.text not in of_kind and len(of_kind) >= most:
        raise TooManyWordRulesError(kind=rule.kind, limit=most)
    db.execute(
        "INSERT INTO word_rule (guild_id, kind, text, age_restricted, added_by, added_at_ms)"
        " VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (guild_id, kind, text) DO UPDATE SET"
        " age_restricted = excluded.age_restricted, added_by = excluded.added_by,"
        " added_at_ms = excluded.added_at_ms",
        (guild_id, rule.kind.value, rule.text, int(rule.age_restricted), added_by, to_ms(at)),
    )
    return True


def remove(db: sqlite3.Connection, guild_id: int, rule: WordRule) -> bool:
    """Take the rule of this kind and text away; whether there was one."""
    return (
        db.execute(
            "DELETE FROM word_rule WHERE guild_id = ? AND kind = ? AND text = ?",
            (guild_id, rule.kind.value, rule.text),
        ).rowcount
        == 1
    )


def rules_of_guild(db: sqlite3.Connection, guild_id: int) -> list[WordRule]:
    """A server's rules: words, then patterns, each in the order of the alphabet."""
    rows = db.execute(
        "SELECT kind, text, age_restricted FROM word_rule WHERE guild_id = ?"
        " ORDER BY kind DESC, text",
        (guild_id,),
    ).fetchall()
    return [
        WordRule(kind=WordKind(kind), text=text, age_restricted=bool(age_restricted))
        for kind, text, age_restricted in rows
    ]
