"""What the bot needs where it posts, by the names that a moderator finds in Discord's settings."""

from __future__ import annotations

import discord

from bot.domain.language import N_, _

# The invite link asks for exactly these (README): nothing the bot does needs more.
INVITE = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    create_public_threads=True,
    attach_files=True,
    read_message_history=True,
)

NAMES = {
    "view_channel": N_("View Channel"),
    "send_messages": N_("Send Messages"),
    "send_messages_in_threads": N_("Send Messages in Threads"),
    "create_public_threads": N_("Create Public Threads"),
    "attach_files": N_("Attach Files"),
    "read_message_history": N_("Read Message History"),
}


def missing(have: discord.Permissions, *needed: str) -> tuple[str, ...]:
    """Of ``needed`` (attribute names), those that are not there."""
    return tuple(name for name in needed if not getattr(have, name))


def missing_to_work(have: discord.Permissions, *, in_thread: bool) -> tuple[str, ...]:
    """What is missing to post anything at all in a channel, or in a thread."""
    send = "send_messages_in_threads" if in_thread else "send_messages"
    return missing(have, "view_channel", send)


def in_words(names: tuple[str, ...]) -> str:
    """Attribute names as a moderator knows them: ``**Send Messages** and **Attach Files**``."""
    named = [_(NAMES[name]) for name in names]
    return _(" and ").join(f"**{name}**" for name in named)
