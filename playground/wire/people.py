"""Users, members and roles in Discord's JSON."""

from playground.clock import iso
from playground.world.model import Guild, Json, Member, Role, User


def user_json(user: User) -> Json:
    """Give a user."""
    return {
        "id": user.id,
        "username": user.name.lower(),
        "global_name": None if user.bot else user.name,
        "discriminator": "0000" if user.bot else "0",
        "avatar": None,
        "bot": user.bot,
        "public_flags": 0,
        "flags": 0,
        "primary_guild": None,
    }


def self_json(user: User) -> Json:
    """Give the bot's own user, as it alone sees it."""
    return {
        **user_json(user),
        "mfa_enabled": False,
        "locale": "en-US",
        "verified": True,
        "email": None,
    }


def member_json(member: Member, user: User | None) -> Json:
    """Give a member, with its user unless the event names it elsewhere."""
    payload: Json = {
        "avatar": None,
        "banner": None,
        "communication_disabled_until": None,
        "flags": 0,
        "joined_at": iso(member.joined_ms),
        "nick": None,
        "pending": False,
        "premium_since": None,
        "roles": list(member.roles),
        "mute": False,
        "deaf": False,
    }
    if user is not None:
        payload["user"] = user_json(user)
    return payload


def role_json(role: Role, guild: Guild) -> Json:
    """Give a role."""
    payload: Json = {
        "id": role.id,
        "name": role.name,
        "permissions": str(role.permissions),
        "position": role.position,
        "color": role.color,
        "colors": {"primary_color": role.color, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": role.bot_id is not None,
        "mentionable": role.mentionable,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }
    if role.bot_id is not None and role.id != guild.id:
        payload["tags"] = {"bot_id": role.bot_id}
    return payload
