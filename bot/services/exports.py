"""The ledger as a file that a spreadsheet opens."""

from __future__ import annotations

import asyncio
import csv
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from bot.clock import from_ms
from storage import ledger

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable
    from datetime import datetime

    from storage.database import Database

ROWS_AT_ONCE = 1000  # what other reads wait for, and what is in memory
_HEAD = (
    "entry",
    "at",
    "kind",
    "member_id",
    "video",
    "grant",
    "videos",
    "amount",
    "currency",
    "counts_at",
    "account",
    "moderator_id",
)


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

    The file is gone when this is left. It holds ids, numbers and times, and nothing anybody typed.

    Raises:
        StorageError: The ledger cannot be read.
    """
    folder = await asyncio.to_thread(TemporaryDirectory)
    try:
        path = Path(folder.name) / "ledger.csv"
        await asyncio.to_thread(_append, path, [_HEAD])
        last = rows = 0
        while True:
            read = partial(
                ledger.entries_after,
                guild_id=guild_id,
                entry_id=last,
                since=since,
                limit=ROWS_AT_ONCE,
            )
            found = await database.read(read)
            if not found:
                break
            await asyncio.to_thread(_append, path, map(_line, found))
            last = int(found[-1][0] or 0)
            rows += len(found)
        size = (await asyncio.to_thread(path.stat)).st_size
        yield Export(path=path, rows=rows, size_bytes=size)
    finally:
        await asyncio.to_thread(folder.cleanup)


def _append(path: Path, lines: Iterable[tuple[int | str | None, ...]]) -> None:
    with path.open("a", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(lines)


def _line(row: tuple[int | str | None, ...]) -> tuple[int | str | None, ...]:
    fields = dict(zip(ledger.COLUMNS, row, strict=True))
    for name in ("at_ms", "counts_at_ms"):
        fields[name] = from_ms(int(fields[name] or 0)).isoformat(timespec="milliseconds")
    micros = int(fields["micros"] or 0)
    sign = "-" if micros < 0 else ""
    whole, part = divmod(abs(micros), 1_000_000)
    fields["micros"] = f"{sign}{whole}.{part:06d}"
    return tuple(fields.values())
