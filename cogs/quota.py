"""``/quota``: everyone sees their own limits, moderators set them.

Discord can hide whole top-level commands by permission, not their subcommands, and ``show`` is for
everyone: so the others ask for Manage Server themselves (docs/adr/0005).
"""

from __future__ import annotations

import asyncio
from typing import Literal

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.errors import MemberError
from bot.domain.language import _, ngettext, pgettext
from bot.domain.quota import Measure, Scope
from bot.domain.quota_refusals import rule_text
from bot.domain.request import Mode
from bot.domain.windows import Window, window_name
from bot.services.time_zones import zones_with
from cogs import choices, quota_texts
from cogs.answer import Answer
from cogs.asking import role_ids
from cogs.command_words import CHOICE
from cogs.failures import told
from cogs.limit_options import (
    MONEY_MAX_CHARACTERS,
    Subject,
    Wanted,
    WindowMissingError,
    check_moderator,
    rule_of,
    subject_of,
)
from cogs.services import Interaction, ServiceBot, catalogue_for

LIMIT_MAX = 100_000
COOLDOWN_MAX_MINUTES = 7 * 24 * 60
GRANT_DAYS_MAX = 366
EXPORT_DAYS_MAX = 3660
Per = Literal["day", "week", "month", "24 hours", "7 days", "30 days"]
Of = Literal["videos", "money", "cooldown", "at once"]
MEASURES: dict[str, Measure] = {
    "videos": Measure.VIDEOS,
    "money": Measure.MONEY,
    "cooldown": Measure.COOLDOWN,
    "at once": Measure.CONCURRENT,
}


