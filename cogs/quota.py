"""``/quota``: everyone sees their own limits, moderators set them.

Discord can hide whole top-level commands by permission, not their subcommands, and ``show`` is for
everyone: so ``set`` and ``clear`` ask for Manage Server themselves (docs/adr/0005).
"""

from __future__ import annotations

from typing import Literal

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.errors import MemberError, NotAllowedError
from bot.domain.quota import QuotaRule, Scope, Standing
from bot.domain.quota_refusals import moment
from bot.domain.windows import Window
from cogs.answer import Answer
from cogs.asking import role_ids
from cogs.failures import told
from cogs.services import Interaction, ServiceBot

LIMIT_MAX = 100_000


class OneSubjectError(MemberError):
    """A limit was asked for both a member and a role."""

    def __init__(self) -> None:
        super().__init__(
            "A limit is for a member, or for a role, or for the whole server. "
            "Leave `member` or `role` out, or both for the whole server."
        )


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
                _check_moderator(interaction, "see somebody else's limits")
            guild_id = interaction.guild_id or 0
            standings = await interaction.client.services.quotas.standings(
                guild_id, user_id=person.id, role_ids=role_ids(person, guild_id)
            )
            await answer.say(_shown(standings, person))

    @app_commands.command(
        name="set", description="Limit the videos of a member, a role or the server."
    )
    @app_commands.describe(
        videos="How many videos in one window; 0 allows none.",
        per="The window. Windows begin at midnight UTC, weeks on Monday.",
        member="For one member.",
        role="For each member with this role; of several roles the most generous counts.",
    )
    async def set_limit(
        self,
        interaction: Interaction,
        videos: app_commands.Range[int, 0, LIMIT_MAX],
        per: Literal["day", "week", "month"],
        member: discord.Member | None = None,
        role: discord.Role | None = None,
    ) -> None:
        """Set or replace one limit."""
        answer = Answer(interaction)
        async with told(answer):
            _check_moderator(interaction, "set limits")
            scope, subject_id, whom = _subject(interaction, member, role)
            rule = QuotaRule(scope=scope, subject_id=subject_id, window=Window(per), limit=videos)
            await interaction.client.services.quotas.set_rule(
                interaction.guild_id or 0, rule, set_by=interaction.user.id
            )
            await answer.say(
                f"From now on: {_videos(videos)} per {per} for {whom}. "
                f"What was made earlier this {per} counts too."
            )

    @app_commands.command(description="Take a limit away.")
    @app_commands.describe(
        per="The window of the limit.",
        member="The one it is for.",
        role="The role it is for; with neither, the whole server's.",
    )
    async def clear(
        self,
        interaction: Interaction,
        per: Literal["day", "week", "month"],
        member: discord.Member | None = None,
        role: discord.Role | None = None,
    ) -> None:
        """Remove one limit."""
        answer = Answer(interaction)
        async with told(answer):
            _check_moderator(interaction, "take limits away")
            scope, subject_id, whom = _subject(interaction, member, role)
            cleared = await interaction.client.services.quotas.clear_rule(
                interaction.guild_id or 0,
                scope=scope,
                subject_id=subject_id,
                window=Window(per),
                cleared_by=interaction.user.id,
            )
            await answer.say(
                f"There is no limit per {per} for {whom} any more."
                if cleared
                else f"There was no limit per {per} for {whom}."
            )


def _check_moderator(interaction: Interaction, action: str) -> None:
    if not interaction.permissions.manage_guild:
        raise NotAllowedError(action=action, needed="moderators (with **Manage Server**)")


def _subject(
    interaction: Interaction, member: discord.Member | None, role: discord.Role | None
) -> tuple[Scope, int, str]:
    if member is not None and role is not None:
        raise OneSubjectError
    if member is not None:
        return Scope.MEMBER, member.id, f"<@{member.id}>"
    if role is not None:
        everyone = role.id == interaction.guild_id
        whom = "each member" if everyone else f"each member with <@&{role.id}>"
        return Scope.ROLE, role.id, whom
    return Scope.SERVER, interaction.guild_id or 0, "the whole server together"


def _shown(standings: list[Standing], person: discord.User | discord.Member) -> str:
    if not standings:
        return f"No limit applies to <@{person.id}> here."
    whose = {Scope.SERVER: "This server together", Scope.MEMBER: "Own limit"}
    lines = [f"Limits that apply to <@{person.id}>:"]
    for standing in standings:
        rule = standing.rule
        name = whose.get(rule.scope, f"Role <@&{rule.subject_id}>")
        lines.append(
            f"- {name}: **{standing.used} of {rule.limit}** per {rule.window} used, "
            f"{standing.remaining} left. Resets {moment(standing)}."
        )
    return "\n".join(lines)


def _videos(count: int) -> str:
    return f"{count} video" if count == 1 else f"{count} videos"
