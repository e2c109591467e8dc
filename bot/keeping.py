"""What people do with videos that were made, built for the composition root."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.services.favourites import Favourites
from bot.services.further_posts import FurtherPosts
from bot.services.history import History
from bot.services.reports import Reports
from cogs.clearing import Clearing
from cogs.further_poster import FurtherPoster
from cogs.gallery import Gallery
from cogs.services import Keeping

if TYPE_CHECKING:
    import discord

    from bot.engine.tools import Tools
    from bot.services.policies import Policies
    from bot.services.takedowns import Takedowns


def keeping_of(
    bot: discord.Client, policies: Policies, tools: Tools, takedowns: Takedowns
) -> tuple[Keeping, Clearing]:
    """All of it, and what clears it away; the gallery and the clearing are to be started."""
    database, clock = tools.database, tools.clock
    posts = FurtherPosts(database=database, clock=clock)
    poster = FurtherPoster(bot=bot, posts=posts, tools=tools, policies=policies)
    gallery = Gallery(
        bot=bot,
        posts=posts,
        poster=poster,
        policies=policies,
        clock=clock,
        restored_at=tools.restored_at,
    )
    keeping = Keeping(
        history=History(database=database),
        favourites=Favourites(
            database=database, clock=clock, policies=policies, gallery_wanted=gallery.wanted
        ),
        further_posts=posts,
        further_poster=poster,
        reports=Reports(database=database, clock=clock),
        gallery=gallery,
    )
    clearing = Clearing(bot=bot, takedowns=takedowns, further_poster=poster, clock=clock)
    return keeping, clearing
