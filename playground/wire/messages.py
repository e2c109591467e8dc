"""Messages and what hangs on them in Discord's JSON."""

from urllib.parse import quote

from playground.clock import iso
from playground.wire.people import user_json
from playground.wire.places import channel_json
from playground.world.model import AnswerTo, Attachment, Json, Message
from playground.world.world import World


def attachment_url(world: World, attachment: Attachment) -> str:
    """Give the signed link under which the file answers until it expires."""
    name = quote(attachment.filename, safe="")
    place = f"attachments/{attachment.channel_id}/{attachment.id}/{name}"
    issued_s = attachment.expires_s - world.knobs.attachment_url_lifetime_s
    signed = f"ex={attachment.expires_s:x}&is={max(0, issued_s):x}&hm={attachment.signature}"
    return f"{world.origin}/{place}?{signed}"


def attachment_json(world: World, attachment: Attachment) -> Json:
    """Give an attachment."""
    url = attachment_url(world, attachment)
    payload: Json = {
        "id": attachment.id,
        "filename": attachment.filename,
        "size": attachment.size,
        "url": url,
        "proxy_url": url,
        "content_type": attachment.content_type,
    }
    if attachment.width is not None and attachment.height is not None:
        payload |= {"width": attachment.width, "height": attachment.height}
    if attachment.description is not None:
        payload["description"] = attachment.description
    if attachment.ephemeral:
        payload["ephemeral"] = True
    return payload


def message_json(world: World, message: Message) -> Json:
    """Give a message as its author sees it."""
    payload = _basic_json(world, message)
    thread = world.thread_from(message)
    if thread is not None:
        payload["thread"] = channel_json(world, thread)
    if message.reply_to is not None:
        replied = world.message(message.channel_id, message.reply_to)
        payload["message_reference"] = _reference_json(world, message, message.reply_to)
        payload["referenced_message"] = _basic_json(world, replied) if replied else None
    return payload


def _basic_json(world: World, message: Message) -> Json:
    payload: Json = {
        "id": message.id,
        "channel_id": message.channel_id,
        "type": int(message.kind),
        "author": user_json(world.users[message.author_id]),
        "content": message.content,
        "timestamp": iso(message.created_ms),
        "edited_timestamp": None if message.edited_ms is None else iso(message.edited_ms),
        "tts": message.tts,
        "mention_everyone": message.mention_everyone,
        "mentions": [user_json(world.users[each]) for each in message.mentions],
        "mention_roles": list(message.mention_roles),
        "attachments": [attachment_json(world, each) for each in message.attachments],
        "embeds": message.embeds,
        "components": message.components,
        "flags": message.flags,
        "pinned": False,
    }
    if message.reactions:
        payload["reactions"] = [
            reaction_json(world, emoji, people) for emoji, people in message.reactions.items()
        ]
    if message.nonce is not None:
        payload["nonce"] = message.nonce
    if message.author_id == world.bot.id:
        payload["application_id"] = world.bot.id
    if message.answer_to is not None:
        payload["webhook_id"] = world.bot.id
        payload["interaction_metadata"] = answer_to_json(world, message, message.answer_to)
    return payload


def reaction_json(world: World, emoji: str, people: list[str]) -> Json:
    """Give one emoji's count on a message, as the bot sees it."""
    return {
        "emoji": emoji_json(emoji),
        "count": len(people),
        "count_details": {"burst": 0, "normal": len(people)},
        "burst_colors": [],
        "me_burst": False,
        "me": world.bot.id in people,
    }


def emoji_json(emoji: str) -> Json:
    """Give a Unicode emoji; this stand-in has no others."""
    return {"id": None, "name": emoji}


def answer_to_json(world: World, message: Message, answer_to: AnswerTo) -> Json:
    """Give ``interaction_metadata``."""
    guild_id = world.channels[message.channel_id].guild_id
    payload: Json = {
        "id": answer_to.id,
        "type": answer_to.kind,
        "user": user_json(world.users[answer_to.user_id]),
        "authorizing_integration_owners": {"0": guild_id or "0"},
    }
    if answer_to.target_message_id is not None:
        payload["target_message_id"] = answer_to.target_message_id
    if answer_to.message_id is not None:
        payload["interacted_message_id"] = answer_to.message_id
    if answer_to.triggered_by is not None:
        payload["triggering_interaction_metadata"] = answer_to_json(
            world, message, answer_to.triggered_by
        )
    return payload


def _reference_json(world: World, message: Message, message_id: str) -> Json:
    payload: Json = {"type": 0, "channel_id": message.channel_id, "message_id": message_id}
    guild_id = world.channels[message.channel_id].guild_id
    if guild_id is not None:
        payload["guild_id"] = guild_id
    return payload
