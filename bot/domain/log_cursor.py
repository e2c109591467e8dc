"""How far a server's log channel has come in the audit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LogCursor:
    """One server's.

    Attributes:
        guild_id: The server.
        posted_seq: The last entry of which it is known that it was posted.
        tried_seq: The last entry of a post that may have been made; None without one.
        tried_at: When that was.
    """

    guild_id: int
    posted_seq: int
    tried_seq: int | None
    tried_at: datetime | None