class ExportTooLargeError(MemberError):
    """The file is larger than Discord takes in its place."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "The file would be larger than Discord takes here. Choose fewer `days`, "
                "or ask the operator of this bot for the whole."
            )
        )


async def time_zones(_: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """The zones that somebody may mean."""
    found = zones_with(typed, limit=choices.CHOICES_MAX)
    return [app_commands.Choice(name=zone, value=zone) for zone in found]


async def text_models(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """The models on offer, each with its price."""
    wanted = typed.strip().lower()
    return [
        app_commands.Choice(name=f"{row.title} · {row.price_text}", value=row.model)
        for row in catalogue_for(interaction).offered
        if wanted in row.model or wanted in row.title.lower()
    ][: choices.CHOICES_MAX]


@app_commands.guild_only()
class Quota(commands.GroupCog, group_name="quota", group_description="Limits on videos."):
    """Limits per member, role and server."""

    def __init__(self, bot: ServiceBot) -> None:
        self._bot = bot

    @app_commands.command(description="How many videos you may make, and how many are left.")
    @app_commands.describe(member="Somebody else; for moderators.")
    async def show(self, interaction: Interaction, member: discord.Member | None = None) -> None:
        """Show every limit that applies, privately."""
        answer = Answer(interaction)
        async with told(answer):
            person = member or interaction.user
            if person.id != interaction.user.id:
                check_moderator(interaction, _("see somebody else's limits"))
            guild_id = interaction.guild_id or 0
            quotas = interaction.client.services.quotas
            standings = await quotas.standings(
                guild_id, user_id=person.id, role_ids=role_ids(person, guild_id)
            )
            grants = await quotas.grants(guild_id, person.id)
            await answer.say(quota_texts.shown(standings, grants, person.id))

    @app_commands.command(
        name="set", description="Limit the videos of a member, a role or the server."
    )
    @app_commands.describe(
        videos="How many videos in one window; 0 allows none.",
        money="How much money in one window, such as 5 USD.",
        cooldown="Minutes between two videos of one member.",
        at_once="How many videos of one member may be under way at once.",
        per="For videos and money: the window. Hours and days roll, the others begin at midnight.",
        member="For one member.",
        role="For each member with this role; of several roles the most generous counts.",
        try_first="Show whom it would stop now, and save nothing.",
    )
    async def set_limit(  # noqa: PLR0913, PLR0917  # a slash command's options are its arguments
        self,
        interaction: Interaction,
        videos: app_commands.Range[int, 0, LIMIT_MAX] | None = None,
        money: app_commands.Range[str, 1, MONEY_MAX_CHARACTERS] | None = None,
        cooldown: app_commands.Range[int, 0, COOLDOWN_MAX_MINUTES] | None = None,
        at_once: app_commands.Range[int, 0, LIMIT_MAX] | None = None,
        per: Per | None = None,
        member: discord.Member | None = None,
        role: discord.Role | None = None,
        try_first: bool = False,  # noqa: FBT001, FBT002  # Discord passes it by name
    ) -> None:
        """Set or replace one limit, or show what it would mean."""
        answer = Answer(interaction)
        async with told(answer):
            await answer.begin_in_private()
            check_moderator(interaction, _("set limits"))
            subject = subject_of(interaction, member, role)
            wanted = Wanted(videos=videos, money=money, cooldown_minutes=cooldown, at_once=at_once)
            rule = rule_of(interaction, subject, wanted, per)
            quotas = interaction.client.services.quotas
            guild_id = interaction.guild_id or 0
            whom = _whom(subject, rule.measure)
            if try_first:
                await answer.say(
                    quota_texts.trial(rule, await quotas.try_rule(guild_id, rule), whom)
                )
                return
            await quotas.set_rule(guild_id, rule, set_by=interaction.user.id)
            earlier = "" if per is None else f" {_earlier(per)}"
            await answer.say(
                _("From now on: {limit} for {whom}.").format(limit=rule_text(rule), whom=whom)
                + earlier
            )

    @app_commands.command(description="Take a limit away.")
    @app_commands.describe(
        per="The window of the limit.",
        of="What it counts; videos if left out.",
        member="The one it is for.",
        role="The role it is for; with neither, the whole server's.",
    )
    async def clear(  # a slash command's options are its arguments
        self,
        interaction: Interaction,
        per: Per | None = None,
        of: Of = "videos",
        member: discord.Member | None = None,
        role: discord.Role | None = None,
    ) -> None:
        """Remove one limit."""
        answer = Answer(interaction)
        async with told(answer):
            await answer.begin_in_private()
            check_moderator(interaction, _("take limits away"))
            subject = subject_of(interaction, member, role)
            measure = MEASURES[of]
            has_window = measure in {Measure.VIDEOS, Measure.MONEY}
            if has_window and per is None:
                raise WindowMissingError
            window = Window(per) if per is not None and has_window else None
            cleared = await interaction.client.services.quotas.clear_rule(
                interaction.guild_id or 0,
                scope=subject.scope,
                subject_id=subject.subject_id,
                window=window,
                measure=measure,
                cleared_by=interaction.user.id,
            )
            text = _cleared(measure, has_window=window is not None, cleared=cleared)
            await answer.say(
                text.format(
                    of=pgettext(CHOICE, of),
                    window="" if window is None else window_name(window),
                    whom=_whom(subject, measure),
                )
            )

    @app_commands.command(description="Give a member videos besides their limits.")
    @app_commands.describe(
        member="Who gets them.",
        videos="How many. They are spent before the member's limits.",
        days="After so many days what is left is void.",
    )
    async def grant(
        self,
        interaction: Interaction,
        member: discord.Member,
        videos: app_commands.Range[int, 1, LIMIT_MAX],
        days: app_commands.Range[int, 1, GRANT_DAYS_MAX] = 30,
    ) -> None:
        """Give a member a pool of their own."""
        answer = Answer(interaction)
        async with told(answer):
            await answer.begin_in_private()
            check_moderator(interaction, _("give videos"))
            given = await interaction.client.services.quotas.give(
                interaction.guild_id or 0,
                user_id=member.id,
                videos=videos,
                days=days,
                given_by=interaction.user.id,
            )
            await answer.say(
                _(
                    "<@{member}> has a grant, spent before their own limits. The limits of the "
                    "server "
                    "and its budget hold.\n{grant}"
                ).format(member=member.id, grant=quota_texts.grant_line(given))
            )

    @app_commands.command(description="Let a member begin anew: what they made counts no more.")
    @app_commands.describe(member="Who.")
    async def reset(self, interaction: Interaction, member: discord.Member) -> None:
        """Take back what a member has used."""
        answer = Answer(interaction)
        async with told(answer):
            await answer.begin_in_private()
            check_moderator(interaction, _("let a member begin anew"))
            taken_back = await interaction.client.services.quotas.reset(
                interaction.guild_id or 0, user_id=member.id, reset_by=interaction.user.id
            )
            await answer.say(
                ngettext(
                    "<@{member}> begins anew: {count} video of theirs counts no more. What is "
                    "under way still counts, and so does everything for the server.",
                    "<@{member}> begins anew: {count} videos of theirs count no more. What is "
                    "under way still counts, and so does everything for the server.",
                    taken_back,
                ).format(member=member.id, count=taken_back)
            )

    @app_commands.command(description="Why a member may make a video now, or may not.")
    @app_commands.describe(member="Who.", model="With which model; the usual one if left out.")
    @app_commands.autocomplete(model=text_models)
    async def explain(
        self, interaction: Interaction, member: discord.Member, model: str | None = None
    ) -> None:
        """Every limit that names a member, and which one decides."""
        answer = Answer(interaction)
        async with told(answer):
            check_moderator(interaction, _("see somebody else's limits"))
            catalogue = catalogue_for(interaction)
            named = catalogue.default if model is None else catalogue.named(model)
            row = named or catalogue.choose(model, Mode.TEXT)
            guild_id = interaction.guild_id or 0
            found = await interaction.client.services.quotas.explain(
                guild_id,
                user_id=member.id,
                role_ids=role_ids(member, guild_id),
                model=row.model,
            )
            backlogs = await interaction.client.services.turns.backlogs(guild_id, member.id)
            await answer.say(
                quota_texts.explanation(
                    found, user_id=member.id, model=row.title, backlogs=backlogs
                )
            )

    @app_commands.command(name="list", description="Every limit of this server.")
    async def list_limits(self, interaction: Interaction) -> None:
        """Show what is set."""
        answer = Answer(interaction)
        async with told(answer):
            check_moderator(interaction, _("see everybody's limits"))
            quotas, guild_id = interaction.client.services.quotas, interaction.guild_id or 0
            rules = await quotas.rules(guild_id)
            await answer.say(quota_texts.listed(rules, await quotas.time_zone(guild_id)))

    @app_commands.command(description="What was reserved, made and paid here, as a table.")
    @app_commands.describe(days="How far back; 31 if left out.")
    async def export(
        self, interaction: Interaction, days: app_commands.Range[int, 1, EXPORT_DAYS_MAX] = 31
    ) -> None:
        """Attach the server's part of the ledger."""
        answer = Answer(interaction)
        async with told(answer):
            check_moderator(interaction, _("see what everybody used"))
            await answer.begin_in_private()
            guild_id = interaction.guild_id or 0
            async with interaction.client.services.quotas.export(guild_id, days=days) as found:
                if found.size_bytes > interaction.filesize_limit:
                    raise ExportTooLargeError
                file = await asyncio.to_thread(
                    discord.File, found.path, filename="cogreel-ledger.csv"
                )
                text = _("{rows} rows of the last {days} days. Times are UTC.").format(
                    rows=found.rows, days=days
                )
                await answer.tell(text, file)

    @app_commands.command(description="Where midnight is, for days, weeks and months.")
    @app_commands.describe(zone="Such as Europe/Berlin.")
    @app_commands.autocomplete(zone=time_zones)
    async def timezone(self, interaction: Interaction, zone: str) -> None:
        """Set the time zone of the server's calendar."""
        answer = Answer(interaction)
        async with told(answer):
            await answer.begin_in_private()
            check_moderator(interaction, _("set the time zone"))
            named = await interaction.client.services.quotas.set_time_zone(
                interaction.guild_id or 0, zone, set_by=interaction.user.id
            )
            await answer.say(
                _("Days, weeks and months begin at midnight in {zone} from now on.").format(
                    zone=named
                )
            )


def _whom(subject: Subject, measure: Measure) -> str:
    each = measure in {Measure.COOLDOWN, Measure.CONCURRENT}
    return _("each member") if each and subject.scope is Scope.SERVER else subject.whom


def _earlier(per: Per) -> str:
    if Window(per).length is not None:
        return _("What was made in the last {per} counts too.").format(per=window_name(Window(per)))
    return _("What was made earlier this {per} counts too.").format(per=window_name(Window(per)))


def _cleared(measure: Measure, *, has_window: bool, cleared: bool) -> str:
    """What is said of a limit that was to be taken away."""
    if measure is not Measure.VIDEOS and has_window:
        return (
            _("There is no limit of {of} per {window} for {whom} any more.")
            if cleared
            else _("There was no limit of {of} per {window} for {whom}.")
        )
    if measure is not Measure.VIDEOS:
        return (
            _("There is no limit of {of} for {whom} any more.")
            if cleared
            else _("There was no limit of {of} for {whom}.")
        )
    if has_window:
        return (
            _("There is no limit per {window} for {whom} any more.")
            if cleared
            else _("There was no limit per {window} for {whom}.")
        )
    return (
        _("There is no limit for {whom} any more.")
        if cleared
        else _("There was no limit for {whom}.")
    )
