"""``/healthz`` and ``/metrics``, for the operator's monitoring, on an address of their own."""

from __future__ import annotations

import asyncio
import logging
import shutil
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Self

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from bot import metrics
from bot.domain.errors import StorageError
from bot.domain.money import MICROS
from bot.door import listening
from storage.figures import figures
from storage.installation import prove_writable

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from bot.client import CogreelBot
    from bot.clock import Clock
    from bot.engine.scheduler import Scheduler
    from storage.database import Database

log = logging.getLogger(__name__)

WRITE_WITHIN_S = 5.0
LAG_MAX_S = 5.0
LAG_EVERY_S = 1.0
SCHEDULER_SILENT_MAX_S = 120.0  # it looks at the queue twice a minute, whatever happens
CONNECTIONS_MAX = 20  # of what monitors a bot, which has few
LONGEST_REQUEST_LINE = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """The parts that can fall ill.

    Attributes:
        database: A transaction is tried.
        scheduler: It has to have looked at the queue.
        bot: Its connection to Discord has to be up.
        clock: What the time is.
        folder: Where the database lives.
    """

    database: Database
    scheduler: Scheduler
    bot: CogreelBot
    clock: Clock
    folder: Path


class HealthServer:
    """Serves what is watched, while it is entered."""

    def __init__(self, watched: Watched, *, host: str, port: int) -> None:
        """Serve nothing yet.

        Args:
            watched: The parts.
            host: The address to listen on.
            port: 0 for any that is free.
        """
        self._watched = watched
        self._host, self._port = host, port
        self._lag_s = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._serving = AsyncExitStack()
        self.url: str | None = None
        """Where it listens; None where it does not."""

    async def __aenter__(self) -> Self:
        """Listen. Where the port is taken, say so in the log: videos are made all the same."""
        app = web.Application(client_max_size=LONGEST_REQUEST_LINE)
        app.add_routes([web.get("/healthz", self._healthz), web.get("/metrics", self._metrics)])
        try:
            host, port = await self._serving.enter_async_context(
                listening(app, self._host, self._port, connections_max=CONNECTIONS_MAX)
            )
        except OSError as exc:
            log.error(  # noqa: TRY400  # the traceback would say no more
                "COGREEL_HEALTH_PORT: cannot listen on %s port %d (%s), so there is no /healthz and"
                " no /metrics. Choose another port, or set COGREEL_HEALTH=false.",
                self._host,
                self._port,
                exc.strerror,
            )
            return self
        self.url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        self._look_at_the_loop(due_s=asyncio.get_running_loop().time())
        log.info("health and metrics: %s/healthz, %s/metrics", self.url, self.url)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._timer is not None:
            self._timer.cancel()
        await self._serving.aclose()

    async def ills(self) -> dict[str, str | None]:
        """What is wrong with each part; None where nothing is."""
        return {
            "database": await self._ill_database(),
            "loop": self._ill_loop(),
            "discord": None if self._watched.bot.is_connected else "not connected",
            "scheduler": self._ill_scheduler(),
        }

    def _look_at_the_loop(self, *, due_s: float) -> None:
        loop = asyncio.get_running_loop()
        self._lag_s = max(0.0, loop.time() - due_s)
        metrics.LOOP_LAG_S.observe(self._lag_s)
        due_s = loop.time() + LAG_EVERY_S
        self._timer = loop.call_at(due_s, partial(self._look_at_the_loop, due_s=due_s))

    async def _healthz(self, _request: web.Request) -> web.Response:
        ills = await self.ills()
        ill = any(ills.values())
        return web.json_response(
            {
                "status": "ill" if ill else "ok",
                "parts": {part: said or "ok" for part, said in ills.items()},
            },
            status=503 if ill else 200,
        )

    async def _metrics(self, _request: web.Request) -> web.Response:
        await self._look_up()
        # In a thread, as the process's own figures are read from files.
        shown = await asyncio.to_thread(generate_latest, metrics.REGISTRY)
        return web.Response(body=shown, headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def _look_up(self) -> None:
        """Set what is not counted on the way. Where the database says nothing, the last stays."""
        watched, at = self._watched, self._watched.clock.now()
        for part, said in (await self.ills()).items():
            metrics.HEALTHY.labels(part=part).set(said is None)
        metrics.DISCORD_CONNECTED.set(watched.bot.is_connected)
        metrics.DISCORD_SERVERS.set(watched.bot.server_count)
        usage = await asyncio.to_thread(shutil.disk_usage, watched.folder)
        metrics.DISK_FREE_BYTES.set(usage.free)
        try:
            found = await watched.database.read(partial(figures, at=at))
        except StorageError as exc:
            log.warning("the database's figures could not be read: %s", exc)
            return
        for state, count in found.jobs.items():
            metrics.JOBS_OPEN.labels(state=state.value).set(count)
        since = found.waits_since
        metrics.QUEUE_AGE_S.set(0 if since is None else max(0.0, (at - since).total_seconds()))
        metrics.ACCOUNTS_REFUSED.set(found.refused)
        metrics.SPEND.clear()  # a currency of yesterday is none of today
        for (window, currency), micros in found.spend.items():
            metrics.SPEND.labels(currency=currency, window=window.value).set(micros / MICROS)

    async def _ill_database(self) -> str | None:
        try:
            async with asyncio.timeout(WRITE_WITHIN_S):
                await self._watched.database.write(prove_writable)
        except TimeoutError:
            return f"nothing could be written in {WRITE_WITHIN_S:g} s"
        except StorageError as exc:
            return f"nothing can be written: {exc}"
        return None

    def _ill_loop(self) -> str | None:
        return f"was blocked for {self._lag_s:.0f} s" if self._lag_s > LAG_MAX_S else None

    def _ill_scheduler(self) -> str | None:
        looked_at = self._watched.scheduler.looked_at
        if looked_at is None:
            return "not started"
        silent_s = (self._watched.clock.now() - looked_at).total_seconds()
        if silent_s > SCHEDULER_SILENT_MAX_S:
            return f"has not looked at the queue for {silent_s:.0f} s"
        return None
