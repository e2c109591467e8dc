"""The ledger of a server as a file that a spreadsheet opens."""

from __future__ import annotations

import asyncio
import csv
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from bot.ledger_table import OF_SERVER, line
from storage import ledger_rows

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable, Sequence
    from datetime import datetime

    from storage.database import Database

ROWS_AT_ONCE = 100  # what other reads wait for, and what is in memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A file of rows, and what it is.

    Attributes:
        path: Where it is, for now.
        rows: How many it has, without its head.
        size_bytes: Its length.
    """

    path: Path
    rows: int
    size_bytes: int


@asynccontextmanager
async def exported(database: Database, guild_id: int, *, since: datetime) -> AsyncGenerator[Export]:
    """A server's rows of the ledger since an instant, as CSV.

    The file is gone when this is left.

    Raises:
        StorageError: The ledger cannot be read.
    """
    wanted = ledger_rows.Extract(guild_id=guild_id, since=since)
    folder = await asyncio.to_thread(TemporaryDirectory)
    try:
        path = Path(folder.name) / "ledger.csv"
        await asyncio.to_thread(_append, path, [list(OF_SERVER)])
        last = await database.read(ledger_rows.last_entry_id)
        after = rows = 0
        while True:
            read = partial(
                ledger_rows.page, wanted=wanted, after=after, last=last, limit=ROWS_AT_ONCE
            )
            found = await database.read(read)
            if not found:
                break
            # Made into text on the thread as well: it takes longer than the writing.
            await asyncio.to_thread(_append, path, (line(row, OF_SERVER) for row in found))
            after = int(found[-1]["entry_id"] or 0)
            rows += len(found)
        size = (await asyncio.to_thread(path.stat)).st_size
        yield Export(path=path, rows=rows, size_bytes=size)
    finally:
        await asyncio.to_thread(folder.cleanup)


def _append(path: Path, lines: Iterable[Sequence[str]]) -> None:
    with path.open("a", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(lines)
