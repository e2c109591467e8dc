"""The one place where an error becomes a person's text. Cogs do not catch."""

from __future__ import annotations

import logging
import secrets
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import discord
from discord import app_commands

from bot.domain.confirmation import ConfirmationNeededError
from bot.domain.errors import CogreelError, MemberError, StorageBusyError, StorageError
from bot.domain.language import _
from bot.domain.storyboard import StoryboardCostError
from bot.languages import speak
from cogs.confirm_buttons import confirm_view
from cogs.discord_errors import UNKNOWN_INTERACTION
from cogs.draft_control import agree_view

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from cogs.answer import Answer

log = logging.getLogger(__name__)


def text_for(error: BaseException) -> str:
    """What the person is told, with the next step.

    An error that is not theirs to mend shows a short id, which is also in the log.
    """
    if isinstance(error, app_commands.CommandInvokeError | app_commands.TransformerError):
        error = error.__cause__ or error
    if isinstance(error, MemberError):
        return str(error)
    if isinstance(error, app_commands.AppCommandError):
        return _misunderstood(error)
    incident = secrets.token_hex(4)
    if isinstance(error, CogreelError):
        log.error("incident %s: %s", incident, error)
    else:
        log.error("incident %s", incident, exc_info=error)
    if isinstance(error, StorageBusyError):
        return _(
            "I am too busy at this moment. Nothing was started; try again. (`{incident}`)"
        ).format(incident=incident)
    if isinstance(error, StorageError):
        return _(
            "I cannot write down your request, so I started nothing. "
            "Tell the operator of this bot: `{incident}`"
        ).format(incident=incident)
    return _("Something broke on my side. Tell the operator of this bot: `{incident}`").format(
        incident=incident
    )


def view_for(error: BaseException) -> discord.ui.View | None:
    """The buttons to answer with, where the person is asked something."""
    if isinstance(error, ConfirmationNeededError):
        return confirm_view(error)
    if isinstance(error, StoryboardCostError):
        return agree_view(error.storyboard_id)
    return None


def _misunderstood(error: app_commands.AppCommandError) -> str:
    match error:
        case app_commands.NoPrivateMessage():
            return _("This works on a server only. Use it in a channel there.")
        case app_commands.CommandSignatureMismatch() | app_commands.CommandNotFound():
            return _(
                "This command has changed since your Discord loaded it, so nothing was started. "
                "Restart Discord (Ctrl+R on a computer), and try again."
            )
        case _:
            return _("That could not be understood: {error}").format(error=error)


@asynccontextmanager
async def told(answer: Answer) -> AsyncGenerator[None]:
    """Whatever goes wrong inside is told to the person, privately, and all in their language."""
    speak(answer.language)
    try:
        yield
    except discord.NotFound as exc:
        if exc.code != UNKNOWN_INTERACTION:
            await answer.refuse(text_for(exc))
            return
        # Answered too late: the token is dead, and there is nobody to tell.
        log.warning("an interaction was answered too late; nothing was started")
    except Exception as exc:  # noqa: BLE001  # supervision: the person must get an answer
        if answer.has_no_listener:
            # A job that was written down by now goes on at the next start, status message and all.
            log.info("stopped in the middle of an answer: %s", type(exc).__name__)
            return
        await answer.refuse(text_for(exc), view_for(exc))
