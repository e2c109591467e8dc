"""INTERACTION_CREATE in Discord's JSON."""

from playground.wire.messages import message_json
from playground.wire.people import member_json, user_json
from playground.wire.places import channel_json
from playground.world.interactions import Interaction
from playground.world.model import Json
from playground.world.world import World


def interaction_json(world: World, interaction: Interaction) -> Json:
    """Give an interaction as the gateway sends it."""
    channel = world.channels[interaction.channel_id]
    may = world.permissions(interaction.user_id, channel)
    place = channel_json(world, channel)
    place["permissions"] = str(int(may))
    user = world.users[interaction.user_id]
    payload: Json = {
        "id": interaction.id,
        "application_id": world.bot.id,
        "type": int(interaction.kind),
        "data": interaction.data,
        "channel": place,
        "channel_id": channel.id,
        "token": interaction.token,
        "version": 1,
        "locale": user.locale,
        "app_permissions": str(int(world.permissions(world.bot.id, channel))),
        "entitlements": [],
        "entitlement_sku_ids": [],
        "authorizing_integration_owners": {"0": interaction.guild_id or "0"},
        "context": 0 if interaction.guild_id else 1,
        "attachment_size_limit": world.knobs.attachment_limit_bytes,
    }
    guild = world.guild_of(channel)
    if guild is None:
        payload["user"] = user_json(user)
    else:
        member = member_json(guild.members[user.id], user)
        payload["member"] = {**member, "permissions": str(int(may))}
        payload["guild_id"] = guild.id
        payload["guild_locale"] = guild.locale
        payload["guild"] = {"id": guild.id, "locale": guild.locale, "features": []}
    message = world.message(channel.id, interaction.message_id) if interaction.message_id else None
    if message is not None:
        payload["message"] = message_json(world, message)
    return payload
