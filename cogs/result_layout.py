"""How a clip is laid out wherever it is posted: words around it, or a picture and a link to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord

from bot.domain.language import _
from cogs.texts import short_prompt

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.domain.job import Job
    from bot.engine.packing import Parcel

ALT_TEXT_MAX_CHARACTERS = 1024  # Discord's


def result_layout(
    texts: tuple[str, str],
    *,
    file: discord.File | None,
    link: str | None,
    rows: Iterable[discord.ui.ActionRow[Any]] = (),
) -> discord.ui.LayoutView:
    """One message. What is pressed in it is found by its id: nothing of this stays in memory.

    Args:
        texts: What stands above and below.
        file: The clip or the picture, sent with it; hidden where it is a spoiler.
        link: Where the clip is found; None where no button leads there.
        rows: What members can do with it.
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
    for row in rows:
        layout.add_item(row)
    return layout


def result_file(job: Job, parcel: Parcel, *, hidden: bool) -> discord.File | None:
    """What is attached: the clip or its pictures; None for a link alone. Blocks: it is opened.

    Raises:
        OSError: It is gone by now.
    """
    path = parcel.file or parcel.poster
    if path is None:
        return None
    # By its path, so that it is streamed and never held in memory.
    return discord.File(
        path,
        filename=f"cogreel-{job.job_id}.{'mp4' if parcel.file else 'jpg'}",
        description=short_prompt(job, ALT_TEXT_MAX_CHARACTERS),
        spoiler=hidden,  # it is Discord's to read that from the name
    )
