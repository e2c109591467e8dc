from __future__ import annotations

import pytest

from bot.ledger_table import OF_ALL, OF_SERVER, line
from storage.ledger_rows import COLUMNS, LedgerRow

ROW: LedgerRow = {
    "entry_id": 7,
    "at_ms": 1_768_392_000_123,
    "kind": "release",
    "guild_id": 1,
    "user_id": 10,
    "job_id": 12,
    "grant_id": None,
    "videos": -1,
    "micros": -200_000,
    "currency": "USD",
    "counts_at_ms": 1_768_392_000_000,
    "account": "main",
    "for_operator": 1,
    "by_user_id": None,
}


def test_a_row_is_ids_numbers_and_times_in_the_order_of_the_headings() -> None:
    assert set(ROW) == set(COLUMNS) == set(OF_ALL.values())
    assert line(ROW, OF_SERVER) == [
        "7",
        "2026-01-14T12:00:00.123+00:00",
        "release",
        "10",
        "12",
        "",
        "-1",
        "-0.200000",
        "USD",
        "2026-01-14T12:00:00.000+00:00",
        "main",
        "",
    ]
    assert line(ROW, OF_ALL)[0] == "1"
    assert line(ROW, OF_ALL)[-1] == "operator"
    assert line(ROW | {"for_operator": 0}, OF_ALL)[-1] == "server"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_text_is_taken_for_a_formula(text: str) -> None:
    assert f"'{text}" in line(ROW | {"account": text}, OF_ALL)
