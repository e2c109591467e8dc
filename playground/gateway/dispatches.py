"""Which gateway event tells of what happened, to which intents, and with which payload."""

from collections.abc import Callable
from dataclasses import dataclass

from playground.gateway.intents import Intent
from playground.wire.interactions import interaction_json
from playground.wire.messages import emoji_json, message_json
from playground.wire.people import member_json
from playground.wire.places import channel_json, guild_create_json, thread_member_json
from playground.world.events import (
    BotCame,
    BotLeft,
    ChannelChanged,
    ChannelDeleted,
    Event,
    InteractionStarted,
    MessageCreated,
    MessageDeleted,
    MessageEdited,
    ReactionChanged,
    ThreadCreated,
    ThreadMembersChanged,
    TypingStarted,
)
from playground.world.model import Channel, Json, Message
from playground.world.permissions import Permission
from playground.world.world import World

_CONTENT_FIELDS: Json = {"content": "", "embeds": [], "attachments": [], "components": []}


@dataclass(frozen=True, slots=True)
class Dispatch:
    """A gateway event to be; its payload is built only if a session wants it."""

    name: str
    needs: Intent
    guild_id: str | None
    payload: Callable[[Intent], Json]


def dispatch_for(  # noqa: C901, PLR0911, PLR0912  # one flat case an event
    world: World, event: Event
) -> Dispatch | None:
    """Give the gateway event for what happened, or None where the bot is not told."""
    match event:
        case InteractionStarted(interaction):
            payload = interaction_json(world, interaction)
            return Dispatch(
                "INTERACTION_CREATE", Intent(0), interaction.guild_id, lambda _: payload
            )
        case MessageCreated(message):
            return _message(world, "MESSAGE_CREATE", message)
        case MessageEdited(message):
            return _message(world, "MESSAGE_UPDATE", message)
        case MessageDeleted(message):
            return _deleted(world, message)
        case ReactionChanged():
            return _reaction(world, event)
        case ThreadCreated(thread):
            return _thread(world, "THREAD_CREATE", thread, {"newly_created": True})
        case ChannelChanged(channel):
            name = "THREAD_UPDATE" if channel.is_thread else "CHANNEL_UPDATE"
            return _thread(world, name, channel, {})
        case ChannelDeleted(channel):
            name = "THREAD_DELETE" if channel.is_thread else "CHANNEL_DELETE"
            return _thread(world, name, channel, {})
        case BotLeft(guild_id, is_outage):
            gone: Json = {"id": guild_id} | ({"unavailable": True} if is_outage else {})
            return Dispatch("GUILD_DELETE", Intent.GUILDS, guild_id, lambda _: gone)
        case BotCame(guild_id):
            return _came(world, guild_id)
        case ThreadMembersChanged():
            return _thread_members(world, event)
        case TypingStarted(channel, user_id):
            return _typing(world, channel, user_id)
        case _:
            return None


def _sees(world: World, channel: Channel) -> bool:
    return world.may(world.bot.id, channel, Permission.VIEW_CHANNEL)


def _came(world: World, guild_id: str) -> Dispatch:
    guild = world.guilds[guild_id]

    def payload(intents: Intent) -> Json:
        return guild_create_json(world, guild, all_members=Intent.GUILD_MEMBERS in intents)

    return Dispatch("GUILD_CREATE", Intent.GUILDS, guild_id, payload)


def _placed(world: World, channel: Channel, user_id: str, payload: Json) -> Json:
    guild = world.guild_of(channel)
    if guild is not None:
        payload["guild_id"] = guild.id
        member = guild.members.get(user_id)
        if member is not None:
            payload["member"] = member_json(member, None)
    return payload


def _message(world: World, name: str, message: Message) -> Dispatch | None:
    channel = world.channels[message.channel_id]
    if message.ephemeral_for is not None or not _sees(world, channel):
        return None
    needs = Intent.GUILD_MESSAGES if channel.guild_id else Intent.DIRECT_MESSAGES
    always = (
        channel.guild_id is None
        or message.author_id == world.bot.id
        or world.bot.id in message.mentions
    )

    def payload(intents: Intent) -> Json:
        full = _placed(world, channel, message.author_id, message_json(world, message))
        return full if always or Intent.MESSAGE_CONTENT in intents else full | _CONTENT_FIELDS

    return Dispatch(name, needs, channel.guild_id, payload)


def _deleted(world: World, message: Message) -> Dispatch | None:
    channel = world.channels[message.channel_id]
    if message.ephemeral_for is not None or not _sees(world, channel):
        return None
    payload: Json = {"id": message.id, "channel_id": channel.id}
    if channel.guild_id:
        payload["guild_id"] = channel.guild_id
    needs = Intent.GUILD_MESSAGES if channel.guild_id else Intent.DIRECT_MESSAGES
    return Dispatch("MESSAGE_DELETE", needs, channel.guild_id, lambda _: payload)


def _reaction(world: World, event: ReactionChanged) -> Dispatch | None:
    message = event.message
    channel = world.channels[message.channel_id]
    if not _sees(world, channel):
        return None
    payload: Json = {
        "user_id": event.user_id,
        "channel_id": channel.id,
        "message_id": message.id,
        "emoji": emoji_json(event.emoji),
        "burst": False,
        "type": 0,
    }
    guild = world.guild_of(channel)
    if guild is not None:
        payload["guild_id"] = guild.id
    if event.added:
        payload["message_author_id"] = message.author_id
        if guild is not None:
            member = guild.members[event.user_id]
            payload["member"] = member_json(member, world.users[event.user_id])
    name = "MESSAGE_REACTION_ADD" if event.added else "MESSAGE_REACTION_REMOVE"
    needs = Intent.GUILD_MESSAGE_REACTIONS if guild is not None else Intent.DIRECT_MESSAGE_REACTIONS
    return Dispatch(name, needs, channel.guild_id, lambda _: payload)


def _thread(world: World, name: str, channel: Channel, more: Json) -> Dispatch | None:
    if channel.guild_id is None:
        return None
    # A changed channel is told even where the bot lost its sight: the change is how it learns that.
    if channel.is_thread and not _sees(world, channel):
        return None
    payload = {**channel_json(world, channel), **more}
    return Dispatch(name, Intent.GUILDS, channel.guild_id, lambda _: payload)


def _thread_members(world: World, event: ThreadMembersChanged) -> Dispatch | None:
    thread, state = event.thread, event.thread.thread
    if state is None or not _sees(world, thread):
        return None
    payload: Json = {
        "id": thread.id,
        "guild_id": thread.guild_id,
        "member_count": min(50, len(state.members)),
        "added_members": [thread_member_json(thread, each, state) for each in event.joined],
        "removed_member_ids": list(event.left),
    }
    own = world.bot.id in event.joined + event.left
    needs = Intent.GUILDS if own else Intent.GUILDS | Intent.GUILD_MEMBERS
    return Dispatch("THREAD_MEMBERS_UPDATE", needs, thread.guild_id, lambda _: payload)


def _typing(world: World, channel: Channel, user_id: str) -> Dispatch | None:
    if user_id == world.bot.id or not _sees(world, channel):
        return None
    payload = _placed(
        world,
        channel,
        user_id,
        {"channel_id": channel.id, "user_id": user_id, "timestamp": int(world.clock.now_s())},
    )
    needs = Intent.GUILD_MESSAGE_TYPING if channel.guild_id else Intent.DIRECT_MESSAGE_TYPING
    return Dispatch("TYPING_START", needs, channel.guild_id, lambda _: payload)
