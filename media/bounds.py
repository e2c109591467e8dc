"""What a decoding child does to itself before it opens a file that came from outside."""

from __future__ import annotations

import math
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


def allow_processor_s(more_s: int) -> None:
    """Let this process use so many seconds of processor time from now on; then it is killed."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    until_s = math.ceil(used.ru_utime + used.ru_stime) + more_s
    _, most_s = resource.getrlimit(resource.RLIMIT_CPU)
    with suppress(ValueError, OSError):  # a lower limit of the operator's stays
        resource.setrlimit(resource.RLIMIT_CPU, (until_s, most_s))


def private_stdout() -> BinaryIO:
    """The answers' own descriptor; a library that prints goes to stderr instead."""
    private = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return os.fdopen(private, "wb")
