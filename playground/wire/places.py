"""Servers, channels and threads in Discord's JSON."""

from playground.clock import iso
from playground.wire.people import member_json, role_json, user_json
from playground.world.model import Channel, Guild, Json, ThreadState
from playground.world.world import World


def channel_json(world: World, channel: Channel) -> Json:
    """Give any channel."""
    if channel.thread is not None:
        return thread_json(world, channel, channel.thread)
    if channel.guild_id is None:
        recipient = world.users[channel.recipient_id or world.bot.id]
        return {
            "id": channel.id,
            "type": int(channel.kind),
            "flags": 0,
            "last_message_id": channel.last_message_id,
            "recipients": [user_json(recipient)],
        }
    return {
        "id": channel.id,
        "type": int(channel.kind),
        "flags": 0,
        "guild_id": channel.guild_id,
        "name": channel.name,
        "position": channel.position,
        "parent_id": None,
        "topic": channel.topic,
        "nsfw": channel.nsfw,
        "rate_limit_per_user": 0,
        "last_message_id": channel.last_message_id,
        "permission_overwrites": [
            {
                "id": each.target_id,
                "type": int(each.kind),
                "allow": str(each.allow),
                "deny": str(each.deny),
            }
            for each in channel.overwrites
        ],
    }


def thread_json(world: World, thread: Channel, state: ThreadState) -> Json:
    """Give a thread; with the bot's own membership where it has one."""
    payload: Json = {
        "id": thread.id,
        "type": int(thread.kind),
        "flags": 0,
        "guild_id": thread.guild_id,
        "parent_id": thread.parent_id,
        "owner_id": state.owner_id,
        "name": thread.name,
        "last_message_id": thread.last_message_id,
        "rate_limit_per_user": state.slowmode_s,
        "message_count": state.total_sent,
        "total_message_sent": state.total_sent,
        "member_count": min(50, len(state.members)),  # Discord stops counting at 50
        "thread_metadata": {
            "archived": state.archived,
            "archive_timestamp": iso(state.archive_changed_ms),
            "auto_archive_duration": state.auto_archive_minutes,
            "locked": state.locked,
            "create_timestamp": iso(state.created_ms),
        },
    }
    if world.bot.id in state.members:
        payload["member"] = thread_member_json(thread, world.bot.id, state)
    return payload


def thread_member_json(thread: Channel, user_id: str, state: ThreadState) -> Json:
    """Give one member of a thread."""
    return {
        "id": thread.id,
        "user_id": user_id,
        "join_timestamp": iso(state.members[user_id]),
        "flags": 0,
    }


def guild_json(guild: Guild) -> Json:
    """Give a server as REST does: without its channels and members."""
    return {
        "id": guild.id,
        "name": guild.name,
        "icon": None,
        "description": None,
        "home_header": None,
        "splash": None,
        "discovery_splash": None,
        "features": [],
        "banner": None,
        "owner_id": guild.owner_id,
        "application_id": None,
        "region": "deprecated",
        "afk_channel_id": None,
        "afk_timeout": 300,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "widget_enabled": False,
        "widget_channel_id": None,
        "verification_level": 0,
        "roles": [role_json(role, guild) for role in guild.roles.values()],
        "default_message_notifications": 1,
        "mfa_level": 0,
        "explicit_content_filter": 0,
        "max_presences": None,
        "max_members": 500_000,
        "max_stage_video_channel_users": 50,
        "max_video_channel_users": 25,
        "vanity_url_code": None,
        "premium_tier": guild.premium_tier,
        "premium_subscription_count": 0,
        "preferred_locale": guild.locale,
        "rules_channel_id": None,
        "safety_alerts_channel_id": None,
        "public_updates_channel_id": None,
        "premium_progress_bar_enabled": False,
        "nsfw": False,
        "nsfw_level": 0,
        "emojis": [],
        "stickers": [],
        "incidents_data": None,
    }


def guild_create_json(world: World, guild: Guild, *, all_members: bool) -> Json:
    """Give a server as GUILD_CREATE does.

    Args:
        world: Where it is.
        guild: The server.
        all_members: With every member; else, as without the members intent, the bot alone.
    """
    threads = [each for each in guild.channels.values() if each.thread is not None]
    members = [
        member for member in guild.members.values() if all_members or member.user_id == world.bot.id
    ]
    return {
        **guild_json(guild),
        "joined_at": iso(guild.members[world.bot.id].joined_ms),
        "large": False,
        "unavailable": False,
        "member_count": len(guild.members),
        "members": [member_json(member, world.users[member.user_id]) for member in members],
        "channels": [
            channel_json(world, each) for each in guild.channels.values() if each.thread is None
        ],
        "threads": [
            channel_json(world, each)
            for each in threads
            if each.thread and not each.thread.archived
        ],
        "voice_states": [],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }
