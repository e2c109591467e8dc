"""``/budget``: how much money a server may spend. Every answer is private.

Who may is Discord's to say: Manage Server by default.
"""

from __future__ import annotations

import asyncio
from typing import Literal

from discord import app_commands
from discord.ext import commands

from bot.domain.language import _
from bot.domain.quota import Measure, Scope
from bot.domain.quota_refusals import rule_text
from bot.domain.windows import Window, window_name
from cogs import quota_texts
from cogs.answer import Answer
from cogs.failures import told
from cogs.limit_options import MONEY_MAX_CHARACTERS, amount_of, money_rule, subject_of
from cogs.services import Interaction, ServiceBot  # discord.py looks at it when it runs

NO_BUDGET = "none"


@app_commands.guild_only()
@app_commands.default_permissions(manage_guild=True)
class Budget(commands.GroupCog, group_name="budget", group_description="Money for videos."):
    """What a server may spend: a limit in money on everybody together."""

    def __init__(self, bot: ServiceBot) -> None:
        self._bot = bot

    @app_commands.command(name="set", description="How much money this server may spend.")
    @app_commands.describe(
        amount=f"Such as 20 USD; `{NO_BUDGET}` takes the budget away.",
        per="In what time; it begins at midnight in the server's time zone.",
        try_first="Show what it would stop now, and save nothing.",
    )
    async def set_budget(
        self,
        interaction: Interaction,
        amount: app_commands.Range[str, 1, MONEY_MAX_CHARACTERS],
        per: Literal["day", "month"] = "month",
        try_first: bool = False,  # noqa: FBT001, FBT002  # Discord passes it by name
    ) -> None:
        """Set, replace or take away a budget."""
        answer = Answer(interaction)
        async with told(answer):
            await answer.begin_in_private()
            quotas, guild_id = interaction.client.services.quotas, interaction.guild_id or 0
            window = Window(per)
            if amount.strip().lower() == NO_BUDGET:
                cleared = await quotas.clear_rule(
                    guild_id,
                    scope=Scope.SERVER,
                    subject_id=guild_id,
                    window=window,
                    measure=Measure.MONEY,
                    cleared_by=interaction.user.id,
                )
                text = (
                    _("There is no budget per {window} any more.")
                    if cleared
                    else _("There was no budget per {window}.")
                )
                await answer.say(text.format(window=window_name(window)))
                return
            subject = subject_of(interaction, None, None)
            rule = money_rule(subject, amount_of(interaction, amount), window)
            if try_first:
                trial = await quotas.try_rule(guild_id, rule)
                await answer.say(quota_texts.trial(rule, trial, subject.whom))
                return
            standing = await quotas.set_budget(guild_id, rule, set_by=interaction.user.id)
            text = _(
                "From now on this server may spend {limit}. What was spent earlier this "
                "{window} counts too. When it is used up, videos that cost something are "
                "refused."
            ).format(limit=rule_text(rule), window=window_name(window))
            # One that is nearly used up already, or more than that, is warned of here.
            await answer.say(f"{text}\n{quota_texts.budget_line(standing)}")

    @app_commands.command(description="What this server may spend, and has spent.")
    async def show(self, interaction: Interaction) -> None:
        """Show every budget of the server."""
        answer = Answer(interaction)
        async with told(answer):
            quotas, guild_id = interaction.client.services.quotas, interaction.guild_id or 0
            standings, time_zone = await asyncio.gather(
                quotas.budgets(guild_id), quotas.time_zone(guild_id)
            )
            await answer.say(quota_texts.budgets(standings, time_zone))
