"""The world as it is at every start: two servers, four people, another bot, and ours."""

from dataclasses import replace

from playground.world.ids import made_at_ms
from playground.world.model import (
    Channel,
    ChannelKind,
    Guild,
    Member,
    Overwrite,
    OverwriteKind,
    Role,
    User,
)
from playground.world.permissions import Permission
from playground.world.world import World

MARA, ALICE, BOB, CHEN, ECHO, KEEPER = (f"120000000000000000{n}" for n in range(1, 7))
DARKROOM, BACK_ROOM = "1300000000000000000", "1400000000000000000"
GENERAL, VIDEO_LAB, ANNOUNCEMENTS = (f"131000000000000000{n}" for n in range(1, 4))
LOBBY = "1410000000000000001"
MODERATORS, REGULARS, DARKROOM_BOT = (f"132000000000000000{n}" for n in range(1, 4))
BACK_MODERATORS, BACK_BOT = (f"142000000000000000{n}" for n in range(1, 3))

_BOT_RIGHTS = (
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.SEND_MESSAGES_IN_THREADS
    | Permission.CREATE_PUBLIC_THREADS
    | Permission.ATTACH_FILES
    | Permission.EMBED_LINKS
    | Permission.READ_MESSAGE_HISTORY
    | Permission.ADD_REACTIONS
    | Permission.USE_APPLICATION_COMMANDS
)
_MODERATOR_RIGHTS = (
    Permission.MANAGE_GUILD
    | Permission.MANAGE_CHANNELS
    | Permission.MANAGE_MESSAGES
    | Permission.MANAGE_THREADS
    | Permission.MENTION_EVERYONE
    | Permission.MODERATE_MEMBERS
)
_SPEAKING = (
    Permission.SEND_MESSAGES
    | Permission.SEND_MESSAGES_IN_THREADS
    | Permission.CREATE_PUBLIC_THREADS
)


def seed(world: World) -> None:
    """Fill an empty world."""
    for user in (
        User(MARA, "Mara", "#8a5fbf"),
        User(ALICE, "Alice", "#2f7fb5"),
        User(BOB, "Bob", "#3c8d5a"),
        User(CHEN, "Chen", "#b5762f"),
        User(ECHO, "Echo", "#6b7280", bot=True),
        User(KEEPER, "Keeper", "#444444"),  # owns the servers, so that no one else can do all
    ):
        world.users[user.id] = user
    world.people = [MARA, ALICE, BOB, CHEN, ECHO]

    darkroom = _guild(world, DARKROOM, "The Darkroom")
    _roles(
        darkroom,
        Role(MODERATORS, "Moderators", int(_MODERATOR_RIGHTS), 3, 0x8A5FBF),
        Role(REGULARS, "Regulars", 0, 2, 0x3C8D5A),
        Role(DARKROOM_BOT, world.bot.name, int(_BOT_RIGHTS), 1, bot_id=world.bot.id),
    )
    _members(darkroom, {KEEPER: (), MARA: (MODERATORS,), ALICE: (), BOB: (REGULARS,), CHEN: ()})
    _members(darkroom, {ECHO: (), world.bot.id: (DARKROOM_BOT,)})
    quiet = [
        Overwrite(DARKROOM, OverwriteKind.ROLE, 0, int(_SPEAKING)),
        Overwrite(MODERATORS, OverwriteKind.ROLE, int(_SPEAKING), 0),
        Overwrite(DARKROOM_BOT, OverwriteKind.ROLE, 0, int(_SPEAKING)),
    ]
    _channels(
        world,
        darkroom,
        # First, because it is where the page opens.
        Channel(VIDEO_LAB, ChannelKind.TEXT, "video-lab", topic="Make a clip with /video create"),
        Channel(GENERAL, ChannelKind.TEXT, "general", topic="Anything goes"),
        Channel(ANNOUNCEMENTS, ChannelKind.TEXT, "announcements", overwrites=quiet),
    )

    back_room = _guild(world, BACK_ROOM, "Back Room")
    _roles(
        back_room,
        Role(BACK_MODERATORS, "Moderators", int(_MODERATOR_RIGHTS), 2, 0x8A5FBF),
        Role(BACK_BOT, world.bot.name, int(_BOT_RIGHTS), 1, bot_id=world.bot.id),
    )
    _members(back_room, {KEEPER: (), MARA: (BACK_MODERATORS,), BOB: (), world.bot.id: (BACK_BOT,)})
    _channels(world, back_room, Channel(LOBBY, ChannelKind.TEXT, "lobby"))


def _guild(world: World, guild_id: str, name: str) -> Guild:
    guild = Guild(guild_id, name, owner_id=KEEPER)
    guild.roles[guild_id] = Role(guild_id, "@everyone", int(_BOT_RIGHTS), 0)
    world.guilds[guild_id] = guild
    return guild


def _roles(guild: Guild, *roles: Role) -> None:
    guild.roles.update({role.id: role for role in roles})


def _members(guild: Guild, members: dict[str, tuple[str, ...]]) -> None:
    joined_ms = made_at_ms(guild.id)
    for user_id, roles in members.items():
        guild.members[user_id] = Member(user_id, roles, joined_ms)


def _channels(world: World, guild: Guild, *channels: Channel) -> None:
    for position, channel in enumerate(channels):
        world.add_channel(replace(channel, guild_id=guild.id, position=position))
