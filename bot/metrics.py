"""What is counted and timed while the bot runs; ``/metrics`` shows it (`bot.health`).

One registry for the process, as Prometheus reads one process. No label holds what people or
gateways choose freely: not a server's id, not a prompt, not an unknown code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)

from bot.domain.job import AT_REST_STATES

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.domain.job import Job

# A second series for each, of when it began, would be added otherwise.
_without_created: Callable[[], object] = disable_created_metrics
_without_created()

REGISTRY = CollectorRegistry()
_ = ProcessCollector(registry=REGISTRY)

ANSWER_S = Histogram(
    "cogreel_answer_seconds",
    "From the arrival of an interaction to the first answer that Discord took; its limit is 3 s.",
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5),
    registry=REGISTRY,
)
POLL_DELAY_S = Histogram(
    "cogreel_poll_delay_seconds",
    "How much later than planned a task was polled.",
    buckets=(0.01, 0.05, 0.1, 0.5, 1, 5, 30),
    registry=REGISTRY,
)
GATEWAY_CALLS = Counter(
    "cogreel_gateway_calls",
    "Calls to a video API by its host; the ones that failed too.",
    ("host", "call"),
    registry=REGISTRY,
)
GATEWAY_ERRORS = Counter(
    "cogreel_gateway_errors",
    "Refusals by their code, and failures by their kind.",
    ("host", "call", "code"),
    registry=REGISTRY,
)
DATABASE_WRITE_S = Histogram(
    "cogreel_database_write_seconds",
    "Of transactions that share a COMMIT, from asking for the first to the end of all: the wait "
    "for their turn, their work, and the disk.",
    buckets=(0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5),
    registry=REGISTRY,
)
LOOP_LAG_S = Histogram(
    "cogreel_loop_lag_seconds",
    "How much later than due the event loop came to a timer, looked at once a second.",
    buckets=(0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5),
    registry=REGISTRY,
)
JOBS_ENDED = Counter(
    "cogreel_jobs_ended",
    "Jobs that came to rest since the start, by their state and the reason.",
    ("state", "reason"),
    registry=REGISTRY,
)

# The rest is looked up when it is asked for.
JOBS_OPEN = Gauge(
    "cogreel_jobs_open", "Jobs that have not ended, by their state.", ("state",), registry=REGISTRY
)
QUEUE_AGE_S = Gauge(
    "cogreel_queue_age_seconds",
    "How long the job has waited that asked first; 0 where none waits.",
    registry=REGISTRY,
)
SPEND = Gauge(
    "cogreel_spend",
    "Reserved and settled with the operator's accounts in this day or month (UTC), in units.",
    ("currency", "window"),
    registry=REGISTRY,
)
ACCOUNTS_REFUSED = Gauge(
    "cogreel_accounts_refused", "Accounts that their gateway refuses.", registry=REGISTRY
)
DISK_FREE_BYTES = Gauge(
    "cogreel_disk_free_bytes", "Free room where the database and files live.", registry=REGISTRY
)
DISCORD_CONNECTED = Gauge(
    "cogreel_discord_connected", "1 while the connection to Discord is up.", registry=REGISTRY
)
DISCORD_SERVERS = Gauge("cogreel_discord_servers", "Servers that the bot is on.", registry=REGISTRY)
HEALTHY = Gauge(
    "cogreel_healthy", "What /healthz says of each part: 1 for well.", ("part",), registry=REGISTRY
)


def count_end(job: Job) -> None:
    """Count a job that has just come to rest. Call it after the transaction."""
    if job.state in AT_REST_STATES:
        reason = "" if job.reason is None else job.reason.value
        JOBS_ENDED.labels(state=job.state.value, reason=reason).inc()
