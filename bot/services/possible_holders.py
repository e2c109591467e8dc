"""Who may have something that few have: all others are answered without a look for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable

    from storage.database import Database

Key = TypeVar("Key")


class PossibleHolders(Generic[Key]):
    """Everybody who has it is among them; so may be some who had it since the start.

    So who is not has nothing, and whoever is has what the database says. One process writes to
    the database, and the owner of this is the only one there who gives it to anybody: see
    ``tests/services/test_possible_holders.py``. Whoever takes it away need not know of this.
    """

    def __init__(
        self, database: Database, holders: Callable[[sqlite3.Connection], Iterable[Key]]
    ) -> None:
        """Look nothing up yet.

        Args:
            database: Asked once, when it is first of interest.
            holders: Who has it.
        """
        self._database = database
        self._holders = holders
        self._keys = set[Key]()
        self._is_loaded = False

    def add(self, key: Key) -> None:
        """Somebody is about to have it. Before that is written, so that no look comes between."""
        self._keys.add(key)

    async def may_include(self, key: Key) -> bool:
        """Whether somebody may have it: only then is it worth a look.

        Raises:
            StorageError: The database could not be asked, and it is not known yet who has it.
        """
        if not self._is_loaded:
            # Added to those that came to have it meanwhile.
            self._keys.update(await self._database.read(self._holders))
            self._is_loaded = True
        return key in self._keys
