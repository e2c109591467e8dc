"""An installation that works, to be made ill."""

from __future__ import annotations

import asyncio
import socket
import sqlite3
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.clock import SystemClock
from bot.doctor.finding import Level
from bot.doctor.run import examine, findings

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from bot.doctor.finding import Finding
    from tests.e2e.house import House


class ClockAhead(SystemClock):
    """The time of a machine whose clock may be wrong."""

    ahead = timedelta()

    def now(self) -> datetime:
        return super().now() + self.ahead


@dataclass
class Patient:
    """An installation that works, to be made ill."""

    house: House
    settings: dict[str, str]
    monkeypatch: pytest.MonkeyPatch
    clock: ClockAhead = field(default_factory=ClockAhead)
    held_open: ExitStack = field(default_factory=ExitStack)

    @property
    def path(self) -> Path:
        return self.house.state_dir / "cogreel.sqlite3"

    def database(self, *statements: str) -> None:
        with closing(sqlite3.connect(self.path, isolation_level=None)) as db:
            for statement in statements:
                db.execute(statement)

    def dressed(self) -> None:
        for name, value in self.settings.items():
            self.monkeypatch.setenv(f"COGREEL_{name.upper()}", value)

    async def faults(self, *, offline: bool = False) -> list[Finding]:
        self.dressed()
        seen = await asyncio.to_thread(lambda: [*findings(offline=offline, clock=self.clock)])
        return [found for found in seen if found.level is not Level.OK]

    async def told(self) -> tuple[int, str]:
        self.dressed()
        lines: list[str] = []
        code = await asyncio.to_thread(examine, offline=False, clock=self.clock, say=lines.append)
        return code, "\n".join(lines)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port
