"""How long a newcomer waits for the whole tour, from the command to its exit."""

from __future__ import annotations

import asyncio
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.figures import Figure
from benchmarks.programs import BenchmarkError

if TYPE_CHECKING:
    from collections.abc import Callable

TARGET_S = 60.0
GIVEN_UP_AFTER_S = 300.0
ROOT = Path(__file__).resolve().parent.parent


async def measure(say: Callable[[str], None]) -> list[Figure]:
    """``make demo ONCE=1`` in this checkout, with everything installed."""
    make = shutil.which("make")
    if make is None:
        raise BenchmarkError("make is not installed")
    before_s = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        make,
        "demo",
        "ONCE=1",
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(GIVEN_UP_AFTER_S):
            output, _ = await process.communicate()
    except TimeoutError:
        process.terminate()
        raise BenchmarkError(f"the tour has not ended after {GIVEN_UP_AFTER_S:.0f} s") from None
    took_s = time.monotonic() - before_s
    for line in output.decode(errors="replace").splitlines():
        say(line)
    return [
        Figure(
            name="demo_once_s",
            value=took_s,
            unit="s",
            target=TARGET_S,
            sound=process.returncode == 0,
            note=f"make demo ONCE=1, exit code {process.returncode}",
        )
    ]
