"""The rows of buttons under a job's messages.

They hold DynamicItems only, which carry nothing but the job's id. Static items would be kept for
ever by discord.py 2.7, and would take the dynamic ones down with them when their view stops.
"""

from __future__ import annotations

from typing import Any

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
from cogs.retake_button import retake_view


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
        return retake_view(job.storyboard_id or 0)
    return _view(
        AgainButton(job.job_id),
        *making_more(job),
        EditButton(job.job_id),
        CancelButton(job.job_id),
    )


def making_more(job: Job) -> tuple[JobButton, ...]:
    """What makes more of a clip, besides another take of it."""
    return TakesButton(job.job_id), ExtendButton(job.job_id)


def _view(*items: discord.ui.Item[Any]) -> discord.ui.View:
    view = discord.ui.View(timeout=None)
    for item in items:
        view.add_item(item)
    return view
