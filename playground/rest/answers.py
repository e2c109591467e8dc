"""Messages that answer interactions: made and changed with the interaction's token."""

from playground.files import Files
from playground.rest.drafts import Draft
from playground.rest.writing import attach_files, fill
from playground.world import posting
from playground.world.interactions import Interaction, InteractionKind
from playground.world.model import AnswerTo, Attachment, Message, MessageFlag, MessageKind
from playground.world.world import World

_MENU_KINDS = {2, 3}  # command types of the user and the message menu


async def answer_message(
    world: World, files: Files, interaction: Interaction, draft: Draft
) -> Message:
    """Make the message that answers an interaction, not yet posted."""
    channel = world.channels[interaction.channel_id]
    ephemeral = bool(draft.flags & MessageFlag.EPHEMERAL)
    added = await attach_files(files, channel, draft, ephemeral=ephemeral)
    message = Message(
        id=world.ids.next(),
        channel_id=channel.id,
        author_id=world.bot.id,
        created_ms=world.now_ms(),
        kind=_kind(interaction),
        flags=draft.flags,
        answer_to=answer_to(interaction),
        ephemeral_for=interaction.user_id if ephemeral else None,
        tts=draft.tts,
    )
    fill(world, message, draft, added)
    return message


def change_message(world: World, message: Message, draft: Draft, added: list[Attachment]) -> None:
    """Change an answer; a loading one is loading no more."""
    was_loading = message.loading
    message.flags &= ~MessageFlag.LOADING
    fill(world, message, draft, added)
    # Filling a deferred answer does not show as an edit.
    posting.changed(world, message, marked=not was_loading)


def answer_to(interaction: Interaction) -> AnswerTo:
    """Tell which interaction a message answers."""
    trigger = interaction.triggered_by
    target = interaction.data.get("target_id") if interaction.command else None
    is_menu = interaction.data.get("type") == max(_MENU_KINDS)
    return AnswerTo(
        id=interaction.id,
        kind=int(interaction.kind),
        user_id=interaction.user_id,
        command=interaction.command,
        message_id=interaction.message_id
        if interaction.kind is InteractionKind.COMPONENT
        else None,
        target_message_id=target if is_menu else None,
        triggered_by=answer_to(trigger) if trigger else None,
    )


def _kind(interaction: Interaction) -> MessageKind:
    if interaction.kind is not InteractionKind.COMMAND:
        return MessageKind.REPLY if interaction.message_id else MessageKind.SLASH_ANSWER
    menu = interaction.data.get("type") in _MENU_KINDS
    return MessageKind.CONTEXT_MENU_ANSWER if menu else MessageKind.SLASH_ANSWER
