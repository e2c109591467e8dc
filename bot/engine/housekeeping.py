"""What a killed process left on the disk."""

from __future__ import annotations

import logging
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

log = logging.getLogger(__name__)

# Half a download, a download that was not recorded, an image that was being taken in.
LEFT_OVERS = (".*.part", "incoming-*", "intake-*")


def sweep_left_overs(files_dir: Path) -> int:
    """Remove what no record leads to. Only before the engine starts, and under the database's lock.

    Returns:
        How many files and folders were removed.
    """
    found = [path for pattern in LEFT_OVERS for path in files_dir.glob(pattern)]
    for path in found:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    if found:
        log.info("%d left-overs of an earlier process were removed", len(found))
    return len(found)
