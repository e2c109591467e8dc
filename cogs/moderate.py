"""``/moderate``: what moderators do about what people ask for. Every answer is private.

Who may is Discord's to say: Manage Server by default, and what a server's administrators choose
in its integration settings.
"""

from __future__ import annotations

from typing import Literal

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.block import REASON_MAX_CHARACTERS
from bot.domain.durations import parse_duration
from bot.domain.language import N_, _
from bot.domain.takedown import target_of
from bot.domain.validation import shortened
from bot.domain.words import WordKind, WordRule
from bot.services.word_patterns import PATTERN_MAX_CHARACTERS
from bot.services.words import is_met, named, rule_of
from cogs import block_texts
from cogs.answer import Answer
from cogs.audit_texts import log_page
from cogs.choices import CHOICES_MAX
from cogs.failures import told
from cogs.listing import LISTED_MAX, LISTING_MAX_CHARACTERS, fitting_lines
from cogs.services import Interaction, ServiceBot
from cogs.takedown import take_down

TEXT_MAX_CHARACTERS = PATTERN_MAX_CHARACTERS  # a word may be less long, and is told so
TARGET_MAX_CHARACTERS = 150  # of a link to a message
PROMPT_MAX_CHARACTERS = 4000
LISTED_MAX_CHARACTERS = 1700  # of Discord's 2000 for a message; the rest is for words around it
# Patterns first: there are few, and they are long.
HEADINGS = {
    (WordKind.PATTERN, False): N_("Patterns"),
    (WordKind.WORD, False): N_("Words"),
    (WordKind.PATTERN, True): N_("Patterns for age-restricted channels only"),
    (WordKind.WORD, True): N_("Words for age-restricted channels only"),
}
AGE_RESTRICTED = "age-restricted channels only"


