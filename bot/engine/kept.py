"""Files that get their last name, and keep it through a power cut."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def keep(incoming: Path, final: Path) -> None:
    """Give a synced file its last name, so that a power cut after this leaves it there. Blocks."""
    incoming.replace(final)
    folder = os.open(final.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
