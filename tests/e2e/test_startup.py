"""What cannot work is said in one readable line, and ends with an exit code."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from storage.database import FILE_NAME, Database
from storage.link_key import ensure_link_key

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


async def test_while_discord_is_out_of_reach_a_start_ends_as_one_to_be_tried_again(
    tmp_path: Path,
) -> None:
    code, said = await run_bot(tmp_path)
    assert code == 1  # not 2, after which an init system leaves it as it is
    assert "Discord cannot be used" in said
    assert "Traceback" not in said
    assert TOKEN not in said


async def verb(folder: Path, name: str, **settings: str) -> tuple[int, str]:
    """``python -m bot NAME`` with these settings; its exit code and everything it said."""
    needed = {"COGREEL_DISCORD_TOKEN": TOKEN, "COGREEL_API_KEY": "secret-key"}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", name),
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **needed, **settings},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(30):
        said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


async def test_every_link_can_be_revoked_while_the_bot_is_stopped(tmp_path: Path) -> None:
    settings = {"COGREEL_STATE_DIR": str(tmp_path)}
    code, said = await verb(tmp_path, "revoke-links", **settings)
    assert (code, "there is no database" in said) == (2, True)
    async with await Database.open(tmp_path / FILE_NAME) as database:
        before = await database.write(ensure_link_key)
        code, said = await verb(tmp_path, "revoke-links", **settings)
        assert code == 1, "the bot is running"
        assert await database.write(ensure_link_key) == before
    code, said = await verb(tmp_path, "revoke-links", **settings)
    assert (code, said) == (
        0,
        "No link that was given out so far works any more. New ones will.\n",
    )
    async with await Database.open(tmp_path / FILE_NAME) as database:
        assert await database.write(ensure_link_key) != before
