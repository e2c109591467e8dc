"""What an operator's monitoring asks of the database, without walking all jobs there ever were."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.clock import from_ms
from bot.domain.job import JobState
from bot.domain.windows import Window, span_of
from storage.account_pauses import pauses
from storage.balances import BOT, used
from storage.job_states import CLAIMED

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

OPEN = ("queued", "submitting", "rendering", "fetched", "held")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What was found at one instant.

    Attributes:
        jobs: How many jobs have not ended, by their state; zeros included.
        waits_since: Since when the job waits that asked first; None where none waits.
        spend: Micros that the operator's accounts cost, by window and currency.
        refused: Accounts that their gateway refuses.
    """

    jobs: Mapping[JobState, int]
    waits_since: datetime | None
    spend: Mapping[tuple[Window, str], int]
    refused: int


def figures(db: sqlite3.Connection, *, at: datetime) -> Figures:
    """Look everything up."""
    counted: dict[str, int] = dict(
        db.execute(
            "SELECT state, count(*) FROM job"  # noqa: S608  # constants
            f" WHERE {CLAIMED} GROUP BY state"
            " UNION ALL SELECT 'queued', count(*) FROM job WHERE state = 'queued'"
        ).fetchall()
    )
    # The plus keeps the planner from walking all jobs by their number.
    first = db.execute(
        "SELECT created_at_ms FROM job WHERE job_id ="
        " (SELECT min(+job_id) FROM job WHERE state = 'queued')"
    ).fetchone()
    return Figures(
        jobs={state: counted.get(state, 0) for state in map(JobState, OPEN)},
        waits_since=None if first is None else from_ms(first[0]),
        spend={
            (window, currency): micros
            for window in (Window.DAY, Window.MONTH)
            for currency, micros in used(db, BOT, span_of(window, at, UTC)).micros.items()
        },
        refused=len(pauses(db)),
    )
