from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.domain.block import Block
from storage import blocks

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

SERVER, ALICE, BOB, MODERATOR = 1, 10, 11, 9
HOUR = timedelta(hours=1)


@pytest.fixture
def block(at: datetime) -> Block:
    return Block(user_id=ALICE, blocked_by=MODERATOR, blocked_at=at, until=at + HOUR, reason="rude")


def test_a_block_is_kept_whole_and_is_of_one_server(db: sqlite3.Connection, block: Block) -> None:
    blocks.put(db, SERVER, block)
    at = block.blocked_at
    assert blocks.find(db, SERVER, ALICE, at=at) == block
    assert blocks.find(db, SERVER, BOB, at=at) is None
    assert blocks.find(db, 2, ALICE, at=at) is None


def test_a_block_is_over_at_its_instant_and_counts_for_nothing(
    db: sqlite3.Connection, block: Block
) -> None:
    blocks.put(db, SERVER, block)
    end = block.blocked_at + HOUR
    just_before = end - timedelta(milliseconds=1)
    assert blocks.find(db, SERVER, ALICE, at=just_before) == block
    assert blocks.find(db, SERVER, ALICE, at=end) is None
    assert blocks.blocks_of_guild(db, SERVER, at=end) == []
    assert not blocks.remove(db, SERVER, ALICE, at=end)


def test_a_new_block_takes_the_place_of_the_old_one(db: sqlite3.Connection, block: Block) -> None:
    blocks.put(db, SERVER, block)
    for_ever = replace(block, until=None, reason=None, blocked_by=8)
    blocks.put(db, SERVER, for_ever)
    far = block.blocked_at + timedelta(days=36_500)
    assert blocks.blocks_of_guild(db, SERVER, at=far) == [for_ever]
    assert [blocks.remove(db, SERVER, ALICE, at=far) for _ in range(2)] == [True, False]


def test_blocks_are_listed_newest_first_and_what_is_over_is_forgotten(
    db: sqlite3.Connection, block: Block
) -> None:
    blocks.put(db, SERVER, block)
    later = replace(block, user_id=BOB, blocked_at=block.blocked_at + HOUR / 2, until=None)
    blocks.put(db, SERVER, later)
    assert blocks.blocks_of_guild(db, SERVER, at=later.blocked_at) == [later, block]
    last = replace(later, user_id=12, blocked_at=block.blocked_at + HOUR)
    blocks.put(db, SERVER, last)
    kept = db.execute("SELECT user_id FROM member_block ORDER BY user_id").fetchall()
    assert kept == [(BOB,), (12,)]
