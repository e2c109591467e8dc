"""What happens when a channel is deleted, and when the bot comes to a server or goes."""

from playground.world.events import BotCame, BotLeft, ChannelDeleted
from playground.world.model import Channel, Guild, Member
from playground.world.world import World


def delete_channel(world: World, channel: Channel) -> None:
    """Take a channel away with its threads, or a thread."""
    for each in list(world.channels.values()):
        if each.parent_id == channel.id:
            delete_channel(world, each)
    world.publish(ChannelDeleted(channel))
    del world.channels[channel.id]
    if channel.guild_id:
        del world.guilds[channel.guild_id].channels[channel.id]


def remove_bot(world: World, guild: Guild) -> Member:
    """Remove the bot from a server; its membership, for `add_bot`."""
    world.publish(BotLeft(guild.id, is_outage=False))
    return guild.members.pop(world.bot.id)


def add_bot(world: World, guild: Guild, membership: Member) -> None:
    """Add the bot to a server."""
    guild.members[world.bot.id] = membership
    world.publish(BotCame(guild.id))


def begin_outage(world: World, guild: Guild) -> None:
    """Let a server be unavailable, which is Discord's trouble and no removal."""
    world.outages.add(guild.id)
    world.publish(BotLeft(guild.id, is_outage=True))


def end_outage(world: World, guild: Guild) -> None:
    """Let it be there again."""
    world.outages.discard(guild.id)
    world.publish(BotCame(guild.id))
