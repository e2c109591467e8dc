"""Who is spoken to in which language: people in theirs, servers in the one they chose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.domain.language import Language, language_of

if TYPE_CHECKING:
    import discord

    from bot.services.policies import Policies


def language_of_person(interaction: discord.Interaction[Any]) -> Language:
    """What somebody set in their Discord, for what they alone read."""
    return language_of(str(interaction.locale)) or Language.ENGLISH


def language_of_server(bot: discord.Client, policies: Policies, guild_id: int) -> Language:
    """What moderators chose for what everybody reads; else the server's in Discord."""
    chosen = policies.of(guild_id).language
    return chosen or discord_language(bot.get_guild(guild_id))


def discord_language(guild: discord.Guild | None) -> Language:
    """The language that a server has in Discord, where the bot speaks it; else English."""
    found = None if guild is None else language_of(str(guild.preferred_locale))
    return found or Language.ENGLISH
