"""The rows of buttons under a job's messages.

They hold DynamicItems only, which carry nothing but the job's id. Static items would be kept for
ever by discord.py 2.7, and would take the dynamic ones down with them when their view stops.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord

from bot.domain.job import Job, JobState
from cogs.buttons import (
    AgainButton,
    CancelButton,
    EditButton,
    ExtendButton,
    JobButton,
    TakesButton,
)
from cogs.keep_buttons import keep_row
from cogs.retake_button import retake_view

if TYPE_CHECKING:
    from collections.abc import Iterable


def status_view(job: Job) -> discord.ui.View | None:
    """Under a status message: what can still be done about the job."""
    if job.taken_down_at is not None:
        return None
    match job.state:
        case JobState.QUEUED:
            return _view(EditButton(job.job_id), CancelButton(job.job_id))
        case JobState.FAILED | JobState.CANCELLED | JobState.EXPIRED:
            return _view(AgainButton(job.job_id), EditButton(job.job_id))
        case _:
            return None


def result_view(job: Job) -> discord.ui.View:
    """Under the clip."""
    if job.is_film:
        return joined(retake_view(job.storyboard_id or 0), keep_row(job.job_id, row=1))
    return _view(
        AgainButton(job.job_id),
        *making_more(job),
        EditButton(job.job_id),
        CancelButton(job.job_id),
        *keep_row(job.job_id, row=1),
    )


def gallery_view(job: Job) -> discord.ui.View:
    """Under a clip in a gallery: nothing that makes another one there."""
    return _view(*keep_row(job.job_id, row=0))


def joined(view: discord.ui.View | None, items: Iterable[discord.ui.Item[Any]]) -> discord.ui.View:
    """A view with more below it."""
    whole = view or discord.ui.View(timeout=None)
    for item in items:
        whole.add_item(item)
    return whole


def making_more(job: Job) -> tuple[JobButton, ...]:
    """What makes more of a clip, besides another take of it."""
    return TakesButton(job.job_id), ExtendButton(job.job_id)


def _view(*items: discord.ui.Item[Any]) -> discord.ui.View:
    return joined(None, items)
