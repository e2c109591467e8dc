"""Notices for the operator: added from outside, counted there, and read in their channel."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, TypeVar

from bot.clock import SystemClock
from storage.notices import add_notice

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playground.server import Playground

T = TypeVar("T")

POST = "POST /channels/{channel_id}/messages"
UNSENT = "SELECT count(*) FROM notice WHERE sent_at_ms IS NULL"
NO_SUCH_CHANNEL = 1_234
REFUSED = "The gateway refuses the key. Put a new one into COGREEL_API_KEY and restart the bot."
MENDED = "The gateway takes the key again."


async def add(state_dir: Path, *texts: str) -> None:
    """Write notices as the bot does, from outside; the text is the occasion too."""

    def added(db: sqlite3.Connection) -> None:
        for text in texts:
            assert add_notice(db, key=text, text=text, at=SystemClock().now())

    await from_outside(state_dir, added)


async def lose_the_record(state_dir: Path) -> None:
    """As if the bot had been killed after the post and before it was written down."""
    statement = "UPDATE notice SET sent_at_ms = NULL, message_id = NULL"
    await from_outside(state_dir, lambda db: db.execute(statement))


async def unsent_count(state_dir: Path) -> int:
    return await from_outside(state_dir, lambda db: int(db.execute(UNSENT).fetchone()[0]))


async def from_outside(state_dir: Path, function: Callable[[sqlite3.Connection], T]) -> T:
    def run() -> T:
        with closing(sqlite3.connect(state_dir / "cogreel.sqlite3")) as db, db:
            return function(db)

    return await asyncio.to_thread(run)


def told(playground: Playground, channel: str) -> list[str]:
    """What stands in the channel, oldest first, without the line that numbers it."""
    messages = playground.world.channels[channel].messages.values()
    return [message.content.rpartition("\n")[0] for message in messages]
