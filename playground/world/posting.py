"""What happens when someone posts, edits, deletes or reacts."""

from playground.world.events import (
    ChannelChanged,
    MessageCreated,
    MessageDeleted,
    MessageEdited,
    ReactionChanged,
)
from playground.world.model import HISTORY_LIMIT, Message
from playground.world.threads import join
from playground.world.world import World


def post(world: World, message: Message) -> None:
    """Put a message into its channel; in a thread it wakes the thread and joins its author."""
    channel = world.channels[message.channel_id]
    channel.messages[message.id] = message
    while len(channel.messages) > HISTORY_LIMIT:
        del channel.messages[next(iter(channel.messages))]
    if message.ephemeral_for is None:
        channel.last_message_id = message.id
        if channel.thread is not None:
            channel.thread.total_sent += 1
            if channel.thread.archived:
                channel.thread.archived = False
                channel.thread.archive_changed_ms = message.created_ms
                world.publish(ChannelChanged(channel))
            join(world, channel, message.author_id)
    world.publish(MessageCreated(message))


def changed(world: World, message: Message, *, marked: bool = True) -> None:
    """Tell everyone that a message was changed, and mark it as edited now unless told not to."""
    if marked:
        message.edited_ms = world.now_ms()
    world.publish(MessageEdited(message))


def delete(world: World, message: Message) -> None:
    """Take a message away. A thread opened from it lives on."""
    del world.channels[message.channel_id].messages[message.id]
    world.publish(MessageDeleted(message))


def react(world: World, message: Message, user_id: str, emoji: str) -> None:
    """Put a reaction on a message; a second one of the same person changes nothing."""
    people = message.reactions.setdefault(emoji, [])
    if user_id not in people:
        people.append(user_id)
        world.publish(ReactionChanged(message, user_id, emoji, added=True))


def unreact(world: World, message: Message, user_id: str, emoji: str) -> bool:
    """Take a reaction back; False if there was none."""
    people = message.reactions.get(emoji, [])
    if user_id not in people:
        return False
    people.remove(user_id)
    if not people:
        del message.reactions[emoji]
    world.publish(ReactionChanged(message, user_id, emoji, added=False))
    return True
