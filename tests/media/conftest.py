from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from media.worker import MediaWorker
from tests.media.making import MakeClip, clip_maker

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path


@pytest.fixture
def clip(tmp_path: Path) -> MakeClip:
    return clip_maker(tmp_path / "clip.mp4")


@pytest.fixture
async def worker() -> AsyncGenerator[MediaWorker]:
    media = MediaWorker()
    yield media
    await media.close()
