"""Where a test may kill the program: before and after each durable write and each outside call.

Each point is one call of `reached` in the code, which does nothing in a bot that people use.
``tests/e2e/test_fault_points.py`` kills the program at every one of them and starts it again.
"""

from __future__ import annotations

import os
import signal
import threading
from enum import StrEnum, auto


class FaultPoint(StrEnum):
    """A step in the life of a job, or of what belongs to it. "After" a write: it is committed."""

    # The file of the database.
    DURING_MIGRATION = auto()
    AFTER_MIGRATION = auto()
    BEFORE_COMMIT = auto()
    AFTER_COMMIT = auto()

    # From a command to a job.
    BEFORE_ANSWER = auto()
    AFTER_ANSWER = auto()
    BEFORE_IMAGE_KEPT = auto()
    AFTER_IMAGE_KEPT = auto()
    AFTER_IMAGE_RECORDED = auto()
    BEFORE_ENQUEUE = auto()
    AFTER_ENQUEUE = auto()

    # Submit.
    BEFORE_CLAIM = auto()
    AFTER_CLAIM = auto()
    BEFORE_CREATE = auto()
    AFTER_CREATE = auto()
    AFTER_TASK_RECORDED = auto()
    BEFORE_REQUEUE = auto()
    AFTER_REQUEUE = auto()
    BEFORE_KEEPING_PLACE = auto()
    AFTER_KEEPING_PLACE = auto()
    BEFORE_FINISH = auto()
    AFTER_FINISH = auto()

    # Follow.
    BEFORE_POLL = auto()
    AFTER_POLL = auto()
    AFTER_LATE_RECORDED = auto()
    AFTER_REFUSED_POLL_RECORDED = auto()
    BEFORE_RENDERED_RECORDED = auto()
    AFTER_RENDERED_RECORDED = auto()
    DURING_DOWNLOAD = auto()
    AFTER_DOWNLOAD = auto()
    BEFORE_CLIP_KEPT = auto()
    AFTER_CLIP_KEPT = auto()
    AFTER_FETCHED = auto()

    # Fit.
    BEFORE_FIT_INTENT = auto()
    AFTER_FIT_INTENT = auto()
    AFTER_FIT_MADE = auto()
    AFTER_FIT_KEPT = auto()
    AFTER_FIT_RECORDED = auto()
    AFTER_FIT_FAILURE_RECORDED = auto()
    AFTER_SIZE_REFUSED = auto()
    AFTER_SIZE_REFUSAL_RECORDED = auto()

    # Storyboards.
    AFTER_STORYBOARD_START = auto()
    AFTER_FRAME_KEPT = auto()
    AFTER_SHOT_QUEUED = auto()
    AFTER_JOIN_INTENT = auto()
    AFTER_FILM_KEPT = auto()
    AFTER_FILM_RECORDED = auto()
    AFTER_STORYBOARD_POST = auto()

    # Deliver and settle.
    BEFORE_THREAD = auto()
    AFTER_THREAD = auto()
    BEFORE_POST_INTENT = auto()
    AFTER_POST_INTENT = auto()
    BEFORE_POST = auto()
    AFTER_POST = auto()
    BEFORE_DELIVERED = auto()
    AFTER_DELIVERED = auto()
    BEFORE_WITHHELD = auto()
    AFTER_WITHHELD = auto()
    BEFORE_PARKED = auto()
    AFTER_PARKED = auto()
    AFTER_CLIP_CLAIMED = auto()

    # What people read, and what they cause.
    BEFORE_STATUS_EDIT = auto()
    AFTER_STATUS_EDIT = auto()
    AFTER_SHOWN_RECORDED = auto()
    BEFORE_STATUS_POST = auto()
    AFTER_STATUS_POST = auto()
    AFTER_STATUS_RECORDED = auto()
    BEFORE_QUESTION_POST = auto()
    AFTER_QUESTION_POST = auto()
    AFTER_QUESTION_RECORDED = auto()
    BEFORE_QUESTION_DELETED = auto()
    AFTER_QUESTION_DELETED = auto()
    AFTER_QUESTION_FORGOTTEN = auto()
    BEFORE_CANCEL = auto()
    AFTER_CANCEL = auto()
    BEFORE_WITHDRAWAL = auto()
    AFTER_WITHDRAWAL = auto()
    BEFORE_TAKEDOWN = auto()
    AFTER_TAKEDOWN = auto()
    BEFORE_POST_DELETED = auto()
    AFTER_POST_DELETED = auto()
    AFTER_FILES_REMOVED = auto()
    AFTER_TAKEDOWN_DONE = auto()
    BEFORE_NOTICE_INTENT = auto()
    AFTER_NOTICE_INTENT = auto()
    BEFORE_ONCE_POST = auto()
    AFTER_ONCE_POST = auto()
    AFTER_NOTICE_RECORDED = auto()
    AFTER_LOG_INTENT = auto()
    AFTER_LOG_RECORDED = auto()
    AFTER_BOARD_INTENT = auto()
    AFTER_BOARD_RECORDED = auto()
    AFTER_TELL_INTENT = auto()
    AFTER_TOLD = auto()
    AFTER_GALLERY_INTENT = auto()
    AFTER_GALLERY_POST = auto()
    AFTER_GALLERY_RECORDED = auto()


class _Armed:
    """The point that this process dies at, and how often it is to be passed before that."""

    point: FaultPoint | None = None
    passes_left = 0
    counting = threading.Lock()  # a point may be on the database's thread


def fault_point_of(text: str) -> tuple[FaultPoint, int]:
    """Read ``after_create``, or ``after_create:3`` for the third time that it is reached.

    Raises:
        ValueError: There is no such point, or no such time.
    """
    name, _, times = text.partition(":")
    if times and not (times.isdecimal() and int(times)):
        raise ValueError(f"{times} is no count from 1")
    return FaultPoint(name), int(times or 1)


def arm(text: str) -> None:
    """Have this process die at a point.

    Raises:
        ValueError: See `fault_point_of`.
    """
    _Armed.point, times = fault_point_of(text)
    _Armed.passes_left = times - 1


def reached(point: FaultPoint) -> None:
    """Die here if that was asked for: at once, as by a power cut, with nothing cleaned up."""
    if _Armed.point is not point:
        return
    with _Armed.counting:
        _Armed.passes_left -= 1
        if _Armed.passes_left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
            signal.pause()  # the signal may come a moment later, and nothing may happen until then
