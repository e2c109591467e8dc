from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.domain.words import RULES_MAX, TooManyWordRulesError, WordKind, WordRule
from storage import words

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

SERVER, MODERATOR = 1, 9


def rule(text: str, kind: WordKind = WordKind.WORD) -> WordRule:
    return WordRule(kind=kind, text=text)


def test_rules_come_by_kind_and_alphabet_and_are_of_one_server(
    db: sqlite3.Connection, at: datetime
) -> None:
    rules = [rule("bad"), rule("worse"), rule("a+b", WordKind.PATTERN)]
    for each in reversed(rules):
        assert words.add(db, SERVER, each, added_by=MODERATOR, at=at)
    assert words.add(db, 2, rule("theirs"), added_by=MODERATOR, at=at)
    assert words.rules_of_guild(db, SERVER) == rules


def test_a_rule_is_there_once_and_taken_away_once(db: sqlite3.Connection, at: datetime) -> None:
    added = [words.add(db, SERVER, rule("bad"), added_by=MODERATOR, at=at) for _ in range(2)]
    assert added == [True, False]
    # The same text as a pattern is another rule.
    assert words.add(db, SERVER, rule("bad", WordKind.PATTERN), added_by=MODERATOR, at=at)
    assert [words.remove(db, SERVER, rule("bad")) for _ in range(2)] == [True, False]
    assert words.rules_of_guild(db, SERVER) == [rule("bad", WordKind.PATTERN)]
    assert not words.remove(db, 2, rule("bad", WordKind.PATTERN))


@pytest.mark.parametrize("kind", WordKind)
def test_a_server_has_only_so_many_rules_of_a_kind(
    db: sqlite3.Connection, at: datetime, kind: WordKind
) -> None:
    for number in range(RULES_MAX[kind]):
        assert words.add(db, SERVER, rule(f"w{number}", kind), added_by=MODERATOR, at=at)
    with pytest.raises(TooManyWordRulesError):
        words.add(db, SERVER, rule("more", kind), added_by=MODERATOR, at=at)
    # What is there already is no more, and another server and the other kind have room.
    assert not words.add(db, SERVER, rule("w0", kind), added_by=MODERATOR, at=at)
    assert words.add(db, 2, rule("more", kind), added_by=MODERATOR, at=at)
    (other,) = set(WordKind) - {kind}
    assert words.add(db, SERVER, rule("more", other), added_by=MODERATOR, at=at)
    assert words.remove(db, SERVER, rule("w0", kind))
    assert words.add(db, SERVER, rule("more", kind), added_by=MODERATOR, at=at)


def test_a_rule_remembers_who_added_it_and_when(db: sqlite3.Connection, at: datetime) -> None:
    words.add(db, SERVER, rule("bad"), added_by=MODERATOR, at=at)
    row = db.execute("SELECT added_by, added_at_ms FROM word_rule").fetchone()
    assert row == (MODERATOR, int(at.timestamp() * 1000))


def test_a_rule_that_says_otherwise_takes_the_place_of_the_one_before(
    db: sqlite3.Connection, at: datetime
) -> None:
    restricted = WordRule(kind=WordKind.WORD, text="bad", age_restricted=True)
    for number in range(RULES_MAX[WordKind.WORD] - 1):
        words.add(db, SERVER, rule(f"w{number}"), added_by=MODERATOR, at=at)
    assert words.add(db, SERVER, rule("bad"), added_by=MODERATOR, at=at)
    assert words.add(db, SERVER, restricted, added_by=MODERATOR, at=at)
    assert not words.add(db, SERVER, restricted, added_by=MODERATOR, at=at)
    assert restricted in words.rules_of_guild(db, SERVER)
    assert rule("bad") not in words.rules_of_guild(db, SERVER)
    assert words.remove(db, SERVER, rule("bad"))
