"""From a shot to the job that would be made of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.domain.routing import WAITS_FOR_SHOT
from bot.services.submissions import NOT_YET_TAKEN_IN
from storage import storyboards

if TYPE_CHECKING:
    import sqlite3

    from bot.domain.capability import Capability
    from bot.domain.catalogues import Catalogues
    from bot.domain.job import NewJob
    from bot.domain.storyboard import Shot, Storyboard
    from bot.services.entrance import Asker
    from bot.services.submissions import Submissions


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotPlanner:
    """Reads memory alone: what a shot needs of a model, and what it may cost."""

    submissions: Submissions
    catalogues: Catalogues

    def row_of(self, board: Storyboard, shot: Shot) -> Capability:
        """The model's row that a shot is within the limits of.

        Raises:
            InvalidOptionError: There is none any more, or it does not take the shot.
        """
        here = self.catalogues.of(board.place.guild_id)
        return here.check(board.request_of(shot, first_frame=NOT_YET_TAKEN_IN))

    def new_job(self, board: Storyboard, shot: Shot, asker: Asker) -> NewJob:
        """What is put into the queue for a shot. A chained one waits for its first frame.

        Args:
            board: Its storyboard.
            shot: One of its shots.
            asker: The member, and where the job will live.

        Raises:
            InvalidOptionError: See `row_of`.
        """
        planned = board.request_of(shot, first_frame=NOT_YET_TAKEN_IN)
        new = self.submissions.entrance.new_job(planned, self.row_of(board, shot), asker)
        if shot.is_chained:
            new = replace(new, request=board.request_of(shot), route=WAITS_FOR_SHOT)
        return replace(new, storyboard_id=board.storyboard_id)


def of_member(db: sqlite3.Connection, storyboard_id: int, asker: Asker) -> Storyboard | None:
    """A storyboard of the asker's on their server; the number may be forged."""
    board = storyboards.find(db, storyboard_id)
    if board is None or board.place.guild_id != asker.place.guild_id:
        return None
    return board if board.user_id == asker.user_id else None
