"""The accounts changed: what waits finds its way anew, or learns that there is none."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bot.domain.cost import Cost
from bot.domain.job import JobState, OutcomeReason
from bot.domain.routing import NOWHERE, route_from
from bot.metrics import count_end
from providers.capabilities import PRICES_OF
from storage import job_queries, lanes, repricing, steps
from storage.job_rows import require_job

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from bot.domain.job import Job
    from bot.domain.quota import Terms
    from bot.engine.tools import Tools

AT_ONCE = 200  # jobs in one transaction: what people do meanwhile waits for no more than these


async def reroute_waiting(tools: Tools, *, guild_id: int | None = None) -> None:
    """Give every waiting job the route that it has by now; end those that no account can take.

    Args:
        tools: See `Tools`.
        guild_id: Only for this server's; None for all.
    """
    done_to = 0
    while True:
        more = partial(job_queries.waiting_after, job_id=done_to, limit=AT_ONCE, guild_id=guild_id)
        waiting = await tools.database.read(more)
        if not waiting:
            return
        done_to = waiting[-1].job_id
        moved = {
            job.job_id: route
            for job in waiting
            if (route := route_by_now(tools, job)) != job.route or route == NOWHERE
        }
        if moved:
            costs = {
                job.job_id: cost_of(tools, job, moved[job.job_id])
                for job in waiting
                if job.job_id in moved
            }
            move = partial(
                _move,
                moved=moved,
                costs=costs,
                terms=tools.quota_terms,
                at=tools.clock.now(),
            )
            for ended in await tools.database.write(move):
                tools.delivery.job_changed(ended.job_id)
                count_end(ended)
            tools.wake.set()


def route_by_now(tools: Tools, job: Job) -> str:
    """Where a job may be rendered by now, for no more than was told unless that is allowed."""
    here = tools.catalogues.of(job.place.guild_id)
    return str(here.route_of(job.request, told_by=route_from(job.route).told_by))


def cost_of(tools: Tools, job: Job, route: str) -> Cost:
    """What a job may cost on a route."""
    prices = tools.catalogues.of(job.place.guild_id).prices_of(route_from(route))
    return Cost(by_account=prices, of=PRICES_OF)


def _move(
    db: sqlite3.Connection,
    *,
    moved: dict[int, str],
    costs: dict[int, Cost],
    terms: Terms,
    at: datetime,
) -> list[Job]:
    """Set the routes of those that still wait; the jobs that this ended."""
    ended: list[Job] = []
    for job_id, route in moved.items():
        if require_job(db, job_id).state is not JobState.QUEUED:
            continue
        job = send(db, job_id, route, cost=costs[job_id], terms=terms, at=at)
        if job.is_terminal:
            ended.append(job)
    return ended


def send(  # what a route is, and what it costs
    db: sqlite3.Connection, job_id: int, route: str, *, cost: Cost, terms: Terms, at: datetime
) -> Job:
    """Give a waiting job this route and its price; end it free of charge where it is none.

    Likewise where a budget does not let it go there, and the server has no account of its own for
    it: what it was to cost before was less.

    One that does not wait stays as it is.
    """
    job = require_job(db, job_id)
    if job.state is not JobState.QUEUED:
        return job
    own = cost.own_part
    offers = [cost, own] if own.by_account else [cost]
    allowed = repricing.reprice(db, job_id, offers=offers, terms=terms, at=at)
    if allowed is own:
        route = str(route_from(route).own_part)
    lanes.reroute(db, job_id, route)
    if allowed is not None and route != NOWHERE:
        return require_job(db, job_id)
    return steps.finish(
        db,
        job_id,
        expected=JobState.QUEUED,
        state=JobState.FAILED,
        reason=(
            OutcomeReason.MODEL_UNAVAILABLE if route == NOWHERE else OutcomeReason.BUDGET_USED_UP
        ),
        at=at,
    )
