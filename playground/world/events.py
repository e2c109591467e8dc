"""What happened, told once to everyone who listens: the gateway and the people's event streams."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from playground.world.interactions import Interaction
from playground.world.model import Channel, Message


@dataclass(frozen=True, slots=True)
class MessageCreated:
    """A message was posted."""

    message: Message


@dataclass(frozen=True, slots=True)
class MessageEdited:
    """A message changed: text, files, components, its thread."""

    message: Message


@dataclass(frozen=True, slots=True)
class MessageDeleted:
    """A message is gone."""

    message: Message


@dataclass(frozen=True, slots=True)
class ReactionChanged:
    """Someone put a reaction on a message, or took it back."""

    message: Message
    user_id: str
    emoji: str
    added: bool


@dataclass(frozen=True, slots=True)
class ChannelChanged:
    """A channel or a thread was changed."""

    channel: Channel


@dataclass(frozen=True, slots=True)
class ChannelDeleted:
    """A channel or a thread is gone."""

    channel: Channel


@dataclass(frozen=True, slots=True)
class BotLeft:
    """The bot was removed from a server, or the server went out."""

    guild_id: str
    is_outage: bool


@dataclass(frozen=True, slots=True)
class BotCame:
    """The bot was added to a server, or the server came back."""

    guild_id: str


@dataclass(frozen=True, slots=True)
class ThreadCreated:
    """A thread was opened."""

    thread: Channel


@dataclass(frozen=True, slots=True)
class ThreadMembersChanged:
    """Someone joined or left a thread."""

    thread: Channel
    joined: tuple[str, ...]
    left: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InteractionStarted:
    """A person used a command, a component or a modal."""

    interaction: Interaction


@dataclass(frozen=True, slots=True)
class InteractionAnswered:
    """The bot gave its first answer, or its time for one ran out."""

    interaction: Interaction


@dataclass(frozen=True, slots=True)
class TypingStarted:
    """Someone is typing."""

    channel: Channel
    user_id: str


@dataclass(frozen=True, slots=True)
class BotPresence:
    """The bot's gateway connection came or went."""

    connected: bool


Event: TypeAlias = (
    MessageCreated
    | MessageEdited
    | MessageDeleted
    | ReactionChanged
    | ChannelChanged
    | ChannelDeleted
    | BotLeft
    | BotCame
    | ThreadCreated
    | ThreadMembersChanged
    | InteractionStarted
    | InteractionAnswered
    | TypingStarted
    | BotPresence
)
Listener: TypeAlias = Callable[[Event], None]
