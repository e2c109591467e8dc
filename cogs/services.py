"""What the cogs work with, and the client that carries it to buttons and reactions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import discord
from discord.ext import commands

if TYPE_CHECKING:
    from bot.clock import Clock
    from bot.domain.catalogue import Catalogue
    from bot.domain.catalogues import Catalogues
    from bot.domain.job import Job
    from bot.engine.claims import Claims
    from bot.engine.departure import Departures
    from bot.engine.held_jobs import HeldJobs
    from bot.services.blocks import Blocks
    from bot.services.defaults import MemberDefaults
    from bot.services.drafts import Drafts
    from bot.services.favourites import Favourites
    from bot.services.further_posts import FurtherPosts
    from bot.services.guild_logs import GuildLogs
    from bot.services.guild_looks import GuildLooks
    from bot.services.history import History
    from bot.services.jobs import Jobs, Standing
    from bot.services.own_keys import OwnKeys
    from bot.services.policies import Policies
    from bot.services.privacy import Privacy
    from bot.services.quotas import Quotas
    from bot.services.reports import Reports
    from bot.services.stand_ins import StandIns
    from bot.services.storyboards import Storyboards
    from bot.services.submissions import Submissions
    from bot.services.takedowns import Takedowns
    from bot.services.tellings import Tellings
    from bot.services.turns import Turns
    from bot.services.usage import UsageReports
    from bot.services.viewer import Viewer
    from bot.services.words import Words
    from cogs.clearing import Clearing
    from cogs.confirming import Confirming
    from cogs.further_poster import FurtherPoster
    from cogs.gallery import Gallery
    from cogs.retaking import Retaking
    from cogs.status_board import StatusBoard
    from cogs.storyboard_panel import DraftPanel


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """What people do with videos that were made."""

    history: History
    favourites: Favourites
    further_posts: FurtherPosts
    further_poster: FurtherPoster
    reports: Reports
    gallery: Gallery


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything that a person's act may need. Owned by the composition root."""

    submissions: Submissions
    jobs: Jobs
    keeping: Keeping
    drafts: Drafts
    storyboards: Storyboards
    draft_panel: DraftPanel
    retaking: Retaking
    quotas: Quotas
    defaults: MemberDefaults
    usage: UsageReports
    turns: Turns
    words: Words
    own_keys: OwnKeys
    stand_ins: StandIns
    blocks: Blocks
    policies: Policies
    guild_logs: GuildLogs
    guild_looks: GuildLooks
    takedowns: Takedowns
    privacy: Privacy
    clearing: Clearing
    confirming: Confirming
    board: StatusBoard
    claims: Claims
    departures: Departures
    tellings: Tellings
    held_jobs: HeldJobs
    clock: Clock
    catalogues: Catalogues

    async def cancel(self, viewer: Viewer, job_id: int) -> Job:
        """Cancel as `Jobs.cancel` does, and show it."""
        cancelled = await self.jobs.cancel(viewer, job_id)
        self.board.job_changed(cancelled.job_id)
        if cancelled.storyboard_id is not None:
            self.storyboards.let_go()
        return cancelled

    async def put_first(self, viewer: Viewer, job_id: int) -> Standing:
        """Put a job first as `Jobs.put_first` does, and show it."""
        standing = await self.jobs.put_first(viewer, job_id)
        self.board.job_changed(job_id)
        return standing

    async def serve_by_number(self, guild_id: int, *, wanted: bool, by: int) -> None:
        """Decide as `Turns.serve_by_number` does, and show it."""
        await self.turns.serve_by_number(guild_id, wanted=wanted, by=by)
        self.board.places_moved()


class ServiceBot(commands.Bot):
    """A discord.py client that carries the services.

    A button is made anew for each press, and has nothing but its interaction to find them by.
    """

    services: Services


Interaction = discord.Interaction[ServiceBot]
# What discord.py declares for callbacks of components, whatever the client.
AnyInteraction = discord.Interaction[Any]


def catalogue_for(interaction: AnyInteraction) -> Catalogue:
    """What the server may use on which somebody acts."""
    services: Services = interaction.client.services
    return services.catalogues.of(interaction.guild_id or 0)
