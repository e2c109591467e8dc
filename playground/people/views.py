"""How a person sees what exists: the people API's JSON."""

from playground.clock import iso
from playground.wire.messages import attachment_json
from playground.world import permissions
from playground.world.model import Channel, ChannelKind, Guild, Json, Message, MessageFlag
from playground.world.permissions import Permission
from playground.world.world import World

_KINDS = {
    ChannelKind.TEXT: "text",
    ChannelKind.DM: "dm",
    ChannelKind.PUBLIC_THREAD: "thread",
    ChannelKind.PRIVATE_THREAD: "thread",
}


def person_view(world: World, user_id: str) -> Json:
    """Give a Person."""
    user = world.users[user_id]
    return {
        "id": user.id,
        "name": user.name,
        "color": user.color,
        "bot": user.bot,
        "locale": user.locale,
        "guilds": {
            guild.id: {
                "roles": list(guild.members[user_id].roles),
                "moderator": Permission.MANAGE_GUILD
                in permissions.in_guild(guild, guild.members[user_id]),
            }
            for guild in world.guilds.values()
            if user_id in guild.members
        },
    }


def guild_view(guild: Guild) -> Json:
    """Give a Guild. Its roles are those people may hold: not everyone's, and no bot's."""
    return {
        "id": guild.id,
        "name": guild.name,
        "roles": [
            {"id": role.id, "name": role.name}
            for role in guild.roles.values()
            if role.id != guild.id and role.bot_id is None
        ],
    }


def bot_view(world: World) -> Json:
    """Give the bot."""
    return {"id": world.bot.id, "name": world.bot.name, "connected": world.bot_connected}


def channel_view(world: World, channel: Channel) -> Json:
    """Give a Channel. A DM carries the bot's name."""
    return {
        "id": channel.id,
        "guild_id": channel.guild_id,
        "name": world.bot.name if channel.kind is ChannelKind.DM else channel.name,
        "kind": _KINDS[channel.kind],
        "parent_id": channel.parent_id,
        "archived": channel.thread is not None and channel.thread.archived,
        "locked": channel.thread is not None and channel.thread.locked,
        "nsfw": channel.nsfw,
        "topic": channel.topic,
    }


def message_view(world: World, message: Message) -> Json:
    """Give a Message."""
    author = world.users[message.author_id]
    thread = world.thread_from(message)
    answered = message.answer_to
    return {
        "id": message.id,
        "channel_id": message.channel_id,
        "author": {"id": author.id, "name": author.name, "bot": author.bot},
        "content": message.content,
        "created_at": iso(message.created_ms),
        "edited_at": None if message.edited_ms is None else iso(message.edited_ms),
        "ephemeral": message.ephemeral_for is not None,
        "loading": message.loading,
        "v2": bool(message.flags & MessageFlag.COMPONENTS_V2),
        "embeds": message.embeds,
        "attachments": [
            {"width": None, "height": None, **attachment_json(world, each)}
            for each in message.attachments
        ],
        "components": message.components,
        "reactions": [
            {"emoji": emoji, "count": len(people), "people": list(people)}
            for emoji, people in message.reactions.items()
        ],
        "thread": channel_view(world, thread) if thread else None,
        "reply_to": message.reply_to,
        "command": None
        if answered is None or answered.command is None
        else {
            "name": answered.command,
            "person": {
                "id": answered.user_id,
                "name": world.users[answered.user_id].name,
            },
        },
        "mentions": list(message.mentions),
    }


def sees(world: World, user_id: str, channel: Channel) -> bool:
    """Whether a person sees a channel."""
    private = channel.kind is ChannelKind.PRIVATE_THREAD and channel.thread is not None
    if private and channel.thread and user_id not in channel.thread.members:
        return world.may(user_id, channel, Permission.MANAGE_THREADS)
    return world.may(user_id, channel, Permission.VIEW_CHANNEL)


def sees_message(world: World, user_id: str, message: Message) -> bool:
    """Whether a person sees a message: not another's ephemeral one."""
    mine = message.ephemeral_for in {None, user_id}
    return mine and sees(world, user_id, world.channels[message.channel_id])
