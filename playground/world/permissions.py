"""Who may do what where: Discord's permission bits and the way they are computed."""

from enum import IntFlag

from playground.world.model import Channel, Guild, Member, Overwrite


class Permission(IntFlag):
    """The bits this stand-in knows (https://docs.discord.com/developers/topics/permissions)."""

    KICK_MEMBERS = 1 << 1
    BAN_MEMBERS = 1 << 2
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_EXTERNAL_EMOJIS = 1 << 18
    MANAGE_ROLES = 1 << 28
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    SEND_MESSAGES_IN_THREADS = 1 << 38
    MODERATE_MEMBERS = 1 << 40


NONE = Permission(0)
ALL = Permission(sum(Permission))

IN_DMS = (
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.ADD_REACTIONS
    | Permission.USE_APPLICATION_COMMANDS
)

# Without SEND_MESSAGES, these mean nothing in a channel.
_NEEDS_SEND = int(Permission.MENTION_EVERYONE | Permission.ATTACH_FILES | Permission.EMBED_LINKS)
_ALL_BITS = int(ALL)


def by_names(names: list[str]) -> Permission:
    """Add up permissions given by name.

    Raises:
        KeyError: for a name that is none.
    """
    total = NONE
    for name in names:
        total |= Permission[name]
    return total


def in_guild(guild: Guild, member: Member) -> Permission:
    """What a member may do in a server before any channel's overwrites."""
    return Permission(_guild_bits(guild, member))


def in_channel(guild: Guild, channel: Channel, user_id: str) -> Permission:
    """What a user may do in a channel or thread; nothing if they are no member.

    Overwrites apply in Discord's order: everyone, then all roles together, then the member.
    A thread has its parent's.
    """
    member = guild.members.get(user_id)
    if member is None:
        return NONE
    total = _guild_bits(guild, member)
    if total == _ALL_BITS:
        return ALL
    home = guild.channels[channel.parent_id] if channel.parent_id else channel
    total = _apply(total, [each for each in home.overwrites if each.target_id == guild.id])
    total = _apply(total, [each for each in home.overwrites if each.target_id in member.roles])
    total = _apply(total, [each for each in home.overwrites if each.target_id == user_id])
    return Permission(_implied(total, in_thread=channel.is_thread))


# Plain integers inside: every request asks for permissions, and flag arithmetic is slow.
def _guild_bits(guild: Guild, member: Member) -> int:
    if guild.owner_id == member.user_id:
        return _ALL_BITS
    total = guild.roles[guild.id].permissions
    for role_id in member.roles:
        total |= guild.roles[role_id].permissions
    return _ALL_BITS if total & Permission.ADMINISTRATOR.value else total


def _apply(total: int, overwrites: list[Overwrite]) -> int:
    allow = deny = 0
    for overwrite in overwrites:
        allow |= overwrite.allow
        deny |= overwrite.deny
    return (total & ~deny) | allow


def _implied(total: int, *, in_thread: bool) -> int:
    if not total & Permission.VIEW_CHANNEL.value:
        return 0
    speak = Permission.SEND_MESSAGES_IN_THREADS if in_thread else Permission.SEND_MESSAGES
    return total if total & speak.value else total & ~_NEEDS_SEND
