from __future__ import annotations

from typing import TYPE_CHECKING

from bot.services.possible_holders import PossibleHolders
from storage.database import Database

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path


async def test_everybody_who_has_it_is_among_them_and_the_database_is_asked_once(
    tmp_path: Path,
) -> None:
    asked: list[int] = []

    def holders(db: sqlite3.Connection) -> list[int]:
        asked.append(db.execute("SELECT count(*) FROM job").fetchone()[0])
        return [3]

    async with await Database.open(tmp_path / "cogreel.sqlite3") as database:
        possible = PossibleHolders(database, holders)
        possible.add(5)  # before it was first asked
        assert [key for key in range(9) if await possible.may_include(key)] == [3, 5]
        possible.add(7)
        assert [key for key in range(9) if await possible.may_include(key)] == [3, 5, 7]
    assert asked == [0]
