"""What cannot work is said in one readable line, and ends with an exit code."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOBODY = "http://127.0.0.1:9"  # the discard port: nothing listens there
TOKEN = "MTIzNDU2.secret.token"


async def run_bot(folder: Path, **changes: str) -> tuple[int, str]:
    """``python -m bot run`` with these settings; its exit code and everything it said."""
    settings = {
        "COGREEL_DISCORD_TOKEN": TOKEN,
        "COGREEL_API_KEY": "secret-key",
        "COGREEL_DISCORD_API_URL": f"{NOBODY}/api/v10",
        "COGREEL_DISCORD_GATEWAY_URL": "ws://127.0.0.1:9/",
        "COGREEL_STATE_DIR": str(folder / "state"),
    } | changes
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "run",
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **settings},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(30):
        said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


async def test_what_it_keeps_is_for_its_own_user_alone(tmp_path: Path) -> None:
    await run_bot(tmp_path)  # Discord is out of reach, which it finds out after it made them

    def modes() -> dict[str, int]:
        made = [tmp_path / "state", *(tmp_path / "state").rglob("*")]
        return {path.name: path.stat().st_mode & 0o777 for path in made}

    assert await asyncio.to_thread(modes) == {
        "state": 0o700,
        "files": 0o700,
        "cogreel.sqlite3": 0o600,
        "cogreel.sqlite3.lock": 0o600,
    }


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        pytest.param({}, "Discord cannot be used", id="Discord is out of reach"),
        pytest.param(
            {"COGREEL_DISCORD_TOKEN": ""}, "COGREEL_DISCORD_TOKEN: is missing", id="token"
        ),
        pytest.param(
            {"COGREEL_MODEL": "sora"}, "COGREEL_MODEL: sora is none of cogvideox-3,", id="model"
        ),
        pytest.param({"COGREEL_API_KY": "x"}, "did you mean COGREEL_API_KEY?", id="misspelt"),
        pytest.param(
            {"COGREEL_STATE_DIR": "/dev/null/state"}, "COGREEL_STATE_DIR: ", id="state folder"
        ),
    ],
)
async def test_a_start_that_cannot_work_says_why(
    tmp_path: Path, changes: dict[str, str], told: str
) -> None:
    code, said = await run_bot(tmp_path, **changes)
    assert code == 2
    assert told in said
    assert "Traceback" not in said
    assert TOKEN not in said
    assert "secret-key" not in said
