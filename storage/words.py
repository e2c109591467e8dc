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
    """Add a rule; whether it was not there yet.

    Raises:
        TooManyWordRulesError: It was not, and there are as many of its kind as there may be.
    """
    of_kind = [each for each in rules_of_guild(db, guild_id) if each.kind is rule.kind]
    if rule in of_kind:
        return False
    most = RULES_MAX[rule.kind]
    if len(of_kind) >= most:
        raise TooManyWordRulesError(kind=rule.kind, limit=most)
    db.execute(
        "INSERT INTO word_rule (guild_id, kind, text, added_by, added_at_ms)"
        " VALUES (?, ?, ?, ?, ?)",
        (guild_id, rule.kind.value, rule.text, added_by, to_ms(at)),
    )
    return True


def remove(db: sqlite3.Connection, guild_id: int, rule: WordRule) -> bool:
    """Take a rule away; whether there was one."""
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
        "SELECT kind, text FROM word_rule WHERE guild_id = ? ORDER BY kind DESC, text",
        (guild_id,),
    ).fetchall()
    return [WordRule(kind=WordKind(kind), text=text) for kind, text in rows]
