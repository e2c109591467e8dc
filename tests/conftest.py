"""What every test gets: a loop that may not be blocked, and an environment without settings."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from blockbuster import blockbuster_ctx
from hypothesis import settings

from bot.languages import load_languages

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# A busy machine is no failure: nothing is judged by how long an example took.
settings.register_profile("cogreel", deadline=None)
settings.load_profile("cogreel")

OURS = ["bot", "cogs", "storage", "providers", "media", "emulator", "playground"]


@pytest.fixture(autouse=True, scope="session")
def _nothing_blocks_the_loop() -> Iterator[None]:
    """Turn a blocking call into an error, wherever our code makes it while a loop runs."""
    load_languages()  # as the bot does before it starts anything
    with blockbuster_ctx(scanned_modules=OURS):
        yield


@pytest.fixture(autouse=True)
def _no_settings_of_a_developer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide ``COGREEL_*`` and any ``.env``: a test must never meet a real token."""
    for name in os.environ:
        if name.upper().startswith("COGREEL_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
