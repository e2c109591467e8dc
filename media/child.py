"""Starting and ending the child processes in which hostile files are opened."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import suppress
from pathlib import Path

LINE_MAX_BYTES = 64 * 1024  # of what a child says
_ROOT = Path(__file__).resolve().parent.parent


async def start_child(module: str, *arguments: str) -> asyncio.subprocess.Process:
    """Start a module of ours with pipes to its stdin and stdout.

    Raises:
        OSError: The system does not start another process.
    """
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        limit=LINE_MAX_BYTES,
        cwd=_ROOT,
        # None of our secrets: what decodes hostile files shall not hold any.
        env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"},
        start_new_session=True,  # Ctrl-C is the parent's to handle
    )


async def kill(child: asyncio.subprocess.Process) -> None:
    """End it now, whatever it does."""
    with suppress(ProcessLookupError):
        child.kill()
    await reap(child)


async def reap(child: asyncio.subprocess.Process) -> None:
    """Wait for its end with its pipes emptied, so that nothing of it stays open."""
    stdin, stdout = pipes(child)
    stdin.close()
    while await stdout.read(LINE_MAX_BYTES):
        pass
    await child.wait()


def pipes(
    child: asyncio.subprocess.Process,
) -> tuple[asyncio.StreamWriter, asyncio.StreamReader]:
    """Its stdin and its stdout."""
    if child.stdin is None or child.stdout is None:
        raise ValueError("the child was started without pipes")
    return child.stdin, child.stdout
