"""Members collect results; what enough of them collect is wanted in the server's gallery."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.further_post import check_is_there
from storage import favourites, further_posts
from storage.job_rows import require_job

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from bot.clock import Clock
    from bot.services.policies import Policies
    from storage.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Favourites:
    """Whether a member may know of a job is the caller's to see to, and that it is no bot.

    Attributes:
        gallery_wanted: Told where a result has become wanted in a gallery.
    """

    database: Database
    clock: Clock
    policies: Policies
    gallery_wanted: Callable[[], None]

    async def add(self, job_id: int, user_id: int) -> bool:
        """Collect a job's result; whether that is news.

        Raises:
            NotDoneError: There is none.
            NothingLeftError: It was taken down, or deleted by its member.
        """
        at = self.clock.now()

        def write(db: sqlite3.Connection) -> tuple[bool, bool]:
            job = require_job(db, job_id)
            check_is_there(job)
            is_news = favourites.add(db, job, user_id, at=at)
            policy = self.policies.of(job.place.guild_id)
            if policy.gallery_channel_id is None:
                return is_news, False
            if favourites.stars(db, job) < policy.gallery_stars:
                return is_news, False
            return is_news, further_posts.want_in_gallery(db, job, at=at)

        is_news, is_wanted = await self.database.write(write)
        if is_wanted:
            self.gallery_wanted()
        return is_news

    async def remove(self, job_id: int, user_id: int) -> bool:
        """Collect it no more; whether they did. What is in a gallery stays there."""

        def write(db: sqlite3.Connection) -> bool:
            job = require_job(db, job_id)
            if not favourites.remove(db, job, user_id):
                return False
            if favourites.stars(db, job) < self.policies.of(job.place.guild_id).gallery_stars:
                further_posts.want_no_more_in_gallery(db, job_id)
            return True

        return await self.database.write(write)

    async def toggle(self, job_id: int, user_id: int) -> bool:
        """Collect it, or do so no more; whether it is collected now. Raises as `add` does."""
        if await self.add(job_id, user_id):
            return True
        await self.remove(job_id, user_id)
        return False
