"""Channels and threads: reading, changing, membership, typing."""

from playground.form import Form
from playground.rest.access import get_channel, get_message, require, require_awake
from playground.rest.call import Answer, Call, Endpoint, check
from playground.rest.errors import Refusal, refuse
from playground.wire.places import channel_json, thread_member_json
from playground.world import threads
from playground.world.events import ChannelChanged, TypingStarted
from playground.world.model import Channel, ChannelKind, ThreadState
from playground.world.permissions import Permission
from playground.world.world import World


class Channels:
    """Handlers of /channels/{channel_id} and its threads."""

    def __init__(self, world: World) -> None:
        self._world = world

    def endpoints(self) -> list[Endpoint]:
        """Give what this module serves."""
        one = "/channels/{channel_id}"
        return [
            Endpoint("GET", one, self.get),
            Endpoint("PATCH", one, self.change),
            Endpoint("POST", one + "/typing", self.typing),
            Endpoint("POST", one + "/messages/{message_id}/threads", self.open_from_message),
            Endpoint("POST", one + "/threads", self.open_alone),
            Endpoint("GET", one + "/threads/archived/public", self.archived),
            Endpoint("GET", one + "/thread-members", self.members),
            Endpoint("PUT", one + "/thread-members/@me", self.join),
            Endpoint("DELETE", one + "/thread-members/@me", self.leave),
            Endpoint("GET", one + "/thread-members/{user_id}", self.member),
            Endpoint("PUT", one + "/thread-members/{user_id}", self.add_member),
            Endpoint("DELETE", one + "/thread-members/{user_id}", self.remove_member),
        ]

    async def get(self, call: Call) -> Answer:
        """One channel."""
        return 200, channel_json(self._world, self._channel(call))

    async def typing(self, call: Call) -> Answer:
        """Show the bot as typing."""
        channel = self._channel(call)
        needed = (
            Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES
        )
        require(self._world, channel, needed)
        self._world.publish(TypingStarted(channel, self._world.bot.id))
        return 204, None

    async def change(self, call: Call) -> Answer:
        """Change a thread; a channel needs MANAGE_CHANNELS, which the bot has not by default."""
        channel = self._channel(call)
        if channel.thread is None:
            require(self._world, channel, Permission.MANAGE_CHANNELS)
            return self._change_channel(channel, call.form())
        return self._change_thread(channel, channel.thread, call.form())

    async def open_from_message(self, call: Call) -> Answer:
        """Open a thread from a message; the thread gets the message's id."""
        channel = self._parent(call)
        message = get_message(channel, call.params["message_id"])
        require(self._world, channel, Permission.CREATE_PUBLIC_THREADS)
        name, minutes = _name_and_archive(call.form())
        if message.has_thread:
            raise refuse(Refusal.THREAD_EXISTS)
        thread = threads.open_thread(
            self._world,
            channel,
            self._world.bot.id,
            name,
            message=message,
            auto_archive_minutes=minutes,
        )
        return 201, channel_json(self._world, thread)

    async def open_alone(self, call: Call) -> Answer:
        """Open a thread that starts from no message; private unless the body says otherwise."""
        channel = self._parent(call)
        form = call.form()
        kinds = (int(ChannelKind.PUBLIC_THREAD), int(ChannelKind.PRIVATE_THREAD))
        kind = ChannelKind(form.choice("type", kinds) or ChannelKind.PRIVATE_THREAD)
        name, minutes = _name_and_archive(form)
        needed = (
            Permission.CREATE_PUBLIC_THREADS
            if kind is ChannelKind.PUBLIC_THREAD
            else Permission.CREATE_PRIVATE_THREADS
        )
        require(self._world, channel, needed)
        thread = threads.open_thread(
            self._world,
            channel,
            self._world.bot.id,
            name,
            kind=kind,
            auto_archive_minutes=minutes,
        )
        return 201, channel_json(self._world, thread)

    async def archived(self, call: Call) -> Answer:
        """A channel's archived public threads, last archived first."""
        channel = self._parent(call)
        require(self._world, channel, Permission.READ_MESSAGE_HISTORY)
        limit = call.whole("limit", least=2, most=100, default=50)
        found = [
            (each.thread.archive_changed_ms, each)
            for each in self._world.channels.values()
            if each.parent_id == channel.id and each.thread is not None and each.thread.archived
        ]
        found.sort(key=lambda pair: pair[0], reverse=True)
        return 200, {
            "threads": [channel_json(self._world, each) for _, each in found[:limit]],
            "members": [],
            "has_more": len(found) > limit,
        }

    async def members(self, call: Call) -> Answer:
        """Who is in a thread."""
        thread, state = self._thread(call)
        return 200, [thread_member_json(thread, each, state) for each in state.members]

    async def member(self, call: Call) -> Answer:
        """One member of a thread."""
        thread, state = self._thread(call)
        if call.params["user_id"] not in state.members:
            raise refuse(Refusal.UNKNOWN_MEMBER)
        return 200, thread_member_json(thread, call.params["user_id"], state)

    async def join(self, call: Call) -> Answer:
        """Join a thread."""
        thread, _ = self._thread(call)
        require_awake(thread)
        threads.join(self._world, thread, self._world.bot.id)
        return 204, None

    async def leave(self, call: Call) -> Answer:
        """Leave a thread."""
        thread, _ = self._thread(call)
        require_awake(thread)
        threads.leave(self._world, thread, self._world.bot.id)
        return 204, None

    async def add_member(self, call: Call) -> Answer:
        """Add a member of the server to a thread."""
        thread, _ = self._thread(call)
        require_awake(thread)
        require(self._world, thread, Permission.SEND_MESSAGES_IN_THREADS)
        guild = self._world.guild_of(thread)
        if guild is None or call.params["user_id"] not in guild.members:
            raise refuse(Refusal.UNKNOWN_MEMBER)
        threads.join(self._world, thread, call.params["user_id"])
        return 204, None

    async def remove_member(self, call: Call) -> Answer:
        """Take someone out of a thread."""
        thread, _ = self._thread(call)
        require_awake(thread)
        require(self._world, thread, Permission.MANAGE_THREADS)
        threads.leave(self._world, thread, call.params["user_id"])
        return 204, None

    def _change_channel(self, channel: Channel, form: Form) -> Answer:
        name = form.text("name", least=1, most=100)
        topic = form.text("topic", most=1024)
        check(form.faults)
        channel.name = name or channel.name
        channel.topic = topic if form.has("topic") else channel.topic
        self._world.publish(ChannelChanged(channel))
        return 200, channel_json(self._world, channel)

    def _change_thread(self, thread: Channel, state: ThreadState, form: Form) -> Answer:
        """Change a thread: its owner may rename, archive and, while unlocked, wake it."""
        name = form.text("name", least=1, most=100)
        minutes = form.choice("auto_archive_duration", threads.ARCHIVE_AFTER_MINUTES)
        slowmode = form.whole("rate_limit_per_user", most=21_600)
        archived = form.flag("archived") if form.has("archived") else None
        locked = form.flag("locked") if form.has("locked") else None
        check(form.faults)
        manages = self._world.may(self._world.bot.id, thread, Permission.MANAGE_THREADS)
        owns = state.owner_id == self._world.bot.id
        changes_rules = slowmode is not None or (locked is not None and locked != state.locked)
        if not manages and (changes_rules or not owns):
            wakes_only = archived is False and not changes_rules and name is None
            if not wakes_only:
                raise refuse(Refusal.MISSING_PERMISSIONS)
        if archived is False and state.archived:
            require(self._world, thread, Permission.SEND_MESSAGES_IN_THREADS)
            if state.locked and not manages:
                raise refuse(Refusal.MISSING_PERMISSIONS)
        elif state.archived:
            raise refuse(Refusal.THREAD_ARCHIVED)
        thread.name = name or thread.name
        state.auto_archive_minutes = minutes or state.auto_archive_minutes
        state.slowmode_s = state.slowmode_s if slowmode is None else slowmode
        threads.set_archived(self._world, thread, archived=archived, locked=locked)
        return 200, channel_json(self._world, thread)

    def _channel(self, call: Call) -> Channel:
        return get_channel(self._world, call.params["channel_id"])

    def _parent(self, call: Call) -> Channel:
        channel = self._channel(call)
        if channel.kind is not ChannelKind.TEXT:
            raise refuse(Refusal.WRONG_CHANNEL_KIND)
        return channel

    def _thread(self, call: Call) -> tuple[Channel, ThreadState]:
        channel = self._channel(call)
        if channel.thread is None:
            raise refuse(Refusal.WRONG_CHANNEL_KIND)
        return channel, channel.thread


def _name_and_archive(form: Form) -> tuple[str, int]:
    name = form.text("name", least=1, most=100, required=True)
    minutes = form.choice("auto_archive_duration", threads.ARCHIVE_AFTER_MINUTES)
    form.whole("rate_limit_per_user", most=21_600)
    check(form.faults)
    return name or "", minutes or 4320
