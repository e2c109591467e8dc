"""How a result is laid out: its words around the clip, or around a picture and a link to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord

from bot.domain.language import _
from cogs.views import result_rows

if TYPE_CHECKING:
    from bot.domain.job import Job


def result_layout(
    job: Job,
    texts: tuple[str, str],
    *,
    file: discord.File | None,
    link: str | None,
    with_buttons: bool,
) -> discord.ui.LayoutView:
    """One message. What is pressed in it is found by its id: nothing of this stays in memory.

    Args:
        job: The job.
        texts: What stands above and below.
        file: The clip or the picture, sent with it; hidden where it is a spoiler.
        link: Where the clip is found; None where no button leads there.
        with_buttons: Whether members can do something with it.
    """
    above, below = texts
    shown: list[discord.ui.Item[Any]] = [discord.ui.TextDisplay(above)]
    if file is not None:
        # Discord does not take over what the file itself says of these.
        item = discord.MediaGalleryItem(
            file.uri, description=file.description, spoiler=file.spoiler
        )
        shown.append(discord.ui.MediaGallery(item))
    shown.append(discord.ui.TextDisplay(below))
    if link is not None:
        leads = discord.ui.Button[Any](label=_("Watch or download"), emoji="🔗", url=link)
        shown.append(discord.ui.ActionRow(leads))
    layout = discord.ui.LayoutView(timeout=None)
    layout.add_item(discord.ui.Container(*shown))
    for row in result_rows(job) if with_buttons else ():
        layout.add_item(row)
    return layout
