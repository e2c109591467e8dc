"""The nouns of the stand-in. Ids are strings of digits, instants are milliseconds since 1970."""

from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]

HISTORY_LIMIT = 5_000  # messages kept in a channel; the oldest go first


class ChannelKind(IntEnum):
    """Discord's channel types, as far as this stand-in has them."""

    TEXT = 0
    DM = 1
    PUBLIC_THREAD = 11
    PRIVATE_THREAD = 12


class OverwriteKind(IntEnum):
    """Whom a channel's overwrite is about."""

    ROLE = 0
    MEMBER = 1


class MessageFlag(IntEnum):
    """Discord's message flags that have an effect here."""

    SUPPRESS_EMBEDS = 1 << 2
    HAS_THREAD = 1 << 5
    EPHEMERAL = 1 << 6
    LOADING = 1 << 7
    SUPPRESS_NOTIFICATIONS = 1 << 12
    COMPONENTS_V2 = 1 << 15


class MessageKind(IntEnum):
    """Discord's message types that occur here."""

    DEFAULT = 0
    REPLY = 19
    SLASH_ANSWER = 20
    CONTEXT_MENU_ANSWER = 23


@dataclass(frozen=True, slots=True)
class User:
    """Anyone with an account: a person, or a bot."""

    id: str
    name: str
    color: str
    bot: bool = False
    locale: str = "en-US"


@dataclass(frozen=True, slots=True)
class Role:
    """A set of permissions with a name. The role with the server's own id is everyone's."""

    id: str
    name: str
    permissions: int
    position: int
    color: int = 0
    mentionable: bool = False
    bot_id: str | None = None


@dataclass(frozen=True, slots=True)
class Overwrite:
    """What a channel adds to, or takes from, a role or a member."""

    target_id: str
    kind: OverwriteKind
    allow: int
    deny: int


@dataclass(frozen=True, slots=True)
class Member:
    """A user in a server."""

    user_id: str
    roles: tuple[str, ...]
    joined_ms: int


@dataclass(frozen=True, slots=True)
class Attachment:
    """A stored file. ``width`` and ``height`` in pixels, where the file says so."""

    id: str
    channel_id: str
    filename: str
    content_type: str
    size: int
    path: Path
    expires_s: int
    signature: str
    width: int | None = None
    height: int | None = None
    description: str | None = None
    ephemeral: bool = False


@dataclass(frozen=True, slots=True)
class AnswerTo:
    """Which interaction a message answers, as its ``interaction_metadata`` tells."""

    id: str
    kind: int
    user_id: str
    command: str | None
    message_id: str | None = None
    target_message_id: str | None = None
    triggered_by: "AnswerTo | None" = None


@dataclass(slots=True)
class Message:
    """One message. ``ephemeral_for`` names the only person who sees it."""

    id: str
    channel_id: str
    author_id: str
    created_ms: int
    kind: MessageKind = MessageKind.DEFAULT
    content: str = ""
    edited_ms: int | None = None
    flags: int = 0
    embeds: list[Json] = field(default_factory=list[Json])
    attachments: list[Attachment] = field(default_factory=list[Attachment])
    components: list[Json] = field(default_factory=list[Json])
    reactions: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    mentions: tuple[str, ...] = ()
    mention_roles: tuple[str, ...] = ()
    mention_everyone: bool = False
    reply_to: str | None = None
    nonce: str | int | None = None
    answer_to: AnswerTo | None = None
    ephemeral_for: str | None = None
    has_thread: bool = False
    tts: bool = False

    @property
    def loading(self) -> bool:
        """Whether this is the "thinking" of a deferred answer."""
        return bool(self.flags & MessageFlag.LOADING)


@dataclass(slots=True)
class Channel:
    """A text channel, a thread of one, or one person's DM with the bot."""

    id: str
    kind: ChannelKind
    name: str
    guild_id: str | None = None
    parent_id: str | None = None
    position: int = 0
    topic: str | None = None
    nsfw: bool = False
    overwrites: list[Overwrite] = field(default_factory=list[Overwrite])
    messages: dict[str, Message] = field(default_factory=dict[str, Message])
    last_message_id: str | None = None
    recipient_id: str | None = None
    thread: "ThreadState | None" = None

    @property
    def is_thread(self) -> bool:
        """Whether thread rules hold here."""
        return self.thread is not None


@dataclass(slots=True)
class ThreadState:
    """What a thread has beyond a channel."""

    owner_id: str
    created_ms: int
    archive_changed_ms: int
    auto_archive_minutes: int = 4320
    archived: bool = False
    locked: bool = False
    slowmode_s: int = 0
    total_sent: int = 0
    members: dict[str, int] = field(default_factory=dict[str, int])


@dataclass(slots=True)
class Guild:
    """A server; its premium tier, by its boosts, is what the bot learns its file limit from."""

    id: str
    name: str
    owner_id: str
    locale: str = "en-US"
    premium_tier: int = 0
    roles: dict[str, Role] = field(default_factory=dict[str, Role])
    members: dict[str, Member] = field(default_factory=dict[str, Member])
    channels: dict[str, Channel] = field(default_factory=dict[str, Channel])
