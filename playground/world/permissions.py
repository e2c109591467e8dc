"""Who may do what where: Discord's permission bits and the way they are computed."""

from enum import IntFlag

from playground.world.model import Channel, Guild, Member, OverwriteKind


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

# Without these, the others mean nothing in a channel.
_NEEDS_SEND = Permission.MENTION_EVERYONE | Permission.ATTACH_FILES | Permission.EMBED_LINKS


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
    if guild.owner_id == member.user_id:
        return ALL
    total = Permission(guild.roles[guild.id].permissions)
    for role_id in member.roles:
        total |= Permission(guild.roles[role_id].permissions)
    return ALL if Permission.ADMINISTRATOR in total else total


def in_channel(guild: Guild, channel: Channel, user_id: str) -> Permission:
    """What a user may do in a channel or thread; nothing if they are no member.

    Overwrites apply in Discord's order: everyone, then all roles together, then the member.
    A thread has its parent's.
    """
    member = guild.members.get(user_id)
    if member is None:
        return NONE
    total = in_guild(guild, member)
    if total == ALL:
        return ALL
    home = guild.channels[channel.parent_id] if channel.parent_id else channel
    everyone, roles_allow, roles_deny, own_allow, own_deny = (NONE, NONE, NONE, NONE, NONE)
    everyone_deny = NONE
    for overwrite in home.overwrites:
        allow, deny = Permission(overwrite.allow), Permission(overwrite.deny)
        if overwrite.target_id == guild.id:
            everyone, everyone_deny = allow, deny
        elif overwrite.kind is OverwriteKind.ROLE and overwrite.target_id in member.roles:
            roles_allow, roles_deny = roles_allow | allow, roles_deny | deny
        elif overwrite.kind is OverwriteKind.MEMBER and overwrite.target_id == user_id:
            own_allow, own_deny = own_allow | allow, own_deny | deny
    total = (total & ~everyone_deny) | everyone
    total = (total & ~roles_deny) | roles_allow
    total = (total & ~own_deny) | own_allow
    return _implied(total, in_thread=channel.is_thread)


def _implied(total: Permission, *, in_thread: bool) -> Permission:
    if Permission.VIEW_CHANNEL not in total:
        return NONE
    speak = Permission.SEND_MESSAGES_IN_THREADS if in_thread else Permission.SEND_MESSAGES
    return total if speak in total else total & ~_NEEDS_SEND
