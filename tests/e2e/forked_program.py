"""The program in a process of its own, forked from one that has loaded its modules once.

To load them takes most of a start: 1.4 s where nobody keeps bytecode, and 0.2 s are left of it.
What starts the program as people do is in ``test_startup.py`` and ``test_stopping.py``.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import random
import sys
from multiprocessing import forkserver
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from multiprocessing.context import ForkServerProcess

ROOT = Path(__file__).parents[2]
LOADED = ["bot.__main__", "bot.app", "bot.logs", "bot.settings"]


class ForkedProgram:
    """A running program; what is used of `asyncio.subprocess.Process` works as it does there."""

    def __init__(self, process: ForkServerProcess) -> None:
        self.returncode: int | None = None
        self._process = process
        loop = asyncio.get_running_loop()
        self._ended: asyncio.Future[int] = loop.create_future()
        loop.add_reader(process.sentinel, self._note_the_end, loop)

    @classmethod
    async def start(cls, folder: Path, env: Mapping[str, str]) -> ForkedProgram:
        """``python -m bot run`` in this folder, with exactly this environment."""
        return cls(await asyncio.to_thread(_started, str(folder), dict(env)))

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process.pid is not None
        return self._process.pid

    def kill(self) -> None:
        """SIGKILL."""
        self._process.kill()

    def terminate(self) -> None:
        """SIGTERM."""
        self._process.terminate()

    async def wait(self) -> int:
        """Its exit code; that of a signal is negative."""
        return await asyncio.shield(self._ended)

    def _note_the_end(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.remove_reader(self._process.sentinel)
        self._process.join()
        self.returncode = self._process.exitcode
        assert self.returncode is not None
        self._ended.set_result(self.returncode)


def _started(folder: str, env: dict[str, str]) -> ForkServerProcess:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(LOADED)  # for the first one; the others share its server
    with pytest.MonkeyPatch.context() as patch:
        # Python 3.11 does not tell the server where our modules are, and it says nothing.
        patch.setenv("PYTHONPATH", str(ROOT))
        forkserver.ensure_running()
    process = context.Process(target=_run, args=(folder, env), daemon=True)
    process.start()
    return process


def _run(folder: str, env: dict[str, str]) -> None:
    """In the new process."""
    os.environ.clear()
    os.environ.update(env)
    os.chdir(folder)
    random.seed()  # or its jitter would be that of all others
    assert "bot.app" in sys.modules, "the server has not loaded the program"
    from bot.__main__ import main  # noqa: PLC0415  # loaded already, in this process alone

    sys.exit(main(["run"]))
