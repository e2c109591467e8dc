"""What a person does among people: messages and reactions."""

from playground.files import Files
from playground.people.errors import PeopleError, forbidden, unknown
from playground.people.request import PeopleRequest, check_people
from playground.people.views import message_view
from playground.rest.drafts import MAX_CONTENT
from playground.rest.reactions import MAX_DIFFERENT
from playground.world import mentions, posting
from playground.world.emoji import is_emoji
from playground.world.mentions import AllowedMentions
from playground.world.model import Channel, Json, Message, User
from playground.world.permissions import Permission
from playground.world.world import World


class Speaking:
    """Handlers of /playground/message and /reaction."""

    def __init__(self, world: World, files: Files) -> None:
        self._world = world
        self._files = files

    async def message(self, request: PeopleRequest) -> Json:
        """Write a message, with files where there are some."""
        person = request.person(bots=True)
        channel = request.channel(person)
        form = request.form()
        files = list(request.uploads.values())
        least = 0 if files else 1
        content = form.text("content", least=least, most=MAX_CONTENT, required=not files)
        check_people(form)
        self._require_speech(person, channel)
        if files and not self._world.may(person.id, channel, Permission.ATTACH_FILES):
            raise forbidden("You may not attach files here.")
        attachments = [
            await self._files.attach(
                each.path,
                channel_id=channel.id,
                filename=each.filename,
                content_type=each.content_type,
                size=each.size,
            )
            for each in files
        ]
        pings = mentions.resolve(
            content or "",
            AllowedMentions(),
            guild=self._world.guild_of(channel),
            may_ping_all=self._world.may(person.id, channel, Permission.MENTION_EVERYONE),
        )
        message = Message(
            id=self._world.ids.next(),
            channel_id=channel.id,
            author_id=person.id,
            created_ms=self._world.now_ms(),
            content=content or "",
            mentions=pings.users,
            mention_roles=pings.roles,
            mention_everyone=pings.everyone,
            attachments=attachments,
        )
        posting.post(self._world, message)
        return {"message": message_view(self._world, message)}

    async def react(self, request: PeopleRequest) -> Json:
        """Put a reaction on a message."""
        person, message, emoji = self._reaction(request)
        channel = self._world.channels[message.channel_id]
        if emoji not in message.reactions:
            if not self._world.may(person.id, channel, Permission.ADD_REACTIONS):
                raise forbidden("You may not add reactions here.")
            if len(message.reactions) >= MAX_DIFFERENT:
                raise PeopleError("too_many_reactions", "This message has 20 reactions already.")
        posting.react(self._world, message, person.id, emoji)
        return {"message": message_view(self._world, message)}

    async def unreact(self, request: PeopleRequest) -> Json:
        """Take one's reaction back."""
        person, message, emoji = self._reaction(request)
        posting.unreact(self._world, message, person.id, emoji)
        return {"message": message_view(self._world, message)}

    def _reaction(self, request: PeopleRequest) -> tuple[User, Message, str]:
        person = request.person(bots=True)
        channel = request.channel(person)
        message = request.message(person, channel)
        emoji = request.need_text("emoji", most=64)
        if message.ephemeral_for is not None:
            raise forbidden("Ephemeral messages take no reactions.")
        if channel.thread is not None and channel.thread.archived:
            raise forbidden("This thread is archived.")
        if not is_emoji(emoji):
            raise unknown("emoji")
        return person, message, emoji

    def _require_speech(self, person: User, channel: Channel) -> None:
        may = self._world.permissions(person.id, channel)
        thread = channel.thread
        speak = Permission.SEND_MESSAGES_IN_THREADS if thread else Permission.SEND_MESSAGES
        if speak not in may:
            raise forbidden("You may not write here.")
        if thread is not None and thread.locked and Permission.MANAGE_THREADS not in may:
            raise forbidden("This thread is locked.")
