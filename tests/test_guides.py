"""The guides: nothing is left out of them, and nothing they point at is missing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from discord import app_commands
from discord.ext import commands

from bot.client import INTENTS, add_commands
from cogs.services import ServiceBot
from tests.browser.pictures import LONGEST_BYTES, NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PICTURES = DOCS / "pictures"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.glob("*.md"), *DOCS.glob("adr/*.md")])
# Where what moderators and the operator type is explained.
THEIRS = [DOCS / name for name in ("moderating.md", "operating.md", "models.md")]
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)")
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)

Registered = app_commands.Command[Any, ..., Any]


@pytest.fixture
async def registered() -> list[Registered]:
    """Every slash command."""
    async with ServiceBot(command_prefix=commands.when_mentioned, intents=INTENTS) as bot:
        await add_commands(bot)
        return [each for each in bot.tree.walk_commands() if isinstance(each, app_commands.Command)]


def is_for_everybody(command: Registered) -> bool:
    """Whether Discord shows it to members; of the group it is in, as they cannot differ."""
    top = command.root_parent or command
    return top.default_permissions is None


async def test_every_command_is_explained_to_those_who_use_it(registered: list[Registered]) -> None:
    members = (DOCS / "members.md").read_text()
    others = members + "".join(page.read_text() for page in THEIRS)
    assert len(registered) >= 30
    missing = {
        command.qualified_name
        for command in registered
        if f"/{command.qualified_name}" not in others
    }
    assert missing == set()
    unexplained = {
        command.qualified_name
        for command in registered
        if is_for_everybody(command)
        and command.qualified_name.split()[0] != "quota"  # most of these check for moderators
        and f"/{command.qualified_name}" not in members
    }
    assert unexplained == set()


def test_every_setting_has_a_sentence_in_the_example() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    silent: list[str] = []
    told = False
    for line in lines:
        is_setting = re.match(r"#?COGREEL_\w+=", line)
        if is_setting and not told:
            silent.append(line)
        told = bool(told and is_setting) or line.startswith("# ")
    assert silent == []


def links() -> Iterator[tuple[Path, bool, str, str]]:
    """Page, whether it is a picture, its words, where it leads: of all links within the project."""
    for page in PAGES:
        for mark, words, target in LINK.findall(CODE.sub("", page.read_text())):
            if "://" not in target and not target.startswith("mailto:"):
                yield page, bool(mark), words, target


def anchors(page: Path) -> set[str]:
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    plain = [re.sub(r"[^\w\- ]", "", heading.strip().lower()) for heading in headings]
    return {heading.replace(" ", "-") for heading in plain}


def test_every_link_within_the_project_leads_somewhere() -> None:
    lost: list[str] = []
    for page, _, _, target in links():
        path, _, anchor = target.partition("#")
        led = (page.parent / path).resolve() if path else page
        if not led.exists() or (anchor and led.suffix == ".md" and anchor not in anchors(led)):
            lost.append(f"{page.relative_to(ROOT)}: {target}")
    assert lost == []


def test_every_picture_is_taken_by_make_pictures_shown_and_told_in_words() -> None:
    shown = {
        (page.parent / target).resolve(): words for page, mark, words, target in links() if mark
    }
    assert {path.name for path in shown} == {f"{name}.webp" for name in NAMES}
    assert {path.name for path in PICTURES.iterdir()} == {path.name for path in shown}
    assert [path.name for path, words in shown.items() if len(words.split()) < 5] == []
    assert [path.name for path in shown if path.stat().st_size > LONGEST_BYTES] == []
