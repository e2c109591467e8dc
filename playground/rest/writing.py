"""Turns a checked draft into a message, or into the change of one."""

from playground.files import Files
from playground.rest.drafts import Draft
from playground.rest.media import Shelf
from playground.world import mentions
from playground.world.components import words_of
from playground.world.model import Attachment, Channel, Message, MessageFlag
from playground.world.permissions import Permission
from playground.world.world import World


async def attach_files(
    files: Files, channel: Channel, draft: Draft, *, ephemeral: bool = False
) -> list[Attachment]:
    """Make attachments of a draft's files. It waits for the disk: look the message up after it."""
    return [
        await files.attach(
            new.upload.path,
            channel_id=channel.id,
            filename=new.filename,
            content_type=new.upload.content_type,
            size=new.upload.size,
            description=new.description,
            ephemeral=ephemeral,
        )
        for new in draft.files
    ]


def fill(world: World, message: Message, draft: Draft, added: list[Attachment]) -> None:
    """Put what a draft says into a message, new or old; what it does not say stays."""
    if draft.content is not None:
        message.content = draft.content
    if draft.kept_attachments is not None:
        message.attachments = [
            each for each in message.attachments if each.id in draft.kept_attachments
        ]
    message.attachments = [*message.attachments, *added]
    shelf = Shelf(world, message.attachments)
    if draft.embeds is not None:
        message.embeds = shelf.embeds(draft.embeds)
    if draft.components is not None:
        message.components = shelf.components(draft.components)
    if draft.v2:
        message.flags |= MessageFlag.COMPONENTS_V2
    ping(world, message, draft)


def ping(world: World, message: Message, draft: Draft) -> None:
    """Work out whom a message pings now."""
    channel = world.channels[message.channel_id]
    replied = world.message(channel.id, message.reply_to) if message.reply_to else None
    pings = mentions.resolve(
        words_of(message.content, message.components),
        draft.allowed,
        guild=world.guild_of(channel),
        may_ping_all=world.may(message.author_id, channel, Permission.MENTION_EVERYONE),
        replied_to=replied.author_id if replied else None,
    )
    message.mentions = pings.users
    message.mention_roles = pings.roles
    message.mention_everyone = pings.everyone
