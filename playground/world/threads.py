"""What happens when someone opens, joins, leaves or changes a thread."""

from playground.world.events import (
    ChannelChanged,
    MessageEdited,
    ThreadCreated,
    ThreadMembersChanged,
)
from playground.world.model import Channel, ChannelKind, Message, MessageFlag, ThreadState
from playground.world.world import World

ARCHIVE_AFTER_MINUTES = (60, 1440, 4320, 10080)


def open_thread(  # noqa: PLR0913  # each is a field of the new thread
    world: World,
    parent: Channel,
    owner_id: str,
    name: str,
    *,
    kind: ChannelKind = ChannelKind.PUBLIC_THREAD,
    message: Message | None = None,
    auto_archive_minutes: int = 4320,
) -> Channel:
    """Open a thread, from a message or on its own; its owner is its first member."""
    now = world.now_ms()
    thread = Channel(
        id=message.id if message else world.ids.next(),
        kind=kind,
        name=name,
        guild_id=parent.guild_id,
        parent_id=parent.id,
        nsfw=parent.nsfw,
        thread=ThreadState(owner_id, now, now, auto_archive_minutes, members={owner_id: now}),
    )
    world.add_channel(thread)
    world.publish(ThreadCreated(thread))
    if message is not None:
        message.has_thread = True
        message.flags |= MessageFlag.HAS_THREAD
        world.publish(MessageEdited(message))
    return thread


def join(world: World, thread: Channel, user_id: str) -> None:
    """Make someone a member of a thread."""
    if thread.thread is not None and user_id not in thread.thread.members:
        thread.thread.members[user_id] = world.now_ms()
        world.publish(ThreadMembersChanged(thread, (user_id,), ()))


def leave(world: World, thread: Channel, user_id: str) -> None:
    """Take someone out of a thread."""
    if thread.thread is not None and thread.thread.members.pop(user_id, None) is not None:
        world.publish(ThreadMembersChanged(thread, (), (user_id,)))


def set_archived(
    world: World, thread: Channel, *, archived: bool | None = None, locked: bool | None = None
) -> None:
    """Archive, wake, lock or unlock a thread."""
    state = thread.thread
    if state is None:
        return
    if archived is not None and archived != state.archived:
        state.archived = archived
        state.archive_changed_ms = world.now_ms()
    if locked is not None:
        state.locked = locked
    world.publish(ChannelChanged(thread))
