"""A member's draft of a storyboard: its shots, their price, and how long they take."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from bot.domain.errors import MemberError
from bot.domain.prompt_notes import notes_on
from bot.domain.render_times import expected_time
from bot.domain.request import Mode
from bot.domain.storyboard import (
    SHOTS_MAX,
    NoSuchShotError,
    Shot,
    Storyboard,
    StoryboardGoneError,
    TooManyShotsError,
    total_of,
)
from bot.services.shots import of_member
from storage import storyboards
from storage.render_times import load_times

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from bot.clock import Clock
    from bot.domain.money import Money, Rates
    from bot.domain.render_times import ExpectedTime
    from bot.domain.request import VideoRequest
    from bot.services.entrance import Asker
    from bot.services.intake import Attachment
    from bot.services.options import Options
    from bot.services.shots import ShotIntake
    from storage.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A draft, and what would come of it.

    Attributes:
        board: The draft.
        price: The most that its shots may cost in all; None where nobody knows.
        expected: How long one shot usually renders; None without any.
        problem: Why it cannot be made as it is; None where nothing is in the way.
        notes: What its member should know of a shot's prompt before the model gets it, with the
            shot's number; see ``bot/domain/prompt_notes.py``.
    """

    board: Storyboard
    price: Money | None = None
    expected: ExpectedTime | None = None
    problem: str | None = None
    notes: tuple[tuple[int, str], ...] = ()


class Drafts:
    """One draft per member and server. It is written down with every change."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        shots: ShotIntake,
        rates: Rates,
        poll_pace: float,
    ) -> None:
        self._database = database
        self._clock = clock
        self._shots = shots
        self._planner = shots.planner
        self._submissions = shots.planner.submissions
        self._rates = rates
        self._poll_pace = poll_pace

    def check_common(self, options: Options, *, guild_id: int) -> VideoRequest:
        """What all shots will have in common; free, and before any answer.

        Raises:
            InvalidOptionError: An option is outside what the model accepts.
        """
        row = self._planner.catalogues.of(guild_id).choose(options.model, Mode.TEXT)
        checked = self._submissions.check(
            replace(options, model=row.model, prompt="-"), (), guild_id=guild_id
        )
        return replace(checked, prompt="")

    async def open(
        self, asker: Asker, common: VideoRequest, *, cross_fades: bool | None, is_chosen: bool
    ) -> Preview:
        """The member's draft: the one that there is, or a new one.

        Args:
            asker: The member, where the storyboard will live, and how they are told of its film,
                where they said so.
            common: What was chosen for all shots.
            cross_fades: Whether the film fades from shot to shot; None leaves it.
            is_chosen: Whether anything was chosen; else a draft keeps what it has.

        Raises:
            GateClosedError: The server asks for something that they, or the channel, have not.
            BlockedMemberError: Moderators have blocked them.
        """
        await self._submissions.admit(asker, model=common.model)
        at, guild_id = self._clock.now(), asker.place.guild_id

        def write(db: sqlite3.Connection) -> Storyboard:
            board = storyboards.draft_of(db, guild_id, asker.user_id)
            if board is None:
                board = storyboards.begin_draft(db, asker.place, asker.user_id, common, at=at)
            if is_chosen:
                board = replace(board, common=common)
            if cross_fades is not None:
                board = replace(board, cross_fades=cross_fades)
            if asker.tell_by is not None:
                board = replace(board, tell_by=asker.tell_by)
            return storyboards.save_draft(db, replace(board, place=asker.place), at=at)

        return await self._previewed(await self._database.write(write), asker)

    async def draft(self, storyboard_id: int, asker: Asker) -> Preview:
        """A draft of the member's.

        Raises:
            StoryboardGoneError: There is none of this number.
        """
        read = partial(draft_of_member, storyboard_id=storyboard_id, asker=asker)
        return await self._previewed(await self._database.read(read), asker)

    async def put_shot(
        self,
        storyboard_id: int,
        asker: Asker,
        shot: Shot,
        attachment: Attachment | None,
    ) -> Preview:
        """Add a shot at the end of a draft, or change one.

        Args:
            storyboard_id: Which draft; may be forged.
            asker: The member.
            shot: As it is to be. Its image is that of the shot before the change, if it stays.
            attachment: Another image for it.

        Raises:
            MemberError: Says what is wrong with it; nothing was changed.
        """
        board = (await self.draft(storyboard_id, asker)).board
        if shot.position > len(board.shots):
            raise NoSuchShotError
        if shot.position >= SHOTS_MAX:
            raise TooManyShotsError
        planned = self._shots.planned(board, shot, attachment)
        put = await self._shots.taken_in(board, planned, attachment, asker)

        def change(shots: list[Shot]) -> list[Shot]:
            if put.position > len(shots):
                raise NoSuchShotError
            return [*shots[: put.position], put, *shots[put.position + 1 :]]

        return await self._change(storyboard_id, asker, change)

    async def remove_shot(self, storyboard_id: int, asker: Asker, position: int) -> Preview:
        """Take a shot out of a draft.

        Raises:
            StoryboardGoneError: It is no draft of theirs.
            NoSuchShotError: It is gone already.
        """

        def change(shots: list[Shot]) -> list[Shot]:
            if position >= len(shots):
                raise NoSuchShotError
            return [*shots[:position], *shots[position + 1 :]]

        return await self._change(storyboard_id, asker, change)

    async def discard(self, storyboard_id: int, asker: Asker) -> None:
        """Delete a draft.

        Raises:
            StoryboardGoneError: It is no draft of theirs.
        """

        def write(db: sqlite3.Connection) -> None:
            storyboards.discard(db, draft_of_member(db, storyboard_id, asker).storyboard_id)

        await self._database.write(write)

    async def _change(
        self, storyboard_id: int, asker: Asker, change: Callable[[list[Shot]], list[Shot]]
    ) -> Preview:
        at = self._clock.now()

        def write(db: sqlite3.Connection) -> Storyboard:
            board = draft_of_member(db, storyboard_id, asker)
            shots = storyboards.renumbered(change(list(board.shots)))
            return storyboards.save_draft(db, replace(board, shots=shots), at=at)

        return await self._previewed(await self._database.write(write), asker)

    async def _previewed(self, board: Storyboard, asker: Asker) -> Preview:
        try:
            new = [self._planner.new_job(board, shot, asker) for shot in board.shots]
            rows = [self._planner.row_of(board, shot) for shot in board.shots]
        except MemberError as exc:  # the model is gone, or does not take it any more
            return Preview(board=board, problem=str(exc))
        if not new:
            return Preview(board=board)
        times = await self._database.read(lambda db: load_times(db, new[0].setting))
        return Preview(
            board=board,
            price=total_of([each.cost for each in new], self._rates),
            expected=expected_time(times, pace=self._poll_pace),
            notes=tuple(
                (shot.number, note)
                for shot, row in zip(board.shots, rows, strict=True)
                for note in notes_on(shot.prompt, row)
            ),
        )


def draft_of_member(db: sqlite3.Connection, storyboard_id: int, asker: Asker) -> Storyboard:
    """A draft of the asker's; the number may be forged.

    Raises:
        StoryboardGoneError: There is none of this number.
    """
    board = of_member(db, storyboard_id, asker)
    if board is None or board.started_at is not None:
        raise StoryboardGoneError
    return board
