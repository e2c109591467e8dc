"""What is expected of one render, and what following it teaches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.polling import JITTER, SHORTEST_WAIT_S, wait_before_poll_s
from bot.domain.render_setting import setting_of
from bot.domain.render_times import expected_time
from bot.engine.tools import jitter
from storage.render_times import load_times, save_times

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from bot.domain.job import Job
    from bot.domain.render_setting import RenderSetting
    from bot.domain.render_times import RenderTimes
    from bot.engine.tools import Tools


@dataclass(slots=True)
class Watch:
    """One render under way. Its times are since submission, at pace 1, in seconds."""

    _tools: Tools
    _job: Job
    _setting: RenderSetting
    _times: RenderTimes
    _told_s: float  # by when members were told to expect it
    # When it was last seen to go on. None where nobody looked for longer than was planned (a
    # restart, a gateway in trouble): such a gap says little about when within it the render ended.
    _seen_s: float | None
    _is_late: bool
    _is_taken_up: bool = False  # an earlier process began to follow it, and nobody asked since

    @classmethod
    async def begin(cls, tools: Tools, job: Job) -> Watch:
        """Look up what is known of renders like this one.

        Raises:
            StorageError: The database cannot be read.
        """
        setting = setting_of(job.request, tools.catalogues.row_of(job))
        times = await tools.database.read(lambda db: load_times(db, setting))
        watch = cls(tools, job, setting, times, 0.0, None, job.late_at is not None)
        elapsed_s = watch._elapsed_s()
        watch._told_s = expected_time(times, elapsed_s=elapsed_s).latest_s
        accepted_s = (tools.clock.now() - job.state_at).total_seconds() / tools.poll_pace
        if accepted_s < SHORTEST_WAIT_S:
            watch._seen_s = elapsed_s
        else:
            watch._is_taken_up = True
        return watch

    def wait_s(self) -> float:
        """Real seconds to wait before the next poll."""
        if self._is_taken_up:
            # Soon, however long it took so far: a program that is started again more often than it
            # waits would never ask. No more follow at once than the accounts have places.
            self._is_taken_up = False
            return SHORTEST_WAIT_S * self._tools.poll_pace * (1 + JITTER * jitter())
        return wait_before_poll_s(
            self._times,
            elapsed_s=self._elapsed_s() * self._tools.poll_pace,
            jitter=jitter(),
            pace=self._tools.poll_pace,
        )

    def turned_late(self) -> bool:
        """Whether it is past its patience by now, and was not before."""
        was_late = self._is_late
        self._is_late = was_late or self._elapsed_s() > self._times.patience_s()
        return self._is_late and not was_late

    def goes_on(self) -> None:
        """The provider says that it still renders. Members are told anew where that is news."""
        self._seen_s = elapsed_s = self._elapsed_s()
        if elapsed_s > self._told_s:
            self._told_s = expected_time(self._times, elapsed_s=elapsed_s).latest_s
            self._tools.delivery.job_changed(self._job.job_id)

    def not_seen(self) -> None:
        """A poll gave no answer."""
        self._seen_s = None

    def learn(self, db: sqlite3.Connection, *, at: datetime) -> None:
        """It was seen to be done: remember how long that took, where it is known."""
        if self._seen_s is None:
            return
        # Read again: others of this setting may have ended since the watch began.
        times = load_times(db, self._setting)
        save_times(db, self._setting, times.after_render(self._seen_s, self._elapsed_s(at)))

    def _elapsed_s(self, at: datetime | None = None) -> float:
        since = self._job.submitted_at or self._job.state_at
        elapsed_s = ((at or self._tools.clock.now()) - since).total_seconds()
        return max(0.0, elapsed_s) / self._tools.poll_pace
