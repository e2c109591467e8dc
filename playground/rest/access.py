"""Finds what a path names, and checks that the bot may touch it."""

from playground.rest.errors import Refusal, refuse
from playground.world.model import Channel, Guild, Message
from playground.world.permissions import Permission
from playground.world.world import World


def get_guild(world: World, guild_id: str) -> Guild:
    """Find a server that the bot is on.

    Raises:
        ApiError: 10004.
    """
    guild = world.guilds.get(guild_id)
    if guild is None or world.bot.id not in guild.members:
        raise refuse(Refusal.UNKNOWN_GUILD)
    return guild


def get_channel(world: World, channel_id: str) -> Channel:
    """Find a channel that the bot sees.

    Raises:
        ApiError: 10003, or 50001 if it is hidden from the bot.
    """
    channel = world.channels.get(channel_id)
    if channel is None:
        raise refuse(Refusal.UNKNOWN_CHANNEL)
    if not world.may(world.bot.id, channel, Permission.VIEW_CHANNEL):
        raise refuse(Refusal.MISSING_ACCESS)
    return channel


def get_message(channel: Channel, message_id: str) -> Message:
    """Find a message of a channel. An ephemeral one is known to its interaction's token only.

    Raises:
        ApiError: 10008.
    """
    message = channel.messages.get(message_id)
    if message is None or message.ephemeral_for is not None:
        raise refuse(Refusal.UNKNOWN_MESSAGE)
    return message


def require(world: World, channel: Channel, needed: Permission) -> None:
    """Check that the bot holds permissions.

    Raises:
        ApiError: 50013.
    """
    if not world.may(world.bot.id, channel, needed):
        raise refuse(Refusal.MISSING_PERMISSIONS)


def require_awake(channel: Channel) -> None:
    """Check that a thread is not archived: nothing in it may change while it is.

    Raises:
        ApiError: 50083.
    """
    if channel.thread is not None and channel.thread.archived:
        raise refuse(Refusal.THREAD_ARCHIVED)


def require_speech(world: World, channel: Channel, *, files: bool, embeds: bool) -> None:
    """Check that the bot may post here.

    Raises:
        ApiError: 50013 without the permission; 50083 or 160005 in a locked thread; 50007 to a bot,
            or to somebody who takes no direct messages.
    """
    may = world.permissions(world.bot.id, channel)
    speak = Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES
    if speak not in may or (files and Permission.ATTACH_FILES not in may):
        raise refuse(Refusal.MISSING_PERMISSIONS)
    if embeds and Permission.EMBED_LINKS not in may:
        raise refuse(Refusal.MISSING_PERMISSIONS)
    thread = channel.thread
    if thread is not None and thread.locked and Permission.MANAGE_THREADS not in may:
        raise refuse(Refusal.THREAD_ARCHIVED if thread.archived else Refusal.THREAD_LOCKED)
    recipient = channel.recipient_id
    if recipient and (world.users[recipient].bot or recipient in world.knobs.closed_dms):
        raise refuse(Refusal.CANNOT_MESSAGE_USER)
