"""SIGTERM and SIGINT, which ask a program to stop."""

from __future__ import annotations

import asyncio
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def on_stop_signal(stop: Callable[[], object]) -> Generator[None]:
    """Call ``stop`` in the running loop for each signal that asks for it, until the block ends.

    Unlike `asyncio.loop.add_signal_handler`, which passes signals through the loop's wakeup
    socket: that is full while hundreds of answers of threads wait for the loop, and the signal is
    lost then. Call it in the main thread.
    """
    loop = asyncio.get_running_loop()

    def pass_on(_number: int, _frame: object) -> None:
        loop.call_soon_threadsafe(stop)

    before = {number: signal.signal(number, pass_on) for number in STOP_SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
