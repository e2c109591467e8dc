"""Signals that ask a program to stop."""

import asyncio
import os
import signal
import threading

from bot.stop_signals import STOP_SIGNALS, on_stop_signal

WAKEUPS = 2_000  # more than the loop's wakeup socket holds


def wake_often(loop: asyncio.AbstractEventLoop) -> None:
    for _ in range(WAKEUPS):
        loop.call_soon_threadsafe(lambda: None)


async def test_a_signal_that_comes_while_threads_have_a_lot_to_tell_is_not_lost() -> None:
    for number in STOP_SIGNALS:
        stop = asyncio.Event()
        with on_stop_signal(stop.set):
            # As the loop stands still meanwhile, all of this waits in its socket.
            thread = threading.Thread(target=wake_often, args=[asyncio.get_running_loop()])
            thread.start()
            thread.join()
            os.kill(os.getpid(), number)
            async with asyncio.timeout(20):
                await stop.wait()


async def test_a_signal_wakes_a_loop_that_has_nothing_to_do() -> None:
    stop = asyncio.Event()
    with on_stop_signal(stop.set):
        threading.Timer(0.05, os.kill, [os.getpid(), signal.SIGTERM]).start()
        async with asyncio.timeout(20):
            await stop.wait()


async def test_afterwards_signals_do_what_they_did_before() -> None:
    before = [signal.getsignal(number) for number in STOP_SIGNALS]
    with on_stop_signal(lambda: None):
        assert [signal.getsignal(number) for number in STOP_SIGNALS] != before
    assert [signal.getsignal(number) for number in STOP_SIGNALS] == before
