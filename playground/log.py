"""What the bot sent and received, for people to read: bounded, and without secrets."""

import re
from collections import deque
from dataclasses import dataclass

from playground.clock import Clock, iso
from playground.form import is_list, is_object
from playground.world.model import Json

KEPT = 2_000  # entries; the oldest go first
_SECRET = {"token"}
_FRAMES = {2: "IDENTIFY", 3: "PRESENCE_UPDATE", 6: "RESUME", 8: "REQUEST_GUILD_MEMBERS"}
_HIDDEN = "(hidden)"
_SECRET_FIELD = re.compile(r"key|token|secret|password", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Entry:
    """One request, event or frame."""

    seq: int
    at_ms: int
    direction: str
    kind: str
    summary: str
    status: int | None
    took_ms: int | None
    body: object


class Log:
    """A ring of entries; ``seq`` grows by one and survives ``clear``."""

    def __init__(self, clock: Clock, *, kept: int | None = None) -> None:
        self._clock = clock
        self._entries: deque[Entry] = deque(maxlen=KEPT if kept is None else kept)
        self._seq = 0

    def rest(self, summary: str, status: int, took_s: float, body: object) -> None:
        """Note a request of the bot with its answer, and how long that took to make."""
        self._add(("bot", "REST"), summary, body, status=status, took_ms=round(took_s * 1000))

    def sent(self, name: str, payload: Json) -> None:
        """Note an event sent to the bot."""
        self._add(("discord", "gateway"), name, payload)

    def received(self, op: int, data: object) -> None:
        """Note a frame of the bot; heartbeats are left out."""
        if op != 1:
            self._add(("bot", "gateway"), _FRAMES.get(op, f"op {op}"), data)

    def after(self, seq: int, limit: int = KEPT) -> list[Json]:
        """Give the newest ``limit`` entries after a number, oldest first."""
        found = [entry for entry in self._entries if entry.seq > seq]
        return [
            {
                "seq": entry.seq,
                "at": iso(entry.at_ms),
                "direction": entry.direction,
                "kind": entry.kind,
                "summary": entry.summary,
                "status": entry.status,
                "took_ms": entry.took_ms,
                "body": _without_secrets(entry.body),
            }
            for entry in found[-limit:]
        ]

    def clear(self) -> None:
        """Forget all entries."""
        self._entries.clear()

    def _add(
        self,
        way: tuple[str, str],
        summary: str,
        body: object,
        *,
        status: int | None = None,
        took_ms: int | None = None,
    ) -> None:
        self._seq += 1
        at_ms = int(self._clock.now_s() * 1000)
        direction, kind = way
        entry = Entry(self._seq, at_ms, direction, kind, summary, status, took_ms, body)
        self._entries.append(entry)


def _without_secrets(value: object) -> object:
    """Leave out tokens, and what is typed into a field that is named like a secret."""
    if is_object(value):
        field: object = value.get("custom_id")
        typed = isinstance(field, str) and _SECRET_FIELD.search(field) is not None
        return {
            key: _HIDDEN
            if key in _SECRET or (typed and key == "value" and each)
            else _without_secrets(each)
            for key, each in value.items()
        }
    if is_list(value):
        return [_without_secrets(each) for each in value]
    return value
