"""What leads to each fault point: chains of points that one way through the program passes.

In a chain the program is killed at a point, and what finishes the interrupted work is killed at
the next. A chain ends with a program that is left alone.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bot.fault_points import FaultPoint as At
from tests.e2e import actors
from tests.e2e.actors import RENDER_DELAY_S, Actors

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.e2e.crash_house import CrashHouse

SMALL_BYTES = 9_000  # less than a clip
FREE_BOX = b"\x00\x00\x00\x08free"  # of an MP4: room that nothing uses


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """Points that are passed in the same way.

    Attributes:
        points: Each is a kill; with a count, the count-th passing.
        cause: Leads a connected program to the point. May be cut off by its end.
        before: Done before each start, while no program runs.
        after: Done when the last program runs, alone.
        settings: Of the program.
    """

    points: tuple[str, ...]
    cause: Callable[[Actors], Awaitable[object]]
    before: Callable[[CrashHouse], None] = lambda _: None
    after: Callable[[Actors], Awaitable[None]] | None = None
    settings: dict[str, str] = field(default_factory=dict[str, str])


def meets(on: str, do: str) -> Callable[[CrashHouse], None]:
    """Each process meets this fault of the video API once."""

    def order(house: CrashHouse) -> None:
        house.order({"on": on, "do": do, "times": 1})

    return order


def _small(house: CrashHouse) -> None:
    house.playground.knobs.attachment_limit_bytes = SMALL_BYTES


def _with_other_bytes(house: CrashHouse) -> None:
    """A file host may pack a clip anew: the same pictures under another digest."""
    knobs = house.emulator.knobs
    assert knobs.result_file is not None
    served = Path(knobs.result_file)
    repacked = house.state_dir.with_name(f"{house.state_dir.name}-{served.name}")
    repacked.write_bytes(served.read_bytes() + FREE_BOX)
    knobs.update({"result_file": str(repacked)})


def _begun_long_ago(house: CrashHouse) -> None:
    """What renders never ends, and began yesterday, as the database has it."""
    house.emulator.knobs.update({"render_delay_s": RENDER_DELAY_S})
    path = house.state_dir / "cogreel.sqlite3"
    if path.exists():
        with closing(sqlite3.connect(path)) as db, db:
            db.execute("UPDATE job SET submitted_at_ms = submitted_at_ms - 86400000")


CHAINS: dict[str, Chain] = {
    "from a file to a claim": Chain(
        points=(
            At.DURING_MIGRATION,
            At.AFTER_MIGRATION,
            At.BEFORE_ANSWER,
            At.AFTER_ANSWER,
            At.BEFORE_ENQUEUE,
            At.AFTER_ENQUEUE,
            At.BEFORE_CLAIM,
            At.AFTER_CLAIM,
            *(f"{At.BEFORE_COMMIT}:{count}" for count in (1, 5, 9)),
            *(f"{At.AFTER_COMMIT}:{count}" for count in (3, 7, 11)),
        ),
        cause=actors.ask,
    ),
    "from a create to a clip": Chain(
        points=(
            At.BEFORE_CREATE,
            At.AFTER_CREATE,
            At.AFTER_TASK_RECORDED,
            At.BEFORE_POLL,
            At.AFTER_POLL,
            At.BEFORE_RENDERED_RECORDED,
            At.AFTER_RENDERED_RECORDED,
            At.DURING_DOWNLOAD,
            At.AFTER_DOWNLOAD,
            At.BEFORE_CLIP_KEPT,
            At.AFTER_CLIP_KEPT,
            At.AFTER_FETCHED,
        ),
        cause=actors.ask,
    ),
    "from a clip to its last word": Chain(
        points=(
            At.BEFORE_THREAD,
            At.AFTER_THREAD,
            At.BEFORE_POST_INTENT,
            At.AFTER_POST_INTENT,
            At.BEFORE_POST,
            At.AFTER_POST,
            At.BEFORE_DELIVERED,
            At.AFTER_DELIVERED,
            At.BEFORE_STATUS_EDIT,
            At.AFTER_STATUS_EDIT,
            At.AFTER_SHOWN_RECORDED,
        ),
        cause=actors.ask,
    ),
    "fetched again with other bytes": Chain(
        points=(At.AFTER_CLIP_KEPT, At.AFTER_CLIP_KEPT, At.AFTER_FETCHED),
        cause=actors.ask,
        before=_with_other_bytes,
    ),
    "from an image": Chain(
        points=(At.BEFORE_IMAGE_KEPT, At.AFTER_IMAGE_KEPT, At.AFTER_IMAGE_RECORDED),
        cause=actors.ask_with_an_image,
        after=actors.made_from_an_image,
    ),
    "made to fit": Chain(
        points=(
            At.BEFORE_FIT_INTENT,
            At.AFTER_FIT_INTENT,
            At.AFTER_FIT_MADE,
            At.AFTER_FIT_KEPT,
            At.AFTER_FIT_RECORDED,
        ),
        cause=actors.ask,
    ),
    "refused for its size": Chain(
        points=(At.AFTER_SIZE_REFUSED, At.AFTER_SIZE_REFUSAL_RECORDED),
        cause=actors.ask,
        before=_small,
    ),
    "not to be made to fit": Chain(points=(At.AFTER_FIT_FAILURE_RECORDED,), cause=actors.ask),
    # One point each: what may have been sent, and is refused when it is sent again, is on hold.
    "refused": Chain(
        points=(At.BEFORE_FINISH,), cause=actors.ask, before=meets("create", "error 400 1301")
    ),
    "refused, and written down": Chain(
        points=(At.AFTER_FINISH,), cause=actors.ask, before=meets("create", "error 400 1301")
    ),
    "busy": Chain(
        points=(At.BEFORE_KEEPING_PLACE, At.AFTER_KEEPING_PLACE),
        cause=actors.ask,
        before=meets("create", "error 429 1302"),
    ),
    "no such model": Chain(
        points=(At.BEFORE_REQUEUE,), cause=actors.ask, before=meets("create", "error 400 1211")
    ),
    "no such model, and written down": Chain(
        points=(At.AFTER_REQUEUE,), cause=actors.ask, before=meets("create", "error 400 1211")
    ),
    "a key that may not ask": Chain(
        points=(At.AFTER_REFUSED_POLL_RECORDED,),
        cause=actors.ask,
        before=meets("poll", "error 401 1002"),
    ),
    "late": Chain(
        points=(At.AFTER_TASK_RECORDED, At.AFTER_LATE_RECORDED),
        cause=actors.ask,
        before=_begun_long_ago,
        settings={"poll_pace": "0.001"},  # late ones are polled slowly
    ),
    "parked": Chain(
        points=(At.BEFORE_PARKED, At.AFTER_PARKED), cause=actors.park, after=actors.claimed_at_last
    ),
    "claimed": Chain(
        points=(At.AFTER_CLIP_CLAIMED,), cause=actors.claim_clip, after=actors.claimed_at_last
    ),
    "taken down": Chain(
        points=(
            At.BEFORE_TAKEDOWN,
            At.AFTER_TAKEDOWN,
            At.BEFORE_POST_DELETED,
            At.AFTER_POST_DELETED,
            At.AFTER_FILES_REMOVED,
            At.AFTER_TAKEDOWN_DONE,
        ),
        cause=actors.take_down,
    ),
    "taken down before it is made": Chain(
        points=(At.BEFORE_WITHHELD, At.AFTER_WITHHELD), cause=actors.take_down_unfinished
    ),
    "withdrawn": Chain(points=(At.BEFORE_WITHDRAWAL, At.AFTER_WITHDRAWAL), cause=actors.withdraw),
    "a storyboard": Chain(
        points=(
            At.AFTER_STORYBOARD_START,
            At.AFTER_STORYBOARD_POST,
            At.AFTER_FRAME_KEPT,
            At.AFTER_SHOT_QUEUED,
            At.AFTER_JOIN_INTENT,
            At.AFTER_FILM_KEPT,
            At.AFTER_FILM_RECORDED,
        ),
        cause=actors.storyboard,
        after=actors.storyboards_rest,
    ),
    "cancelled": Chain(points=(At.BEFORE_CANCEL, At.AFTER_CANCEL), cause=actors.cancel),
    "another take": Chain(
        points=(At.BEFORE_STATUS_POST, At.AFTER_STATUS_POST, At.AFTER_STATUS_RECORDED),
        cause=actors.react,
    ),
    "asked whether": Chain(
        points=(
            At.BEFORE_QUESTION_POST,
            At.AFTER_QUESTION_POST,
            At.AFTER_QUESTION_RECORDED,
            At.BEFORE_QUESTION_DELETED,
            At.AFTER_QUESTION_DELETED,
            At.AFTER_QUESTION_FORGOTTEN,
        ),
        cause=actors.question,
    ),
    "the operator's channel": Chain(
        points=(
            At.BEFORE_NOTICE_INTENT,
            At.AFTER_NOTICE_INTENT,
            At.BEFORE_ONCE_POST,
            At.AFTER_ONCE_POST,
            At.AFTER_NOTICE_RECORDED,
        ),
        cause=actors.ask,
        before=meets("create", "error 401 1002"),
        after=actors.notices_are_told,
    ),
    "told": Chain(
        points=(At.AFTER_TELL_INTENT, At.AFTER_TOLD),
        cause=actors.ask_to_be_told,
        after=actors.all_are_told,
    ),
    "told that no film comes": Chain(
        points=(At.AFTER_TELL_INTENT, At.AFTER_ONCE_POST, At.AFTER_TOLD),
        cause=actors.storyboard,
        before=meets("create", "error 400 1301"),
        after=actors.told_once_of_no_film,
    ),
    "a board": Chain(
        points=(At.AFTER_BOARD_INTENT, At.AFTER_BOARD_RECORDED),
        cause=actors.show_board,
        after=actors.board_is_shown,
    ),
    "a log channel": Chain(
        points=(At.AFTER_LOG_INTENT, At.AFTER_LOG_RECORDED),
        cause=actors.log_into_general,
        after=actors.log_is_told,
    ),
    "a gallery": Chain(
        points=(At.AFTER_GALLERY_INTENT, At.AFTER_GALLERY_POST, At.AFTER_GALLERY_RECORDED),
        cause=actors.star,
        after=actors.galleries_are_whole,
    ),
}
