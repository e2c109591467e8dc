"""``/usage``: moderators see what a server made, everybody what they made. Every answer is private.

A picture with the same figures as text below it: nobody has to read a picture.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.errors import MemberError
from bot.domain.language import _
from bot.domain.usage import NOTHING, UsageBy, UsageOf, together
from bot.services.usage import UsageOfMembers
from cogs import usage_texts
from cogs.answer import Answer
from cogs.failures import told
from cogs.services import Interaction, ServiceBot  # discord.py looks at it when it runs
from cogs.usage_figures import Rest, Row, View, by_size

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

MEMBERS_PER_REQUEST = 100  # Discord's
ASKED_MAX = 500  # members whose roles are asked for: those who made the most
FILE_NAME = "cogreel-usage.png"


class OwnUsageAloneError(MemberError):
    """Somebody who is no moderator wants to see what others made."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Only moderators (with **Manage Server**) see what others made. Leave `by` and "
                "`member` out to see what you made."
            )
        )


class OneMemberOnlyByDayError(MemberError):
    """What one member made was to be divided by members or roles."""

    def __init__(self) -> None:
        super().__init__(_("What one member made is shown by day. Leave `by` or `member` out."))


class MembersUnknownError(MemberError):
    """Discord did not say who has which role."""

    def __init__(self) -> None:
        super().__init__(
            _("Discord did not tell me who has which role. Try again in a minute, or use `by:day`.")
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the options ask for."""

    of: UsageOf
    by: UsageBy
    days: int


class Usage(commands.Cog):
    """What was made, paid and waited for."""

    def __init__(self, bot: ServiceBot) -> None:
        self._bot = bot

    @app_commands.command(description="What was made here, or by you: videos, money and waiting.")
    @app_commands.describe(
        of="What to look at; videos if left out.",
        by="For moderators: by day, by member or by role; by day if left out.",
        days="How far back; 30 days if left out.",
        member="For moderators: one member alone.",
    )
    @app_commands.guild_only()
    async def usage(
        self,
        interaction: Interaction,
        of: Literal["videos", "money", "waiting"] = "videos",
        by: Literal["day", "member", "role"] = "day",
        days: Literal[7, 30, 90] = 30,
        member: discord.Member | None = None,
    ) -> None:
        """Show it as a picture and as text."""
        answer = Answer(interaction)
        async with told(answer):
            wanted = Wanted(of=UsageOf(of), by=UsageBy(by), days=days)
            user_id = _whose(interaction, wanted.by, member)
            await answer.begin_in_private()
            view = await _view(interaction, wanted, user_id)
            text, *more = await asyncio.to_thread(usage_texts.messages, view)
            if view.is_empty:
                await answer.tell(text)
                return
            reports = interaction.client.services.usage
            async with reports.drawn(lambda: usage_texts.chart(view, answer.language)) as path:
                file = None
                if path is not None:
                    file = await asyncio.to_thread(_file, path, view)
                await answer.tell(text, file)
            for part in more:
                await answer.say_more(part)


def _file(path: Path, view: View) -> discord.File:
    return discord.File(path, filename=FILE_NAME, description=usage_texts.alt_text(view))


def _whose(interaction: Interaction, by: UsageBy, member: discord.Member | None) -> int | None:
    """Whose use is shown; None for the whole server's."""
    if interaction.permissions.manage_guild:
        if member is not None and by is not UsageBy.DAY:
            raise OneMemberOnlyByDayError
        return None if member is None else member.id
    if by is not UsageBy.DAY or (member is not None and member.id != interaction.user.id):
        raise OwnUsageAloneError
    return interaction.user.id


async def _view(interaction: Interaction, wanted: Wanted, user_id: int | None) -> View:
    reports, guild_id = interaction.client.services.usage, interaction.guild_id or 0
    if wanted.by is UsageBy.DAY:
        found = await reports.by_day(guild_id, wanted.of, days=wanted.days, user_id=user_id)
        rows = [Row(of=day, made=made) for day, made in found.made]
        days, total = found.days, [made for _, made in found.made]
    else:
        of_members = await reports.by_member(guild_id, wanted.of, days=wanted.days)
        days, total = of_members.days, list(of_members.made.values())
        divided = _of_members if wanted.by is UsageBy.MEMBER else _of_roles
        rows = await divided(interaction, wanted.of, of_members)
    return View(
        of=wanted.of,
        by=wanted.by,
        days=days,
        rows=rows,
        total=await asyncio.to_thread(together, total),
        rates=reports.rates,
        user_id=user_id,
    )


async def _of_members(interaction: Interaction, of: UsageOf, found: UsageOfMembers) -> list[Row]:
    ordered = by_size(found.made, of, interaction.client.services.usage.rates)
    try:
        members = await _members(interaction.guild, ordered[: usage_texts.SHOWN_MAX])
    except MembersUnknownError:
        members = {}  # the ends of their ids stand for their names
    names = {user_id: member.display_name for user_id, member in members.items()}
    return [Row(of=one, made=found.made[one], name=names.get(one, "")) for one in ordered]


async def _of_roles(interaction: Interaction, of: UsageOf, found: UsageOfMembers) -> list[Row]:
    reports, guild = interaction.client.services.usage, interaction.guild
    ordered = by_size(found.made, of, reports.rates)
    asked, others = ordered[:ASKED_MAX], ordered[ASKED_MAX:]
    members = await _members(guild, asked)
    by_role = await reports.by_role(
        UsageOfMembers(days=found.days, made={one: found.made[one] for one in asked}),
        {
            one: [role.id for role in member.roles if not role.is_default()]
            for one, member in members.items()
        },
    )
    names = {} if guild is None else {role.id: role.name for role in guild.roles}
    rows = [
        Row(of=one, made=by_role.made[one], name=names.get(one, ""))
        for one in by_size(by_role.made, of, reports.rates)
    ]
    rest = together(found.made[one] for one in others)
    rests = ((Rest.WITHOUT, by_role.without), (Rest.GONE, by_role.gone), (Rest.OTHERS, rest))
    rows += [Row(of=one, made=made, count=len(others)) for one, made in rests if made != NOTHING]
    return rows


async def _members(
    guild: discord.Guild | None, user_ids: Sequence[int]
) -> dict[int, discord.Member]:
    """Those of them who are on the server, asked for by their ids: that needs no privileged intent.

    Raises:
        MembersUnknownError: Discord gives no answer.
    """
    found: dict[int, discord.Member] = {}
    if guild is None:
        return found
    for start in range(0, len(user_ids), MEMBERS_PER_REQUEST):
        some = list(user_ids[start : start + MEMBERS_PER_REQUEST])
        try:
            members = await guild.query_members(user_ids=some, limit=len(some), cache=False)
        except (TimeoutError, discord.ClientException) as exc:
            raise MembersUnknownError from exc
        found.update({member.id: member for member in members})
    return found
