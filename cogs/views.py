"""The rows of buttons under a job's messages.

They hold DynamicItems only, which carry nothing but the job's id. Static items would be kept for
ever by discord.py 2.7, and would take the dynamic ones down with them when their view stops.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, assert_never

import discord

from bot.domain.further_post import FurtherPostKind
from bot.domain.job import Job, JobState
from cogs.buttons import (
    AgainButton,
    CancelButton,
    EditButton,
    ExtendButton,
    TakesButton,
    TellButton,
    TellNotButton,
)
from cogs.keep_buttons import keep_row
from cogs.retake_button import retake_button

# One row, of five buttons at most. What waits is cancelled where it says that it waits.
RESULT_BUTTONS = (AgainButton, TakesButton, ExtendButton, EditButton)

if TYPE_CHECKING:
    from collections.abc import Iterable


def status_view(job: Job) -> discord.ui.View | None:
    """Under a status message: what can still be done about the job."""
    if job.taken_down_at is not None:
        return None
    match job.state:
        case JobState.QUEUED:
            return _view(EditButton(job.job_id), CancelButton(job.job_id), _tell(job))
        case JobState.SUBMITTING | JobState.RENDERING | JobState.FETCHED:
            return _view(_tell(job))
        case JobState.FAILED | JobState.CANCELLED | JobState.EXPIRED:
            return _view(AgainButton(job.job_id), EditButton(job.job_id))
        case _:
            return None


def result_rows(job: Job) -> list[discord.ui.ActionRow[Any]]:
    """Under the clip."""
    making: Iterable[Iterable[discord.ui.Item[Any]]] = (
        [[retake_button(job.storyboard_id or 0)]]
        if job.is_film
        else [[button(job.job_id) for button in RESULT_BUTTONS]]
    )
    return [discord.ui.ActionRow[Any](*row) for row in (*making, keep_row(job.job_id))]


def further_rows(job: Job, kind: FurtherPostKind) -> list[discord.ui.ActionRow[Any]]:
    """Under a clip that is posted again."""
    match kind:
        case FurtherPostKind.SHOWN:
            return result_rows(job)
        case FurtherPostKind.GALLERY:  # nothing that makes another one there
            return [discord.ui.ActionRow[Any](*keep_row(job.job_id))]
        case FurtherPostKind.SENT:  # they are for the server
            return []
        case _:
            assert_never(kind)


def joined(view: discord.ui.View | None, items: Iterable[discord.ui.Item[Any]]) -> discord.ui.View:
    """A view with more below it."""
    whole = view or discord.ui.View(timeout=None)
    for item in items:
        whole.add_item(item)
    return whole


def _tell(job: Job) -> TellButton | TellNotButton:
    """Whether its member is told, to be changed."""
    return TellButton(job.job_id) if job.tell_by is None else TellNotButton(job.job_id)


def _view(*items: discord.ui.Item[Any]) -> discord.ui.View:
    return joined(None, items)
