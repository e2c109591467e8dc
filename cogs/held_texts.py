"""What the operator reads of held jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.job import JobState

if TYPE_CHECKING:
    from bot.domain.catalogues import Catalogues
    from bot.domain.job import Job

NONE_HELD = "No video is on hold."
MORE_ARE_HELD = "\n-# … and more. They are shown once these are settled."


def line(job: Job, catalogues: Catalogues) -> str:
    """One held job: what there is to look it up by."""
    return f"**#{job.job_id}** of <@{job.user_id}> on server {job.place.guild_id}: " + _known(
        job, catalogues
    )


def before_retry(job: Job, catalogues: Catalogues) -> str:
    """What is known before a paid call is made once more."""
    return (
        f"Video #{job.job_id}: {_known(job, catalogues)}\n"
        "Whether the gateway took that, nobody here knows. **If it did, asking once more pays a "
        f"second time.** Look the request up in its console first: `/jobs settle job:{job.job_id} "
        "how:paid task:…` fetches what was made."
    )


def ended_unpaid(job: Job) -> str:
    """It was never taken."""
    return f"Video #{job.job_id} has ended, and what was reserved for it is given back."


def ended_paid(job: Job) -> str:
    """It was taken, and its clip is lost."""
    return (
        f"Video #{job.job_id} has ended, and counts as paid: against the budgets, and against "
        "its member's limits. `/quota grant` gives a member another video."
    )


def adopted(job: Job) -> str:
    """Its task was found."""
    return f"Video #{job.job_id} goes on as task `{job.provider_task_id}`, and is delivered."


def begun_anew(job: Job) -> str:
    """It is asked for once more."""
    if job.state is JobState.CANCELLED:
        return (
            f"Video #{job.job_id} was taken down, so it is not asked for again; it costs nothing."
        )
    if job.is_terminal:
        return f"Video #{job.job_id} has ended: no account makes its model any more."
    return f"Video #{job.job_id} waits for its turn, and is asked for as a new request."


def _known(job: Job, catalogues: Catalogues) -> str:
    sent = "" if job.submitted_at is None else f", sent <t:{int(job.submitted_at.timestamp())}:f>"
    title = catalogues.account_title(job.account or "")
    return (
        f"{catalogues.title_of(job.request.model)} through {title}, attempt {job.attempt}{sent}, "
        f"request `{job.request_id}`; on hold since <t:{int(job.state_at.timestamp())}:R>."
    )
