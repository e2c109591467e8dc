"""Who looks at jobs, and which of them they may know of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.domain.job import Job, Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """A member, on one server.

    Attributes:
        user_id: The member.
        guild_id: The server.
        is_moderator: Whether they may act on other people's jobs.
        sees: Whether they may look into the channel of a place. Called in the event loop.
    """

    user_id: int
    guild_id: int
    is_moderator: bool
    sees: Callable[[Place], bool]

    def may_know_of(self, job: Job) -> bool:
        """Whether a job exists at all, for them: their own, or one in a channel that they see."""
        return self.may_know_at(job.place, of=job.user_id)

    def may_know_at(self, place: Place, *, of: int) -> bool:
        """Likewise, of a job at a place, and of whom it is."""
        return place.guild_id == self.guild_id and (of == self.user_id or self.sees(place))
