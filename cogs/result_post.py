"""The posted clip of a video, looked up at Discord."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import discord

from bot.domain.errors import DeliveryError
from cogs.discord_errors import discord_errors_mapped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.domain.job import Job

log = logging.getLogger(__name__)


async def posted_clip_url(bot: discord.Client, job: Job) -> str | None:
    """Discord's link to the clip in the bot's own post; None where there is no such file.

    Nobody else's message is looked at, and a link that a text names is never taken.
    """
    place = job.place
    if place.result_message_id is None or place.result_is_direct:
        return None
    channel = bot.get_partial_messageable(place.thread_id or place.channel_id)
    try:
        with discord_errors_mapped():
            message = await channel.fetch_message(place.result_message_id)
    except DeliveryError as exc:
        log.info("the post of job %d cannot be read: %s", job.job_id, exc)
        return None
    if bot.user is None or message.author.id != bot.user.id:
        return None
    clips = (url for url in _files(message) if urlsplit(url).path.endswith(".mp4"))
    return next(clips, None)


def _files(message: discord.Message) -> Iterator[str]:
    for attached in message.attachments:
        yield attached.url
    for component in message.components:
        shown = component.children if isinstance(component, discord.Container) else [component]
        for each in shown:
            if isinstance(each, discord.MediaGalleryComponent):
                yield from (item.media.url for item in each.items)
            elif isinstance(each, discord.FileComponent):
                yield each.media.url
