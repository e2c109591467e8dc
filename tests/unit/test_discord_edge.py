"""Permissions, buttons, commands, and errors on their way to a person."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import discord
import pytest
from discord import app_commands
from discord.ext import commands

from bot.client import INTENTS, command_digest
from bot.domain import errors
from bot.domain.job import Job, JobState
from cogs import permissions, views
from cogs.budget import Budget
from cogs.buttons import BUTTONS, JobButton, custom_id
from cogs.failures import text_for
from cogs.limit_options import OneSubjectError
from cogs.moderate import Moderate
from cogs.quota import Quota
from cogs.result_layout import result_layout
from cogs.services import ServiceBot
from cogs.video import Video

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

COGS = Path(__file__).parents[2] / "cogs"


def test_the_invite_asks_for_exactly_the_permissions_that_have_names() -> None:
    named = discord.Permissions(**dict.fromkeys(permissions.NAMES, True))
    assert named == permissions.INVITE


def test_every_permission_that_the_code_looks_at_is_in_the_invite() -> None:
    flags = set(discord.Permissions.VALID_FLAGS)
    looked_at: set[str] = set()
    for path in COGS.glob("*.py"):
        if path.name == "permissions.py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and node.attr in flags:
                looked_at.add(node.attr)
            if isinstance(node, ast.Constant) and node.value in flags:
                looked_at.add(str(node.value))
    assert looked_at - {"manage_guild"} <= permissions.NAMES.keys()  # a moderator's, not the bot's


@pytest.mark.parametrize("in_thread", [False, True])
def test_the_invite_is_enough_to_work_anywhere(in_thread: bool) -> None:
    assert permissions.missing_to_work(permissions.INVITE, in_thread=in_thread) == ()


def test_what_is_missing_is_named_as_in_discords_settings() -> None:
    missing = permissions.missing_to_work(discord.Permissions.none(), in_thread=True)
    assert permissions.in_words(missing) == "**View Channel** and **Send Messages in Threads**"


def test_only_servers_and_reactions_are_listened_to() -> None:
    assert {name for name, wanted in INTENTS if wanted} == {"guilds", "guild_reactions"}


@pytest.mark.parametrize("state", JobState)
async def test_views_hold_nothing_but_dynamic_items(
    make_job: Callable[..., Job], state: JobState
) -> None:
    job = make_job(state=state, job_id=2**53)
    view = views.status_view(job)
    if view is not None:
        assert view.timeout is None
        assert view.children
        assert all(isinstance(child, discord.ui.DynamicItem) for child in view.children)


@pytest.mark.parametrize("with_buttons", [False, True])
async def test_a_layout_holds_nothing_to_be_pressed_but_dynamic_items(
    make_job: Callable[..., Job], with_buttons: bool
) -> None:
    link = "https://example.org/clip"
    rows = views.result_rows(make_job()) if with_buttons else []
    layout = result_layout(("above", "below"), file=None, link=link, rows=rows)
    assert layout.timeout is None
    assert layout.is_dispatchable() == with_buttons
    pressed = [item for item in layout.walk_children() if item.is_dispatchable()]
    assert len(pressed) == (7 if with_buttons else 0)
    assert all(isinstance(item, discord.ui.DynamicItem) for item in pressed)


async def test_a_button_carries_only_the_jobs_id_and_is_found_by_it() -> None:
    for button in BUTTONS:
        made = button(12)
        assert made.custom_id == custom_id(button.verb, 12) == f"cogreel:{button.verb}:12"
        template = re.compile(button.__discord_ui_compiled_template__)
        assert template.fullmatch(made.custom_id)
        for forged in ("cogreel:again:", "cogreel:again:-1", "cogreel:again:1e3", "x:again:1"):
            assert not template.fullmatch(forged)
    assert len({button.verb for button in BUTTONS}) == len(BUTTONS)
    assert all(issubclass(button, JobButton) for button in BUTTONS)


@pytest.fixture
async def bot() -> AsyncIterator[ServiceBot]:
    async with _bot() as bot:
        yield bot


def _bot() -> ServiceBot:
    return ServiceBot(command_prefix=commands.when_mentioned, help_command=None, intents=INTENTS)


async def with_commands(bot: ServiceBot) -> ServiceBot:
    await bot.add_cog(Video(bot))
    await bot.add_cog(Quota(bot))
    await bot.add_cog(Budget(bot))
    await bot.add_cog(Moderate(bot))
    return bot


async def test_equal_commands_have_equal_digests(bot: ServiceBot) -> None:
    first = await command_digest((await with_commands(bot)).tree)
    async with _bot() as other:
        await other.add_cog(Moderate(other))  # in another order
        await other.add_cog(Budget(other))
        await other.add_cog(Quota(other))
        await other.add_cog(Video(other))
        assert await command_digest(other.tree) == first
        other.tree.remove_command("quota")
        assert await command_digest(other.tree) != first


async def test_what_makes_a_video_stands_before_what_keeps_one(bot: ServiceBot) -> None:
    video = next(c for c in (await with_commands(bot)).tree.get_commands() if c.name == "video")
    names = [option["name"] for option in video.to_dict(bot.tree)["options"]]
    assert names[0] == "create"
    assert names[-3:] == ["history", "show", "defaults"]


async def test_every_command_and_option_is_described_for_people(bot: ServiceBot) -> None:
    definitions = [c.to_dict(bot.tree) for c in (await with_commands(bot)).tree.get_commands()]
    assert sorted(definition["name"] for definition in definitions) == [
        "budget",
        "moderate",
        "quota",
        "video",
    ]

    def check(definition: dict[str, Any]) -> None:
        assert definition["description"].endswith(".")
        for option in definition.get("options", []):
            check(option)

    for definition in definitions:
        check(definition)


MEMBER_ERRORS = [
    errors.InvalidOptionError(option="fps", limit="30", given="`1`", next_step="Choose one."),
    errors.UnusableImageError(option="image", reason="is torn", next_step="Attach another."),
    errors.QueueFullError(limit=3),
    errors.TakeAlreadyOpenError(job_id=3),
    errors.NotAllowedError(action="cancel", needed="moderators"),
    errors.JobNotFoundError(job_id=3),
    errors.NotCancellableError(job_id=3, state="rendering"),
    OneSubjectError(),
]


@pytest.mark.parametrize("error", MEMBER_ERRORS, ids=lambda error: type(error).__name__)
def test_what_the_person_can_mend_is_told_word_for_word_and_not_logged(
    error: errors.MemberError, caplog: pytest.LogCaptureFixture
) -> None:
    assert text_for(error) == str(error)
    assert caplog.records == []


async def test_an_error_that_discord_py_wrapped_is_told_as_what_it_was(bot: ServiceBot) -> None:
    error = errors.JobNotFoundError(job_id=3)
    group = (await with_commands(bot)).tree.get_command("video")
    assert isinstance(group, app_commands.Group)
    command = group.get_command("queue")
    assert isinstance(command, app_commands.Command)
    wrapped = app_commands.CommandInvokeError(command, error)
    wrapped.__cause__ = error
    assert text_for(wrapped) == str(error)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (RuntimeError("token MTIz.secret of https://x"), "Something broke on my side"),
        (errors.ProviderProtocolError("a strange answer"), "Something broke on my side"),
        (errors.StorageBusyError("locked"), "Nothing was started; try again"),
        (errors.StorageFullError("the disk is full"), "so I started nothing"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_not_theirs_to_mend_shows_an_id_that_is_in_the_log(
    error: Exception, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    text = text_for(error)
    assert words in text
    assert str(error) not in text
    incident = re.search(r"`([0-9a-f]{8})`", text)
    assert incident
    (record,) = caplog.records
    assert incident[1] in record.getMessage()
    assert text != text_for(error), "each incident has an id of its own"


def test_a_command_used_outside_a_server_says_where_it_works() -> None:
    assert "on a server" in text_for(app_commands.NoPrivateMessage())
