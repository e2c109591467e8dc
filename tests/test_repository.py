"""What holds of the repository as a whole: directions, sizes, words, and nothing left running."""

from __future__ import annotations

import ast
import asyncio
import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from discord import app_commands
from discord.ext import commands

from bot.app import composed
from bot.client import INTENTS
from bot.settings import Settings
from cogs.budget import Budget
from cogs.cogreel import Cogreel
from cogs.jobs import Jobs
from cogs.moderate import Moderate
from cogs.quota import Quota
from cogs.services import ServiceBot
from cogs.video import Video

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
PACKAGES = ("bot", "cogs", "storage", "providers", "media", "emulator", "playground")
LINES_MAX = 400
# A path below somebody's home or work folder says nothing to anybody else.
MACHINE_PATH = re.compile(r"(?<![\w.])/(home|root|Users|work|mnt|media)/[\w.-]+")
NONCE = re.compile(r'f"(cogreel-(?:[a-z]+-)?)\{')
STARTS = 20


def sources(*folders: str, suffixes: tuple[str, ...] = (".py",)) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", *folders],  # noqa: S607  # the developer's own git
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    found = [ROOT / name for name in listed]
    return [path for path in found if path.suffix in suffixes and path.is_file()]


def test_imports_run_in_one_direction() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    checked = subprocess.run(
        [program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout


def test_every_file_has_one_reason_to_change() -> None:
    lengths = {path: len(path.read_text().splitlines()) for path in sources(*PACKAGES, "tests")}
    assert lengths
    assert {str(path): lines for path, lines in lengths.items() if lines > LINES_MAX} == {}


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    files = sources(suffixes=(".py", ".md", ".toml", ".sql", ".js", ".html", ".css", ".json", ""))
    named = {
        f"{path.relative_to(ROOT)}: {found[0]}"
        for path in files
        if path != Path(__file__)
        for found in MACHINE_PATH.finditer(path.read_text(errors="replace"))
    }
    assert named == set()


def test_no_two_kinds_of_posts_share_a_nonce() -> None:
    """Of two with one nonce Discord posts the first only, and says that it posted both."""
    nonces = [
        nonce
        for path in sources("cogs", "bot/domain")
        for line in path.read_text("utf-8").splitlines()
        if "filename" not in line
        for nonce in NONCE.findall(line)
    ]
    assert len(nonces) > 8
    assert sorted(nonces) == sorted(set(nonces))


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        str(path)
        for path in sources(*PACKAGES)
        if not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert silent == []


def public_classes(package: str) -> Iterator[str]:
    for path in sources(package):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                yield node.name


def test_the_words_of_the_domain_are_in_the_glossary() -> None:
    explained = set(re.findall(r"`(\w+)`", (ROOT / "docs" / "glossary.md").read_text()))
    words = {name for name in public_classes("bot/domain") if not name.endswith("Error")}
    assert words - explained == set()


def verbs() -> set[str]:
    shown = subprocess.run(
        [sys.executable, "-m", "bot", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return set(re.findall(r"^    ([\w-]+)(?: |$)", shown, re.MULTILINE))


def targets() -> set[str]:
    (phony,) = re.findall(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    return set(phony.split())


def test_make_and_the_command_line_have_the_same_verbs() -> None:
    assert targets() - {"help", "clean"} == verbs()


@pytest.fixture(scope="module")
def readme() -> str:
    path = ROOT / "README.md"
    assert path.is_file(), "there is no README.md"
    return path.read_text()


def test_every_make_command_of_the_readme_exists(readme: str) -> None:
    named = set(re.findall(r"\bmake ([a-z-]+)\b", "\n".join(code_of(readme))))
    assert named
    assert named <= targets()


def test_every_verb_of_the_readme_exists(readme: str) -> None:
    named = set(re.findall(r"python3? -m bot ([a-z-]+)", "\n".join(code_of(readme))))
    assert named <= verbs()


def code_of(markdown: str) -> list[str]:
    blocks = re.findall(r"```[^\n]*\n(.*?)```", markdown, re.DOTALL)
    return [
        *blocks,
        *re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", markdown, flags=re.DOTALL)),
    ]


async def test_every_slash_command_is_in_the_readme(readme: str) -> None:
    async with ServiceBot(command_prefix=commands.when_mentioned, intents=INTENTS) as bot:
        await bot.add_cog(Video(bot))
        await bot.add_cog(Quota(bot))
        await bot.add_cog(Budget(bot))
        await bot.add_cog(Moderate(bot))
        await bot.add_cog(Cogreel(bot))
        await bot.add_cog(Jobs(bot))
        registered: list[app_commands.Command[Any, ..., Any]] = [
            command
            for command in bot.tree.walk_commands()
            if isinstance(command, app_commands.Command)
        ]
    assert len(registered) >= 11
    missing = {c.qualified_name for c in registered if f"/{c.qualified_name}" not in readme}
    assert missing == set()


async def test_twenty_starts_leave_no_thread_file_task_or_child_behind(tmp_path: Path) -> None:
    settings = Settings.model_validate(
        {"discord_token": "made-up", "api_key": "made-up", "state_dir": tmp_path}
    )
    process = psutil.Process()

    def left_open() -> tuple[int, int, int, int]:
        return (
            process.num_fds(),
            # The loop's own pool may grow to its size; it is not the app's.
            sum(not thread.name.startswith("asyncio_") for thread in threading.enumerate()),
            len(asyncio.all_tasks()),
            len(process.children()),
        )

    async def start_and_stop() -> None:
        async with composed(settings) as bot:
            assert bot.services.catalogues.everybodys.default.model == settings.model

    await start_and_stop()  # what is loaded once stays loaded
    before = left_open()
    for _ in range(STARTS):
        await start_and_stop()
    assert left_open() == before
