"""One status message for each storyboard that was started, edited only when its words change."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING

import discord

from bot.domain.errors import DestinationGoneError, MissingPermissionsError, PostRefusedError
from bot.fault_points import FaultPoint, reached
from bot.languages import speaking
from cogs import storyboard_texts
from cogs.discord_errors import discord_errors_mapped
from cogs.film_tell_button import film_tell_button
from cogs.retake_button import retake_button
from cogs.spoken import language_of_server

if TYPE_CHECKING:
    from bot.clock import Clock
    from bot.domain.catalogues import Catalogues
    from bot.domain.storyboard import Storyboard
    from bot.services.courses import Course, Courses
    from bot.services.policies import Policies

log = logging.getLogger(__name__)

# Discord limits edits of older messages for the whole channel (30046).
OLD_AFTER = timedelta(minutes=59)


class StoryboardStatus:
    """Shows how far storyboards are. Holds the words of those that are under way."""

    def __init__(
        self,
        *,
        bot: discord.Client,
        courses: Courses,
        catalogues: Catalogues,
        policies: Policies,
        clock: Clock,
    ) -> None:
        self._bot = bot
        self._courses = courses
        self._catalogues = catalogues
        self._policies = policies
        self._clock = clock
        self._shown: dict[int, str] = {}
        # Two editors that overtake each other would show the past, or post it twice.
        self._one_at_a_time = asyncio.Lock()

    async def show(self, storyboard_id: int) -> None:
        """Post or edit its status, unless that says so already.

        Raises:
            DeliveryUnavailableError: Discord is in trouble.
            StorageError: The database cannot be read or written.
        """
        async with self._one_at_a_time:
            course = await self._courses.of(storyboard_id)
            if course is None:
                return
            guild_id = course.board.place.guild_id
            with speaking(language_of_server(self._bot, self._policies, guild_id)):
                text = storyboard_texts.course(course, self._catalogues)
                if self._shown.get(storyboard_id) != text:
                    try:
                        await self._say(course, text)
                    except (DestinationGoneError, MissingPermissionsError, PostRefusedError) as exc:
                        log.info("storyboard %d cannot be shown: %s", storyboard_id, exc)
            if course.board.is_open or (course.film is not None and not course.film.is_terminal):
                self._shown[storyboard_id] = text
            else:
                self._shown.pop(storyboard_id, None)

    async def _say(self, course: Course, text: str) -> None:
        board = course.board
        channel = self._bot.get_partial_messageable(board.place.channel_id)
        message_id = board.place.status_message_id
        view = discord.utils.MISSING if course.is_closed else _view(board)
        closed = discord.AllowedMentions.none()
        with discord_errors_mapped():
            if message_id is not None and (not self._is_old(message_id) or course.is_closed):
                reached(FaultPoint.BEFORE_STATUS_EDIT)
                await channel.get_partial_message(message_id).edit(
                    content=text,
                    view=None if course.is_closed else view,
                    allowed_mentions=closed,
                )
                reached(FaultPoint.AFTER_STATUS_EDIT)
                return
            nonce = f"cogreel-b-{board.storyboard_id}" if message_id is None else f"b-{message_id}"
            posted = await channel.send(
                text, view=view, allowed_mentions=closed, nonce=nonce, suppress_embeds=True
            )
        reached(FaultPoint.AFTER_STORYBOARD_POST)
        await self._courses.record_status_message(board.storyboard_id, posted.id)

    def _is_old(self, message_id: int) -> bool:
        return self._clock.now() - discord.utils.snowflake_time(message_id) > OLD_AFTER


def _view(board: Storyboard) -> discord.ui.View:
    """DynamicItems only: see ``cogs/views.py``."""
    view = discord.ui.View(timeout=None)
    view.add_item(retake_button(board.storyboard_id))
    if board.is_open:
        view.add_item(film_tell_button(board))
    return view
