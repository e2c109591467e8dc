"""From what a member wants of a shot to the shot, and to the job that would be made of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.domain.request import Mode, prompt_from
from bot.domain.routing import WAITS_FOR_SHOT
from bot.domain.storyboard import ShotStartsTwiceError
from bot.domain.validation import check_pictures
from bot.services.submissions import NOT_YET_TAKEN_IN
from storage import storyboards

if TYPE_CHECKING:
    import sqlite3

    from bot.domain.capability import Capability
    from bot.domain.catalogues import Catalogues
    from bot.domain.job import NewJob
    from bot.domain.storyboard import Shot, Storyboard
    from bot.services.entrance import Asker
    from bot.services.intake import Attachment, ImageIntake
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotIntake:
    """Checks what a member wants of a shot, and takes its image in."""

    planner: ShotPlanner
    images: ImageIntake

    def planned(self, board: Storyboard, wanted: Shot, attachment: Attachment | None) -> Shot:
        """A shot as it is to be, its image not taken in yet: free.

        Args:
            board: Its storyboard.
            wanted: What it is to be. Its image is the one that it had, if that stays.
            attachment: Another image for it.

        Raises:
            ShotStartsTwiceError: From an image and from another shot.
            InvalidOptionError: Its model does not take it.
            UnusableImageError: The image is too large by its claimed size.
        """
        shot = replace(
            wanted,
            prompt=prompt_from(wanted.prompt),
            is_chained=wanted.is_chained and wanted.position > 0,
        )
        if shot.is_chained and (attachment is not None or shot.image_id is not None):
            raise ShotStartsTwiceError
        if attachment is not None:
            self.images.check_size(attachment)
            shot = replace(shot, image_id=NOT_YET_TAKEN_IN)
        self.planner.row_of(board, shot)
        return shot

    async def taken_in(
        self, board: Storyboard, planned: Shot, attachment: Attachment | None, asker: Asker
    ) -> Shot:
        """The shot that was planned, with its image, for somebody who may make videos here.

        Raises:
            MemberError: They may not, or its words or its image may not be used.
        """
        row = self.planner.row_of(board, planned)
        submissions = self.planner.submissions
        await submissions.admit(asker, model=row.model)
        await submissions.check_words(planned.prompt, asker)
        if attachment is None or row.images is None:
            return planned
        taken = await self.images.take_in(attachment, row.images)
        check_pictures({attachment.option: taken.picture}, Mode.FIRST_FRAME, row)
        return replace(planned, image_id=taken.artifact_id)


def of_member(db: sqlite3.Connection, storyboard_id: int, asker: Asker) -> Storyboard | None:
    """A storyboard of the asker's on their server; the number may be forged."""
    board = storyboards.find(db, storyboard_id)
    if board is None or board.place.guild_id != asker.place.guild_id:
        return None
    return board if board.user_id == asker.user_id else None
