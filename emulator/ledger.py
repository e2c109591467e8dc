"""What a real provider would have charged: one entry per accepted create."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from emulator.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Iterator

_ENTRY_LIMIT = (
    200_000  # about 100 MB; a ledger that forgot entries would lie, so it refuses further creates
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One charge.

    Attributes:
        seq: Counts from 1.
        task_id: The task that was paid for.
        request_id: The caller's, or the one made up for it.
        gateway: Who was asked.
        model: Name as in the table of models.
        api_key_digest: Start of the SHA-256 of the key.
        request_digest: Equal for requests that give the same clip.
        price: Decimal string.
        currency: ISO 4217, or PTC.
        at: Seconds since the epoch on the emulator's clock.
    """

    seq: int
    task_id: str
    request_id: str
    gateway: str
    model: str
    api_key_digest: str
    request_digest: str
    price: str
    currency: str
    at: float


class Ledger:
    """Entries in the order of acceptance; only ever grows."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(tuple(self._entries))

    def require_room(self) -> None:
        """Refuse before a create is accepted that could not be written down.

        Raises:
            ApiError: 1304, the daily limit, when the ledger is full.
        """
        if len(self._entries) >= _ENTRY_LIMIT:
            raise ApiError("1304")

    def add(self, entry: Entry) -> None:
        """Write one charge."""
        self._entries.append(entry)

    def to_list(self, *, after: int = 0) -> list[dict[str, Any]]:
        """Entries with ``seq`` greater than ``after``, JSON-ready."""
        return [asdict(entry) for entry in self._entries[max(0, after) :]]
