"""One gateway session: it outlives its connection, so that a client can resume."""

import asyncio
import secrets
from collections import deque
from dataclasses import dataclass, field
from itertools import islice

from playground.gateway.frames import dump
from playground.gateway.intents import Intent
from playground.world.model import Json

REPLAY_LIMIT = 5_000  # events kept for a resume
OUTBOX_LIMIT = 10_000  # frames waiting for a slow client before it is cut off
DISPATCH = 0


@dataclass(slots=True)
class Outbox:
    """Frames on their way to one connection. A close code ends the connection."""

    frames: "asyncio.Queue[bytes | int]" = field(
        default_factory=lambda: asyncio.Queue(OUTBOX_LIMIT + 1)
    )
    closing: bool = False

    def put(self, frame: bytes) -> None:
        """Queue a frame; a client too slow for ``OUTBOX_LIMIT`` of them is cut off."""
        if self.closing:
            return
        if self.frames.qsize() >= OUTBOX_LIMIT:
            self.close(4000)
        else:
            self.frames.put_nowait(frame)

    def close(self, code: int) -> None:
        """Close the connection after what is queued already."""
        if not self.closing:
            self.closing = True
            self.frames.put_nowait(code)


class Session:
    """Numbers events, keeps the last for a resume, and hands them to its connection, if any."""

    def __init__(self, intents: Intent, shard: tuple[int, int]) -> None:
        self.id = secrets.token_hex(16)
        self.intents = intents
        self.shard = shard
        self.outbox: Outbox | None = None
        self.detached_at_s: float | None = None
        self._sequence = 0
        self._replay: deque[bytes] = deque(maxlen=REPLAY_LIMIT)

    def covers(self, guild_id: str | None) -> bool:
        """Whether a server's events belong to this session's shard; DMs belong to the first."""
        shard, count = self.shard
        return (int(guild_id) >> 22) % count == shard if guild_id else shard == 0

    def dispatch(self, name: str, payload: Json) -> None:
        """Send an event, now or at the next resume."""
        self._sequence += 1
        frame = dump({"op": DISPATCH, "t": name, "s": self._sequence, "d": payload})
        self._replay.append(frame)
        if self.outbox is not None:
            self.outbox.put(frame)

    def missed_since(self, sequence: int) -> list[bytes] | None:
        """Give the events after a sequence number; None if they are no longer, or not yet, here."""
        missed = self._sequence - sequence
        if not 0 <= missed <= len(self._replay):
            return None
        return list(islice(self._replay, len(self._replay) - missed, None))
