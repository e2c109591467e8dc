"""The state of the stand-in, and how to find things in it."""

import secrets
from base64 import urlsafe_b64encode

from playground.clock import Clock
from playground.knobs import Knobs
from playground.world import permissions
from playground.world.commands import CommandBook
from playground.world.events import Event, Listener
from playground.world.ids import Snowflakes
from playground.world.interactions import InteractionBook
from playground.world.model import (
    Channel,
    ChannelKind,
    Guild,
    Message,
    Overwrite,
    OverwriteKind,
    User,
)
from playground.world.permissions import Permission

APPLICATION_ID = "1100000000000000001"


class World:
    """People, servers, channels, messages and the bot; tells its listeners of every change."""

    def __init__(self, clock: Clock, knobs: Knobs) -> None:
        self.clock = clock
        self.knobs = knobs
        self.ids = Snowflakes(clock)
        self.bot = User(APPLICATION_ID, "Cogreel", "#c8553d", bot=True)
        self.bot_connected = False
        self.users: dict[str, User] = {self.bot.id: self.bot}
        self.people: list[str] = []
        self.guilds: dict[str, Guild] = {}
        self.channels: dict[str, Channel] = {}
        self.commands = CommandBook(APPLICATION_ID, self.ids)
        self.interactions = InteractionBook()
        self.bot_token = _make_token(APPLICATION_ID)
        self.origin = ""  # http://127.0.0.1:port, known once the server listens
        self.outages: set[str] = set()  # servers that the bot is told nothing of
        self._dms: dict[str, str] = {}
        self._listeners: list[Listener] = []

    def listen(self, listener: Listener) -> None:
        """Call a function at every event from now on."""
        self._listeners.append(listener)

    def publish(self, event: Event) -> None:
        """Tell every listener."""
        for listener in self._listeners:
            listener(event)

    def now_ms(self) -> int:
        """The present, in milliseconds since 1970."""
        return int(self.clock.now_s() * 1000)

    def guild_of(self, channel: Channel) -> Guild | None:
        """The server of a channel; None for a DM."""
        return self.guilds[channel.guild_id] if channel.guild_id else None

    def message(self, channel_id: str, message_id: str) -> Message | None:
        """Find a message."""
        channel = self.channels.get(channel_id)
        return channel.messages.get(message_id) if channel else None

    def thread_from(self, message: Message) -> Channel | None:
        """The thread opened from a message; it has the message's id."""
        return self.channels.get(message.id) if message.has_thread else None

    def permissions(self, user_id: str, channel: Channel) -> Permission:
        """What a user may do in a channel, thread or DM."""
        guild = self.guild_of(channel)
        if guild is not None:
            return permissions.in_channel(guild, channel, user_id)
        mine = user_id in {channel.recipient_id, self.bot.id}
        return permissions.IN_DMS if mine else permissions.NONE

    def may(self, user_id: str, channel: Channel, needed: Permission) -> bool:
        """Whether a user holds all of these permissions in a channel."""
        return needed in self.permissions(user_id, channel)

    def dm_with(self, user_id: str) -> Channel:
        """The bot's DM channel with a person, opened at the first call."""
        channel_id = self._dms.get(user_id)
        if channel_id is None:
            channel_id = self.ids.next()
            name = self.users[user_id].name
            self.channels[channel_id] = Channel(
                channel_id, ChannelKind.DM, name, recipient_id=user_id
            )
            self._dms[user_id] = channel_id
        return self.channels[channel_id]

    def add_channel(self, channel: Channel) -> None:
        """Put a channel into its server."""
        self.channels[channel.id] = channel
        if channel.guild_id:
            self.guilds[channel.guild_id].channels[channel.id] = channel

    def deny_bot(self, denied: dict[str, list[str]]) -> list[Channel]:
        """Take permissions from the bot, by channel id; what was taken before comes back.

        Returns:
            The channels whose overwrites changed.
        """
        changed: list[Channel] = []
        for channel in self.channels.values():
            if channel.guild_id is None or channel.is_thread:
                continue
            rest = [each for each in channel.overwrites if each.target_id != self.bot.id]
            names = denied.get(channel.id, [])
            if names:
                deny = int(permissions.by_names(names))
                rest.append(Overwrite(self.bot.id, OverwriteKind.MEMBER, 0, deny))
            if rest != channel.overwrites:
                channel.overwrites = rest
                changed.append(channel)
        return changed


def _make_token(application_id: str) -> str:
    """Make a bot token of the usual three parts, new at every start."""
    head = urlsafe_b64encode(application_id.encode()).decode().rstrip("=")
    return f"{head}.{secrets.token_urlsafe(4)}.{secrets.token_urlsafe(28)}"
