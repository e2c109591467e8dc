"""The ledger as a table that a spreadsheet opens: ids, numbers and times, nothing anybody typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.clock import from_ms
from bot.domain.money import MICROS

if TYPE_CHECKING:
    from storage.ledger_rows import LedgerRow

# What stands over each column.
OF_SERVER = {
    "entry": "entry_id",
    "at": "at_ms",
    "kind": "kind",
    "member_id": "user_id",
    "video": "job_id",
    "grant": "grant_id",
    "videos": "videos",
    "amount": "micros",
    "currency": "currency",
    "counts_at": "counts_at_ms",
    "account": "account",
    "moderator_id": "by_user_id",
}
OF_ALL = {"server_id": "guild_id"} | OF_SERVER | {"paid_by": "for_operator"}
# A spreadsheet would take a text that begins so for a formula.
_FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r")


def line(row: LedgerRow, columns: dict[str, str]) -> list[str]:
    """A row's cells: an instant in ISO 8601, UTC, and an amount in its unit, with six decimals."""
    return [_cell(column, row[column]) for column in columns.values()]


def _cell(column: str, value: int | str | None) -> str:
    match column, value:
        case _, None:
            return ""
        case (("at_ms" | "counts_at_ms"), int()):
            return from_ms(value).isoformat(timespec="milliseconds")
        case "micros", int():
            whole, part = divmod(abs(value), MICROS)
            return f"{'-' if value < 0 else ''}{whole}.{part:06d}"
        case "for_operator", _:
            return "operator" if value else "server"
        case _, str() if value.startswith(_FORMULA_BEGINS):
            return f"'{value}"
        case _:
            return str(value)
