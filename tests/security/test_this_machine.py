"""Others on the operator's machine, and a file of settings that somebody else wrote."""

from __future__ import annotations

import asyncio
import stat
import sys
from typing import TYPE_CHECKING

import aiohttp
import pytest

from bot.domain.errors import StartupError
from bot.engine.housekeeping import sweep_left_overs
from bot.settings import load_settings
from emulator.server import Emulator
from playground.person import PeopleApi
from tests.e2e.crash_house import crash_house, until
from tests.security import hostile_files

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no such modes")


def looked_at(folder: Path) -> tuple[list[str], list[str]]:
    """All files there and the folder of clips; those of them that others may do anything with."""
    kept = [path for path in folder.rglob("*") if path.is_file() or path.name == "files"]
    others = stat.S_IRWXG | stat.S_IRWXO
    return (
        [path.name for path in kept],
        [path.name for path in kept if path.stat().st_mode & others],
    )


async def test_nobody_else_can_read_what_the_bot_keeps(tmp_path: Path) -> None:
    async with (
        Emulator() as emulator,
        crash_house(emulator, tmp_path) as house,
        aiohttp.ClientSession() as session,
    ):
        await house.start_bot()
        api = PeopleApi(session, house.playground.people_api)
        alice = await api.person("Alice")
        files = {"image": ("a.png", hostile_files.plain())}
        lab = await alice.channel("video-lab")
        await alice.command(lab, "video create", files, prompt="x", size="1280x720")
        await until(lambda: house.state() == "delivered")
        kept, open_to_others = await asyncio.to_thread(looked_at, tmp_path)
        assert {"cogreel.sqlite3", "files"} <= set(kept)
        assert len(kept) > 4
        assert open_to_others == []


def test_a_link_among_the_left_overs_leads_the_sweep_nowhere(tmp_path: Path) -> None:
    outside, files_dir = tmp_path / "outside", tmp_path / "files"
    outside.mkdir()
    files_dir.mkdir()
    (outside / "precious").write_text("kept")
    (files_dir / "intake-x").symlink_to(outside)
    (files_dir / "incoming-x").symlink_to(outside / "precious")
    sweep_left_overs(files_dir)
    assert (outside / "precious").read_text() == "kept"


def test_a_file_of_settings_is_nothing_but_settings(tmp_path: Path) -> None:
    made = tmp_path / "made"
    (tmp_path / ".env").write_text(
        f"COGREEL_DISCORD_TOKEN=$(touch {made})\n"
        f"COGREEL_API_KEY=`touch {made}`\n"
        f"COGREEL_LOG_LEVEL='INFO; touch {made}'\n"
    )
    with pytest.raises(StartupError) as refused:
        load_settings()
    assert "COGREEL_LOG_LEVEL" in str(refused.value)
    assert str(made) not in str(refused.value)
    assert not made.exists()