@app_commands.guild_only()
@app_commands.default_permissions(manage_guild=True)
class Moderate(commands.GroupCog, group_name="moderate", group_description="For moderators."):
    """What moderators do."""

    words = app_commands.Group(name="words", description="What no prompt may have in it.")

    def __init__(self, bot: ServiceBot) -> None:
        self._bot = bot

    @app_commands.command(description="Keep a member from making videos, for a time or for ever.")
    @app_commands.describe(
        member="Whom. A block that they have already is replaced.",
        span="For how long, like 2h or 3d; for ever if left out.",
        reason="Why. They are told it.",
    )
    @app_commands.rename(span="for")
    async def block(
        self,
        interaction: Interaction,
        member: discord.User,
        span: app_commands.Range[str, 1, 50] | None = None,
        reason: app_commands.Range[str, 1, REASON_MAX_CHARACTERS] | None = None,
    ) -> None:
        """Block a member."""
        answer = Answer(interaction)
        async with told(answer):
            await answer.begin_in_private()
            made = await interaction.client.services.blocks.block(
                interaction.guild_id or 0,
                member.id,
                span=parse_duration(span or ""),
                reason=reason,
                by=interaction.user.id,
            )
            await answer.say(block_texts.blocked(made))

    @app_commands.command(description="Let a member make videos again.")
    @app_commands.describe(member="Whom.")
    async def unblock(self, interaction: Interaction, member: discord.User) -> None:
        """Take a member's block away."""
        answer = Answer(interaction)
        async with told(answer):
            await answer.begin_in_private()
            blocks = interaction.client.services.blocks
            was_blocked = await blocks.unblock(
                interaction.guild_id or 0, member.id, by=interaction.user.id
            )
            await answer.say(
                _("<@{member}> may make videos here again.").format(member=member.id)
                if was_blocked
                else _("<@{member}> is not blocked here. `/moderate blocks` shows who is.").format(
                    member=member.id
                )
            )

    @app_commands.command(description="Who may not make videos here, until when and why.")
    async def blocks(self, interaction: Interaction) -> None:
        """Show the blocks that are in force."""
        answer = Answer(interaction)
        async with told(answer):
            found = await interaction.client.services.blocks.of_guild(interaction.guild_id or 0)
            nothing = _(
                "Nobody is blocked here. `/moderate block` keeps a member from making videos."
            )
            heading = _("Blocked here ({count}):\n").format(count=len(found))
            lines = fitting_lines(
                [block_texts.block_line(block) for block in found],
                _("\n-# … and more, blocked earlier."),
                LISTING_MAX_CHARACTERS - len(heading),
            )
            await answer.say(heading + lines if found else nothing)

    @app_commands.command(
        description="What moderators did here and what was refused, newest first."
    )
    @app_commands.describe(before="Only what came before the entry of this number.")
    async def log(
        self, interaction: Interaction, before: app_commands.Range[int, 1] | None = None
    ) -> None:
        """Show a page of the audit."""
        answer = Answer(interaction)
        async with told(answer):
            logs = interaction.client.services.guild_logs
            entries = await logs.newest(
                interaction.guild_id or 0, limit=LISTED_MAX + 1, before=before
            )
            nothing = (
                _("Nothing is on record here yet.")
                if before is None
                else _("Nothing is on record here before that.")
            )
            await answer.say(log_page(entries) or nothing)

    @app_commands.command(description="Delete a video's post and files; its record stays.")
    @app_commands.describe(
        video="The link or id of its message, or its number.",
        reason="Why, for the log.",
    )
    async def takedown(
        self,
        interaction: Interaction,
        video: app_commands.Range[str, 1, TARGET_MAX_CHARACTERS],
        reason: app_commands.Range[str, 1, REASON_MAX_CHARACTERS] | None = None,
    ) -> None:
        """Take a video down."""
        answer = Answer(interaction)
        async with told(answer):
            await answer.begin_in_private()
            await take_down(interaction, answer, target_of(video), reason=reason)

    @words.command(
        description="Block a word or a pattern, everywhere or in part; or try it on a prompt first."
    )
    @app_commands.describe(
        text="A word, several in a row, the beginning of one (`bad*`), or a pattern.",
        kind="A plain word if left out; patterns are in RE2's syntax.",
        allowed_in="Where prompts may have it all the same; nowhere if left out.",
        try_on="A prompt to try it on: then it is not saved.",
    )
    async def add(
        self,
        interaction: Interaction,
        text: app_commands.Range[str, 1, TEXT_MAX_CHARACTERS],
        kind: Literal["word", "pattern"] = "word",
        allowed_in: Literal["no channel", "age-restricted channels only"] = "no channel",
        try_on: app_commands.Range[str, 1, PROMPT_MAX_CHARACTERS] | None = None,
    ) -> None:
        """Add one rule, or show what it would do."""
        answer = Answer(interaction)
        async with told(answer):
            await answer.begin_in_private()
            age_restricted = allowed_in == AGE_RESTRICTED
            rule = rule_of(WordKind(kind), text, age_restricted=age_restricted)
            if try_on is not None:
                await answer.say(_tried(rule, met=await is_met(rule, try_on)))
                return
            added = await interaction.client.services.words.add(
                interaction.guild_id or 0, rule, added_by=interaction.user.id
            )
            await answer.say(
                _(
                    "From now on {what}. "
                    "It holds for Again and Edit too; videos that wait already are made."
                ).format(what=_how(rule))
                if added
                else _already(rule)
            )

    @words.command(description="Allow a word or a pattern again.")
    @app_commands.describe(text="The word or the pattern.")
    async def remove(self, interaction: Interaction, text: str) -> None:
        """Take one rule away."""
        answer = Answer(interaction)
        async with told(answer):
            await answer.begin_in_private()
            removed = await interaction.client.services.words.remove(
                interaction.guild_id or 0, text, removed_by=interaction.user.id
            )
            await answer.say(
                _("No longer blocked here: {rules}.").format(rules=", ".join(map(named, removed)))
                if removed
                else _("That is not blocked here. `/moderate words list` shows what is.")
            )

    @words.command(name="list", description="What is blocked in prompts here.")
    async def list_rules(self, interaction: Interaction) -> None:
        """Show every rule that one message can carry."""
        answer = Answer(interaction)
        async with told(answer):
            rules = await interaction.client.services.words.rules(interaction.guild_id or 0)
            nothing = _("Nothing is blocked here. `/moderate words add` blocks a word.")
            await answer.say(
                _("Blocked in prompts here:\n{rules}").format(rules=_listed(rules))
                if rules
                else nothing
            )

    @words.command(description="Hold a prompt against what is blocked here; starts nothing.")
    @app_commands.describe(prompt="The prompt.")
    async def test(
        self,
        interaction: Interaction,
        prompt: app_commands.Range[str, 1, PROMPT_MAX_CHARACTERS],
    ) -> None:
        """Show which rules a prompt meets."""
        answer = Answer(interaction)
        async with told(answer):
            words = interaction.client.services.words
            found = await words.found_in(interaction.guild_id or 0, prompt)
            await answer.say(
                _would_be_refused(found)
                if found
                else _("This prompt would pass: nothing in it is blocked here.")
            )

    @remove.autocomplete("text")
    async def _blocked(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        rules = await interaction.client.services.words.rules(interaction.guild_id or 0)
        return [
            app_commands.Choice(name=rule.text, value=rule.text)
            for rule in rules
            if typed.strip().casefold() in rule.text.casefold()
        ][:CHOICES_MAX]


def _how(rule: WordRule) -> str:
    text = (
        _("{rule} is for age-restricted channels only in prompts here")
        if rule.age_restricted
        else _("{rule} is blocked in prompts here")
    )
    return text.format(rule=named(rule))


def _already(rule: WordRule) -> str:
    text = (
        _("{rule} is for age-restricted channels only in prompts here already.")
        if rule.age_restricted
        else _("{rule} is blocked in prompts here already.")
    )
    return text.format(rule=named(rule))


def _would_be_refused(found: list[WordRule]) -> str:
    somewhere = not any(rule.stops(in_age_restricted=True) for rule in found)
    text = (
        _("This prompt would be refused for this, but in age-restricted channels:\n{rules}")
        if somewhere
        else _("This prompt would be refused for this:\n{rules}")
    )
    return text.format(rules=_listed(found))


def _tried(rule: WordRule, *, met: bool) -> str:
    text = _(
        {
            (True, False): N_(
                "This prompt would be refused for {rule}. "
                "Nothing is saved; leave `try_on` out to save it."
            ),
            (True, True): N_(
                "This prompt would be refused for {rule}, but in age-restricted channels. "
                "Nothing is saved; leave `try_on` out to save it."
            ),
        }.get(
            (met, rule.age_restricted),
            N_(
                "This prompt would pass: {rule} is not found in it. "
                "Nothing is saved; leave `try_on` out to save it."
            ),
        )
    )
    return text.format(rule=named(rule))


def _listed(rules: list[WordRule]) -> str:
    """As many rules as one message can carry, by kind, and how many there are of it."""
    lines: list[str] = []
    room = LISTED_MAX_CHARACTERS
    for how, heading in HEADINGS.items():
        texts = [
            f"`{shortened(rule.text)}`" for rule in rules if (rule.kind, rule.age_restricted) == how
        ]
        if texts:
            shown = _fitting(texts, room)
            room -= len(shown)
            title = _(heading)
            lines.append(f"**{title}** ({len(texts)}): {shown}")
    return "\n".join(lines)


def _fitting(texts: list[str], room: int) -> str:
    shown = ""
    for text in texts:
        longer = f"{shown}, {text}" if shown else text
        if len(longer) > room:
            return _(
                "{some} … and more, which the suggestions of `/moderate words remove` find"
            ).format(some=shown)
        shown = longer
    return shown
