"""What a decoding child does to itself before it opens a file that came from outside."""

from __future__ import annotations

import os
import resource
import sys
from contextlib import suppress
from typing import BinaryIO

NICENESS = 10  # the bot's event loop comes first


def bound_this_process(
    memory_bytes: int, *, written_max_bytes: int, processor_s: int | None = None
) -> None:
    """Lower this process's priority, and limit it for good.

    Args:
        memory_bytes: Of address space.
        written_max_bytes: Of one file.
        processor_s: Of processor time, where there is a limit.
    """
    os.nice(NICENESS)
    limits = {
        resource.RLIMIT_AS: memory_bytes,
        resource.RLIMIT_FSIZE: written_max_bytes,
        resource.RLIMIT_CORE: 0,
    }
    if processor_s is not None:
        limits[resource.RLIMIT_CPU] = processor_s
    for limit, value in limits.items():
        with suppress(ValueError, OSError):  # macOS has no working RLIMIT_AS
            resource.setrlimit(limit, (value, value))


def private_stdout() -> BinaryIO:
    """The answers' own descriptor; a library that prints goes to stderr instead."""
    private = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return os.fdopen(private, "wb")
