"""What the bot sent and received, for people to read: bounded, and without tokens."""

from collections import deque
from dataclasses import dataclass

from playground.clock import Clock, iso
from playground.form import is_list, is_object
from playground.world.model import Json

KEPT = 2_000  # entries; the oldest go first
_SECRET = {"token"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One request, event or frame."""

    seq: int
    at_ms: int
    direction: str
    kind: str
    summary: str
    status: int | None
    body: object


class Log:
    """A ring of entries; ``seq`` grows by one and survives ``clear``."""

    def __init__(self, clock: Clock, *, kept: int | None = None) -> None:
        self._clock = clock
        self._entries: deque[Entry] = deque(maxlen=KEPT if kept is None else kept)
        self._seq = 0

    def rest(self, summary: str, status: int, body: object) -> None:
        """Note a request of the bot with its answer."""
        self._add("bot", "REST", summary, status, body)

    def sent(self, name: str, payload: Json) -> None:
        """Note an event sent to the bot."""
        self._add("discord", "gateway", name, None, payload)

    def received(self, op: int, data: object) -> None:
        """Note a frame of the bot; heartbeats are left out."""
        if op != 1:
            self._add("bot", "gateway", f"op {op}", None, data)

    def after(self, seq: int) -> list[Json]:
        """Give the entries after a number, oldest first."""
        return [
            {
                "seq": entry.seq,
                "at": iso(entry.at_ms),
                "direction": entry.direction,
                "kind": entry.kind,
                "summary": entry.summary,
                "status": entry.status,
                "body": _without_tokens(entry.body),
            }
            for entry in self._entries
            if entry.seq > seq
        ]

    def clear(self) -> None:
        """Forget all entries."""
        self._entries.clear()

    def _add(  # the fields of an entry
        self, direction: str, kind: str, summary: str, status: int | None, body: object
    ) -> None:
        self._seq += 1
        at_ms = int(self._clock.now_s() * 1000)
        self._entries.append(Entry(self._seq, at_ms, direction, kind, summary, status, body))


def _without_tokens(value: object) -> object:
    if is_object(value):
        return {
            key: "(hidden)" if key in _SECRET else _without_tokens(each)
            for key, each in value.items()
        }
    if is_list(value):
        return [_without_tokens(each) for each in value]
    return value
