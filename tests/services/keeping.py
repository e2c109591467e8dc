"""What deletes in a process that is kept no longer."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bot.engine.retention import Retention

if TYPE_CHECKING:
    from tests.services.world import Process

KEEP_DAYS = 100


def retention(process: Process, *, min_free_bytes: int = 0) -> Retention:
    world = process.world
    return Retention(
        database=process.database,
        clock=world.clock,
        files_dir=world.files_dir,
        keep_days=KEEP_DAYS,
        min_free_bytes=min_free_bytes,
        remove_own_key=partial(process.own_keys.remove, by=0),
    )
