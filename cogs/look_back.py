"""How far back a channel is searched for a post of our own."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import discord

if TYPE_CHECKING:
    from datetime import datetime

CLOCK_SKEW = timedelta(minutes=2)  # between our clock and Discord's
LOOK_BACK_MESSAGES = 1_000  # ten requests; people may have talked on since


def look_back_to(tried_at: datetime) -> datetime | None:
    """Since when it may be there; None for the last `LOOK_BACK_MESSAGES`, however old.

    Where the instant is still to come, our clock was set back since: it says nothing of when
    Discord, by its own clock, took the post.
    """
    since = tried_at - CLOCK_SKEW
    return since if since <= discord.utils.utcnow() else None
