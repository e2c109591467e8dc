"""``python -m bot export``: what the operator takes out of the database, for all servers."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from bot.domain.errors import StartupError, StorageError
from bot.ledger_table import OF_ALL, line
from storage import ledger_rows
from storage.proof import opened_to_look

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path
    from typing import TextIO

ROWS_AT_ONCE = 1000  # what is in memory


def extract(
    *, first_day: date | None, last_day: date | None, guild_id: int | None
) -> ledger_rows.Extract:
    """The rows of whole days, both included, by the calendar of UTC.

    Raises:
        StartupError: The last day is before the first.
    """
    if first_day is not None and last_day is not None and last_day < first_day:
        raise StartupError(f"There are no days from {first_day} to {last_day}.")
    return ledger_rows.Extract(
        guild_id=guild_id,
        since=None if first_day is None else _midnight(first_day),
        until=None if last_day is None else _midnight(last_day) + timedelta(days=1),
    )


def export_ledger(path: Path, wanted: ledger_rows.Extract, out: TextIO) -> None:
    """Write rows of the ledger as CSV, also while the bot runs; what it adds meanwhile is left out.

    Args:
        path: The database.
        wanted: Which rows.
        out: Where to.

    Raises:
        StartupError: There is no database, or it cannot be read.
    """
    table = csv.writer(out, lineterminator="\n")
    try:
        with opened_to_look(path) as db:
            last = ledger_rows.last_entry_id(db)
            table.writerow(OF_ALL)
            after = 0
            while found := ledger_rows.page(db, wanted, after=after, last=last, limit=ROWS_AT_ONCE):
                table.writerows(line(row, OF_ALL) for row in found)
                after = int(found[-1]["entry_id"] or 0)
    except StorageError as exc:
        raise StartupError(f"{path} cannot be exported: {exc}.") from exc


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)
